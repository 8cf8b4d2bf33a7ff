"""What a letter says, in text and in HTML alike, whatever people are called."""

import email
import email.policy
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from icalendar import Calendar

from notification import wording
from notification.channels.email import compose
from notification.domain import Letter, Place, Send
from notification.ports import UndeliverableError
from notification.testing import NOW, VISIT

SEND = Send(
    kind="confirmation",
    visit=VISIT,
    version=3,
    place=Place(location="Fernwood", address="1 Main", practitioner="Robin Ames"),
    name="Ada",
    email="ada@example.org",
    reason="due",
)
VOID = {"meta", "br", "img", "link", "input", "hr"}
NAMES = {
    "script": "<script>alert('x')</script>",
    "markup": 'A & B "C" </td>{{ 7*7 }}',
    "long": "Wolfeschlegelsteinhausenbergerdorff" * 2 + "abcdefghij",
    "right to left": "דנה כהן \u202e",
    "many lines": "Ada\r\nWhen:  never\n\nBcc: eve@example.org",
}


class Page(HTMLParser):
    """A page as a browser reads it: its text, its elements, and whether they are well nested."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.texts: list[str] = []
        self.feed(source)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "title" not in self.open and data.strip():
            self.texts.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.texts).split())


def write(send: Send = SEND) -> Letter:
    return wording.write("msg_1", send, NOW)


def test_a_letter_tells_wall_time_and_carries_the_visit() -> None:
    letter = write()
    assert "Tuesday, 01 December 2026 at 10:00 (Pacific time)" in letter.text
    (entry,) = Calendar.from_ical(letter.calendar).events
    assert (entry.start, entry["sequence"]) == (VISIT.start, 3)
    assert b"METHOD:REQUEST" in letter.calendar


@pytest.mark.parametrize("kind", wording.SUBJECTS)
def test_text_and_page_say_the_same(kind: str) -> None:
    letter = write(replace(SEND, kind=kind))  # type: ignore[arg-type]
    text = [line.replace(":  ", " ").strip() for line in letter.text.splitlines() if line]
    assert Page(letter.html).text.replace(" ", "") == "".join(
        line.replace("When:", "When").replace("Where:", "Where").replace("With:", "With")
        for line in text
    ).replace(" ", "")


def test_a_page_has_its_language_and_fetches_and_follows_nothing() -> None:
    page = Page(write().html)
    assert page.tags[0] == ("html", {"lang": "en"})
    assert {"h1", "table", "th", "td"} <= {tag for tag, _ in page.tags}
    for tag, attributes in page.tags:
        assert tag not in {"img", "link", "script", "iframe", "a", "form"}
        assert not {"src", "href", "background"} & attributes.keys()
        assert "url(" not in (attributes.get("style") or "")


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES.keys())
def test_a_name_is_text_on_one_line_wherever_it_stands(name: str) -> None:
    plain = Page(write().html)
    place = Place(location=name, address=name, practitioner=name)
    letter = write(replace(SEND, name=name, place=place))
    page, line = Page(letter.html), " ".join(name.split())
    assert [tag for tag, _ in page.tags] == [tag for tag, _ in plain.tags]
    assert page.text.count(line) == 5
    assert f"Hello {line}," in letter.text.splitlines()
    assert f"With:  {line}" in letter.text.splitlines()
    assert len(Calendar.from_ical(letter.calendar).events) == 1
    sent = email.message_from_bytes(
        compose(letter, "a@b.org").as_bytes(), policy=email.policy.default
    )
    assert {key.lower() for key in sent} == {
        "from", "to", "subject", "message-id", "mime-version", "content-type",
    }  # fmt: skip
    text = sent.get_body(("plain",))
    assert text is not None
    assert f"Hello {line}," in text.get_content()


@pytest.mark.parametrize(
    "address",
    [
        "ada@example.org\r\nBcc: eve@example.org",
        "ada@example.org, eve@example.org",
        "Ada <ada@example.org>",
        "jürgen@example.org",
        "ada@bücher.example",
        "a..b@example.org",
        "ada@",
        "@example.org",
        "ada",
        "",
        '"ada@example.org',
    ],
)
def test_an_address_that_is_none_is_refused_without_quoting_it(address: str) -> None:
    with pytest.raises(UndeliverableError) as refused:
        compose(write(replace(SEND, email=address)), "a@b.org")
    assert str(refused.value) == "the client's e-mail address is not one that mail reaches"


@pytest.mark.parametrize("address", ["o'neil+clinic@example.org", '"odd, one"@example.org'])
def test_an_odd_address_is_one(address: str) -> None:
    message = compose(write(replace(SEND, email=address)), "a@b.org")
    assert [each.addr_spec for each in message["To"].addresses] == [address]
