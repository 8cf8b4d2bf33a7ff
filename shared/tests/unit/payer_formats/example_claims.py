"""Claims that tests write, read, break and check."""

from datetime import date, datetime

from payer_formats.claim import (
    Accident,
    Address,
    Adjustment,
    Claim,
    Diagnosis,
    Payer,
    Person,
    PriorLine,
    PriorPayment,
    Provider,
    ServiceLine,
    Subscriber,
)
from payer_formats.x12.professional_writing import Submitter
from payer_formats.x12.writing import Envelope

TODAY = date(2026, 11, 28)
DAY = date(2026, 11, 20)
ENVELOPE = Envelope(sender="CLINIC", receiver="PAYER", control=42, at=datetime(2026, 11, 28, 9, 30))
SUBMITTER = Submitter(name="HARBOUR RMT", id="TGJ23", contact="JERRY", phone="6045550100")
PAYER = Payer(id="99999", name="KEY INSURANCE")
OTHER_PAYER = Payer(id="88888", name="PACIFIC MUTUAL")
BILLING = Provider(
    name="HARBOUR RMT CLINIC",
    npi="1234567893",
    tax_id="587654321",
    taxonomy="225700000X",
    address=Address(line="1 QUAY ST", city="VANCOUVER", region="BC", postal_code="V5K0A1"),
)
THERAPIST = Provider(
    name="KILDARE", first_name="BEN", npi="1999999984", taxonomy="225700000X", number="00123"
)
JANE = Person(
    last_name="SMITH",
    first_name="JANE",
    birth_date=date(1983, 5, 1),
    sex="F",
    address=Address(
        line="2 OAK AVE", city="SEATTLE", region="WA", postal_code="98101", country="US"
    ),
)
TED = Person(last_name="SMITH", first_name="TED", birth_date=date(2015, 5, 1), sex="M")
LINES = (
    ServiceLine(
        number=1,
        procedure="97124",
        charge_minor=12_000,
        units=3,
        day=DAY,
        modifiers=("GP", "59"),
        pointers=(1, 2),
        reference="C1-1",
    ),
    ServiceLine(
        number=2,
        procedure="97140",
        charge_minor=4_550,
        units=1,
        day=DAY,
        modifiers=("GP",),
        pointers=(1,),
        reference="C1-2",
    ),
)
CLAIM = Claim(
    id="C1",
    charge_minor=16_550,
    currency="USD",
    payer=PAYER,
    billing=BILLING,
    subscriber=Subscriber(person=JANE, member_id="JS0011", group_number="2222-SJ"),
    lines=LINES,
    rendering=THERAPIST,
    referring=Provider(name="WELBY", first_name="MARCUS", npi="9876543213"),
    diagnoses=(Diagnosis(code="M5450"), Diagnosis(code="M542")),
    accident=Accident(kind="auto", day=date(2026, 11, 1), claim_number="BC123", region="BC"),
    authorization="AUTH123",
)
PRIOR = PriorPayment(
    payer=OTHER_PAYER,
    subscriber=Subscriber(person=JANE, member_id="P77", rank=1, relationship="self"),
    paid_minor=10_000,
    paid_on=date(2026, 11, 25),
    payer_reference="ICN5",
    adjustments=(Adjustment(group="PR", reason="1", minor=2_000),),
    lines=(
        PriorLine(
            number=1,
            paid_minor=9_000,
            adjustments=(Adjustment(group="CO", reason="45", minor=3_000, quantity=1),),
            procedure="97124",
            units=3,
        ),
        PriorLine(
            number=2,
            paid_minor=3_000,
            adjustments=(Adjustment(group="CO", reason="45", minor=1_550),),
            procedure="97140",
            units=1,
        ),
    ),
)
