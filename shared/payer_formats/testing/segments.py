"""X12 written out segment by segment, so that readers are not tried on our own writers alone."""

from collections.abc import Sequence

SETS = {"HP": "835", "FA": "999", "HN": "277", "HB": "271"}
"""GS01 of the answers, and the sets they are groups of."""


def interchange(kind: str, version: str, *sets: Sequence[str]) -> bytes:
    """Return sets, each without its ST and SE, in an interchange of one group of a kind (GS01)."""
    isa = (
        "ISA*00*          *00*          *ZZ*PAYER          *ZZ*CLINIC         "
        "*261209*0800*^*00501*000000007*0*T*:"
    )
    out = [isa, f"GS*{kind}*PAYER*CLINIC*20261209*0800*7*X*{version}"]
    code = SETS[kind]
    for number, inner in enumerate(sets, start=1):
        head = f"ST*{code}*{number:04}" + ("" if code == "835" else f"*{version}")
        out += [head, *inner, f"SE*{len(inner) + 2}*{number:04}"]
    out += [f"GE*{len(sets)}*7", "IEA*1*000000007", ""]
    return "~".join(out).encode()
