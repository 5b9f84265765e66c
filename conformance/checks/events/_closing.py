"""How streams end: who closes them, when, and whether that is to be."""

from conformance.checks import Findings
from conformance.checks.events._ticks import interval, patience_ms
from conformance.checks.events._time import SLACK_MS, due_at
from conformance.event_views import Message, OpenStream, ServerFrame
from conformance.transcript import Close
from conformance.verdicts import HELD, broken

# How soon a server that is alive sends its snapshot.
PATIENCE_MS = 5000
# No frame carries it: the connection was lost.
LOST = 1006
# Said by a server or proxy that is going away, whatever the batch does.
_LEAVING = frozenset({1001, 1012})


def ended(stream: OpenStream, *words: str) -> Message | None:
    """The message that first told of the end of the batch; with `words`, of such an end."""
    first = next((one for one in stream.messages if one.is_terminal), None)
    return first if first is not None and (not words or first.status in words) else None


def deleted(stream: OpenStream) -> ServerFrame | None:
    """The frame that told that the batch is gone."""
    return next((one for one in stream.frames if one.type == "job.deleted"), None)


def server_close(stream: OpenStream) -> Close | None:
    """The close when it was the server's, or when the server was lost."""
    return stream.close if stream.close is not None and stream.close.by == "server" else None


def is_lost(close: Close) -> bool:
    """Whether no close frame of the other side was seen."""
    return close.code in {LOST, None}


def is_leaving(close: Close) -> bool:
    """Whether the server, or a proxy, says that it goes away."""
    return close.code in _LEAVING


def is_going_away(close: Close) -> bool:
    """Whether the close tells of the server or the network, not of the batch."""
    return is_leaving(close) or is_lost(close)


def was_shut(stream: OpenStream) -> bool:
    """Whether the server closed of its own accord, not because it was going away."""
    close = server_close(stream)
    return close is not None and not is_going_away(close)


def had_time(stream: OpenStream) -> bool:
    """Whether the server had time to send its snapshot, or shut the stream itself."""
    return stream.watched_until_ms - stream.at_ms >= PATIENCE_MS or was_shut(stream)


def is_mute(stream: OpenStream) -> bool:
    """Whether the server said nothing, though it had time to."""
    return not stream.frames and had_time(stream)


def shown(close: Close | None) -> str:
    """A close as a report shows it."""
    return "no close" if close is None else f"close {close.code} by the {close.by}"


def closes_at_end(stream: OpenStream, *words: str) -> Findings:
    """The server closes a stream that closes at the end, once it has told of such an end."""
    last = ended(stream, *words) if stream.closes_at_end else None
    if last is not None:
        yield from closes_after(stream, last.at_ms, f"after {last.status}")


def closes_after(stream: OpenStream, at_ms: int, when: str) -> Findings:
    """The server closes the stream after an instant; a client that left early saw nothing.

    A connection that breaks much later was not closed for what had happened then.
    """
    until = due_at(stream.observed, at_ms, patience_ms(stream)) + SLACK_MS
    close = server_close(stream)
    if close is not None and (close.at_ms <= until or not is_going_away(close)):
        yield HELD
    elif stream.watched_until_ms >= until:
        yield broken(
            f"{shown(stream.close)} {when}", "a close by the server", "/close", stream.number
        )


def stays_open(stream: OpenStream) -> Findings:
    """The server does not close the stream for the end of the batch."""
    last, close = ended(stream), server_close(stream)
    if last is None or deleted(stream) is not None:
        return
    # What breaks as soon as the end is told does not break by chance.
    if close and is_going_away(close) and close.at_ms > last.at_ms + SLACK_MS:
        return
    if close is not None:
        yield broken(shown(close), "a stream that stays open", "/close", stream.number)
    elif stream.watched_until_ms >= due_at(stream.observed, last.at_ms, interval(stream).ms):
        yield HELD
