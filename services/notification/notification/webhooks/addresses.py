"""Where webhooks may go: by TLS to public addresses, unless the installation allows others.

Standard Webhooks, section "Server-side request forgery": an address of the installation's own
network would let who names it reach what only the network's machines should.
"""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import SplitResult, urlsplit

from clinic_contracts.errors import Invalid

NAT64 = IPv6Network("64:ff9b::/96")
"""IPv4 addresses as IPv6-only networks write them (RFC 6052, section 2.1)."""


def check_url(url: str, *, private: bool) -> SplitResult:
    """Return the parts of an address that webhooks may be posted to; raises Invalid.

    A name is looked up only when something is posted, each time: it may lead elsewhere by then.
    """
    parts = _parts(url)
    if parts.scheme != "https" and not (private and parts.scheme == "http"):
        raise _refused("must begin with https://")
    if not parts.hostname:
        raise _refused("must name a host")
    if parts.username is not None or parts.fragment:
        raise _refused("must have neither a user name nor a fragment")
    if not private and not _may_be_public(parts.hostname):
        raise _refused("must not be on a private network or this machine")
    return parts


def is_public(address: str) -> bool:
    """Say whether an IP address, as looked up, is one of the public Internet.

    IPv6 addresses that carry an IPv4 address are as public as that one is.
    """
    try:
        found = ip_address(address)
    except ValueError:  # one with a zone is of a local network
        return False
    if isinstance(found, IPv6Address):
        carried = _carried(found)
        if carried is not None:
            return is_public(str(carried))
    return found.is_global and not found.is_multicast and not found.is_reserved


def _carried(address: IPv6Address) -> IPv4Address | None:
    if address in NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    if address.teredo is not None:
        return address.teredo[1]
    return address.ipv4_mapped or address.sixtofour


def _parts(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port  # which is read only now
    except ValueError as error:
        raise _refused("is not an address") from error
    return parts


def _may_be_public(host: str) -> bool:
    if host.rstrip(".") == "localhost" or host.rstrip(".").endswith(".localhost"):
        return False
    try:
        ip_address(host)
    except ValueError:
        return True
    return is_public(host)


def _refused(why: str) -> Invalid:
    return Invalid(f"url {why}", errors={"url": [why]})
