"""The public record of attempts, beside the deliveries that arrived."""

from collections.abc import Iterator

from conformance.checks import Findings, check
from conformance.checks.events import _hooks, _records
from conformance.checks.events._clock import has_clock, millis, span
from conformance.checks.events._records import Entry
from conformance.checks.events._waits import latest_ms, waiting
from conformance.checks.events.hook_phases import awaited
from conformance.event_views import Deliveries, Message, WebhookCall, calls, messages
from conformance.verdicts import HELD, Finding, broken, holds
from conformance.views import BatchBody, Observed

_LONGEST_PREVIEW = 500
# What an attempt itself may take: answered at once, or cut off at a time limit.
_QUICK_MS, _SLOW_MS = 35_000, 125_000
# Instants may be written in whole seconds.
_RESOLUTION_MS = 1_000


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
    url = _hooks.address_of(view.creation, view.observed)
    host, shut = _hooks.host_of(url), _hooks.path_of(url) in _hooks.closed(view.observed)
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


def _views(observed: Observed, profile: str) -> Iterator[BatchBody | Message]:
    """Everything that shows a public webhook state beside its own times."""
    # In profile phaseo a REST body has the state alone.
    yield from observed.bodies if profile != "phaseo" else ()
    yield from messages(observed)


def _step_of(view: BatchBody | Message) -> int:
    return view.seen.number if isinstance(view, BatchBody) else view.number


@check("HOOK-RETRY-17")
def next_retry_is_the_earliest(observed: Observed, profile: str) -> Findings:
    """next_webhook_retry_at is that of the state and of the attempts; without a wait, none."""
    for view in _views(observed, profile):
        if not isinstance(view.get("/webhook/delivery"), dict):
            continue
        told = millis(view.get("/next_webhook_retry_at"))
        wanted = millis(view.get("/webhook/delivery/next_retry_at"))
        waits = waiting(view.get("/webhook"), latest_ms(observed, view))
        yield holds(
            told == wanted and (waits is None or waits.may_be_next(told)),
            seen=f"{view.get('/next_webhook_retry_at')}, state {wanted}, attempts {waits}",
            expected="the earliest waiting retry on all",
            pointer=f"{view.pointer}/next_webhook_retry_at",
            step=_step_of(view),
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


def _newest(view: BatchBody | Message) -> Entry | None:
    """The attempt on record that was begun last."""
    entries = _records.entries_of(view.get("/webhook"), 0, "")
    tried = [(at_ms, one) for one in entries if (at_ms := millis(one.get("tried_at"))) is not None]
    return max(tried, key=lambda pair: pair[0])[1] if tried else None


def _is_late(dispatched_ms: int, entry: Entry) -> bool:
    """Whether an instant lies after the end of an attempt."""
    begun_ms, ended_ms = millis(entry.get("tried_at")), millis(entry.get("delivered_at"))
    most_ms = (begun_ms or 0) + _SLOW_MS if ended_ms is None else ended_ms
    return dispatched_ms > most_ms + _RESOLUTION_MS


def _is_another_under_way(observed: Observed, view: BatchBody | Message) -> bool:
    """Whether more attempts have arrived by then than are on record."""
    at_ms = view.at_ms if isinstance(view, Message) else view.seen.exchange.ended_at_ms
    arrived = sum(call.batch_id == view.id and call.at_ms <= at_ms for call in calls(observed))
    return arrived > (_hooks.whole(view.get("/webhook/delivery/total_attempts")) or 0)


def _was_dispatched(observed: Observed, view: BatchBody | Message, newest: Entry) -> bool:
    """Whether the time of dispatch is that of the newest attempt, or of one not yet on record."""
    told_ms = millis(view.get("/last_webhook_dispatched_at"))
    begun_ms = millis(newest.get("tried_at"))
    if told_ms is None or begun_ms is None or told_ms < begun_ms - _RESOLUTION_MS:
        return False
    return not _is_late(told_ms, newest) or _is_another_under_way(observed, view)


@check("HOOK-RETRY-19")
def last_dispatch_is_the_last_attempt(observed: Observed, profile: str) -> Findings:
    """last_webhook_dispatched_at is the time of the last attempt, failed or not."""
    for view in _views(observed, profile):
        newest = _newest(view)
        if newest is not None:
            yield holds(
                _was_dispatched(observed, view, newest),
                seen=view.get("/last_webhook_dispatched_at"),
                expected=f"the time of the last attempt, {newest.get('tried_at')}",
                pointer=f"{view.pointer}/last_webhook_dispatched_at",
                step=_step_of(view),
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
