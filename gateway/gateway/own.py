"""Files, as they are answered."""

import base64

from gateway.http.messages import Response


def file_answer(document: dict[str, str]) -> Response:
    """Return a file that a service made."""
    headers = {
        "Content-Type": document["content_type"],
        "Content-Disposition": f'inline; filename="{document["filename"]}"',
    }
    return Response(200, headers, base64.b64decode(document["content_base64"]))
