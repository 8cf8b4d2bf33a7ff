"""What the gateway answers: a verb on a path, what is behind it, and who may."""

from dataclasses import MISSING, dataclass, fields
from functools import cache
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

from clinic_contracts.constraints import Carried
from clinic_contracts.operations import Operation
from clinic_contracts.trusted import wire_name
from clinic_runtime.rpc import DEFAULT_SECONDS
from gateway.fhir_parameters import Parameter
from gateway.http.plots import Plot

Action = Literal[
    "read",
    "read_health_numbers",
    "book",
    "override",
    "chart",
    "manage",
    "bill",
    "operate",
    "own",
    "audit",
    "read_access_log",
    "signed_in",
    "public",
]


@dataclass(frozen=True, slots=True)
class Route:
    """``path`` has named segments, ``<name>``, that fill the fields of that name.

    ``keyed``: the service keys the effect by the operation id, answers a repeat by itself and
    tells another request under the same key by its fingerprint, so the gateway keeps no record.
    ``shows_others``: its answer has other records in it, which change without its version, so the
    version does not tell whether it is unchanged.
    ``by_day``: what it answers about one location's day is kept in memory (``days``);
    ``by_period``: what it answers about a location's days from one to another (``searches``).
    ``table``: the dataclass of its ``items``, when these are also answered as CSV; ``plot``: how
    they are drawn, when they are also answered as SVG. ``seconds``: how long the service may take.
    ``costs_much``: it has a quota of its own (``limits``).
    """

    method: str
    path: str
    operation: Operation
    action: Action
    tag: str
    status: int = 200
    keyed: bool = False
    by_day: bool = False
    by_period: bool = False
    table: type | None = None
    plot: Plot | None = None
    shows_others: bool = False
    costs_much: bool = False
    seconds: float = DEFAULT_SECONDS

    @property
    def limited(self) -> bool:
        """Say whether a caller has a quota of these."""
        return True

    @property
    def kept(self) -> bool:
        """Say whether answers are kept in memory."""
        return self.by_day or self.by_period

    @property
    def pages(self) -> bool:
        """Say whether it answers a list page by page."""
        return paged(self.operation)

    @property
    def creates(self) -> bool:
        """Say whether the call makes something, so that an Idempotency-Key has a meaning."""
        return self.method == "POST"

    @property
    def uncounted(self) -> bool:
        """Say whether the call is answered however many requests are under way."""
        return self.action == "public"

    def carried(self) -> dict[str, str]:
        """Return the request's fields that are not in the body: wire name to where they are."""
        return carried(self.operation.request)


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnCall:
    """A call that the gateway answers by itself; ``answer`` is a dataclass or a media type.

    ``tagged``: it has an ETag of its bytes, so who sends If-None-Match need not get it again.
    ``takes``: the media types of a body that is a file, as it is; ``gives``: of an answer that is
    one of several. ``costs_much``: it has a quota of its own; not ``limited``: it has none
    (``limits``). ``if_match``: a change must name the version it is made to. ``located``: Location
    says where what was made can be read. ``parameters``: what a search in FHIR goes by.
    ``streamed``: how many of it are open has a limit of its own.
    """

    method: str
    path: str
    name: str
    summary: str
    tag: str
    action: Action
    request: type | None = None
    answer: type | str | None = None
    status: int = 200
    refusals: tuple[int, ...] = ()
    tagged: bool = False
    takes: tuple[str, ...] = ()
    if_match: bool = False
    located: bool = False
    gives: tuple[str, ...] = ()
    costs_much: bool = False
    limited: bool = True
    parameters: tuple[Parameter, ...] = ()
    streamed: bool = False

    @property
    def uncounted(self) -> bool:
        """Say whether the call is answered however many requests are under way."""
        return self.streamed or self.action == "public"


Call = Route | OwnCall


@cache
def carried(request: type) -> dict[str, str]:
    """Return a request's fields that are not in the body: wire name to where they are."""
    found: dict[str, str] = {}
    hints = get_type_hints(request, include_extras=True)
    for field in fields(request):
        for mark in _marks(hints[field.name]):
            if isinstance(mark, Carried):
                found[wire_name(field.name)] = mark.by
    return found


def required(operation: Operation, name: str) -> bool:
    """Say whether a field of the operation's request has no default."""
    field = next(f for f in fields(operation.request) if wire_name(f.name) == name)
    return field.default is MISSING and field.default_factory is MISSING


@cache
def paged(operation: Operation) -> bool:
    """Say whether the answer is a page, and the request may name the one before."""
    return any(field.name == "cursor" for field in fields(operation.request))


@cache
def versioned(operation: Operation) -> bool:
    """Say whether the answer is a record with a version."""
    return any(field.name == "version" for field in fields(operation.response))


def _marks(hint: Any) -> list[Any]:  # noqa: ANN401 (a type form)
    if get_origin(hint) is Annotated:
        return list(get_args(hint)[1:])
    return [mark for part in get_args(hint) for mark in _marks(part)]
