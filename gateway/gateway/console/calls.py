"""Where the console's page and files are."""

from gateway.routing import OwnCall

ASSETS = "/console/assets/<release>"
PAGE = OwnCall(
    method="GET",
    path="/console",
    name="console",
    summary="The staff's console.",
    tag="Pages",
    action="public",
    answer="text/html",
)
SCREEN = OwnCall(
    method="GET",
    path="/console/<screen>",
    name="console_screen",
    summary="A screen of the staff's console.",
    tag="Pages",
    action="public",
    answer="text/html",
)
ASSET = OwnCall(
    method="GET",
    path=f"{ASSETS}/<room>/<name>",
    name="console_asset",
    summary="A file of the console; its address holds the release, so it may be kept for good.",
    tag="Pages",
    action="public",
    answer="text/javascript",
    gives=("text/javascript", "text/css", "image/svg+xml"),
    refusals=(404,),
)
START = OwnCall(
    method="GET",
    path="/",
    name="start",
    summary="To the console.",
    tag="Pages",
    action="public",
    status=302,
)
CONSOLE = (START, PAGE, SCREEN, ASSET)
