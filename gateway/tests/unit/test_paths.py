import pytest

from clinic_contracts.errors import MethodNotAllowed, NotFound
from gateway.http.paths import Paths

PATHS = Paths(
    [
        ("GET", "/visits", "list"),
        ("POST", "/visits", "book"),
        ("GET", "/visits/<visit_id>", "one"),
        ("POST", "/visits/<visit_id>/arrive", "arrive"),
        ("GET", "/receipts/<receipt_id>", "receipt"),
        ("GET", "/receipts/<receipt_id>.pdf", "print"),
    ]
)


@pytest.mark.parametrize(
    ("verb", "path", "behind", "values"),
    [
        ("GET", "/visits", "list", {}),
        ("HEAD", "/visits", "list", {}),
        ("POST", "/visits", "book", {}),
        ("GET", "/visits/apt_1", "one", {"visit_id": "apt_1"}),
        ("GET", "/visits/a%2Db%3ac", "one", {"visit_id": "a-b:c"}),
        ("GET", "/%76isits", "list", {}),
        ("POST", "/visits/apt_1/arrive", "arrive", {"visit_id": "apt_1"}),
        ("GET", "/receipts/rcp_1.pdf", "print", {"receipt_id": "rcp_1"}),
        ("GET", "/receipts/rcp_1", "receipt", {"receipt_id": "rcp_1"}),
    ],
)
def test_a_verb_on_a_path_is_one_call(
    verb: str, path: str, behind: str, values: dict[str, str]
) -> None:
    assert PATHS.find(verb, path) == (behind, values)


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/",
        "//visits",
        "/visits/",
        "/Visits",
        "/visits//arrive",
        "/visits/a%2Farrive",
        "/visits/a%0Ab",
        "/visits/a%20b",
        "/visits/b%C3%A9",
    ],
)
def test_there_is_nothing_elsewhere(path: str) -> None:
    with pytest.raises(NotFound):
        PATHS.find("GET", path)


def test_the_verbs_of_a_path_are_named() -> None:
    with pytest.raises(MethodNotAllowed) as caught:
        PATHS.find("DELETE", "/visits")
    assert caught.value.extra["allow"] == ["GET", "HEAD", "OPTIONS", "POST"]
