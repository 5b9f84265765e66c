"""Frames: their order and their kinds, on one stream and beside another."""

from collections.abc import Iterator, Sequence
from itertools import combinations, groupby, pairwise

from conformance.checks import Findings, check
from conformance.checks.events._closing import (
    PATIENCE_MS,
    deleted,
    ended,
    had_time,
    is_mute,
    was_shut,
)
from conformance.checks.events._ticks import MOST_MS, interval, latency, patience_ms, state_of
from conformance.checks.events._time import CACHE_MS, SLACK_MS, due_at, was_touched
from conformance.event_views import Message, OpenStream, ServerFrame, streams
from conformance.json_text import at, same
from conformance.routes import TERMINAL
from conformance.verdicts import broken, holds
from conformance.views import BatchBody, Observed

_RANKS = {"pending": 0, "in_progress": 1, **dict.fromkeys(TERMINAL, 2)}
# The gateway looks at every batch by itself about every five minutes.
_SWEEP_MS = 240_000
# Status word, phase, finished rows.
_State = tuple[str, int, int]


@check("WS-FRAME-03")
def snapshot_comes_first(stream: OpenStream) -> Findings:
    """The first frame is the snapshot, and it comes unasked."""
    first = stream.frames[0] if stream.frames else None
    if first is not None:
        seen = first.type or "a frame without a type"
        yield holds(
            first.type == "job.snapshot" and not _was_asked_for(first),
            seen=f"{seen} when the client had spoken" if _was_asked_for(first) else seen,
            expected="job.snapshot",
            pointer=first.pointer,
        )
    elif is_mute(stream):
        yield broken("no frame", "job.snapshot", "/frames", stream.number)


def _was_asked_for(first: ServerFrame) -> bool:
    """Whether a stream said nothing until the client, who had waited, had spoken."""
    stream = first.stream
    spoken = [frame.at_ms for index, frame in stream.sent if index < first.index]
    return bool(spoken) and spoken[0] - stream.at_ms >= PATIENCE_MS


@check("WS-FRAME-04")
def there_is_one_snapshot(stream: OpenStream) -> Findings:
    """A stream has exactly one snapshot."""
    found = [frame for frame in stream.frames if frame.type == "job.snapshot"]
    if found or stream.messages or (stream.frames and had_time(stream)):
        yield holds(
            len(found) == 1,
            seen=f"{len(found)} snapshots",
            expected="one snapshot",
            pointer=found[1].pointer if len(found) > 1 else "/frames",
        )


@check("WS-FRAME-05")
def neighbours_differ(stream: OpenStream) -> Findings:
    """Two neighbouring data payloads of a stream differ."""
    for earlier, later in pairwise(stream.messages):
        yield holds(
            not same(earlier.value, later.value),
            seen="the same data again",
            expected="data that has changed",
            pointer=later.pointer,
            step=stream.number,
        )


@check("WS-FRAME-06")
def changes_arrive_by_the_next_tick(observed: Observed) -> Findings:
    """A change that a REST answer shows reaches an open stream by its next tick."""
    for stream in streams(observed):
        own = interval(stream)
        yield from latency(stream, own.ms if own.is_sure else MOST_MS)


@check("WS-FRAME-18")
def status_moves_forward(stream: OpenStream) -> Findings:
    """The status of a stream goes from pending to in_progress to one end that stays."""
    known = [message for message in stream.messages if message.status in _RANKS]
    for earlier, later in pairwise(known):
        before, after = _RANKS[str(earlier.status)], _RANKS[str(later.status)]
        stays = before < 2 or earlier.status == later.status
        yield holds(
            after >= before and stays,
            seen=f"{later.status} after {earlier.status}",
            expected="a status that moves forward",
            pointer=f"{later.pointer}/status",
            step=stream.number,
        )


def _lost_at(stream: OpenStream) -> int | None:
    """When, at the earliest, the store lost the batch under an open stream."""
    edges = stream.observed.transcript.edges("stored_batch_deleted")
    lost = [edge for _, edge in edges if edge.detail.get("batch") == stream.batch_id]
    begun = [edge.at_ms if edge.begun_at_ms is None else edge.begun_at_ms for edge in lost]
    return next((at_ms for at_ms in begun if at_ms >= stream.at_ms), None)


def _tells_of_deletion(frame: ServerFrame, batch_id: str) -> bool:
    return (at(frame.data, "/id"), at(frame.data, "/kind")) == (batch_id, "batch")


def _still_there(frame: ServerFrame) -> BatchBody | None:
    """The batch as a REST answer shows it when a stream had told of its deletion."""
    since = frame.at_ms + CACHE_MS
    bodies = frame.observed.histories.get(frame.stream.batch_id, [])
    return next((body for body in bodies if body.seen.exchange.at_ms > since), None)


def _ends_for_the_job(stream: OpenStream) -> bool:
    """Whether the server closed for what became of the batch, though not for its end."""
    if stream.closes_at_end and ended(stream):
        return False
    return was_shut(stream)


@check("WS-FRAME-37")
def deletion_is_told(stream: OpenStream) -> Findings:
    """When the record disappears, and only then, the stream sends job.deleted with id and kind."""
    frame, lost = deleted(stream), _lost_at(stream)
    if frame is not None:
        there = _still_there(frame)
        yield holds(
            _tells_of_deletion(frame, stream.batch_id) and there is None,
            seen=f"a batch that step {there.seen.number} shows" if there else frame.data,
            expected={"id": stream.batch_id, "kind": "batch"},
            pointer=f"{frame.pointer}/data",
        )
    elif lost is not None and stream.messages and lost <= stream.watched_until_ms:
        until = due_at(stream.observed, lost, patience_ms(stream)) + SLACK_MS
        if _ends_for_the_job(stream) or stream.watched_until_ms >= until:
            yield broken("no job.deleted", "job.deleted with id and kind", "/frames", stream.number)


def _states(stream: OpenStream) -> list[_State]:
    """The states that a stream told, repeats left out; none when it came back to one."""
    told = (
        (message.status or "", state_of(message.status, message.get("/request_counts")))
        for message in stream.messages
    )
    states = [(word, *state) for word, state in told if state is not None]
    runs = [state for state, _ in groupby(states)]
    return runs if len(set(runs)) == len(runs) else []


@check("WS-FRAME-39")
def two_streams_see_one_order(observed: Observed) -> Findings:
    """Two streams of one batch tell the states that both saw in the same order."""
    for one, other in combinations(streams(observed), 2):
        if one.batch_id != other.batch_id:
            continue
        ours, theirs = _states(one), _states(other)
        common = [state for state in ours if state in theirs]
        wanted = [state for state in theirs if state in common]
        if common:
            yield holds(
                common == wanted and _end_alike(ours, theirs),
                seen=f"{_shown(ours)} beside {_shown(theirs)}",
                expected="the same states in the same order",
                pointer="/frames",
                step=other.number,
            )


def _end_alike(ours: Sequence[_State], theirs: Sequence[_State]) -> bool:
    ends = {states[-1][0] for states in (ours, theirs) if states[-1][0] in TERMINAL}
    return len(ends) < 2


def _shown(states: Sequence[_State]) -> str:
    return ", ".join(f"{word} ({done} done)" for word, _, done in states[:20])


def _unexplained(stream: OpenStream) -> Iterator[Message]:
    """The messages with a new time of the last poll for which nobody asked."""
    for earlier, later in pairwise(stream.messages):
        moved = not same(earlier.get("/last_polled_at"), later.get("/last_polled_at"))
        since = earlier.at_ms - interval(stream).ms - CACHE_MS
        if moved and not was_touched(stream.observed, since, later.at_ms):
            yield later


@check("WS-FRAME-40")
def watching_asks_no_provider(observed: Observed) -> Findings:
    """A stream that is only watched shows new polls no more often than the gateway's own sweep."""
    for stream in streams(observed):
        watched = stream.watched_until_ms >= due_at(observed, stream.at_ms, interval(stream).ms)
        if not stream.messages or not watched:
            continue
        polls = list(_unexplained(stream))
        often = [two for one, two in pairwise(polls) if two.at_ms - one.at_ms < _SWEEP_MS]
        yield holds(
            not often,
            seen=f"{len(polls)} polls that nobody asked for",
            expected="none between two sweeps",
            pointer=f"{often[0].pointer}/last_polled_at" if often else "",
            step=stream.number,
        )
