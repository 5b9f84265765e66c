"""The address of a stream, as a batch answer gives it."""

from conformance.checks import Findings, check
from conformance.checks.events import _own
from conformance.event_views import Handshake, handshakes, streams
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


def _asks_for(one: Handshake, batch_id: str, since_ms: int) -> bool:
    """Whether the owner asks at an address for the batch that the address was given for."""
    owner, _ = _own.owners(one.observed).get(batch_id, (None, None))
    later = one.at_ms >= since_ms and _own.workspace_of(one.seen) == owner is not None
    gone = _own.is_gone(one.observed, batch_id, one.at_ms)
    return later and not gone and _own.are_valid(one.seen.request.query)


@check("WS-URL-11")
def websocket_url_opens_the_stream(observed: Observed) -> Findings:
    """The websocket_url of a batch answer opens the stream of that same batch."""
    addresses, opened = _addresses(observed), {one.number: one for one in streams(observed)}
    for one in handshakes(observed):
        batch_id, since_ms = addresses.get(one.seen.request.url.partition("?")[0], ("", 0))
        if not batch_id or not _own.is_upgrade(one) or not _asks_for(one, batch_id, since_ms):
            continue
        yield holds(one.opened, seen=f"HTTP {one.status}", expected="HTTP 101", step=one.number)
        if one.number in opened and opened[one.number].messages:
            told = opened[one.number].messages[0]
            yield holds(
                told.id == batch_id,
                seen=told.get("/id"),
                expected=batch_id,
                pointer=f"{told.pointer}/id",
                step=one.number,
            )
