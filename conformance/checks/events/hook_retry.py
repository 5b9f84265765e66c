"""Retries: which attempts are followed by another, when, and what all of them share."""

from collections.abc import Iterator

from conformance.checks import Findings, check
from conformance.checks.events import _hooks, _records
from conformance.checks.events._clock import has_clock, span
from conformance.checks.events.hook_phases import awaited, was_disturbed
from conformance.event_views import Deliveries, WebhookCall
from conformance.verdicts import HELD, broken, holds
from conformance.views import BatchBody


def _due_ms(view: Deliveries, call: WebhookCall) -> int | None:
    """How long after a failed attempt the next one is due, on record or by the contract."""
    waits = _records.stated_waits(view) or _records.WAITS_MS
    recorded = _records.wait_after(view, call)
    return waits.get(call.attempt or 0) if recorded is None else recorded


@check("HOOK-RETRY-01")
def any_2xx_ends_the_event(view: Deliveries) -> Findings:
    """An attempt that was answered 2xx is on record as delivered, and is the last."""
    for call in filter(_records.is_delivered, view.calls):
        entry = _records.entry_of(view, call)
        again = _records.later(view, call)
        due_ms = _records.WAITS_MS[1] + _records.SWEEP_MS
        if entry or again or _records.swept_after(view, call, due_ms):
            recorded = entry.get("status") if entry else "delivered"
            yield holds(
                recorded == "delivered" and not again,
                seen=f"{recorded} after HTTP {call.answered}, {len(again)} more attempts",
                expected="delivered, no further attempt",
                step=call.number,
            )


def _is_overdue(view: Deliveries, call: WebhookCall, due_ms: int) -> bool:
    """Whether the time for the next attempt is over, on a clock that was moved or on the wall."""
    if _records.swept_after(view, call, due_ms + _records.SKEW_MS):
        return True
    known = _records.wait_after(view, call) is not None or _records.stated_waits(view) is not None
    late_ms = due_ms + _records.SWEEP_MS + _hooks.SLACK_MS
    on_the_wall = known and not has_clock(view.observed.transcript)
    return on_the_wall and _hooks.has_passed(view, _hooks.arrival(call), late_ms)


@check("HOOK-RETRY-02")
def any_other_answer_is_followed_by_a_retry(view: Deliveries) -> Findings:
    """An attempt that was answered outside 2xx is followed by another while some are left."""
    for call in filter(_records.attempts_left, view.calls):
        if call.answered is None or not _records.has_failed(call):
            continue
        entry, due_ms = _records.entry_of(view, call), _due_ms(view, call)
        given_up = entry is not None and entry.get("status") != "scheduled_retry"
        if _records.later(view, call):
            yield HELD
        elif given_up or (due_ms is not None and _is_overdue(view, call, due_ms)):
            yield broken(f"no retry after {call.answered}", "another attempt", step=call.number)


@check("HOOK-RETRY-07")
def no_attempt_is_early(view: Deliveries) -> Findings:
    """The next attempt comes no earlier than next_retry_at of the one before."""
    for first, second in _records.consecutive(view):
        wait_ms, passed = _records.wait_after(view, first), _records.between(first, second)
        if wait_ms is not None and passed is not None:
            yield holds(
                passed.most_ms + _records.SKEW_MS >= wait_ms,
                seen=f"after {passed.most_ms} ms",
                expected=f"after {wait_ms} ms",
                step=second.number,
            )


def _late_ms(first: WebhookCall, second: WebhookCall, wait_ms: int) -> int | None:
    """By how much a retry was late; a clock that was moved too far does not make it late."""
    passed = _records.between(first, second)
    edges = first.observed.transcript.edges("clock_advanced")
    moved = [edge.at_ms for number, edge in edges if first.number < number < second.number]
    if passed is None:
        return None
    late_ms = passed.least_ms - wait_ms
    return min(late_ms, second.at_ms - moved[-1]) if moved else late_ms


@check("HOOK-RETRY-08")
def due_retry_comes_with_the_next_sweep(view: Deliveries) -> Findings:
    """A retry comes within five minutes of its next_retry_at."""
    for first, second in _records.consecutive(view):
        wait_ms = _records.wait_after(view, first)
        late_ms = None if wait_ms is None else _late_ms(first, second, wait_ms)
        if late_ms is not None:
            yield holds(
                late_ms <= _records.SWEEP_MS + _hooks.SLACK_MS,
                seen=f"{late_ms} ms after it was due",
                expected="within the sweep of five minutes",
                step=second.number,
            )


def _is_same_event(one: WebhookCall, other: WebhookCall) -> bool:
    phase = _hooks.type_phase(one)
    single = phase is not None and phase != "progress" and one.event_type == other.event_type
    by_id = _hooks.tells_events_apart(one) and one.event_id == other.event_id
    return single or by_id or (one.key is not None and one.key == other.key)


@check("HOOK-RETRY-10")
def attempts_share_key_and_type(view: Deliveries) -> Findings:
    """All deliveries of an event have the same delivery key and type."""
    for index, call in enumerate(view.calls):
        first = next((one for one in view.calls[:index] if _is_same_event(one, call)), None)
        if first is not None:
            seen, wanted = ([one.key, one.event_type] for one in (call, first))
            yield holds(
                seen == wanted,
                seen=seen,
                expected=wanted,
                pointer="/delivery/key",
                step=call.number,
            )


@check("HOOK-RETRY-11")
def attempts_are_counted_one_by_one(view: Deliveries) -> Findings:
    """The attempt numbers of a key are 1, 2, 3, …; one that got lost is on record."""
    recorded = _records.latest(view)
    for key, calls in view.by_key.items():
        last = None if view.creation is None else 0
        for call in calls if key is not None else ():
            if call.attempt is None:
                continue
            if last is not None:
                between = range(last + 1, min(call.attempt, last + 100))
                known = all((key, count) in recorded for count in between)
                yield holds(
                    call.attempt > last and known,
                    seen=call.attempt,
                    expected=last + 1,
                    pointer="/delivery/attempt",
                    step=call.number,
                )
            last = call.attempt


@check("HOOK-RETRY-12")
def attempts_stay_within_their_most(view: Deliveries) -> Findings:
    """No attempt number is above max_attempts, and that number does not change."""
    for key, calls in view.by_key.items():
        most = [_hooks.whole(call.get("/delivery/max_attempts")) for call in calls]
        for call, its_most in zip(calls if key is not None else (), most, strict=False):
            if call.attempt is not None and its_most is not None:
                yield holds(
                    call.attempt <= its_most and its_most == most[0],
                    seen=f"attempt {call.attempt} of {its_most}",
                    expected=f"at most {most[0]}",
                    pointer="/delivery/max_attempts",
                    step=call.number,
                )


def _was_tempted(view: Deliveries, call: WebhookCall) -> bool:
    """Whether anything happened afterwards that could have made another attempt."""
    ticks = view.observed.transcript.edges("scheduled_job_tick")
    read = any(body.seen.number > call.number for body in view.bodies)
    return read or any(number > call.number for number, _ in ticks)


def _is_not_sent_again(view: Deliveries, call: WebhookCall, why: str) -> Findings:
    again = _records.later(view, call)
    if call.key is not None and (again or _was_tempted(view, call)):
        yield holds(
            not again,
            seen=f"{len(again)} more attempts",
            expected=f"none, {why}",
            step=again[0].number if again else call.number,
        )


@check("HOOK-RETRY-13")
def delivered_key_is_not_sent_again(view: Deliveries) -> Findings:
    """After an attempt that was accepted there is no other of its key."""
    for call in filter(_records.is_delivered, view.calls):
        yield from _is_not_sent_again(view, call, "it was delivered")


def _failed_for_good(view: Deliveries, call: WebhookCall) -> bool:
    entry = _records.entry_of(view, call)
    given_up = entry is not None and entry.get("status") == "failed_permanently"
    most = _hooks.whole(call.get("/delivery/max_attempts"))
    return given_up or (_records.has_failed(call) and most is not None and call.attempt == most)


@check("HOOK-RETRY-14")
def failed_key_is_not_started_again(view: Deliveries) -> Findings:
    """After the last failed attempt there is no other of its key."""
    for call in view.calls:
        if _failed_for_good(view, call):
            yield from _is_not_sent_again(view, call, "it has failed for good")


def _early(view: Deliveries, call: WebhookCall, wait_ms: int) -> Iterator[WebhookCall]:
    for one in _records.later(view, call):
        passed = _records.between(call, one)
        if passed is not None and passed.most_ms + _records.SKEW_MS < wait_ms:
            yield one


@check("HOOK-RETRY-15")
def polling_does_not_hasten_a_retry(view: Deliveries) -> Findings:
    """Reads of the batch while a retry waits cause no extra attempt."""
    for call in filter(_records.has_failed, view.calls):
        wait_ms = _records.wait_after(view, call)
        if wait_ms is not None and _records.polled_within(view, call, wait_ms):
            extra = list(_early(view, call, wait_ms))
            yield holds(
                not extra,
                seen=f"{len(extra)} attempts within {wait_ms} ms",
                expected="no attempt before the retry is due",
                step=extra[0].number if extra else call.number,
            )


def _waits(view: Deliveries, end: BatchBody) -> WebhookCall | None:
    """A failed attempt of another event whose retry was waiting when the end was seen."""
    for call in filter(_records.has_failed, view.calls):
        before = [one for one in _records.later(view, call) if one.number < end.seen.number]
        other = _hooks.type_phase(call) not in _hooks.FINAL and _records.attempts_left(call)
        if other and call.number < end.seen.number and not before:
            return call
    return None


@check("HOOK-RETRY-21")
def failing_event_holds_up_no_other(view: Deliveries) -> Findings:
    """The final event comes while the retry of another event is waiting."""
    end = awaited(view)
    waiting = _waits(view, end) if end else None
    if end is None or waiting is None or was_disturbed(view):
        return
    sent = _hooks.final_calls(view)
    since = _hooks.asked_for(end)
    passed = span(view.observed.transcript, since, _hooks.arrival(sent[0])) if sent else None
    if sent:
        in_time = passed is None or passed.least_ms <= _hooks.SLACK_MS
        seen = f"{sent[0].key} after the retry of {waiting.key}"
        yield holds(in_time, seen=seen, expected="at once", step=sent[0].number)
    elif _hooks.has_passed(view, since):
        yield broken("no final event", f"one while {waiting.key} waits", step=waiting.number)


@check("HOOK-RETRY-22")
def retry_carries_the_job_as_it_is(view: Deliveries) -> Findings:
    """A retry of an earlier event shows the end that the batch has reached meanwhile."""
    end = _hooks.first_end(view)
    for call in view.calls if end else ():
        is_retry = call.attempt is not None and call.attempt > 1 and call.message is not None
        if end is None or not is_retry or _hooks.type_phase(call) in _hooks.FINAL:
            continue
        passed = span(view.observed.transcript, _hooks.answered(end), _hooks.arrival(call))
        fresh = passed is not None and passed.most_ms >= _records.STALE_MS
        if fresh and end.seen.number < call.number and call.message is not None:
            yield holds(
                call.message.status == end.status,
                seen=call.message.status,
                expected=end.status,
                pointer="/data/status",
                step=call.number,
            )
