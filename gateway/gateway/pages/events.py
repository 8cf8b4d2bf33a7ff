"""``/docs/events``: how programs are told of what happened, and of what, by the catalogue."""

import json
from collections.abc import Iterator
from dataclasses import MISSING, fields, is_dataclass
from datetime import date, datetime
from functools import cache
from html import escape
from importlib.resources import files
from types import NoneType
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

from clinic_contracts import catalogue, envelope
from clinic_contracts.constraints import WallTime
from clinic_contracts.money import Money
from clinic_contracts.notification.webhooks import WebhookEvent
from clinic_contracts.trusted import wire_name
from gateway import calls
from gateway.http.messages import Response
from gateway.pages import page
from gateway.pages.events_text import ABOUT, VERIFY
from gateway.streaming.sight import OF_CHARTS, OF_EVERY_LOCATION

NAMES = {
    str: "text",
    int: "integer",
    bool: "true or false",
    date: "date",
    datetime: "instant",
    WallTime: "wall time",
    Money: "money",
}
POSTED = frozenset(get_args(WebhookEvent))


def events() -> Response:
    """Return the page."""
    return page("Events, for programs", calls.DOCS_EVENTS.path, _body())


@cache
def _body() -> str:
    types = catalogue.consumers()
    producers = sorted({type_.partition(".")[0] for type_ in types})
    links = "".join(f'<a href="#{each}">{each}</a>' for each in producers)
    parts = "".join(
        f'<section id="{each}"><h2>{each}</h2>'
        f"{''.join(_event(type_) for type_ in types if type_.startswith(f'{each}.'))}</section>"
        for each in producers
    )
    return (
        f"{ABOUT.replace('VERIFY', escape(VERIFY))}"
        f'<nav class="contents" aria-label="Events">{links}</nav>{parts}'
    )


def _event(type_: str) -> str:
    cls = envelope.event_types()[type_]
    name = type_.rpartition(".")[0]
    summary, _, more = (cls.__doc__ or "").strip().partition("\n\n")
    notes = [more] if more else []
    if type_ in POSTED:
        notes.append("Can be posted to a webhook endpoint, which is told the ids alone.")
    if name in OF_CHARTS:
        notes.append("Of charts: for roles that may read charts, of every location.")
    if name in OF_EVERY_LOCATION:
        notes.append("Of no location: everybody is shown it.")
    rows = "".join(_row(*each) for each in _rows(cls))
    said = "".join(f"<p>{_prose(note)}</p>" for note in notes)
    return (
        f'<details id="{type_}"><summary><code>{type_}</code> '
        f'<span class="what">{_prose(summary)}</span></summary><div class="inside">{said}'
        f"<h3>Its data</h3><table><tbody>{rows}</tbody></table>"
        f"<h3>An example</h3><pre><code>{escape(_sample(type_))}</code></pre></div></details>"
    )


def _sample(type_: str) -> str:
    producer, _, name = type_.partition(".")
    file = files("clinic_contracts").joinpath(producer, "samples", f"{name}.json")
    return json.dumps(json.loads(file.read_text(encoding="utf-8")), indent=2, ensure_ascii=False)


def _rows(cls: type, before: str = "") -> Iterator[tuple[str, str, bool]]:
    """Yield each field's name, what it holds, and whether it is always there; those within too."""
    hints = get_type_hints(cls, include_extras=True)
    for field in fields(cls):
        name = f"{before}{wire_name(field.name)}"
        always = field.default is MISSING and field.default_factory is MISSING
        yield name, _kind(hints[field.name]), always
        within = _within(hints[field.name])
        if within is not None:
            yield from _rows(within, f"{name}.")


def _row(name: str, kind: str, always: bool) -> str:  # noqa: FBT001 (a cell of a table)
    when = '<span class="required">always</span>' if always else "may be absent"
    return f'<tr><th scope="row"><code>{_breakable(name)}</code></th><td>{kind}, {when}</td></tr>'


def _plain(hint: Any) -> Any:  # noqa: ANN401 (a type form)
    return get_args(hint)[0] if get_origin(hint) is Annotated else hint


def _within(hint: Any) -> type | None:  # noqa: ANN401 (a type form)
    """Return the record that a field holds, or a list of, if it is one."""
    plain = _plain(hint)
    if isinstance(plain, type) and is_dataclass(plain):
        return None if plain is Money else plain
    return next((found for part in get_args(plain) if (found := _within(part))), None)


def _kind(hint: Any) -> str:  # noqa: ANN401 (a type form)
    plain = hint if hint == WallTime else _plain(hint)
    parts = get_args(plain)
    if plain in NAMES:
        return NAMES[plain]
    if get_origin(plain) is Literal:
        return escape(f"one of {', '.join(map(str, parts))}")
    if get_origin(plain) is tuple:
        return f"list of {_kind(parts[0])}"
    if get_origin(plain) is dict:
        return "object"
    if parts:
        told = [_kind(part) for part in parts if part is not NoneType]
        return " or ".join([*told, "null"] if NoneType in parts else told)
    return "record"


def _prose(text: str) -> str:
    """Return text as HTML, what stands in back-ticks as code."""
    parts = escape(" ".join(text.split())).split("``")
    return "".join(f"<code>{p}</code>" if at % 2 else p for at, p in enumerate(parts))


def _breakable(text: str) -> str:
    """Return a name as HTML that may break after its dots and underscores."""
    return escape(text).replace("_", "_<wbr>").replace(".", ".<wbr>")
