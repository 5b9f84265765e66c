"""The gateway's clock as a transcript tells it: edges that move it, wall time between them.

A clock that can be moved may stand still otherwise, so every span has a least and a most.
Order is that of the steps; a delivery that a clock's move caused may stand before its edge.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from conformance.transcript import Delivery, Edge, Exchange, Transcript


@dataclass(frozen=True, slots=True)
class Moment:
    """A step number with the wall time that is meant."""

    number: int
    at_ms: int


@dataclass(frozen=True, slots=True)
class Span:
    """The least and the most time that can have passed, in milliseconds."""

    least_ms: int
    most_ms: int


def millis(value: Any) -> int | None:
    """Milliseconds since 1970 of an ISO 8601 date-time with its zone; None for anything else."""
    if not isinstance(value, str) or "T" not in value.upper():
        return None
    try:
        found = datetime.fromisoformat(value.upper())
        return round(found.timestamp() * 1000) if found.tzinfo else None
    except (ValueError, OverflowError):
        return None


def end_of(transcript: Transcript) -> Moment:
    """The last step, when it was over."""
    if not transcript.steps:
        return Moment(0, 0)
    last = transcript.steps[-1]
    at_ms = last.ended_at_ms if isinstance(last, Exchange) else last.at_ms
    return Moment(len(transcript.steps), at_ms)


def has_clock(transcript: Transcript) -> bool:
    """Whether somebody moved the clock."""
    return bool(transcript.edges("clock_advanced"))


def span(transcript: Transcript, first: Moment, second: Moment) -> Span | None:
    """The time from one moment to a later one; None when the clock was set back in between."""
    if any(first.number < number < second.number for number, _ in transcript.edges("clock_reset")):
        return None
    wall_ms = max(second.at_ms - first.at_ms, 0)
    least_ms = _moved(transcript, first.number, second.number)
    most_ms = wall_ms + _moved(transcript, first.number, _after_causes(transcript, second.number))
    return Span(least_ms if has_clock(transcript) else wall_ms, most_ms)


def now(transcript: Transcript, when: Moment) -> tuple[int, int] | None:
    """The least and the most that the clock can have shown then; None when nothing tells."""
    resets = [number for number, _ in transcript.edges("clock_reset") if number < when.number]
    since = max(resets, default=0)
    anchor, base_ms = Moment(since, 0), millis(transcript.started_at)
    for number, edge in transcript.edges("clock_advanced"):
        told_ms = millis(edge.detail.get("gateway_now"))
        if since < number < when.number and told_ms is not None:
            anchor, base_ms = Moment(number, edge.at_ms), told_ms
    if base_ms is None:
        return None
    least_ms = base_ms + _moved(transcript, anchor.number, when.number)
    wall_ms = max(when.at_ms - anchor.at_ms, 0)
    later_ms = _moved(transcript, anchor.number, _after_causes(transcript, when.number))
    return least_ms, base_ms + wall_ms + later_ms


def _moved(transcript: Transcript, after: int, before: int) -> int:
    """By how much the clock was moved between two steps."""
    moves = [
        edge.detail.get("by_ms")
        for number, edge in transcript.edges("clock_advanced")
        if after < number < before
    ]
    return sum(by_ms for by_ms in moves if isinstance(by_ms, int) and by_ms > 0)


def _after_causes(transcript: Transcript, number: int) -> int:
    """The first step after a delivery that cannot have caused it: neither delivery nor edge."""
    steps = transcript.steps
    if not 0 < number <= len(steps) or not isinstance(steps[number - 1], Delivery):
        return number
    while number <= len(steps) and isinstance(steps[number - 1], Delivery | Edge):
        number += 1
    return number
