"""Order and number of the events of one batch, as far as they are promised."""

from collections import Counter
from itertools import pairwise

from conformance.checks import Findings, check
from conformance.checks.events import _hooks, _records
from conformance.checks.events._clock import span
from conformance.checks.events.hook_progress import is_usable, percentage
from conformance.event_views import Deliveries, WebhookCall
from conformance.transcript import Exchange
from conformance.verdicts import holds

# Deliveries that were sent at the same time may overtake each other.
_TOGETHER_MS = 1_000


def _is_apart(first: WebhookCall, second: WebhookCall) -> bool:
    """Whether the later arrival was caused later too: much later, or by a call of its own."""
    transcript = first.observed.transcript
    passed = span(transcript, _hooks.arrival(first), _hooks.arrival(second))
    steps = transcript.steps[first.number : second.number - 1]
    called = any(isinstance(step, Exchange) and step.at_ms >= first.at_ms for step in steps)
    return called or (passed is not None and passed.most_ms >= _TOGETHER_MS)


@check("HOOK-ORDER-01")
def batch_has_one_final_event(view: Deliveries) -> Findings:
    """All deliveries of final events are of the same one."""
    ends = list(dict.fromkeys(call.event_type for call in _hooks.final_calls(view)))
    if ends:
        last = _hooks.final_calls(view)[-1]
        yield holds(len(ends) == 1, seen=ends, expected=ends[:1], pointer="/type", step=last.number)


@check("HOOK-ORDER-03")
def no_progress_after_the_end(view: Deliveries) -> Findings:
    """No progress event is begun after the final event."""
    ends = [call for call in _hooks.final_calls(view) if call.attempt == 1]
    for call in _hooks.firsts(view, "progress") if ends else ():
        late = call.number > ends[0].number and _is_apart(ends[0], call)
        yield holds(
            not late,
            seen=f"{call.key} after {ends[0].key}",
            expected="no progress after the end",
            pointer="/type",
            step=call.number,
        )


@check("HOOK-ORDER-04")
def bucket_is_delivered_once(view: Deliveries) -> Findings:
    """No bucket is begun twice, and none is sent on after it was accepted."""
    calls = _hooks.firsts(view, "progress")
    begun = Counter(_hooks.bucket_of(call.key) for call in calls)
    for call in {call.key: call for call in calls}.values():
        told = _hooks.bucket_of(call.key)
        accepted = [one for one in view.by_key[call.key] if _records.is_delivered(one)]
        yield holds(
            told is None or (begun[told] == 1 and len(accepted) <= 1),
            seen=f"{call.key} begun {begun[told]} times, accepted {len(accepted)} times",
            expected="once",
            pointer="/delivery/key",
            step=call.number,
        )


def _rises(first: WebhookCall, second: WebhookCall) -> bool:
    """Whether the counts in data rose from one delivery to the next."""
    counts = [one.get("/data/request_counts") for one in (first, second)]
    return all(map(is_usable, counts)) and percentage(counts[0]) <= percentage(counts[1])


@check("HOOK-ORDER-05")
def buckets_rise_with_the_counts(view: Deliveries) -> Findings:
    """With rising counts each new progress event has a larger bucket."""
    for first, second in pairwise(_hooks.firsts(view, "progress")):
        before, after = _hooks.bucket_of(first.key), _hooks.bucket_of(second.key)
        if before is None or after is None or not _is_apart(first, second):
            continue
        if _rises(first, second):
            yield holds(
                before <= after,
                seen=f"{after} after {before}",
                expected="rising buckets",
                pointer="/delivery/key",
                step=second.number,
            )
