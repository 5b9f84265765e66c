"""The public record of attempts, beside the deliveries that arrived."""

from collections.abc import Iterator
from typing import Any

from conformance.checks import Findings, check
from conformance.checks.events import _hooks, _records
from conformance.checks.events._clock import has_clock, millis, span
from conformance.checks.events._records import Entry
from conformance.checks.events.hook_phases import awaited
from conformance.event_views import Deliveries, WebhookCall, messages
from conformance.json_text import at
from conformance.transcript import Delivery
from conformance.verdicts import HELD, Finding, broken, holds
from conformance.views import BatchBody, Observed

_LONGEST_PREVIEW = 500
# What an attempt itself may take: answered at once, or cut off at a time limit.
_QUICK_MS, _SLOW_MS = 35_000, 125_000


def _is_failure(entry: Entry) -> Finding:
    """The entry is of an attempt that failed without any answer."""
    message = entry.get("error_message")
    failed = entry.get("status") in {"scheduled_retry", "failed_permanently"}
    return holds(
        failed and entry.get("response_status") is None and isinstance(message, str) and message,
        seen=f"{entry.get('status')}, HTTP {entry.get('response_status')}, {message!r:.80}",
        expected="a failed attempt without a status, with a message",
        pointer=entry.pointer,
        step=entry.number,
    )


@check("HOOK-RETRY-03")
def no_answer_is_a_failed_attempt(view: Deliveries) -> Findings:
    """An attempt that got no answer is on record as failed, or is followed by another."""
    for call in view.calls:
        entry = _records.entry_of(view, call)
        if call.answered is not None:
            continue
        if entry is not None:
            yield _is_failure(entry)
        elif _records.later(view, call):
            yield HELD


def _is_unreachable(view: Deliveries) -> bool:
    """Whether nobody can answer at the URL: a name that is none, or a closed port."""
    webhook = _hooks.sent_webhook(view.creation) or {}
    host = _hooks.host_of(webhook.get("url"))
    shut = _hooks.path_of(webhook.get("url")) in _hooks.closed(view.observed)
    return host is not None and (shut or host.endswith(".invalid"))


@check("HOOK-RETRY-04")
def unreachable_receiver_is_a_failed_attempt(view: Deliveries) -> Findings:
    """Attempts at a receiver that cannot be reached are on record as failed."""
    if not _is_unreachable(view) or view.calls:
        return
    entries = list(_records.latest(view).values())
    yield from map(_is_failure, entries)
    end, last = awaited(view), view.bodies[-1] if view.bodies else None
    if end is None or last is None or entries:
        return
    passed = span(view.observed.transcript, _hooks.answered(end), _hooks.asked_for(last))
    if passed is not None and passed.least_ms >= _hooks.SLACK_MS:
        yield broken("no attempt", "a failed attempt on record", step=last.seen.number)


def _allowance_ms(view: Deliveries, attempt: tuple[str, int]) -> int:
    """How long the attempt itself may have taken."""
    calls = view.by_key.get(attempt[0], ())
    quick = any(call.attempt == attempt[1] and _records.has_failed(call) for call in calls)
    return _QUICK_MS if quick else _SLOW_MS


@check("HOOK-RETRY-06")
def waits_are_one_five_and_fifteen_minutes(view: Deliveries) -> Findings:
    """The waits on record after the failures are the contract's, or those that are stated."""
    stated = _records.stated_waits(view)
    if stated is None and not has_clock(view.observed.transcript):
        return
    waits = _records.WAITS_MS if stated is None else stated
    for attempt, entry in _records.latest(view).items():
        wanted_ms, wait_ms = waits.get(attempt[1]), entry.wait_ms
        if wanted_ms is None or wait_ms is None:
            continue
        over_ms = wait_ms - wanted_ms
        yield holds(
            -_records.STALE_MS <= over_ms <= _allowance_ms(view, attempt),
            seen=f"{wait_ms} ms",
            expected=f"{wanted_ms} ms",
            pointer=f"{entry.pointer}/next_retry_at",
            step=entry.number,
        )


def _recorded(call: WebhookCall, entry: Entry) -> Finding:
    """A failed attempt is on record with its retry, the last one with none."""
    wanted = "scheduled_retry" if _records.attempts_left(call) else "failed_permanently"
    due = entry.get("next_retry_at")
    return holds(
        entry.get("status") == wanted and (due is not None) is _records.attempts_left(call),
        seen=f"{entry.get('status')}, next_retry_at {due}",
        expected=wanted,
        pointer=entry.pointer,
        step=entry.number,
    )


@check("HOOK-RETRY-16")
def failed_attempts_are_on_record(view: Deliveries) -> Findings:
    """Each failed attempt is on record as scheduled_retry, the last as failed_permanently."""
    for call in filter(_records.has_failed, view.calls):
        entry = _records.entry_of(view, call)
        fresh = [one for one in _records.fresh_bodies(view, call) if _shows_all(one)]
        if None in (call.key, call.attempt, _hooks.whole(call.get("/delivery/max_attempts"))):
            continue
        if entry is not None:
            yield _recorded(call, entry)
        elif fresh:
            yield broken(
                "no such attempt",
                f"attempt {call.attempt} of {call.key}",
                f"{fresh[-1].pointer}/webhook/attempts",
                fresh[-1].seen.number,
            )


def _shows_all(body: BatchBody) -> bool:
    return _records.is_whole(body.get("/webhook"))


def _states(observed: Observed, profile: str) -> Iterator[tuple[int, str, Any]]:
    """Everything that shows a public webhook state beside its own times, with place and value."""
    # In profile phaseo a REST body has the state alone.
    for body in observed.bodies if profile != "phaseo" else ():
        yield body.seen.number, body.pointer, body.value
    for message in messages(observed):
        yield message.number, message.pointer, message.value


def waiting(state: Any) -> dict[str, int] | None:
    """When the waiting keys are due, by the attempts shown; None when not all are shown."""
    last = {
        entry.attempt[0]: entry
        for entry in _records.entries_of(state, 0, "")
        if entry.attempt is not None
    }
    due = {
        key: millis(entry.get("next_retry_at"))
        for key, entry in last.items()
        if entry.get("status") == "scheduled_retry"
    }
    known = {key: at_ms for key, at_ms in due.items() if at_ms is not None}
    return known if _records.is_whole(state) and len(known) == len(due) else None


@check("HOOK-RETRY-17")
def next_retry_is_the_earliest(observed: Observed, profile: str) -> Findings:
    """next_webhook_retry_at is that of the state and of the attempts; without a wait, none."""
    for number, pointer, value in _states(observed, profile):
        if not isinstance(at(value, "/webhook/delivery"), dict):
            continue
        told = millis(at(value, "/next_webhook_retry_at"))
        wanted = millis(at(value, "/webhook/delivery/next_retry_at"))
        waits = waiting(at(value, "/webhook"))
        earliest = wanted if waits is None else min(waits.values(), default=None)
        yield holds(
            told == wanted == earliest,
            seen=f"{at(value, '/next_webhook_retry_at')}, state {wanted}, attempts {earliest}",
            expected="the earliest waiting retry on all",
            pointer=f"{pointer}/next_webhook_retry_at",
            step=number,
        )


@check("HOOK-RETRY-18")
def nothing_waits_after_the_retry_got_through(view: Deliveries) -> Findings:
    """pending_retries is 0 again when the last attempt of every key was accepted."""
    lasts = [attempts[-1] for attempts in view.by_key.values()]
    retried = any((call.attempt or 0) > 1 for call in lasts)
    if not retried or not all(map(_records.is_delivered, lasts)):
        return
    newest = max(lasts, key=lambda call: call.number)
    for body in _records.fresh_bodies(view, newest)[-1:]:
        seen = body.get("/webhook/delivery/pending_retries")
        yield holds(
            _hooks.whole(seen) == 0,
            seen=seen,
            expected=0,
            pointer=f"{body.pointer}/webhook/delivery/pending_retries",
            step=body.seen.number,
        )


def _last_tried(state: Any) -> int | None:
    tried = [millis(entry.get("tried_at")) for entry in _records.entries_of(state, 0, "")]
    return max((one for one in tried if one is not None), default=None)


def _dispatched(value: Any) -> int | None:
    return millis(at(value, "/last_webhook_dispatched_at"))


@check("HOOK-RETRY-19")
def last_dispatch_is_the_last_attempt(observed: Observed, profile: str) -> Findings:
    """last_webhook_dispatched_at is tried_at of the last attempt, failed or not."""
    for number, pointer, value in _states(observed, profile):
        tried = _last_tried(at(value, "/webhook"))
        if tried is not None:
            yield holds(
                _dispatched(value) == tried,
                seen=at(value, "/last_webhook_dispatched_at"),
                expected=f"tried_at of the last attempt, {tried}",
                pointer=f"{pointer}/last_webhook_dispatched_at",
                step=number,
            )


@check("HOOK-RETRY-20")
def preview_is_short(body: BatchBody) -> Findings:
    """A stored preview of an answer has at most 500 characters, and is null rather than empty."""
    for entry in _records.entries_of(body.get("/webhook"), body.seen.number, "/webhook"):
        text = entry.get("response_body_preview")
        if entry.get("response_status") is not None:
            fits = text is None or (isinstance(text, str) and 0 < len(text) <= _LONGEST_PREVIEW)
            yield holds(
                fits,
                seen=f"{len(text)} characters" if isinstance(text, str) else text,
                expected="1 to 500 characters, or null",
                pointer=f"{entry.pointer}/response_body_preview",
            )


def _redirected(view: Deliveries) -> Iterator[tuple[WebhookCall, bool]]:
    """The attempts that were answered 3xx with a target, and whether the target was called."""
    transcript = view.observed.transcript
    for call in view.calls:
        targets = set(_targets(view.observed, call.delivery.path.partition("?")[0]))
        if targets and call.answered is not None and 300 <= call.answered < 400:
            arrived = {
                step.path.partition("?")[0]
                for number, step in transcript.of(Delivery)
                if number > call.number
            }
            yield call, bool(targets & arrived)


def _targets(observed: Observed, path: str) -> Iterator[str]:
    """The paths to which the receiver at a path was told to redirect."""
    for _, edge in observed.transcript.edges(_hooks.RECEIVER):
        answers = edge.detail.get("answers")
        for answer in answers if isinstance(answers, list) else ():
            target = _hooks.path_of(at(answer, "/location"))
            if edge.detail.get("path") == path and target is not None:
                yield target


@check("HOOK-RETRY-23")
def redirects_are_followed(view: Deliveries) -> Findings:
    """The target of a redirect is called, and the record has what it answered."""
    for call, followed in _redirected(view):
        entry = _records.entry_of(view, call)
        status = _hooks.whole(entry.get("response_status")) if entry else None
        decided = status is None or not 300 <= status < 400
        yield holds(
            followed and decided,
            seen=f"target {'called' if followed else 'not called'}, on record HTTP {status}",
            expected="the answer of the target",
            step=call.number,
        )


@check("HOOK-RETRY-24")
def redirects_are_failures(view: Deliveries) -> Findings:
    """An attempt that was answered 3xx has failed, and the target is not called."""
    for call, followed in _redirected(view):
        entry = _records.entry_of(view, call)
        status = entry.get("status") if entry else None
        yield holds(
            not followed and status != "delivered",
            seen=f"target {'called' if followed else 'not called'}, on record {status}",
            expected="a failed attempt, the target not called",
            step=call.number,
        )
