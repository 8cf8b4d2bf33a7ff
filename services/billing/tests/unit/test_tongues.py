"""What is said to each payer in its own tongue, and by which a file is known."""

from datetime import date
from pathlib import Path

import pytest

from billing.payers.outgoing import _diagnosis
from billing.payers.profiles import BUILT_IN, Profile, ProfileError, Tongue, profiles
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


def test_a_practitioner_is_told_by_the_payers_number_else_by_the_colleges() -> None:
    numbers = {"prac_1": "00567", "RMT-2": "00568"}
    profile = Profile(id="MSP", name="MSP", tongue="teleplan", practitioners=numbers)
    assert profile.practitioner("prac_1", "RMT-1") == "00567"
    assert profile.practitioner("prac_2", "RMT-2") == "00568"
    assert profile.practitioner("prac_3", "RMT-3") == "RMT-3"


def test_every_discipline_that_msp_pays_for_has_a_fee_item_of_its_own() -> None:
    msp = profiles(BUILT_IN).by_id("MSP")
    assert msp is not None
    assert (msp.charges, len(set(msp.procedures.values()))) == ("expected", 6)
    assert (msp.procedures["massage_therapy"], msp.procedures["physiotherapy"]) == (
        "09948",
        "09938",
    )


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ("practitioners: {RMT-1: 00567}", "practitioners: put RMT-1 and 375 in quotes"),
        ("practitioners: [00567]", "practitioners is a map"),
        ("procedures: {massage_therapy: 19135}", "procedures: put massage_therapy and 19135"),
        ("charges: everything", "charges is one of fee, expected"),
        ("pays_patient: sometimes", "pays_patient is true or false"),
        ("eligibility_path: /asked", "eligibility_path: teleplan has no questions"),
    ],
)
def test_a_profile_that_is_unsound_is_named_by_entry_and_field(
    tmp_path: Path, field: str, said: str
) -> None:
    path = tmp_path / "payers.yaml"
    path.write_text(f"- {{id: MSP, name: MSP, tongue: teleplan, {field}}}", encoding="utf-8")
    with pytest.raises(ProfileError, match=f"payers.yaml, entry 1: {said}"):
        profiles(path)
