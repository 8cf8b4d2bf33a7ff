"""Which settings of a mail server go together."""

from typing import Any

import pytest

from notification.channels.email import SettingRefusedError, Smtp


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"user": "desk", "password": "secret"}, "SMTP_TLS=starttls or SMTP_TLS=tls"),
        ({"user": "desk", "tls": "tls"}, "both SMTP_USER and SMTP_PASSWORD"),
        ({"password": "secret", "tls": "tls"}, "both SMTP_USER and SMTP_PASSWORD"),
        ({"tls": "yes"}, "SMTP_TLS is none, starttls or tls, not 'yes'"),
    ],
)
def test_settings_that_contradict_each_other_are_refused(
    settings: dict[str, Any], said: str
) -> None:
    with pytest.raises(SettingRefusedError, match=said) as refused:
        Smtp(host="mail", port=25, sender="desk@example.org", **settings)
    assert "secret" not in str(refused.value)


def test_a_password_is_not_shown() -> None:
    smtp = Smtp(host="mail", port=25, sender="a@b.org", tls="tls", user="desk", password="secret")
    assert "secret" not in repr(smtp)
