"""Which retries wait by the record of a webhook, and which of them may be under way already."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from conformance.checks.events._clock import Moment, millis, now
from conformance.checks.events._records import SKEW_MS, entries_of, is_whole
from conformance.event_views import Message
from conformance.transcript import Edge, Transcript
from conformance.views import BatchBody, Observed


@dataclass(frozen=True)
class Waits:
    """When retries are due, by delivery key: those that wait, and those that may have begun.

    A retry that is due may be under way: then it waits no more, and is not on record as yet.
    """

    sure: Mapping[str, int]
    doubtful: Mapping[str, int]

    def may_be(self, count: int | None) -> bool:
        """Whether so many may wait."""
        most = len(self.sure) + len(self.doubtful)
        return count is not None and len(self.sure) <= count <= most

    def may_be_next(self, due_ms: int | None) -> bool:
        """Whether the earliest that waits may be due then; None when none waits."""
        first = min(self.sure.values(), default=None)
        if due_ms in self.doubtful.values():
            return first is None or due_ms is None or due_ms <= first
        return due_ms == first


def waiting(state: Any, begun_by_ms: int | None = None) -> Waits | None:
    """The waiting keys by the attempts shown, None when not all are shown.

    Retries that are due at `begun_by_ms` may have begun.
    """
    last = {one.attempt[0]: one for one in entries_of(state, 0, "") if one.attempt is not None}
    due = {
        key: millis(entry.get("next_retry_at"))
        for key, entry in last.items()
        if entry.get("status") == "scheduled_retry"
    }
    known = {key: at_ms for key, at_ms in due.items() if at_ms is not None}
    if not is_whole(state) or len(known) < len(due):
        return None
    limit_ms = -1 if begun_by_ms is None else begun_by_ms
    doubtful = {key: at_ms for key, at_ms in known.items() if at_ms <= limit_ms}
    sure = {key: at_ms for key, at_ms in known.items() if at_ms > limit_ms}
    return Waits(sure, doubtful)


def latest_ms(observed: Observed, view: BatchBody | Message) -> int | None:
    """The most that the gateway's clock can have shown when it made a body or a message."""
    if isinstance(view, BatchBody):
        moment = Moment(view.seen.number, view.seen.exchange.ended_at_ms)
    elif view.frame is None:
        moment = Moment(view.number, view.at_ms)
    else:
        moment = Moment(_step_after(observed.transcript, view.at_ms), view.at_ms)
    shown = now(observed.transcript, moment)
    return None if shown is None else shown[1] + SKEW_MS


def _step_after(transcript: Transcript, at_ms: int) -> int:
    """The first step that was begun after an instant: a frame has no place among the steps."""
    for number, step in enumerate(transcript.steps, start=1):
        begun_ms = step.begun_at_ms if isinstance(step, Edge) else None
        if (step.at_ms if begun_ms is None else begun_ms) > at_ms:
            return number
    return len(transcript.steps) + 1
