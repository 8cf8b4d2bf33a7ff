"""The staff's console, and the clocks on its walls."""

from gateway import console, wall_clock
from gateway.console.calls import ASSET, PAGE, SCREEN, START
from gateway.entrypoints.base import Entrypoints
from gateway.http.messages import Request, Response
from gateway.http.server import endpoint
from gateway.routing import OwnCall


class Console(Entrypoints):
    """One page, and the files it is made of."""

    @endpoint(START)
    def start(self, _request: Request, _call: OwnCall) -> Response:
        """Lead to the console."""
        return Response(START.status, {"Location": PAGE.path})

    @endpoint(PAGE, SCREEN)
    def console(self, _request: Request, _call: OwnCall) -> Response:
        """Serve the page of every screen; which one it is, the page reads off its address."""
        return console.page()

    @endpoint(wall_clock.READ_CLOCK)
    def read_clock(self, request: Request, call: OwnCall) -> Response:
        """Say what time it is at a clinic."""
        return self._signed_in(request, call, lambda _who: wall_clock.read(request))

    @endpoint(ASSET)
    def console_asset(self, request: Request, _call: OwnCall) -> Response:
        """Serve a file of the console."""
        return console.asset(**request.path_values)
