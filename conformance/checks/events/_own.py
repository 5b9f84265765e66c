"""Whose batch a handshake asks for, and what had been done to it by then."""

from collections.abc import Iterable, Iterator
from urllib.parse import quote

from conformance import tables
from conformance.event_views import Handshake, handshakes
from conformance.views import BatchBody, Observed, Seen

OPTIONS = frozenset({"interval_ms", "close_on_terminal"})


def workspace_of(seen: Seen) -> str | None:
    """The name of the workspace that calls: both keys of one workspace mean the same."""
    name = seen.request.credential
    return "a" if name == "same" else name


def owners(observed: Observed) -> dict[str, tuple[str, Seen]]:
    """The workspace of each batch, with the first answer that showed it to be its own."""
    found: dict[str, tuple[str, Seen]] = {}
    for body in observed.bodies:
        owner = workspace_of(body.seen)
        if isinstance(body.id, str) and owner is not None:
            found.setdefault(body.id, (owner, body.seen))
    return found


def is_gone(observed: Observed, batch_id: str, at_ms: int) -> bool:
    """Whether the store had lost the batch by then."""
    deleted = observed.transcript.edges("stored_batch_deleted")
    return any(edge.detail.get("batch") == batch_id and edge.at_ms <= at_ms for _, edge in deleted)


def _is_disturbed(one: Handshake) -> bool:
    gone = is_gone(one.observed, one.id, one.at_ms)
    return gone or bool(tables.special_states(one.seen, one.observed))


def own(one: Handshake) -> bool:
    """Whether it asks, with a key of the workspace that has it, for a batch that is there."""
    owner, since = owners(one.observed).get(one.id, (None, one.seen))
    known = owner is not None and owner == workspace_of(one.seen)
    return known and since.exchange.ended_at_ms <= one.at_ms and not _is_disturbed(one)


def foreign(observed: Observed) -> Iterator[Handshake]:
    """The upgrades asked for, with a working key, for a batch of another workspace."""
    known = owners(observed)
    working = {workspace_of(seen) for seen in observed.seen if seen.response.ok}
    for one in handshakes(observed):
        owner, since = known.get(one.id, (None, one.seen))
        caller = workspace_of(one.seen)
        strange = owner is not None and caller in working - {None, owner}
        later = since.exchange.ended_at_ms <= one.at_ms
        if strange and later and one.wants_websocket and not _is_disturbed(one):
            yield one


def is_plain(one: Handshake) -> bool:
    """Whether kind and id stand in the path as they are, or as a careful client writes them."""
    *_, kind, segment, _ = one.seen.request.path.split("/")
    return kind == "batch" and segment in {one.id, quote(one.id, safe="")}


def is_upgrade(one: Handshake) -> bool:
    """Whether a WebSocket client asks; other clients lack what a real upgrade needs."""
    return one.stream is not None and one.wants_websocket


def are_valid(options: Iterable[tuple[str, str]]) -> bool:
    """Whether the options of a stream are those that the documentation knows."""
    return all(
        (name == "interval_ms" and value.isdecimal() and value.isascii())
        or (name == "close_on_terminal" and value in {"true", "false"})
        for name, value in options
    )


def is_valid(one: Handshake) -> bool:
    """Whether nothing is wrong with an upgrade for an own batch, its options included."""
    fine = are_valid(one.seen.request.query) and is_plain(one)
    return fine and is_upgrade(one) and own(one)


def last_body(one: Handshake) -> BatchBody | None:
    """The last body of the batch that had arrived when the handshake began."""
    bodies = one.observed.histories.get(one.id, [])
    earlier = [body for body in bodies if body.seen.exchange.ended_at_ms <= one.at_ms]
    return earlier[-1] if earlier else None
