"""``/docs``: every call of the specification, grouped by part, for reading."""

import json
import re
from collections.abc import Mapping
from functools import cache
from html import escape
from typing import Any

from clinic_contracts.schemas import LARGEST_INTEGER, LONGEST_LIST, LONGEST_TEXT
from gateway import calls
from gateway.http.messages import Response
from gateway.openapi import specification
from gateway.pages import page
from gateway.pages.curl import BEFORE, curl
from gateway.specified.refusals import REFUSALS

Schema = Mapping[str, Any]
FIRST, LAST = ("Sessions", "Appointments", "Clients"), ("Operations", "Pages")
BETWEEN = (
    ("minLength", "maxLength", " characters"),
    ("minimum", "maximum", ""),
    ("minItems", "maxItems", " elements"),
)
WIDEST: Mapping[str, frozenset[int | None]] = {
    " characters": frozenset({None, 0, LONGEST_TEXT}),
    "": frozenset({None, LARGEST_INTEGER, -LARGEST_INTEGER}),
    " elements": frozenset({None, 0, LONGEST_LIST}),
}
"""Limits that every field of its type has; the page leaves them out."""

INTRODUCTION = """
<p class="lead">JSON over HTTP, under <code>/v1</code>. The same, for programs:
<a href="/openapi.json">OpenAPI 3.1</a>. How programs are told of what happens:
<a href="/docs/events">events</a>.</p>
<section class="notes"><h2>In general</h2><ul>
<li><b>Signing in.</b> <code>POST /v1/sessions</code> answers a token for
<code>Authorization: Bearer …</code> and sets a cookie for browsers. Machines send an API key the
same way as a token.</li>
<li><b>Bodies</b> are JSON in UTF-8, at most 256 KiB. With a token the body is read as JSON whatever
its <code>Content-Type</code> says, so <code>curl -d</code> works as it is. Signing in, and writing
by cookie, need <code>Content-Type: application/json</code> (else 415); writing by cookie also needs
an <code>Origin</code> of this host (else 403).</li>
<li><b>Versions.</b> A record's version is its <code>ETag</code>. Send it as
<code>If-Match</code> with a change: 412 shows what the record is now, 428 that it is missing.
<code>If-None-Match</code> on a read answers 304 while nothing changed.</li>
<li><b>Trying again.</b> A POST with an <code>Idempotency-Key</code> (1 to 255 printable characters)
is done once; the first answer comes again for 24 hours. Another body is 422, the first still under
way 409.</li>
<li><b>Refusals</b> are problem documents (RFC 9457) with <code>code</code>, <code>detail</code>,
<code>request_id</code> and, for fields, <code>errors</code>. 429 and 503 say in
<code>Retry-After</code> when to try again.</li>
<li><b>Quotas.</b> <code>RateLimit-Policy</code> says how many requests a minute are yours,
<code>RateLimit</code> how many are left (<code>r</code>) and in how many seconds all of them are
again (<code>t</code>).</li>
<li><b>Lists</b> are asked for page by page: <code>next</code> is the <code>cursor</code> of the
next page, null on the last; <code>limit</code> is at most 200.</li>
<li><b>Other sites' pages</b> may call with a token when the installation names their origin
(<code>CLINIC_CORS_ORIGINS</code>), and never by cookie.</li>
<li><b>Following a request.</b> <code>X-Request-Id</code> and <code>traceparent</code> are taken
from you, or made, and sent back.</li>
<li><b>Values.</b> Instants are RFC 3339 with offset; <code>local_start</code> is the time on the
clinic's wall; money is <code>{"amount_minor": 11500, "currency": "CAD"}</code>; lists are
<code>{"items": […], "next": cursor}</code>.</li>
</ul></section>
"""
OF_ANY = ("400", "401", "403", "413", "414", "415", "429", "431", "500", "503")
"""Refusals that are told of once; the page leaves them out of each call."""


def docs() -> Response:
    """Return the page."""
    return page("The ClinicOps API", calls.DOCS.path, _body())


@cache
def _body() -> str:
    groups: dict[str, list[str]] = {}
    for path, operations in specification()["paths"].items():
        for method, operation in operations.items():
            groups.setdefault(operation["tags"][0], []).append(_call(method, path, operation))
    tags = [*FIRST, *(tag for tag in groups if tag not in {*FIRST, *LAST}), *LAST]
    contents = "".join(f'<a href="#{tag}">{tag}</a>' for tag in [*tags, "Shapes"])
    parts = "".join(
        f'<section id="{tag}"><h2>{tag}</h2>{"".join(groups[tag])}</section>' for tag in tags
    )
    shapes = "".join(_shape(*each) for each in specification()["components"]["schemas"].items())
    return (
        f"{INTRODUCTION}{_trying()}{_of_any()}"
        f'<nav class="contents" aria-label="Parts">{contents}</nav>{parts}'
        f'<section id="Shapes"><h2>Shapes</h2>{shapes}</section>'
    )


def _call(method: str, path: str, operation: Schema) -> str:
    rows = [
        _row(p["name"], p["schema"], p.get("required"), p["in"]) for p in operation["parameters"]
    ]
    body = _resolved(_json_schema(operation.get("requestBody", {})))
    required = body.get("required", [])
    fields = body.get("properties", {}).items()
    rows += [_row(name, schema, name in required, "body") for name, schema in fields]
    answers = "".join(
        _answer(*each)
        for each in sorted(operation["responses"].items())
        if each[0] not in OF_ANY or (each[0] == "503" and "$ref" not in each[1])
    )
    command = _code(curl(method, path, operation))
    return (
        f'<details id="{operation["operationId"]}"><summary>'
        f'<span class="verb {method}">{method.upper()}</span> <code>{_breakable(path)}</code> '
        f'<span class="what">{_prose(operation["summary"])}</span></summary><div class="inside">'
        f"<p>{_prose(operation['description'])}</p>{_table('What it takes', rows)}"
        f"<h3>An example</h3>{command}"
        f"<h3>What it answers</h3><dl>{answers}</dl>{_shown(operation)}</div></details>"
    )


def _shape(name: str, schema: Schema) -> str:
    required = schema.get("required", [])
    fields = schema.get("properties", {}).items()
    rows = [_row(field, part, field in required, None) for field, part in fields]
    return (
        f'<details id="{name}"><summary><code>{name}</code></summary>'
        f'<div class="inside">{_table("Fields", rows)}</div></details>'
    )


def _table(title: str, rows: list[str]) -> str:
    if not rows:
        return ""
    return f"<h3>{title}</h3><table><tbody>{''.join(rows)}</tbody></table>"


def _row(name: str, schema: Schema, required: Any, place: str | None) -> str:  # noqa: ANN401 (JSON)
    where = f'<span class="place">{place}</span> ' if place else ""
    need = "required" if required else "optional"
    limits = _limits(schema)
    said = f'<br><span class="limits">{limits}</span>' if limits else ""
    return (
        f'<tr><th scope="row"><code>{_breakable(name)}</code></th>'
        f'<td>{where}{_type(schema)}, <span class="{need}">{need}</span>{said}</td></tr>'
    )


def _trying() -> str:
    return (
        "<h2>Trying it</h2><p>Each call below has a <code>curl</code> that runs against "
        "<code>make run</code> once these are set, in a shell:</p>"
        f"{_code(BEFORE.rstrip())}"
    )


def _of_any() -> str:
    told = "".join(f"<dt>{each}</dt><dd>{_prose(REFUSALS[int(each)])}</dd>" for each in OF_ANY)
    return f"<h2>What any call may answer</h2><dl>{told}</dl>"


def _shown(operation: Schema) -> str:
    """Return what the call answers when all is well, as an example."""
    for status, answer in operation["responses"].items():
        content = answer.get("content", {}).get("application/json", {})
        for reference in content.get("examples", {}).values():
            name = reference["$ref"].rpartition("/")[2]
            value = specification()["components"]["examples"][name]["value"]
            text = json.dumps(value, indent=2, ensure_ascii=False)
            return f"<details><summary>{status}, for instance</summary>{_code(text)}</details>"
    return ""


def _code(text: str) -> str:
    return f"<pre><code>{escape(text, quote=False)}</code></pre>"


def _answer(status: str, answer: Schema) -> str:
    if "$ref" in answer:
        answer = specification()["components"]["responses"][answer["$ref"].rpartition("/")[2]]
    schema = _json_schema(answer)
    shape = f"{_type(schema)}: " if "$ref" in schema else ""
    return f"<dt>{status}</dt><dd>{shape}{_prose(answer['description'])}</dd>"


def _type(schema: Schema) -> str:
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f'<a href="#{name}">{name}</a>'
    if "anyOf" in schema:
        return " or ".join(_type(part) for part in schema["anyOf"])
    kind = schema.get("type", "anything")
    names = [each for each in (kind if isinstance(kind, list) else [kind]) if each != "null"]
    if "array" in names and "items" in schema:
        text = f"list of {_type(schema['items'])}"
    elif "object" in names and isinstance(schema.get("additionalProperties"), dict):
        text = f"object of {_type(schema['additionalProperties'])}"
    else:
        text = escape(" or ".join([schema.get("format", name) for name in names]))
    return f"{text} or null" if isinstance(kind, list) and "null" in kind else text


def _limits(schema: Schema) -> str:
    said = [_between(schema.get(low), schema.get(high), unit) for low, high, unit in BETWEEN]
    if "enum" in schema:
        choices = [_value(choice) for choice in schema["enum"] if choice is not None]
        said.append(f"one of {escape(', '.join(choices))}")
    if "pattern" in schema:
        pattern = re.sub(r"^\^\(\?:(.*)\)\$$", r"\1", schema["pattern"])
        said.append(f"like <code>{escape(pattern)}</code>")
    if schema.get("default") is not None:
        said.append(f"{escape(_value(schema['default']))} if left out")
    return "; ".join(filter(None, said))


def _between(low: int | None, high: int | None, unit: str) -> str:
    open_below, open_above = low in WIDEST[unit], high in WIDEST[unit]
    if open_below and open_above:
        return ""
    if open_above:
        return f"at least {low}{unit}"
    return f"at most {high}{unit}" if open_below else f"{low} to {high}{unit}"


def _value(value: Any) -> str:  # noqa: ANN401 (JSON)
    plain = {None: "null", True: "true", False: "false"}
    return plain[value] if value is None or isinstance(value, bool) else str(value)


def _json_schema(holder: Schema) -> Schema:
    content: Mapping[str, Any] = holder.get("content", {})
    for part in content.values():
        found: Schema = part["schema"]
        return found
    return {}


def _resolved(schema: Schema) -> Schema:
    if "$ref" not in schema:
        return schema
    name = schema["$ref"].rpartition("/")[2]
    found: Schema = specification()["components"]["schemas"][name]
    return found


def _prose(text: str) -> str:
    """Return text as HTML, what stands in back-ticks as code."""
    return re.sub(r"`+([^`]+)`+", r"<code>\1</code>", escape(text))


def _breakable(text: str) -> str:
    """Return a path or name as HTML that may break after its slashes and underscores."""
    return re.sub(r"([/_])", r"\1<wbr>", escape(text))
