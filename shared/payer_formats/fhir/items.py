"""The items of a FHIR R4B Claim, read as service lines, and whether their money adds up."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from payer_formats.claim import ServiceLine
from payer_formats.fhir.element import Element, decimal_of


def read_lines(resource: Element) -> list[ServiceLine]:
    """Read the items of a claim as its service lines."""
    diagnoses = {each.whole("sequence") for each in resource.many("diagnosis")}
    lines: list[ServiceLine] = []
    numbers: set[int] = set()
    for at, item in enumerate(resource.many("item", required=True), start=1):
        number = item.whole("sequence", required=True) or at
        if number in numbers:
            resource.notes.add("SEQUENCE", f"item {number} is there twice", item.path, line=number)
        numbers.add(number)
        procedure = item.concept("productOrService")
        if not procedure:
            item.missing("productOrService")
        modifiers = (each.concept("modifier") for each in _alone(item, "modifier"))
        lines.append(
            ServiceLine(
                number=number,
                procedure=procedure,
                charge_minor=_net(item, number),
                units=_units(item, number),
                day=_day(item) or date.min,
                modifiers=tuple(filter(None, modifiers)),
                pointers=_pointers(item, diagnoses, number),
                description=item.one("productOrService").text("text"),
            )
        )
    return lines


def _pointers(item: Element, diagnoses: set[int | None], number: int) -> tuple[int, ...]:
    pointers = item.wholes("diagnosisSequence")
    for each in pointers:
        if each not in diagnoses:
            text = f"diagnosis {each} is not in the claim"
            item.notes.add("DX_POINTER", text, item.where("diagnosisSequence"), line=number)
    return pointers


def _alone(owner: Element, name: str) -> list[Element]:
    """Return each CodeableConcept of an array as the only one of an element."""
    return [Element({name: each.values}, owner.path, owner.notes) for each in owner.many(name)]


def _day(item: Element) -> date | None:
    day = item.day("servicedDate") or item.one("servicedPeriod").day("start")
    if day is None:
        item.missing("servicedDate")
    return day


def _units(item: Element, number: int) -> int:
    quantity = item.one("quantity").decimal("value")
    if quantity is None:
        return 1
    if quantity != int(quantity) or quantity < 1:
        text = f"a quantity of {quantity} is not a whole number from 1"
        item.notes.add("UNITS", text, item.where("quantity"), line=number)
    return int(quantity)


def _net(item: Element, number: int) -> int:
    """Return an item's net, which its price and its details must come to."""
    net, priced = item.money("net"), _priced(item)
    if net is None:
        net = priced
    elif priced is not None and net != priced:
        text = f"net {decimal_of(net)} is not quantity x unit price x factor, {decimal_of(priced)}"
        item.notes.add("NET", text, item.where("net"), line=number)
    for name in ("detail", "subDetail"):
        parts = [_net(each, number) for each in item.many(name)]
        if parts and net is not None and net != sum(parts):
            text = f"net {decimal_of(net)} is not the sum of its {name}, {decimal_of(sum(parts))}"
            item.notes.add("NET_SUM", text, item.where(name), line=number)
    if net is None:
        item.missing("net")
    elif net < 0:
        item.notes.add("AMOUNT", "a charge is not negative", item.where("net"), line=number)
    return net or 0


def _priced(item: Element) -> int | None:
    """Return quantity x unitPrice x factor, each 1 when it is not told, half a cent up."""
    price = item.money("unitPrice")
    if price is None:
        return None
    asked = Decimal(price)
    for factor in (item.one("quantity").decimal("value"), item.decimal("factor")):
        asked *= 1 if factor is None else factor
    return int(asked.quantize(Decimal(1), ROUND_HALF_UP))


def charge_of(resource: Element, lines: list[ServiceLine]) -> int:
    """Return what is charged: the sum of the items, which a total must equal if there is one."""
    total, summed = resource.money("total"), sum(line.charge_minor for line in lines)
    if total is not None and total != summed:
        text = f"the total {decimal_of(total)} is not the sum of the items, {decimal_of(summed)}"
        resource.notes.add("CHARGE_SUM", text, resource.where("total"))
    return summed
