"""Agreement of the receiver's own log with what the gateway has on record."""

from collections.abc import Iterator
from typing import Any

from conformance.checks import Findings, check
from conformance.checks.events import _hooks, _records
from conformance.checks.events._clock import span
from conformance.checks.events._story import one_of, stories
from conformance.event_views import Deliveries, WebhookCall, calls
from conformance.json_text import at
from conformance.verdicts import HELD, broken, holds
from conformance.views import BatchBody

_FAILED = ("scheduled_retry", "failed_permanently")


def _is_judged(view: Deliveries) -> bool:
    """Whether all that was sent to the batch's webhook is known, and nobody changed the store."""
    return _hooks.is_watched(view) and view.batch_id in stories(view.observed)


def _record(view: Deliveries) -> BatchBody | None:
    """The last body that shows the public state."""
    found = [body for body in view.bodies if isinstance(body.get("/webhook/attempts"), list)]
    return found[-1] if found else None


def _is_on_record(view: Deliveries, body: BatchBody, call: WebhookCall) -> bool:
    """Whether a body must know of a delivery: it was read later, or knows of as many."""
    begin_ms = body.seen.exchange.at_ms
    if call.at_ms >= begin_ms:
        return False
    arrived = sum(one.at_ms < begin_ms for one in view.calls)
    total = _hooks.whole(body.get("/webhook/delivery/total_attempts"))
    if total is not None and total >= arrived:
        return True
    passed = span(call.observed.transcript, _hooks.arrival(call), _hooks.asked_for(body))
    return passed is not None and passed.most_ms >= _records.STALE_MS


def _entries(body: BatchBody) -> dict[tuple[str, int], _records.Entry]:
    found = _records.body_entries(body)
    return {entry.attempt: entry for entry in found if entry.attempt is not None}


@check("XCH-30")
def log_and_record_agree(view: Deliveries) -> Findings:
    """Every 2xx that the receiver gave is a delivered attempt on record, and the reverse."""
    body = _record(view)
    if body is None or not _is_judged(view):
        return
    for call in view.calls:
        if _records.is_delivered(call) and _is_on_record(view, body, call):
            yield from _recorded(body, call)
    if not _has_strange_calls(view):
        for entry in _entries(body).values():
            if entry.get("status") == "delivered":
                yield from _logged(view, entry)


def _recorded(body: BatchBody, call: WebhookCall) -> Findings:
    """A delivery that was answered 2xx is on record as delivered."""
    entry = _entries(body).get((call.key or "", call.attempt or 0))
    expected = f"{call.key} attempt {call.attempt} delivered: answered {call.answered}"
    if entry is not None:
        status = entry.get("status")
        pointer = f"{entry.pointer}/status"
        yield holds(status == "delivered", seen=status, expected=expected, pointer=pointer,
                    step=entry.number)  # fmt: skip
    elif _records.is_whole(body.get("/webhook")):
        yield broken("no such attempt", expected, f"{body.pointer}/webhook/attempts",
                     body.seen.number)  # fmt: skip


def _has_strange_calls(view: Deliveries) -> bool:
    """Whether a call cannot be told to be, or not to be, one of those that are looked for."""
    return any(None in (call.batch_id, call.key, call.attempt) for call in calls(view.observed))


def _logged(view: Deliveries, entry: _records.Entry) -> Findings:
    """A delivered attempt on record was answered 2xx, or with a redirect that was followed."""
    calls_of_it = [call for call in view.calls if (call.key, call.attempt) == entry.attempt]
    if any(call.answered in range(300, 400) for call in calls_of_it):
        return
    answers = [call.delivery.answered for call in calls_of_it]
    yield holds(
        any(call.accepted for call in calls_of_it),
        seen=f"delivered, but the receiver answered {answers}",
        expected="delivered after a 2xx only",
        pointer=entry.pointer,
        step=entry.number,
    )


def _always_fails(view: Deliveries) -> bool:
    """Whether every delivery of the batch failed, or nobody was there to answer one."""
    path = _hooks.path_of(_hooks.address_of(view.creation, view.observed))
    if path in _hooks.closed(view.observed):
        return not view.calls
    return bool(view.calls) and all(_records.has_failed(call) for call in view.calls)


@check("XCH-33")
def failing_receiver_does_not_hold_up_the_batch(view: Deliveries, profile: str) -> Findings:
    """With every delivery failing the poll shows the right end, and the failures."""
    if view.batch_id not in stories(view.observed) or not _always_fails(view):
        return
    yield from _right_end(view, profile)
    body = _record(view)
    if body is not None and body.is_terminal and _knows_all(view, body):
        yield from _failures(body)


def _right_end(view: Deliveries, profile: str) -> Findings:
    """The last GET after a final event shows the end of which it told."""
    for call in _hooks.final_calls(view)[:1]:
        phase = _hooks.type_phase(call)
        ends = ["failed", "expired"] if (profile, phase) == ("phaseo", "failed") else [phase]
        for body in _gets_after(view, call):
            yield one_of(body.status, ends, f"{body.pointer}/status", body.seen.number)
            return
    if not view.calls and view.bodies and view.bodies[-1].is_terminal:
        yield HELD


def _gets_after(view: Deliveries, call: WebhookCall) -> Iterator[BatchBody]:
    for body in reversed(view.bodies):
        if body.operation == "get" and body.seen.exchange.at_ms > call.at_ms:
            yield body


def _knows_all(view: Deliveries, body: BatchBody) -> bool:
    """Whether the record of a body must have an attempt, and cannot have one that is unknown."""
    if not view.calls:
        return bool(_hooks.whole(body.get("/webhook/delivery/total_attempts")))
    return any(_is_on_record(view, body, call) for call in view.calls)


def _failures(body: BatchBody) -> Findings:
    """The public state of a body counts failures alone."""
    state: dict[str, Any] = {
        name: at(body.get("/webhook/delivery"), f"/{name}")
        for name in ("total_attempts", "delivered_events", "last_attempt_status", "last_failure_at")
    }
    yield holds(
        bool(_hooks.whole(state["total_attempts"]))
        and _hooks.whole(state["delivered_events"]) == 0
        and state["last_attempt_status"] in _FAILED
        and isinstance(state["last_failure_at"], str),
        seen=state,
        expected="failed attempts, none delivered",
        pointer=f"{body.pointer}/webhook/delivery",
        step=body.seen.number,
    )
