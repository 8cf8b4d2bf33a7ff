"""A payer's bad file at the public door: what is wrong with it is answered, and it is kept."""

from typing import Any

import pytest

from clinic_deploy.demo.api import Api, Refused

ISA = (
    b"ISA*00*          *00*          *ZZ*PAYER          *ZZ*CLINIC         "
    b"*261209*0800*^*00501*000000007*0*T*:~"
)


@pytest.mark.parametrize(
    ("name", "raw", "code"),
    [
        ("remittances", b"", "NO_ISA"),
        ("remittances", b"hello", "NO_ISA"),
        ("acknowledgements", b"ISA*00*~", "ISA_LENGTH"),
        ("remittances", ISA, "MISSING_TRAILER"),
        ("acknowledgements", ISA + b"IEA*0*000000008~", "CONTROL_MISMATCH"),
        ("remittances", ISA + b"IEA*0*000000007~\xff\x00", "TRAILING_DATA"),
    ],
)
def test_a_bad_file_is_answered_with_what_is_wrong_and_kept(
    api: Api, name: str, raw: bytes, code: str
) -> None:
    before = api.get("/operations/verify")["counts"]
    headers = {"Content-Type": "application/edi-x12"}
    url = f"{api.address}/v1/{name}"
    answer = api.session.post(url, data=raw, headers=headers, timeout=15)
    file = answer.json()
    assert (answer.status_code, file["state"], file["postings"]) == (202, "quarantined", [])
    (told,) = (each for each in file["findings"] if each["code"] == code)
    assert told["where"]
    assert told["fix"]
    assert api.get(f"/remittances/{file['id']}") == file
    kept = api.session.get(f"{api.address}/v1/remittances/{file['id']}/file", timeout=15)
    assert (kept.status_code, kept.content) == (200, raw)
    assert kept.headers["Content-Type"] == "application/edi-x12"
    assert api.session.post(url, data=raw, headers=headers, timeout=15).json() == file
    assert api.get("/operations/verify")["counts"] == before


def test_a_file_that_never_came_is_not_handed_out(api: Api) -> None:
    answer: Any = api.session.get(f"{api.address}/v1/remittances/fil_none/file", timeout=15)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    with pytest.raises(Refused):
        api.get("/remittances/fil_none")
