"""The tongue of payers without a public format: a packet to key in or to print, and its results.

For a payer's portal, a fax or a form by post (ICBC, TELUS eClaims and others): ``forms`` makes the
packet of a claim, ``page`` prints it, ``results`` takes what somebody keyed in from the payer's
statement, and ``keyed_file`` has that as a file.
"""

from payer_formats.portal.forms import Packet, PacketLine, Row, Section, packet
from payer_formats.portal.keyed_file import read_keyed
from payer_formats.portal.page import render_html
from payer_formats.portal.results import Keyed, keyed

__all__ = [
    "Keyed",
    "Packet",
    "PacketLine",
    "Row",
    "Section",
    "keyed",
    "packet",
    "read_keyed",
    "render_html",
]
