"""One transaction: what every part of the books writes within."""

from collections.abc import Callable
from dataclasses import dataclass, field

from pymongo.client_session import ClientSession
from pymongo.database import Database

from billing.repository.collections import Document
from clinic_contracts.context import CallContext
from clinic_runtime.sealing import Sealer


class ChangedMeanwhileError(Exception):
    """Another transaction changed the record first."""


@dataclass(frozen=True, slots=True)
class Transaction:
    """A session in a transaction, and what is kept or done for it."""

    database: Database[Document]
    session: ClientSession
    context: CallContext
    sealer: Sealer
    after: list[Callable[[], None]] = field(default_factory=list)
    """What is to be done once it is committed."""

    def _one(self, name: str, id_: str) -> Document | None:
        return self.database[name].find_one({"_id": id_}, session=self.session)
