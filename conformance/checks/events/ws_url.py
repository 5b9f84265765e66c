"""The address of a stream, as a batch answer gives it."""

from conformance.checks import Findings, check
from conformance.checks.events import _own
from conformance.event_views import Handshake, OpenStream, upgrades_at
from conformance.verdicts import holds
from conformance.views import Observed


def _addresses(observed: Observed) -> dict[str, tuple[str, int]]:
    """The websocket_url of every body, with the batch and the time of its first showing."""
    found: dict[str, tuple[str, int]] = {}
    for body in observed.bodies:
        url = body.get("/websocket_url")
        if isinstance(url, str) and isinstance(body.id, str):
            found.setdefault(url, (body.id, body.seen.exchange.ended_at_ms))
    return found


def _asks_for(one: Handshake, url: str, since_ms: int) -> bool:
    """Whether the owner asks at an address for the batch that the address was given for."""
    owner, _ = _own.owners(one.observed).get(one.id, (None, None))
    later = one.at_ms >= since_ms and _own.workspace_of(one.seen) == owner is not None
    as_it_stands = one.seen.request.url == url or _own.are_valid(one.seen.request.query)
    return later and as_it_stands and not _own.is_gone(one.observed, one.id, one.at_ms)


@check("WS-URL-11")
def websocket_url_opens_the_stream(observed: Observed) -> Findings:
    """The websocket_url of a batch answer opens the stream of that same batch."""
    for url, (batch_id, since_ms) in _addresses(observed).items():
        for one in upgrades_at(observed, url, batch_id):
            if not _own.is_upgrade(one) or not _asks_for(one, url, since_ms):
                continue
            yield holds(one.opened, seen=f"HTTP {one.status}", expected="HTTP 101", step=one.number)
            told = OpenStream(one, one.stream).messages if one.opened and one.stream else ()
            for first in told[:1]:
                yield holds(
                    first.id == batch_id,
                    seen=first.get("/id"),
                    expected=batch_id,
                    pointer=f"{first.pointer}/id",
                    step=one.number,
                )
