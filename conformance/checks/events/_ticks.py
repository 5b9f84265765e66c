"""The interval of a stream: what was asked for, and whether looks at the job keep to it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from conformance.checks import Findings
from conformance.checks.billing._money import whole
from conformance.checks.events._time import (
    CACHE_MS,
    SLACK_MS,
    due_at,
    is_moved,
    most_between,
    runs_ahead,
)
from conformance.event_views import Message, OpenStream
from conformance.json_text import at
from conformance.routes import TERMINAL, canonical_status
from conformance.verdicts import HELD, broken, holds
from conformance.views import BatchBody

DEFAULT_MS, LEAST_MS, MOST_MS = 2500, 1000, 10_000
# What a late first and a prompt second frame may take off the time between two: in earnest, and
# where the clock is moved and nothing is far away.
_JITTER_MS, _JITTER_OF_A_MOVE_MS = 1000, 300
_WHOLE = re.compile(r"[+-]?[0-9]{1,15}")
_FRACTION = re.compile(r"[+-]?([0-9]{1,15}\.[0-9]{0,15}|\.[0-9]{1,15})")
_EXPONENT = re.compile(r"[+-]?[0-9]{1,9}(\.[0-9]{1,9})?[eE][+-]?[0-9]{1,2}")
_HEXADECIMAL = re.compile(r"0[xX][0-9a-fA-F]{1,9}")
_RANKS = {
    **dict.fromkeys(("pending", "validating", "queued", "processing"), 0),
    **dict.fromkeys(("in_progress", "finalizing", "cancelling"), 1),
    **dict.fromkeys(TERMINAL, 2),
}


@dataclass(frozen=True, slots=True)
class Interval:
    """What a stream was asked to keep: default, given, small, large, form or odd."""

    kind: str
    ms: int

    @property
    def is_sure(self) -> bool:
        """Whether the documentation itself says what it means."""
        return self.kind in {"default", "given", "small", "large"}


def interval_of(text: str | None) -> Interval:
    """The meaning of an `interval_ms` as given, None for one that was not."""
    if text is None:
        return Interval("default", DEFAULT_MS)
    # Many readers strip what stands around a number.
    bare = text.strip()
    if _WHOLE.fullmatch(bare):
        value, kind = int(bare), "given" if bare == text else "form"
    elif _FRACTION.fullmatch(bare) or _EXPONENT.fullmatch(bare):
        value, kind = int(Decimal(bare)), "form"
    elif _HEXADECIMAL.fullmatch(bare):
        value, kind = int(bare, 16), "form"
    else:
        return Interval("odd", DEFAULT_MS)
    kept = min(max(value, LEAST_MS), MOST_MS)
    if kind == "given" and kept != value:
        kind = "small" if value < LEAST_MS else "large"
    return Interval(kind, kept)


def interval(stream: OpenStream) -> Interval:
    """The interval of a stream."""
    return interval_of(stream.handshake.option("interval_ms"))


def patience_ms(stream: OpenStream) -> int:
    """How long a change may take: the interval, where it is sure, and the cache."""
    own = interval(stream)
    return (own.ms if own.is_sure else MOST_MS) + CACHE_MS


def is_refresh(content: str | bytes) -> bool:
    """Whether a frame of the client may ask for a look at once, in one of the two forms."""
    return isinstance(content, str) and "refresh" in content.lower()


def _jitter_ms(stream: OpenStream, ms: int) -> int:
    if is_moved(stream.observed):
        return _JITTER_OF_A_MOVE_MS
    return min(_JITTER_MS, 2 * ms // 5)


def spacing(stream: OpenStream, ms: int) -> Findings:
    """Timed updates of one stream are not closer together than `ms`."""
    if not is_moved(stream.observed) and runs_ahead(stream):
        return
    least_ms = ms - _jitter_ms(stream, ms)
    asked = [index for index, frame in stream.sent if is_refresh(frame.content)]
    told = stream.messages
    for before, earlier, later in zip(told, told[1:], told[2:], strict=False):
        if _asked_between(asked, before, later):
            continue
        passed = most_between(earlier, later, ms)
        yield holds(
            passed >= least_ms,
            seen=f"{passed} ms between two updates",
            expected=f"at least {ms} ms",
            pointer=later.pointer,
            step=stream.number,
        )


def _asked_between(asked: list[int], first: Message, last: Message) -> bool:
    indexes = [one.frame.index for one in (first, last) if one.frame is not None]
    return any(indexes[0] < index < indexes[-1] for index in asked)


State = tuple[int, int]


def state_of(status: Any, counts: Any) -> State | None:
    """How far a batch is, comparable on both channels: phase, then finished rows."""
    rank = _RANKS.get(canonical_status(status) or "")
    completed, failed = whole(at(counts, "/completed")), whole(at(counts, "/failed"))
    done = 0 if completed is None or failed is None else completed + failed
    return None if rank is None else (rank, done)


def _told(message: Message) -> State | None:
    return state_of(message.status, message.get("/request_counts"))


def is_newer(body: BatchBody, message: Message) -> tuple[bool, bool]:
    """Whether a body shows a later state than a message, and whether at least a later poll."""
    theirs, ours = _told(message), state_of(body.status, body.get("/request_counts"))
    newer = theirs is not None and ours is not None and ours > theirs
    newer = newer or (theirs == ours and _has_more_files(body, message))
    polled = body.get("/last_polled_at"), message.get("/last_polled_at")
    texts = [one for one in polled if isinstance(one, str)]
    return newer, newer or (len(texts) == 2 and texts[0] > texts[1])


def _has_more_files(body: BatchBody, message: Message) -> bool:
    """Whether a body of an ended batch names a result file that a message shows as null."""
    names = ("/output_file_id", "/error_file_id")
    return body.is_terminal and any(
        isinstance(body.get(name), str) and message.get(name) is None for name in names
    )


@dataclass(frozen=True, slots=True)
class Change:
    """A change that a REST answer showed while a stream was open and had not told of it."""

    body: BatchBody
    since: Message
    # Whether the state itself changed, not only the time of the last poll.
    is_firm: bool

    @property
    def at_ms(self) -> int:
        """When the answer had come."""
        return self.body.seen.exchange.ended_at_ms

    def shown_by(self, stream: OpenStream, until_ms: int) -> Message | None:
        """The message that told of it in time."""
        later = [one for one in stream.messages if self.since.at_ms <= one.at_ms <= until_ms]
        for one in later:
            newer, polled = is_newer(self.body, one)
            if not (newer if self.is_firm else polled):
                return one
        return None


def changes(stream: OpenStream) -> Iterator[Change]:
    """The changes of the batch that the stream had to tell of."""
    for body in stream.observed.histories.get(stream.batch_id, []):
        known = [one for one in stream.messages if one.at_ms <= body.seen.exchange.at_ms]
        if known:
            firm, any_change = is_newer(body, known[-1])
            if any_change:
                yield Change(body, known[-1], firm)


def latency(stream: OpenStream, ms: int) -> Findings:
    """A change reaches the stream within `ms` and what the cache may add."""
    for change in changes(stream):
        until = due_at(stream.observed, change.at_ms, ms + CACHE_MS) + SLACK_MS
        if change.shown_by(stream, until) is not None:
            yield HELD
        elif change.is_firm and stream.watched_until_ms >= until:
            yield broken(
                f"no update of {change.body.status} shown by step {change.body.seen.number}",
                f"an update within {ms} ms",
                "/frames",
                stream.number,
            )
