"""A packet as a page to print: one file that asks nothing of the network."""

from html import escape

from payer_formats.portal.forms import Packet, Section

_STYLE = """
:root{color-scheme:light}
body{font:11pt/1.4 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem;color:#111}
h1{font-size:1.4rem;margin:0}h2{font-size:1rem;margin:1.2rem 0 .3rem;border-bottom:1px solid #999}
dl{display:grid;grid-template-columns:12rem 1fr;gap:.1rem 1rem;margin:0}
dt{color:#555}dd{margin:0;overflow-wrap:anywhere}
table{border-collapse:collapse;width:100%;margin-top:.4rem}
th,td{text-align:left;padding:.25rem .5rem;border-bottom:1px solid #ccc;vertical-align:top}
.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
section,tr{break-inside:avoid}article+article{break-before:page}p{white-space:pre-wrap}
@media print{body{margin:0;max-width:none;padding:0}@page{margin:18mm}}
"""
_POLICY = (
    '<meta http-equiv="Content-Security-Policy" '
    "content=\"default-src 'none'; style-src 'unsafe-inline'\">"
)
"""Even a value that was not escaped would find no script to run and nowhere to call."""
_COLUMNS = ("Day", "Service", "Description", "Minutes", "Units", "Charge")


def render_html(*packets: Packet) -> str:
    """Return packets as an HTML page, each beginning a sheet; every value in it is escaped."""
    title = _title(packets[0]) if len(packets) == 1 else f"{len(packets)} claims"
    parts = [
        '<!doctype html><html lang="en"><head><meta charset="utf-8">',
        _POLICY,
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body>",
        *map(_article, packets),
        "</body></html>\n",
    ]
    return "\n".join(parts)


def _title(packet: Packet) -> str:
    return f"{packet.title} {packet.reference}"


def _article(packet: Packet) -> str:
    parts = [
        f"<article><h1>{escape(_title(packet))}</h1>",
        *map(_section, packet.sections),
        _table(packet),
        _section(Section(f"Totals ({packet.currency})", packet.totals)),
    ]
    if packet.note:
        parts.append(f"<section><h2>Note</h2><p>{escape(packet.note)}</p></section>")
    return "\n".join([*parts, "</article>"])


def _section(section: Section) -> str:
    rows = "".join(
        f"<dt>{escape(row.label)}</dt><dd>{escape(row.value)}</dd>" for row in section.rows
    )
    return f"<section><h2>{escape(section.heading)}</h2><dl>{rows}</dl></section>"


def _table(packet: Packet) -> str:
    head = "".join(
        f'<th scope="col"{_numeric(number)}>{name}</th>' for number, name in enumerate(_COLUMNS)
    )
    rows = "".join(
        f"<tr>{''.join(_cell(number, value) for number, value in enumerate(values))}</tr>"
        for values in (
            (each.day, each.procedure, each.description, each.minutes, each.units, each.charge)
            for each in packet.lines
        )
    )
    return (
        f"<section><h2>Services</h2><table><thead><tr>{head}</tr></thead>"
        f"<tbody>{rows}</tbody></table></section>"
    )


def _cell(number: int, value: str) -> str:
    return f"<td{_numeric(number)}>{escape(value)}</td>"


def _numeric(number: int) -> str:
    return ' class="n"' if _COLUMNS[number] in {"Minutes", "Units", "Charge"} else ""
