"""Payers' acknowledgements as they are met, through the one door: of files, batches and claims.

Each set is written out here by 005010X231A1, X214 and X279A1, not by our own writers.
"""

import base64
from collections.abc import Sequence
from itertools import chain
from typing import Any

import pytest

from billing.testing import codes, handed_in, reread, sent
from clinic_contracts.billing import payer_files as f
from clinic_contracts.billing import requests as r
from payer_formats.testing.segments import interchange

BATCH = [
    "BHT*0085*08*1*20261209*0800*TH",
    "HL*1**20*1",
    "NM1*PR*2*CARRIER*****PI*1",
    "TRN*1*1",
    "DTP*050*D8*20261209",
    "DTP*009*D8*20261209",
    "HL*2*1*21*1",
    "NM1*41*2*FERNWOOD*****46*CLINIC",
    "TRN*2*000000007",
    "STC*A1:19:PR*20261209*WQ*345",
]
PROVIDER = [
    "QTY*90*2",
    "QTY*AA*1",
    "AMT*YU*230",
    "AMT*YY*115",
    "HL*3*2*19*1",
    "NM1*85*2*FERNWOOD*****XX*1234567893",
    "TRN*1*0",
    "STC*A1:19:PR**WQ*345",
]


def take(office: Any, kind: str, version: str, *sets: Sequence[str]) -> f.FileView:
    """Hand a file in as the gateway does; whatever becomes of it, the books are in order."""
    return handed_in(office, interchange(kind, version, *sets))


def batch(office: Any, *claims: r.ClaimView, control: int = 7) -> None:
    """Let the claims have gone out as one file."""
    office.database["batches"].insert_one({"_id": f"bat_{control}", "control": control})
    for claim in claims:
        office.database["claims"].update_one(
            {"_id": claim.id}, {"$set": {"state.batch_id": f"bat_{control}"}}
        )


@pytest.mark.parametrize(
    ("group", "of_set", "state"),
    [
        ("A", "A", "received"),
        ("E", "E", "received"),
        ("P", "R", "rejected"),
        ("R", "M", "rejected"),
        ("M", "W", "rejected"),
        ("W", "X", "rejected"),
        ("X", "R", "rejected"),
    ],
)
def test_a_999_is_about_every_claim_of_its_file(
    office: Any, group: str, of_set: str, state: str
) -> None:
    claims = [sent(office, number) for number in range(3)]
    batch(office, *claims)
    accepted = 1 if of_set in "AE" else 0
    file = take(
        office,
        "FA",
        "005010X231A1",
        [
            "AK1*HC*7*005010X222A1",
            "AK2*837*0001*005010X222A1",
            "IK3*CLM*30**8",
            f"CTX*CLM01:{claims[1].number}",
            "IK4*2*782*1",
            f"IK5*{of_set}*5",
            f"AK9*{group}*1*1*{accepted}",
        ],
    )
    assert (file.state, codes(file)) == ("posted", [])
    assert {reread(office, each).state for each in claims} == {state}
    if state == "rejected":
        told = [[each.where for each in reread(office, claim).findings] for claim in claims]
        assert told == [[""], ["CLM02"], [""]]


@pytest.mark.parametrize("category", ["A3", "A6", "A7", "A8"])
def test_a_277ca_rejects_one_claim_among_accepted(office: Any, category: str) -> None:
    claims = [sent(office, number) for number in range(3)]
    batch(office, *claims)
    of_each = [
        [
            f"HL*{n + 4}*3*PT",
            "NM1*QC*1*SAMPLE*ADA****MI*1",
            f"TRN*2*{claim.number}",
            f"STC*{category}:562:85*20261209*U*115" if n == 1 else "STC*A2:20:PR*20261209*WQ*115",
            f"REF*1K*ICN{n}",
            "DTP*472*D8*20261201",
        ]
        for n, claim in enumerate(claims)
    ]
    file = take(office, "HN", "005010X214", [*BATCH, *PROVIDER, *chain.from_iterable(of_each)])
    assert (file.state, codes(file)) == ("posted", [])
    assert [reread(office, each).state for each in claims] == ["accepted", "rejected", "accepted"]
    assert reread(office, claims[2]).payer_reference == "ICN2"


@pytest.mark.parametrize(("status", "state"), [("A1:19", "received"), ("A3:24", "rejected")])
def test_a_277ca_of_a_batch_by_its_totals_is_about_every_claim(
    office: Any, status: str, state: str
) -> None:
    claims = [sent(office, number) for number in range(3)]
    batch(office, *claims)
    action = "U" if state == "rejected" else "WQ"
    told = [*BATCH[:-1], f"STC*{status}:PR*20261209*{action}*345", "QTY*90*3", "AMT*YU*345"]
    file = take(office, "HN", "005010X214", told)
    assert (file.state, codes(file)) == ("posted", [])
    assert {reread(office, each).state for each in claims} == {state}


def test_a_ta1_rejects_every_claim_of_its_interchange(office: Any) -> None:
    claims = [sent(office, number) for number in range(2)]
    batch(office, *claims)
    head = interchange("FA", "005010X231A1").split(b"~")[0]
    raw = b"~".join([head, b"TA1*000000007*261209*0800*R*006", b"IEA*0*000000007", b""])
    asked = f.TakeFile(content_base64=base64.b64encode(raw).decode(), content_type="text/plain")
    file = office.service().take_file(asked, office.desk().context)
    assert (file.state, codes(file)) == ("posted", [])
    assert {reread(office, each).state for each in claims} == {"rejected"}
    assert "006" in reread(office, claims[0]).findings[0].text


def test_a_271_that_refuses_to_answer_is_kept(office: Any) -> None:
    file = take(
        office,
        "HB",
        "005010X279A1",
        [
            "BHT*0022*11*1*20261209*0800",
            "HL*1**20*1",
            "NM1*PR*2*CARRIER*****PI*1",
            "HL*2*1*21*1",
            "NM1*1P*2*FERNWOOD*****XX*1234567893",
            "HL*3*2*22*0",
            "NM1*IL*1*SAMPLE*ADA****MI*1",
            "AAA*N**75*C",
        ],
    )
    assert (file.state, file.kind) == ("posted", "eligibility")
