"""A tap between an SDK and a gateway: a recorder whose answers are those of the gateway."""

from urllib.parse import urlsplit

from conformance.targets.raw_http import RawRequest
from conformance.targets.recorder import Reply, Script
from conformance.targets.session import Session
from conformance.targets.wire import Outgoing
from conformance.transcript import Headers

# What is said of a connection or of the form of a body ends at the tap.
_OF_ONE_HOP = frozenset(
    {
        "host", "connection", "keep-alive", "te", "trailer", "upgrade", "expect", "content-length",
        "transfer-encoding", "accept-encoding", "content-encoding",
    }
)  # fmt: skip


def base_path(session: Session) -> str:
    """The path of the gateway's base URL, which a client of the tap keeps."""
    return urlsplit(session.base_url).path


def tap(session: Session) -> Script:
    """The script that hands every request on to the gateway of a session.

    A batch that comes of one is counted, and cancelled in the end like those of the suite.
    """
    parts = urlsplit(session.base_url)
    origin = f"{parts.scheme}://{parts.netloc}"

    async def handed_on(request: RawRequest) -> Reply:
        outgoing = Outgoing(
            request.method,
            origin + request.target,
            _passed(request.headers),
            request.content or None,
        )
        exchange = await session.wire.send(outgoing, session.redactor, session.start)
        response = exchange.response
        if response is None:
            return Reply(cut=True)
        if request.method == "POST" and response.ok:
            session.count(request.path.removeprefix(parts.path), response.json)
        content = response.body.content if response.body else b""
        return Reply(response.status, content, _passed(response.headers))

    return handed_on


def _passed(headers: Headers) -> Headers:
    return tuple((name, value) for name, value in headers if name.lower() not in _OF_ONE_HOP)
