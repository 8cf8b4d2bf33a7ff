"""Who works here: accounts, each with its roles."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pymongo import ASCENDING, ReturnDocument
from pymongo.client_session import ClientSession
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from clinic_contracts.errors import AlreadyExists, IllegalTransition
from clinic_runtime.ids import new_id
from clinic_runtime.mongo import ensure_collection
from gateway.identity.access import Grant, Places, grants_of, union
from gateway.identity.oidc import Identity

Document = dict[str, Any]
OWNER_EVERYWHERE = {"roles": {"$elemMatch": {"role": "owner", "location_ids": None}}}
UP_TO_DATE: list[Document] = [
    {
        "$set": {
            "roles": [{"role": "$role", "location_ids": "$location_ids"}],
            "version": 1,
            "active": True,
        }
    },
    {"$unset": ["role", "location_ids"]},
]
"""Makes an account of what it was when it had one role."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A member of staff; ``password`` is its hash, None until they chose one.

    ``second_factor``: signing in takes a code of an authenticator as well.
    """

    id: str
    version: int
    email: str
    name: str
    grants: tuple[Grant, ...]
    practitioner_id: str | None = None
    active: bool = True
    second_factor: bool = False
    password: str | None = field(default=None, repr=False)

    @property
    def owns_the_chain(self) -> bool:
        """Say whether this is an owner of every location who can sign in."""
        return self.active and Grant("owner", None) in self.grants

    @property
    def places(self) -> Places:
        """All locations at which they have a role."""
        return union(grant.location_ids for grant in self.grants)

    @property
    def actor_id(self) -> str:
        """Who this is in a call."""
        return f"staff:{self.id}"


def ensure(database: Database[Document]) -> None:
    """Make indexes, and bring old accounts up to date."""
    for name in ("staff", "guards"):  # a transaction writes to both
        ensure_collection(database, name)
    staff = database["staff"]
    staff.create_index([("email", ASCENDING)], unique=True)
    staff.create_index([("roles.location_ids", ASCENDING), ("email", ASCENDING)])
    staff.create_index([("roles.role", ASCENDING)])
    staff.create_index(
        [("oidc.issuer", ASCENDING), ("oidc.subject", ASCENDING)],
        unique=True,
        partialFilterExpression={"oidc": {"$exists": True}},
    )
    staff.update_many({"roles": {"$exists": False}}, UP_TO_DATE)


class Staff:
    """Keeps the accounts. E-mail addresses are kept, and compared, without regard to case."""

    def __init__(self, database: Database[Document]) -> None:
        self.database = database
        self.collection = database["staff"]

    def find(self, id_: str) -> Member | None:
        """Return an account by its id."""
        return _member(self.collection.find_one({"_id": id_}))

    def by_email(self, email: str) -> Member | None:
        """Return an account by its e-mail."""
        return _member(self.collection.find_one({"email": email.casefold()}))

    def by_identity(self, issuer: str, subject: str) -> Member | None:
        """Return the account that is linked to a provider's identity."""
        return _member(self.collection.find_one({"oidc.issuer": issuer, "oidc.subject": subject}))

    def link(self, member: Member, identity: Identity) -> bool:
        """Link an account to an identity; False when it is linked to another already."""
        asked = {"_id": member.id, "active": True, "oidc": {"$exists": False}}
        kept = {"issuer": identity.issuer, "subject": identity.subject}
        try:
            changed = self.collection.update_one(asked, {"$set": {"oidc": kept}})
        except DuplicateKeyError:
            return False
        return changed.modified_count == 1

    def page(self, scope: Places, after: str, limit: int) -> list[Member]:
        """Return accounts of these locations by e-mail, from the first beyond ``after`` on."""
        query: Document = {"email": {"$gt": after}}
        if scope is not None:
            query["roles.location_ids"] = {"$in": list(scope)}
        found = self.collection.find(query).sort("email", ASCENDING).limit(limit)
        return [member for each in found if (member := _member(each)) is not None]

    def add(self, member: Member) -> None:
        """Keep a new account; raises AlreadyExists when its e-mail is another's."""
        try:
            self.collection.insert_one({"_id": member.id, **_document(member)})
        except DuplicateKeyError as error:
            raise _taken() from error

    def save(self, before: Member, after: Member) -> bool:
        """Change an account's particulars; False when it is no longer as it was before.

        Raises AlreadyExists for another's e-mail, and IllegalTransition when nobody would be left
        who owns the whole chain and can sign in.
        """
        try:
            if before.owns_the_chain and not after.owns_the_chain:
                with self.database.client.start_session() as session:
                    return session.with_transaction(lambda s: self._without_owner(before, after, s))
            return self._save(before, after)
        except DuplicateKeyError as error:
            raise _taken() from error

    def _without_owner(self, before: Member, after: Member, session: ClientSession) -> bool:
        # Two owners who take each other's role away write to one document, so one of them is late.
        self.database["guards"].update_one(
            {"_id": "owners"}, {"$inc": {"changes": 1}}, upsert=True, session=session
        )
        others = {"_id": {"$ne": before.id}, "active": True, "password": {"$ne": None}}
        if self.collection.find_one({**OWNER_EVERYWHERE, **others}, session=session) is None:
            raise IllegalTransition("account", "the last owner's", "anything less")
        return self._save(before, after, session)

    def _save(self, before: Member, after: Member, session: ClientSession | None = None) -> bool:
        asked = {"_id": before.id, "version": before.version}
        change = {"$set": _document(after)}
        change["$set"].pop("password")
        found = self.collection.find_one_and_update(
            asked, change, return_document=ReturnDocument.AFTER, session=session
        )
        return found is not None

    def set_password(self, member: Member, hashed: str) -> bool:
        """Keep another password; False when the account has got yet another one meanwhile."""
        asked = {"_id": member.id, "password": member.password}
        changed = self.collection.update_one(asked, {"$set": {"password": hashed}})
        return changed.matched_count == 1


def new_member(email: str, name: str, grants: tuple[Grant, ...]) -> Member:
    """Return a new account, without a password."""
    return Member(
        id=new_id("usr"),
        version=1,
        email=email.casefold(),
        name=re.sub(r"\s+", " ", name).strip(),
        grants=grants,
    )


def _document(member: Member) -> Document:
    return {
        "version": member.version,
        "email": member.email,
        "name": member.name,
        "roles": [{"role": g.role, "location_ids": _listed(g)} for g in member.grants],
        "practitioner_id": member.practitioner_id,
        "active": member.active,
        "password": member.password,
    }


def _listed(grant: Grant) -> list[str] | None:
    return None if grant.location_ids is None else list(grant.location_ids)


def _member(found: Mapping[str, Any] | None) -> Member | None:
    if found is None:
        return None
    return Member(
        id=found["_id"],
        version=found["version"],
        email=found["email"],
        name=found["name"],
        grants=grants_of(found),
        practitioner_id=found.get("practitioner_id"),
        active=found["active"],
        second_factor=found.get("totp", {}).get("confirmed", False),
        password=found["password"],
    )


def _taken() -> AlreadyExists:
    return AlreadyExists("another account has this e-mail", field="email")
