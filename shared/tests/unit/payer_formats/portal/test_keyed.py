"""Results keyed in by hand: they become a remittance, and must add up as any other."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payer_formats.answers import ProviderAdjustment, RemittedClaim
from payer_formats.balance import imbalances
from payer_formats.claim import Adjustment
from payer_formats.findings import has_errors
from payer_formats.portal import Keyed, keyed

PAID = RemittedClaim(
    reference="C1",
    decision="paid",
    charge_minor=12800,
    paid_minor=10500,
    adjustments=(Adjustment(group="CO", reason="45", minor=2300),),
)
DENIED = RemittedClaim(
    reference="C2",
    decision="denied",
    charge_minor=9000,
    paid_minor=0,
    adjustments=(Adjustment(group="PR", reason="96", minor=9000),),
)
STATEMENT = Keyed(
    payer_id="ICBC",
    payer_name="ICBC",
    trace=" EFT-9 ",
    paid_minor=10400,
    currency="CAD",
    claims=(PAID, DENIED),
    paid_on=date(2026, 11, 28),
    method="EFT",
    provider_adjustments=(ProviderAdjustment(reason="FEE", minor=100),),
)


def test_a_statement_becomes_a_remittance() -> None:
    remittance = keyed(STATEMENT)
    assert not remittance.findings
    assert remittance.identity == "ICBC:keyed:EFT-9"
    assert (remittance.paid_minor, remittance.trace, remittance.method) == (10400, "EFT-9", "EFT")
    assert remittance.claims == (PAID, DENIED)


def test_the_same_statement_keyed_again_is_the_same_remittance() -> None:
    again = replace(STATEMENT, trace="EFT-9", paid_minor=10401)
    assert keyed(again).identity == keyed(STATEMENT).identity


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"paid_minor": 10401}, "REMIT_TOTAL_BALANCE"),
        ({"provider_adjustments": ()}, "REMIT_TOTAL_BALANCE"),
        ({"claims": (replace(PAID, paid_minor=10501), DENIED)}, "REMIT_CLAIM_BALANCE"),
        ({"claims": (replace(PAID, charge_minor=12799), DENIED)}, "REMIT_CLAIM_BALANCE"),
        ({"claims": (PAID, replace(PAID, reference="C1"))}, "KEYED_TWICE"),
        ({"claims": (replace(PAID, decision="denied"), DENIED)}, "KEYED_DECISION"),
        ({"claims": (replace(PAID, decision="reversed"), DENIED)}, "KEYED_DECISION"),
        ({"claims": (replace(PAID, reference=""), DENIED)}, "KEYED_REFERENCE"),
        ({"claims": ()}, "KEYED_CLAIMS"),
        ({"claims": (PAID,) * 1001}, "KEYED_CLAIMS"),
        ({"trace": "  "}, "KEYED_TRACE"),
    ],
)
def test_what_does_not_add_up_is_found(changes: dict[str, Any], code: str) -> None:
    remittance = keyed(replace(STATEMENT, **changes))
    assert code in {finding.code for finding in remittance.findings}
    assert has_errors(remittance.findings)


def test_a_reversal_may_stand_beside_its_correction() -> None:
    reversal = replace(
        PAID,
        decision="reversed",
        charge_minor=-12800,
        paid_minor=-10500,
        adjustments=(Adjustment(group="CO", reason="45", minor=-2300),),
    )
    statement = replace(STATEMENT, claims=(reversal, PAID), paid_minor=0, provider_adjustments=())
    assert not keyed(statement).findings


@given(
    st.lists(st.tuples(st.integers(0, 50_000), st.integers(0, 50_000)), min_size=1, max_size=8),
    st.integers(-3, 3),
)
def test_only_what_adds_up_is_without_a_finding(told: list[tuple[int, int]], off: int) -> None:
    claims = tuple(
        RemittedClaim(
            reference=f"C{number}",
            decision="paid",
            charge_minor=charge,
            paid_minor=paid,
            adjustments=(Adjustment(group="CO", reason="45", minor=charge - paid),),
        )
        for number, (charge, paid) in enumerate(told)
    )
    total = sum(paid for _, paid in told) + off
    statement = replace(STATEMENT, claims=claims, paid_minor=total, provider_adjustments=())
    remittance = keyed(statement)
    assert has_errors(remittance.findings) is (off != 0)
    assert bool(list(imbalances(remittance))) is (off != 0)
