"""The attempts that the public webhook state has on record, beside those that arrived."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from conformance.checks.events._clock import Moment, Span, millis, now, span
from conformance.checks.events._hooks import answered, arrival, asked_for, whole
from conformance.event_views import Deliveries, WebhookCall
from conformance.json_text import at, child
from conformance.transcript import Edge
from conformance.views import BatchBody

# A read may be served from a record that is this old.
STALE_MS = 1_000
# By how much arrival and record may differ in what they call now.
SKEW_MS = 2_000
# By how much two readings of one clock may differ.
DRIFT_MS = 30_000
SWEEP_MS = 300_000
WAITS_MS = {1: 60_000, 2: 300_000, 3: 900_000}
# The edge in which a run tells the waits that its deployment states.
STATED = "webhook_retry_waits"
_WRITTEN = ("last_polled_at", "updated_at", "finalized_at")


@dataclass(frozen=True)
class Entry:
    """One entry of `attempts` where it was seen first or, in `latest`, last."""

    number: int
    pointer: str
    value: dict[str, Any]

    def get(self, name: str) -> Any:
        """A member of the entry, None when it is not there."""
        return self.value.get(name)

    @property
    def attempt(self) -> tuple[str, int] | None:
        """Delivery key and number of the attempt; None when they are not what they should be."""
        key, count = self.get("delivery_key"), whole(self.get("attempt_number"))
        return (key, count) if isinstance(key, str) and count is not None else None

    @property
    def wait_ms(self) -> int | None:
        """From the begin of the attempt to the next one that it schedules."""
        tried, due = millis(self.get("tried_at")), millis(self.get("next_retry_at"))
        return None if tried is None or due is None else due - tried


def entries_of(state: Any, number: int, pointer: str) -> Iterator[Entry]:
    """The entries of one public webhook state."""
    attempts = at(state, "/attempts")
    for index, value in enumerate(attempts if isinstance(attempts, list) else ()):
        if isinstance(value, dict):
            yield Entry(number, child(f"{pointer}/attempts", index), value)


def body_entries(body: BatchBody) -> list[Entry]:
    """The entries that a REST body shows; their pointers begin at the answer's root."""
    return list(entries_of(body.get("/webhook"), body.seen.number, f"{body.pointer}/webhook"))


def latest(view: Deliveries) -> Mapping[tuple[str, int], Entry]:
    """The last entry seen of each attempt, in REST bodies and in later deliveries."""
    name, made = f"attempts of {view.batch_id}", view.observed.made
    if name not in made:
        made[name] = [_latest(view)]
    found: Mapping[tuple[str, int], Entry] = made[name][0]
    return found


def _latest(view: Deliveries) -> Mapping[tuple[str, int], Entry]:
    found: list[Entry] = []
    for call in view.calls:
        found += entries_of(call.get("/data/webhook"), call.number, "/data/webhook")
    for body in view.bodies:
        found += body_entries(body)
    found.sort(key=lambda entry: entry.number)
    return {entry.attempt: entry for entry in found if entry.attempt is not None}


def entry_of(view: Deliveries, call: WebhookCall) -> Entry | None:
    """The record of a delivery, as last seen."""
    if call.key is None or call.attempt is None:
        return None
    return latest(view).get((call.key, call.attempt))


def is_whole(state: Any) -> bool:
    """Whether a public state shows every attempt that it counts."""
    attempts = at(state, "/attempts")
    total = whole(at(state, "/delivery/total_attempts"))
    return isinstance(attempts, list) and total == len(attempts)


def is_prompt(call: WebhookCall) -> bool:
    """Whether the receiver is known to have answered at once, with a status."""
    return call.answered is not None and set(call.delivery.answered) == {"status"}


def is_delivered(call: WebhookCall) -> bool:
    """Whether the receiver answered 2xx at once."""
    return is_prompt(call) and call.accepted


def has_failed(call: WebhookCall) -> bool:
    """Whether it was a failed attempt for certain; redirects may have been followed."""
    if call.delivery.answered.get("dropped") is True:
        return True
    status = call.answered
    return status is not None and is_prompt(call) and status >= 400


def attempts_left(call: WebhookCall) -> bool:
    """Whether the delivery says that there are more attempts to come."""
    most = whole(call.get("/delivery/max_attempts"))
    return call.attempt is not None and most is not None and call.attempt < most


def later(view: Deliveries, call: WebhookCall) -> list[WebhookCall]:
    """The deliveries of the same event that came after this one."""
    return [one for one in view.by_key.get(call.key, ()) if one.number > call.number]


def consecutive(view: Deliveries) -> Iterator[tuple[WebhookCall, WebhookCall]]:
    """Each attempt with the next one of its event."""
    for key, calls in view.by_key.items():
        if key is not None:
            yield from pairwise(calls)


def between(first: WebhookCall, second: WebhookCall) -> Span | None:
    """The time between two arrivals; the most is no less than what the gateway itself says."""
    passed = span(first.observed.transcript, arrival(first), arrival(second))
    made = [whole(one.get("/created_at")) for one in (first, second)]
    if passed is None or made[0] is None or made[1] is None:
        return passed
    return Span(passed.least_ms, max(passed.most_ms, (made[1] - made[0] + 1) * 1000))


def clock_at(call: WebhookCall) -> tuple[int, int] | None:
    """The least and the most that the gateway's clock can have shown; None when nothing tells.

    The provider of a mock moves the clock too: what stands in data tells how far.
    """
    shown = now(call.observed.transcript, arrival(call))
    written = [millis(call.get(f"/data/{name}")) for name in _WRITTEN]
    known = [at_ms for at_ms in written if at_ms is not None]
    return None if shown is None else (shown[0], max([shown[1], *known]))


def wait_after(view: Deliveries, call: WebhookCall) -> int | None:
    """The wait that the record of a failed attempt schedules."""
    entry = entry_of(view, call)
    return entry.wait_ms if entry else None


def fresh_bodies(view: Deliveries, after: WebhookCall) -> list[BatchBody]:
    """The bodies that were asked for when the delivery must have been on record."""
    return [body for body in view.bodies if _is_fresh(body, after)]


def _is_fresh(body: BatchBody, call: WebhookCall) -> bool:
    if body.get("/webhook/delivery") is None or asked_for(body).number < call.number:
        return False
    passed = span(call.observed.transcript, arrival(call), asked_for(body))
    return passed is not None and passed.most_ms >= STALE_MS


def polled_within(view: Deliveries, call: WebhookCall, wait_ms: int) -> bool:
    """Whether the batch was read while the retry of a delivery was waiting."""
    transcript = view.observed.transcript
    return any(
        passed is not None and passed.most_ms < wait_ms
        for body in view.bodies
        if body.operation == "get" and asked_for(body).number > call.number
        for passed in [span(transcript, arrival(call), answered(body))]
    )


def swept_after(view: Deliveries, call: WebhookCall, wait_ms: int) -> bool:
    """Whether due retries were picked up, and time was left, when this one was overdue."""
    transcript = view.observed.transcript
    for number, edge in transcript.edges("scheduled_job_tick"):
        passed = span(transcript, arrival(call), Moment(number, edge.at_ms))
        if number > call.number and passed is not None and passed.least_ms >= wait_ms:
            return any(not isinstance(step, Edge) for step in transcript.steps[number:])
    return False


def stated_waits(view: Deliveries) -> dict[int, int] | None:
    """The waits that a run says its deployment has, by attempt, in milliseconds."""
    for _, edge in view.observed.transcript.edges(STATED):
        seconds = edge.detail.get("seconds")
        if isinstance(seconds, list) and all(map(_is_time, seconds)):
            return {count: round(one * 1000) for count, one in enumerate(seconds, start=1)}
    return None


def _is_time(seconds: Any) -> bool:
    is_number = isinstance(seconds, int | float) and not isinstance(seconds, bool)
    return is_number and 0 <= seconds < math.inf
