"""What is said to each payer in its own tongue, and by which a file is known."""

from datetime import date

import pytest

from billing.payers.outgoing import _diagnosis
from billing.payers.profiles import Profile, Tongue
from billing.payers.reading import read_file
from payer_formats.answers import RemittedClaim
from payer_formats.portal import Keyed
from payer_formats.portal.keyed_file import written


@pytest.mark.parametrize(("tongue", "system"), [("teleplan", "ICD9"), ("x12", "ICD10")])
def test_a_diagnosis_is_of_the_system_its_payer_knows(tongue: Tongue, system: str) -> None:
    assert _diagnosis("7245", Profile(id="P", name="P", tongue=tongue)).system == system


def test_results_keyed_in_by_hand_come_by_the_door_of_every_file() -> None:
    claim = RemittedClaim(reference="C1", decision="paid", charge_minor=9200, paid_minor=9200)
    statement = Keyed(
        payer_id="ICBC",
        payer_name="ICBC",
        trace="EFT-9",
        paid_minor=9200,
        currency="CAD",
        claims=(claim,),
        paid_on=date(2026, 11, 28),
    )
    read = read_file(written(statement), "application/json")
    assert (read.format, read.findings) == ("portal", ())
    assert [each.trace for each in read.remittances] == ["EFT-9"]
