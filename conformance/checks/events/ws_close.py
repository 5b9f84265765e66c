"""The end of a stream: after the end of the batch, by the client, and never before."""

from collections.abc import Iterator
from dataclasses import dataclass

from conformance.checks import Findings, check
from conformance.checks.events import _closing
from conformance.checks.events._records import is_prompt
from conformance.checks.events._ticks import interval, patience_ms
from conformance.checks.events._time import CACHE_MS, SLACK_MS, due_at, most_passed
from conformance.event_views import Message, OpenStream, calls
from conformance.json_text import ABSENT, same
from conformance.transcript import Exchange
from conformance.verdicts import HELD, broken, holds

_QUIET_INTERVALS = 5


@check("WS-CLOSE-01")
def closes_after_completed(stream: OpenStream) -> Findings:
    """The server closes after it has reported completed."""
    yield from _closing.closes_at_end(stream, "completed")


@check("WS-CLOSE-02")
def closes_after_failed(stream: OpenStream) -> Findings:
    """The server closes after it has reported failed."""
    yield from _closing.closes_at_end(stream, "failed")


@check("WS-CLOSE-03")
def closes_after_cancelled(stream: OpenStream) -> Findings:
    """The server closes after it has reported cancelled."""
    yield from _closing.closes_at_end(stream, "cancelled")


@check("WS-CLOSE-04")
def closes_after_expired(stream: OpenStream) -> Findings:
    """The server closes after it has reported expired."""
    yield from _closing.closes_at_end(stream, "expired")


def _ordered_close(stream: OpenStream) -> bool:
    """Whether the server closed as it does at the end of a batch."""
    close = _closing.server_close(stream)
    if close is None or _closing.deleted(stream) is not None:
        return False
    return close.code == 1000 or (not _closing.is_going_away(close) and _was_over(stream))


def _ends(stream: OpenStream) -> list[Exchange]:
    """The calls whose answers show the end of the batch."""
    bodies = stream.observed.histories.get(stream.batch_id, [])
    return [body.seen.exchange for body in bodies if body.is_terminal]


def _was_over(stream: OpenStream) -> bool:
    """Whether the answer to a call made before the close shows the end of the batch."""
    return any(call.at_ms <= stream.watched_until_ms for call in _ends(stream))


def _is_late(stream: OpenStream) -> bool:
    """Whether it was opened when no record of the batch could be older than its end."""
    lag_ms = CACHE_MS + SLACK_MS
    ends = [due_at(stream.observed, call.ended_at_ms, lag_ms) for call in _ends(stream)]
    return any(at_ms <= stream.at_ms for at_ms in ends)


@check("WS-CLOSE-05")
def last_data_is_final(stream: OpenStream) -> Findings:
    """The last data before the close at the end shows a final status."""
    if stream.closes_at_end and stream.messages and _ordered_close(stream):
        last = stream.messages[-1]
        yield holds(
            last.is_terminal,
            seen=f"{last.get('/status')} before the close",
            expected="a final status",
            pointer=f"{last.pointer}/status",
            step=stream.number,
        )


@check("WS-CLOSE-06")
def late_watcher_gets_one_snapshot(stream: OpenStream) -> Findings:
    """On a batch that has ended, the snapshot is all there is before the close."""
    told = stream.messages
    has_ended = told and (told[0].is_terminal or _is_late(stream))
    if has_ended and stream.closes_at_end and _ordered_close(stream):
        pointer = told[1].pointer if len(told) > 1 else ""
        yield holds(
            len(told) == 1,
            seen=f"{len(told)} frames with data",
            expected="one snapshot",
            pointer=pointer,
        )


@check("WS-CLOSE-07")
def server_closes_with_1000(stream: OpenStream) -> Findings:
    """A close by the server has code 1000; a lost connection is none, unless a close was due."""
    close = _closing.server_close(stream)
    if close is None:
        return
    was_due = stream.closes_at_end and _closing.ended(stream) is not None
    if not _closing.is_lost(close) or was_due:
        yield holds(close.code == 1000, seen=close.code, expected=1000, pointer="/close/code")


@check("WS-CLOSE-08")
def reason_is_closed(stream: OpenStream) -> Findings:
    """The reason of an orderly close by the server is the word closed."""
    close = _closing.server_close(stream)
    if close is not None and close.code == 1000:
        yield holds(
            close.reason == "closed", seen=close.reason, expected="closed", pointer="/close/reason"
        )


@check("WS-CLOSE-09")
def closes_after_deletion(stream: OpenStream) -> Findings:
    """After job.deleted the server closes with 1000, whatever the options say."""
    gone, close = _closing.deleted(stream), _closing.server_close(stream)
    if gone is None:
        return
    if close is None:
        yield from _closing.closes_after(stream, gone.at_ms, "after job.deleted")
    else:
        yield holds(close.code == 1000, seen=close.code, expected=1000, pointer="/close/code")


@check("WS-CLOSE-10")
def close_of_the_client_is_answered(stream: OpenStream) -> Findings:
    """A close by the client gets its close frame, and nothing follows."""
    close = stream.close
    if close is None or close.by != "client":
        return
    # What was on its way already may still arrive.
    late = [one for one in stream.frames if one.at_ms > close.at_ms + SLACK_MS]
    answered = not _closing.is_lost(close)
    yield holds(
        answered and not late,
        seen=f"{_closing.shown(close)}, {len(late)} frames after it",
        expected="an answered close and no further frame",
        pointer=late[0].pointer if late else "/close",
    )


def _last_frame_ms(stream: OpenStream) -> int:
    """When either side last said something."""
    return max([stream.at_ms, *(frame.at_ms for frame in stream.stream.frames)])


def _has_ended(stream: OpenStream) -> bool:
    """Whether a channel has shown an end, or the deletion of the batch, by the close."""
    if _closing.ended(stream) or _closing.deleted(stream):
        return True
    edges = stream.observed.transcript.edges("stored_batch_deleted")
    gone = any(edge.detail.get("batch") == stream.batch_id for _, edge in edges)
    return gone or _was_over(stream)


@check("WS-CLOSE-11")
def quiet_stream_stays_open(stream: OpenStream) -> Findings:
    """A stream of a batch that has not ended is not closed for being quiet."""
    if not stream.messages or _has_ended(stream):
        return
    close, since = _closing.server_close(stream), _last_frame_ms(stream)
    ms = interval(stream).ms
    if close is not None:
        is_due = most_passed(stream.observed, since, close.at_ms) >= ms
        if is_due and not _closing.is_leaving(close):
            yield broken(_closing.shown(close), "an open stream", "/close", stream.number)
    elif any(_is_quiet(stream, one, ms) for one in stream.messages):
        yield HELD


def _is_quiet(stream: OpenStream, message: Message, ms: int) -> bool:
    """Whether the stream was watched for five intervals without news after a message."""
    until = due_at(stream.observed, message.at_ms, _QUIET_INTERVALS * ms)
    news = [one for one in stream.messages if message.at_ms < one.at_ms <= until]
    return not news and stream.watched_until_ms >= until


@dataclass(frozen=True)
class _News:
    """What happened to an ended batch, and the last message before it; `member` tells of it."""

    what: str
    at_ms: int
    known: Message
    member: str


def _known_end(stream: OpenStream, at_ms: int) -> Message | None:
    """The last message before an instant, when it shows the end of the batch."""
    known = [one for one in stream.messages if one.at_ms < at_ms]
    return known[-1] if known and known[-1].is_terminal else None


def _late_attempts(stream: OpenStream) -> Iterator[_News]:
    """The deliveries of an ended batch; one that is answered slowly is on record only later."""
    for call in calls(stream.observed):
        known = _known_end(stream, call.at_ms)
        if call.batch_id == stream.batch_id and known is not None and is_prompt(call):
            what = f"the delivery of step {call.number}"
            yield _News(what, call.at_ms, known, "/webhook/delivery")


def _late_bills(stream: OpenStream) -> Iterator[_News]:
    """The settlements that a REST answer showed after a message of the end without one."""
    for body in stream.observed.histories.get(stream.batch_id, []):
        known = _known_end(stream, body.seen.exchange.at_ms)
        if known is None or body.get("/billing/billed") is not True:
            continue
        is_open = known.get("/billing/state") in ("estimated", "pending")
        if is_open and not known.get("/billing/billed_at"):
            what = f"the settlement shown by step {body.seen.number}"
            yield _News(what, body.seen.exchange.ended_at_ms, known, "/billing")


@check("WS-CLOSE-12")
def news_after_the_end_still_arrive(stream: OpenStream) -> Findings:
    """With closing off, a settlement or a webhook attempt after the end is told as an update."""
    if stream.closes_at_end:
        return
    for news in (*_late_attempts(stream), *_late_bills(stream)):
        before = news.known.get(news.member)
        until = due_at(stream.observed, news.at_ms, patience_ms(stream)) + SLACK_MS
        later = [one for one in stream.messages if news.known.at_ms < one.at_ms <= until]
        if any(not same(one.get(news.member), before) for one in later):
            yield HELD
        elif before is not ABSENT and stream.watched_until_ms >= until:
            yield broken(f"no update after {news.what}", "an update", "/frames", stream.number)
