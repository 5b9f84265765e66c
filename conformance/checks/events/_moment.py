"""Which polls show the very record of a batch that a message shows.

The time at which the provider was last asked marks a record. A clock may stand still, so several
records may have one mark, and a message may show any of them. Without marks, a message between
two polls that show the same shows that too, unless it may come from an older cached record.
"""

from collections.abc import Callable, Sequence
from typing import Any

from conformance.checks.events._story import Reading, polls, reading
from conformance.checks.events._time import CACHE_MS, SLACK_MS
from conformance.event_views import Message
from conformance.json_text import same
from conformance.routes import route_of
from conformance.transcript import Exchange
from conformance.views import Observed

STALE_MS = CACHE_MS + SLACK_MS
# An edge is written down when it is over: what it caused may have arrived before.
_EDGE_MS = 500
_TICK = "scheduled_job_tick"

Mark = tuple[int, str | None]


def same_record(message: Message) -> list[Reading]:
    """The polls that show the record of a message; none where that cannot be told."""
    here, there = reading(message), polls(message)
    mark = _mark(here)
    if mark is None or all(_mark(one) is None for one in there):
        return [] if _is_retry(message) else _in_place(here, there)
    found = [one for one in there if one.begin_ms <= here.end_ms and _fits(mark, _mark(one))]
    return [] if found and _may_have_changed(message, found) else found


def _is_retry(message: Message) -> bool:
    """Whether it is a further attempt, which may show what the first one showed."""
    return message.delivery is not None and message.delivery.attempt != 1


def _mark(one: Reading) -> Mark | None:
    polled_ms, word = one.polled_ms, one.text("/polled_status")
    return None if polled_ms is None else (polled_ms, word and word.strip().lower())


def _fits(mark: Mark, other: Mark | None) -> bool:
    if other is None or mark[0] != other[0]:
        return False
    return None in (mark[1], other[1]) or mark[1] == other[1]


def _may_have_changed(message: Message, found: Sequence[Reading]) -> bool:
    """Whether something else may have changed the record and left its mark as it was."""
    begin_ms, end_ms = min(one.begin_ms for one in found), message.at_ms
    marked = {one.number for one in polls(message) if _mark(one) is not None}
    if ticked(message.observed, begin_ms, end_ms):
        return True
    return any(
        number not in marked and call.at_ms <= end_ms and call.ended_at_ms >= begin_ms
        for number, call in _calls(message.observed, message.id or "")
    )


def ticked(observed: Observed, begin_ms: int, end_ms: int) -> bool:
    """Whether the scheduled job may have run between two instants."""
    for _, edge in observed.transcript.edges(_TICK):
        near = begin_ms <= edge.at_ms <= end_ms + _EDGE_MS
        if near and not _begun_after(observed, end_ms, edge.at_ms):
            return True
    return False


def _begun_after(observed: Observed, end_ms: int, edge_ms: int) -> bool:
    """Whether what an edge tells of was begun later: a whole exchange lies before it."""
    return any(
        exchange.at_ms > end_ms and exchange.ended_at_ms <= edge_ms
        for _, exchange in observed.transcript.exchanges
    )


def _calls(observed: Observed, batch_id: str) -> Sequence[tuple[int, Exchange]]:
    """The calls that read or cancel a batch, answered or not, with their numbers."""
    name = f"calls of {batch_id}"
    if name not in observed.made:
        observed.made[name] = [
            (number, exchange)
            for number, exchange in observed.transcript.exchanges
            if _is_call(exchange, batch_id)
        ]
    return observed.made[name]


def _is_call(exchange: Exchange, batch_id: str) -> bool:
    route = route_of(exchange.request.method, exchange.request.path)
    return route.operation in {"get", "cancel"} and route.id == batch_id


def _in_place(here: Reading, there: Sequence[Reading]) -> list[Reading]:
    whole = [one for one in there if one.channel == "poll"]
    return around(here, whole, lambda one: [one.status, one.given("/request_counts")])


def around(
    here: Reading, there: Sequence[Reading], what: Callable[[Reading], Any]
) -> list[Reading]:
    """The polls before and after a reading when they all show the same, else none."""
    before = [one for one in there if one.precedes(here)]
    after = [one for one in there if here.precedes(one)]
    if not before or not after or len(before) + len(after) < len(there):
        return []
    window = [one for one in before if not _is_superseded(one, here, before)]
    window.append(min(after, key=lambda one: one.begin_ms))
    first = what(window[0])
    return window if all(same(what(one), first) for one in window) else []


def _is_superseded(one: Reading, here: Reading, before: Sequence[Reading]) -> bool:
    """Whether a later poll rules out that the reading shows the record of this one."""
    # Lists are read afresh; a message may come from a cached record.
    lag_ms = 0 if here.channel == "list" else STALE_MS
    for later in before:
        if one.precedes(later):
            if later.end_ms + lag_ms < here.begin_ms:
                return True
            if _is_newer(here, later, one):
                return True
    return False


def _is_newer(here: Reading, later: Reading, one: Reading) -> bool:
    """Whether the marks tell that the reading's record is no older than the later poll's."""
    ours, theirs, old = here.polled_ms, later.polled_ms, one.polled_ms
    if ours is None or theirs is None or old is None:
        return False
    return old < theirs <= ours
