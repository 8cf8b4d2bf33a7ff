"""Writing a 271 (ASC X12 005010X279A1), as a payer that answers about eligibility does."""

from collections.abc import Sequence

from payer_formats.amounts import text_of
from payer_formats.answers import Benefit, Eligibility
from payer_formats.claim import Payer, Provider
from payer_formats.x12.eligibility import IN_NETWORK, PERIODS
from payer_formats.x12.writing import Envelope, Repeated, SetWriter, written

VERSION = "005010X279A1"
_PERIOD_CODES = {word: code for code, word in PERIODS.items()}
_NETWORK_CODES: dict[bool | None, str] = {said: code for code, said in IN_NETWORK.items()}


def write_271(
    envelope: Envelope, answers: Sequence[Eligibility], payer: Payer, provider: Provider
) -> bytes:
    """Return an interchange with a set for each answer, all to one provider."""
    sets = (_set(envelope, n, each, payer, provider) for n, each in enumerate(answers, start=1))
    return written(envelope, "HB", VERSION, sets)


def _set(
    envelope: Envelope, number: int, answer: Eligibility, payer: Payer, provider: Provider
) -> SetWriter:
    out = SetWriter("271", number, VERSION)
    at = f"{envelope.at:%Y%m%d}", f"{envelope.at:%H%M}"
    out.add("BHT", "0022", "11", answer.trace, *at)
    out.add("HL", 1, "", "20", 1)
    out.add("NM1", "PR", "2", payer.name, "", "", "", "", "PI", answer.payer_id)
    out.add("HL", 2, 1, "21", 1)
    out.add("NM1", "1P", "2", provider.name, "", "", "", "", "XX", provider.npi)
    out.add("HL", 3, 2, "22", 0)
    out.add("TRN", "2", answer.trace, f"9{payer.id:0>9.9}")
    first, _, last = answer.subscriber_name.rpartition(" ")
    out.add("NM1", "IL", "1", last, first, "", "", "", "MI", answer.member_id)
    if answer.group_number:
        out.add("REF", "6P", answer.group_number)
    for code in answer.rejections:
        out.add("AAA", "N", "", code, "C")
    for benefit in answer.benefits:
        _benefit(out, benefit)
    return out


def _benefit(out: SetWriter, benefit: Benefit) -> None:
    counted = benefit.quantity is not None
    out.add(
        "EB",
        benefit.code,
        "",
        Repeated(benefit.services),
        "",
        benefit.text,
        _PERIOD_CODES.get(benefit.period, benefit.period),
        "" if benefit.minor is None else text_of(benefit.minor),
        "" if benefit.percent is None else text_of(benefit.percent),
        "VS" if counted else "",
        str(benefit.quantity) if counted else "",
        "",
        _NETWORK_CODES.get(benefit.in_network, ""),
    )
