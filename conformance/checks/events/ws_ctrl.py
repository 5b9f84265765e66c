"""Messages of the client: ping, refresh, and anything else."""

from collections.abc import Callable, Iterator, Sequence

from conformance.checks import Findings, check
from conformance.checks.events import _closing
from conformance.checks.events._talk import PONG_MS, Said, said
from conformance.checks.events._ticks import interval, is_newer
from conformance.checks.events._time import CACHE_MS, SLACK_MS, due_at, was_touched
from conformance.event_views import Message, OpenStream, ServerFrame, streams
from conformance.json_text import ABSENT, same
from conformance.verdicts import HELD, Finding, broken, holds
from conformance.views import BatchBody, Observed

_LOOK_MS = 2000
_LONG_MS = 5000
_KNOWN = frozenset({"job.updated", "job.deleted", "pong"})
_INEXACT = frozenset({"PING", " ping", "ping\n"})
_STABLE = ("id", "endpoint", "input_file_id", "completion_window", "metadata", "session_id")
_FINAL = ("status", "output_file_id", "error_file_id", "request_counts")


def _pings(stream: OpenStream, kind: str, after: int = -1) -> Findings:
    """Each ping of one form, behind a frame of the stream, gets its pong."""
    for one in said(stream):
        if one.kind != kind or one.index <= after:
            continue
        if one.pong is not None:
            yield HELD
        elif one.has_shut or stream.watched_until_ms >= one.at_ms + PONG_MS + SLACK_MS:
            yield broken(_silence(one), "a pong within 2 s", one.pointer, stream.number)


def _silence(one: Said) -> str:
    return f"no pong, {_closing.shown(one.stream.close)}"


@check("WS-CTRL-01")
def text_ping_is_answered(stream: OpenStream) -> Findings:
    """The text ping is answered by a pong."""
    yield from _pings(stream, "ping")


@check("WS-CTRL-02")
def json_ping_is_answered(stream: OpenStream) -> Findings:
    """The JSON message with type ping is answered by a pong."""
    yield from _pings(stream, "ping as json")


def _pending(one: Said) -> tuple[BatchBody, bool] | None:
    """The body with a change that was stored and not yet told, and whether it is a firm one."""
    bodies = one.stream.observed.histories.get(one.stream.batch_id, [])
    stored = [body for body in bodies if body.seen.exchange.ended_at_ms <= one.at_ms]
    if not stored or one.known is None:
        return None
    newer, polled = is_newer(stored[-1], one.known)
    return (stored[-1], newer) if polled else None


def _looks(stream: OpenStream, kind: str) -> Findings:
    """Each refresh of one form that has something to find brings it at once."""
    asked = [one for one in said(stream) if "refresh" in one.kind]
    for one, following in zip(asked, [*asked[1:], None], strict=False):
        pending = _pending(one) if one.kind == kind else None
        if pending is not None:
            yield from _found(one, pending, following)


def _found(one: Said, pending: tuple[BatchBody, bool], following: Said | None) -> Findings:
    """Whether a refresh brought a change before the next one was sent, or too much time passed."""
    body, is_firm = pending
    stream, until = one.stream, one.at_ms + _LOOK_MS
    is_cut = following is not None and following.at_ms < until
    told = [frame for frame in stream.frames if frame.message and frame.index > one.index]
    if following is not None:
        told = [frame for frame in told if frame.index < following.index]
    since = body.seen.exchange.ended_at_ms
    is_stale = due_at(stream.observed, since, CACHE_MS) > one.at_ms
    if told and told[0].at_ms <= until:
        # With a short interval a tick could pass for the answer to a refresh.
        yield from [HELD] if interval(stream).ms >= _LONG_MS else []
    elif not is_firm or is_stale or is_cut:
        return
    elif one.has_shut or stream.watched_until_ms >= until:
        yield broken(
            f"no update, though step {body.seen.number} showed {body.status}",
            "an update at once",
            one.pointer,
            stream.number,
        )


@check("WS-CTRL-03")
def text_refresh_looks_at_once(stream: OpenStream) -> Findings:
    """The text refresh brings a change that is stored, without waiting for the tick."""
    yield from _looks(stream, "refresh")


@check("WS-CTRL-04")
def json_refresh_looks_at_once(stream: OpenStream) -> Findings:
    """The JSON message with type refresh brings a change that is stored at once."""
    yield from _looks(stream, "refresh as json")


def _is_idle(one: Said) -> bool:
    """Whether a message of the client is a refresh with nothing to find."""
    known = one.known
    if "refresh" not in one.kind or known is None or _pending(one) is not None:
        return False
    return not was_touched(one.stream.observed, known.at_ms + 1, one.until_ms)


def _is_idle_talk(frame: ServerFrame, known: Message) -> bool:
    """Whether a frame tells nothing new: a kind that nobody knows, the same data again, none."""
    if frame.type not in _KNOWN:
        return True
    if frame.message is None:
        return frame.type == "job.updated"
    return same(frame.message.value, known.value)


@check("WS-CTRL-05")
def idle_refresh_is_quiet(stream: OpenStream) -> Findings:
    """A refresh that finds nothing new sends nothing."""
    everything = said(stream)
    for one in filter(_is_idle, everything):
        talk = _unasked(one, everything)
        news = [frame for frame in one.replies if frame.message is not None]
        if talk is not None:
            yield broken(talk.type, "no frame", talk.pointer, stream.number)
        elif not news and one.was_watched:
            yield HELD


@check("WS-CTRL-06")
def refresh_sends_updates(stream: OpenStream) -> Findings:
    """What a refresh finds is sent as job.updated."""
    for one in said(stream):
        if "refresh" in one.kind and one.is_after_snapshot:
            for frame in one.replies:
                if frame.message is not None:
                    kind = frame.type
                    yield holds(
                        kind == "job.updated",
                        seen=kind,
                        expected="job.updated",
                        pointer=f"{frame.pointer}/type",
                        step=stream.number,
                    )


@check("WS-CTRL-07")
def pings_get_as_many_pongs(stream: OpenStream) -> Findings:
    """Several pings get as many pongs."""
    pings = [one for one in said(stream) if one.kind == "ping"]
    maybe = [one for one in said(stream) if one.kind in {"ping as json", "like one"}]
    count = sum(frame.type == "pong" for frame in stream.frames)
    most = len(pings) + len(maybe)
    if len(pings) < 2 and count <= most:
        return
    watched = not pings or stream.watched_until_ms >= pings[-1].at_ms + PONG_MS + SLACK_MS
    if watched or count >= len(pings):
        yield holds(
            len(pings) <= count <= most,
            seen=f"{count} pongs",
            expected=f"{len(pings)} pongs",
            pointer="/frames",
        )


def _is_for_another(pong: ServerFrame, one: Said, everything: Sequence[Said]) -> bool:
    """Whether a pong answers a ping, or what was like one; of which one may be itself."""
    if any(other.pong is not None and other.pong.index == pong.index for other in everything):
        return True
    return one.kind != "like one" and any(
        other.kind == "like one"
        and other.index < pong.index
        and pong.at_ms <= other.at_ms + PONG_MS + SLACK_MS
        for other in everything
    )


def _unasked(one: Said, everything: Sequence[Said]) -> ServerFrame | None:
    """A frame that came as if in reply to what is to get none."""
    for frame in one.replies:
        is_talk = one.known is not None and _is_idle_talk(frame, one.known)
        if is_talk or (frame.type == "pong" and not _is_for_another(frame, one, everything)):
            return frame
    return None


def _ignored(one: Said, everything: Sequence[Said]) -> Iterator[Finding]:
    """Whether a message was ignored; nothing where that cannot be told."""
    reply = _unasked(one, everything)
    if reply is not None:
        yield broken(reply.type, "no reply", reply.pointer, one.stream.number)
    elif one.has_shut:
        close = _closing.shown(one.stream.close)
        yield broken(close, "an open stream", one.pointer, one.stream.number)
    elif one.was_watched:
        yield HELD


def _are_ignored(stream: OpenStream, is_meant: Callable[[Said], bool]) -> Findings:
    everything = said(stream)
    for one in everything:
        if one.is_after_snapshot and is_meant(one):
            yield from _ignored(one, everything)


@check("WS-CTRL-08")
def anything_else_is_ignored(stream: OpenStream) -> Findings:
    """What is neither ping nor refresh gets no reply and does not end the stream."""
    yield from _are_ignored(stream, lambda one: one.kind == "other")


@check("WS-CTRL-09")
def messages_match_exactly(stream: OpenStream) -> Findings:
    """PING, ping behind a blank and ping with a line break are ignored."""
    yield from _are_ignored(stream, lambda one: one.frame.content in _INEXACT)


@check("WS-CTRL-10")
def messages_work_after_the_end(stream: OpenStream) -> Findings:
    """With closing off, pings are answered after the end, and no message closes the stream."""
    end = None if stream.closes_at_end else _closing.ended(stream)
    if end is None or end.frame is None:
        return
    yield from _pings(stream, "ping", end.frame.index)
    close = None if _closing.deleted(stream) else _closing.server_close(stream)
    for one in said(stream):
        if one.kind not in {"ping", "refresh"} or one.index < end.frame.index or one.pong:
            continue
        if close is not None and one.at_ms <= close.at_ms <= one.until_ms:
            shown = _closing.shown(close)
            yield broken(shown, "an open stream", one.pointer, stream.number)
        elif one.kind == "refresh" and one.was_watched:
            yield HELD


def _spoken(stream: OpenStream, earlier: BatchBody, later: BatchBody) -> int:
    """How many messages the client sent between two answers."""
    first, last = earlier.seen.exchange.ended_at_ms, later.seen.exchange.at_ms
    return sum(first <= frame.at_ms <= last for _, frame in stream.sent)


def _moved(earlier: BatchBody, later: BatchBody) -> str | None:
    """The member that changed though no read changes it."""
    names = _STABLE + (_FINAL if earlier.is_terminal else ())
    if earlier.get("/billing/billed") is True:
        names += ("billing/cost_nanos", "billing/total_nanos")
    for name in names:
        before, after = earlier.given(f"/{name}"), later.given(f"/{name}")
        if before is not ABSENT and not same(before, after):
            return f"/{name}"
    return None


@check("WS-CTRL-11")
def messages_change_nothing(observed: Observed) -> Findings:
    """Messages of the client change neither the job nor its bill."""
    for stream in streams(observed):
        for pair in observed.pairs:
            same_call = pair.earlier.operation == pair.later.operation == "get"
            if pair.later.id != stream.batch_id or not same_call:
                continue
            if _spoken(stream, pair.earlier, pair.later):
                moved = _moved(pair.earlier, pair.later)
                yield holds(
                    moved is None,
                    seen=pair.later.get(moved or ""),
                    expected=pair.earlier.get(moved or ""),
                    pointer=moved or "",
                    step=pair.later.seen.number,
                )
