"""A claim on paper: what stands in the packet, and a page that nothing can break out of."""

from dataclasses import replace
from datetime import date
from html.parser import HTMLParser

import pytest

from payer_formats.claim import (
    Accident,
    Address,
    Claim,
    Diagnosis,
    Payer,
    Person,
    PriorPayment,
    Provider,
    ServiceLine,
    Subscriber,
)
from payer_formats.portal import Packet, packet, render_html

EVIL = "<script>alert('x')</script>\"&"
PERSON = Person(
    last_name="Sample",
    first_name="Ada",
    birth_date=date(1980, 2, 29),
    address=Address(line="1 Main St", city="Victoria", region="BC", postal_code="V8T 1A1"),
)
SUBSCRIBER = Subscriber(person=PERSON, member_id="M-77", group_number="G1")
ICBC = Payer(id="ICBC", name="ICBC")


@pytest.fixture
def claim() -> Claim:
    lines = (
        ServiceLine(
            number=1,
            procedure="MT60",
            charge_minor=12800,
            units=1,
            day=date(2026, 11, 27),
            minutes=60,
            description="Massage, initial",
        ),
        ServiceLine(number=2, procedure="GST", charge_minor=640, units=1, day=date(2026, 11, 27)),
    )
    return Claim(
        id="01JDCLAIM",
        charge_minor=13440,
        currency="CAD",
        payer=ICBC,
        billing=Provider(name="Harbour Clinic", number="V123"),
        rendering=Provider(name="Lee", first_name="Kim", number="R-1"),
        subscriber=SUBSCRIBER,
        lines=lines,
        diagnoses=(Diagnosis(code="S134"),),
        accident=Accident(kind="auto", day=date(2026, 11, 20), claim_number="AA123456"),
        note="Neck and shoulders",
    )


def told(made: Packet) -> dict[str, dict[str, str]]:
    return {each.heading: {row.label: row.value for row in each.rows} for each in made.sections}


def test_a_packet_says_what_a_form_asks_for(claim: Claim) -> None:
    made = packet(claim)
    assert (made.title, made.reference, made.currency) == ("New claim", "01JDCLAIM", "CAD")
    sections = told(made)
    assert sections["Payer"] == {"Name": "ICBC"}
    assert sections["Therapist"] == {"Name": "Kim Lee", "Number with the payer": "R-1"}
    assert sections["Policy holder"] == {"Member number": "M-77", "Group or plan": "G1"}
    assert sections["Patient"]["Address"] == "1 Main St, Victoria, BC V8T 1A1"
    assert sections["Injury"] == {
        "Kind": "Motor vehicle",
        "Day": "2026-11-20",
        "Claim number": "AA123456",
    }
    assert sections["Diagnoses"] == {"1 (ICD10)": "S134"}
    assert [(line.procedure, line.minutes, line.charge) for line in made.lines] == [
        ("MT60", "60", "128.00"),
        ("GST", "", "6.40"),
    ]
    assert [(row.label, row.value) for row in made.totals] == [("Charged", "134.40")]


def test_what_says_nothing_is_left_out(claim: Claim) -> None:
    bare = replace(claim, rendering=None, accident=None, diagnoses=())
    assert set(told(packet(bare))) == {"Payer", "Clinic", "Policy holder", "Patient"}


def test_a_dependants_claim_names_both_and_what_was_paid_before(claim: Claim) -> None:
    prior = PriorPayment(
        payer=Payer(id="60054", name="First Plan"),
        subscriber=SUBSCRIBER,
        paid_minor=5000,
        paid_on=date(2026, 11, 28),
    )
    holder = replace(SUBSCRIBER, relationship="child", rank=2)
    child = Person(last_name="Sample", first_name="Bo")
    made = packet(replace(claim, subscriber=holder, patient=child, prior=(prior,)))
    assert told(made)["Policy holder"]["Name"] == "Ada Sample"
    assert told(made)["Policy holder"]["Order of payers"] == "2"
    assert told(made)["Patient"] == {"Name": "Bo Sample"}
    assert told(made)["Paid before"]["Paid"] == "50.00"
    assert [row.value for row in made.totals] == ["134.40", "50.00", "84.40"]


def test_a_corrected_claim_names_the_one_it_replaces(claim: Claim) -> None:
    made = packet(replace(claim, frequency="corrected", payer_reference="P9"))
    assert made.title == "Corrected claim"
    assert told(made)["Payer"]["Claim replaced"] == "P9"


class _Reader(HTMLParser):
    """Collects a page's tags, attributes and text."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.outside: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.outside += [name for name, _ in attrs if name in {"src", "href", "onload", "onclick"}]

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_page_holds_every_value_and_lets_none_break_out(claim: Claim) -> None:
    evil = replace(
        claim,
        id=EVIL,
        note=EVIL,
        payer=Payer(id="x", name=EVIL),
        billing=Provider(name=EVIL, number=EVIL),
        lines=(replace(claim.lines[0], description=EVIL, procedure=EVIL),),
        diagnoses=(Diagnosis(code=EVIL),),
    )
    page = render_html(packet(evil))
    reader = _Reader()
    reader.feed(page)
    assert "script" not in reader.tags
    assert not reader.outside
    assert reader.text.count(EVIL) == 9
    assert page.count("<script") == 0


def test_the_page_asks_nothing_of_the_network(claim: Claim) -> None:
    page = render_html(packet(claim))
    assert "http://" not in page
    assert "https://" not in page
    assert "url(" not in page
    assert "default-src 'none'" in page
    assert "134.40" in page
    assert "@media print" in page


def test_several_claims_are_as_many_sheets(claim: Claim) -> None:
    page = render_html(packet(claim), packet(replace(claim, id="OTHER")))
    assert page.count("<article>") == 2
    assert "<title>2 claims</title>" in page
    assert "New claim OTHER" in page
    assert "break-before:page" in page
