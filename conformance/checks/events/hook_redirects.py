"""Redirects: followed by the sender in profile ai-stats, failed attempts in profile phaseo."""

from collections.abc import Iterator

from conformance.checks import Findings, check
from conformance.checks.events import _hooks, _records
from conformance.event_views import Deliveries, WebhookCall
from conformance.event_views.redirects import bare_path, is_redirect, targets_of
from conformance.transcript import Delivery
from conformance.verdicts import holds


def _redirected(view: Deliveries) -> Iterator[tuple[WebhookCall, bool]]:
    """The attempts that were answered 3xx with a target, and whether the target was called."""
    transcript = view.observed.transcript
    for call in view.calls:
        targets = set(targets_of(transcript, bare_path(call.delivery)))
        if targets and is_redirect(call.delivery):
            later = [step for number, step in transcript.of(Delivery) if number > call.number]
            yield call, bool(targets & set(map(bare_path, later)))


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
