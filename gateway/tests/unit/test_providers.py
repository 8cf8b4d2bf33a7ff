import pytest

from gateway.identity import oidc, providers


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"oidc_algorithms": "HS256"}, "CLINIC_OIDC_ALGORITHMS"),
        ({"oidc_algorithms": ""}, "CLINIC_OIDC_ALGORITHMS"),
        ({"oidc_client_secret": ""}, "CLINIC_OIDC_CLIENT_SECRET"),
        ({"oidc_issuer": "http://idp.example"}, "CLINIC_OIDC_ISSUER"),
        ({"public_url": ""}, "CLINIC_PUBLIC_URL"),
    ],
)
def test_settings_by_which_nobody_should_be_signed_in_are_refused(
    settings: dict[str, str], named: str
) -> None:
    good = {
        "oidc_issuer": "https://idp.example",
        "oidc_client_id": "a",
        "oidc_client_secret": "b",
        "oidc_algorithms": "RS256, ES256",
        "public_url": "https://clinic.example/",
    }
    made = providers.provider_of(good)
    assert made.redirect_uri == "https://clinic.example/v1/oidc/callback"
    assert (made.algorithms, made.name) == (("RS256", "ES256"), "idp.example")
    with pytest.raises(oidc.UnusableProviderError, match=named):
        providers.provider_of({**good, **settings})
