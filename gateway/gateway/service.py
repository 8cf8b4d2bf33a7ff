"""The gateway's one Nameko class: from HTTP to a service and back."""

from gateway.entrypoints.console import Console
from gateway.entrypoints.links import Links
from gateway.entrypoints.operations import Operations
from gateway.entrypoints.pages import Pages
from gateway.entrypoints.payers import Payers
from gateway.entrypoints.records import Records
from gateway.entrypoints.sessions import Sessions
from gateway.entrypoints.streams import Streams


class GatewayService(Records, Payers, Links, Sessions, Operations, Pages, Console, Streams):
    """The HTTP front door."""
