"""Which events a batch gets: those that were subscribed to, each when it is due."""

from conformance.checks import Findings, check
from conformance.checks.events import _hooks
from conformance.checks.events._clock import Moment
from conformance.event_views import Deliveries, WebhookCall
from conformance.json_text import at
from conformance.routes import canonical_status
from conformance.verdicts import HELD, Finding, broken, holds
from conformance.views import BatchBody


def comes(view: Deliveries, phase: str, since: Moment) -> Findings:
    """The event of a phase came; broken when it has not, and the time for it is over."""
    if any(_hooks.type_phase(call) == phase for call in view.calls):
        yield HELD
    elif _hooks.has_passed(view, since):
        types = sorted({call.event_type or "?" for call in view.calls})
        yield broken(
            f"only {', '.join(types)}" if types else "no delivery",
            f"batch.{phase}",
            step=since.number,
        )


def _phase_told(call: WebhookCall, profile: str) -> str | None:
    """The phase that a type of a batch tells of, also one that nobody can subscribe to."""
    kind, _, word = (call.event_type or "").partition(".")
    defaults = profile == "phaseo" and word == "status_changed"
    return canonical_status(word) if kind == "batch" and not defaults else None


@check("HOOK-BODY-15")
def only_subscribed_phases_are_sent(view: Deliveries, profile: str) -> Findings:
    """Every delivery is of a phase that the batch was subscribed to."""
    create = view.creation
    wanted = _hooks.asked(create)
    if create is None or wanted is None:
        return
    if not at(create.sent, "/webhook/events"):
        # What no events or null stand for is told by the answer.
        wanted = wanted | _hooks.shown(create)
    for call in view.calls:
        phase = _phase_told(call, profile)
        if phase is not None:
            expected = ", ".join(sorted(wanted))
            yield _is_one_of(phase, wanted, expected, call.number)
    end = _hooks.first_end(view)
    if not view.calls and end and end.status not in wanted and _hooks.is_watched(view):
        yield HELD


def _is_one_of(phase: str, wanted: frozenset[str], expected: str, step: int) -> Finding:
    return holds(phase in wanted, seen=phase, expected=expected, pointer="/type", step=step)


@check("HOOK-BODY-16")
def creation_is_told(view: Deliveries) -> Findings:
    """A subscriber to created gets batch.created."""
    if view.creation is not None and _hooks.subscribes(view, "created"):
        seen = view.creation.seen
        yield from comes(view, "created", Moment(seen.number, seen.exchange.ended_at_ms))


def _was_cancelled_by_call(view: Deliveries) -> bool:
    return any(seen.response.ok for seen in view.observed.answers("cancel", view.batch_id))


@check("HOOK-BODY-17")
def cancel_leads_to_its_event(view: Deliveries) -> Findings:
    """A batch that was cancelled by a call gets batch.cancelled."""
    end = _hooks.first_end(view)
    if end is None or end.status != "cancelled" or not _hooks.subscribes(view, "cancelled"):
        return
    if _was_cancelled_by_call(view) and not was_disturbed(view):
        yield from comes(view, "cancelled", _hooks.answered(end))


@check("HOOK-BODY-18")
def expiry_leads_to_its_event(view: Deliveries) -> Findings:
    """A batch that expired gets batch.expired, and no event of another end."""
    end = _hooks.first_end(view)
    if end is None or end.status != "expired":
        return
    strange = [one for one in _hooks.final_calls(view) if _hooks.type_phase(one) != "expired"]
    for call in strange:
        yield broken(call.event_type, "batch.expired", "/type", call.number)
    if _hooks.subscribes(view, "expired") and not strange and not was_disturbed(view):
        yield from comes(view, "expired", _hooks.answered(end))


def was_disturbed(view: Deliveries) -> bool:
    """Whether a failure was scripted that settlement can have run into."""
    transcript = view.observed.transcript
    failing = [edge.detail.get("operation") for _, edge in transcript.edges(_DATABASE)]
    content = [edge.detail.get("match") for _, edge in transcript.edges("provider_next_error")]
    deleted = [edge.detail.get("batch") for _, edge in transcript.edges("stored_batch_deleted")]
    return bool(failing) or bool(_CONTENT & set(map(str, content))) or view.batch_id in deleted


_DATABASE = "database_next_call_fails"
_CONTENT = frozenset({"content", "/content"})


def ended_at_once(view: Deliveries) -> bool:
    """Whether the create answer showed the batch ended."""
    created = [body for body in view.bodies if body.operation == "create"]
    return bool(created) and created[0].is_terminal


def awaited(view: Deliveries) -> BatchBody | None:
    """The body that shows an end of which the subscriber must be told."""
    end = _hooks.first_end(view)
    if end is None or end.status is None or not _hooks.subscribes(view, end.status):
        return None
    return end


def final_comes(view: Deliveries, end: BatchBody, profile: str) -> Findings:
    """The event of the end came, in profile phaseo perhaps that of a failure."""
    sent = {_hooks.type_phase(call) for call in view.calls}
    if (profile, end.status) == ("phaseo", "expired") and "failed" in sent:
        yield HELD
    else:
        yield from comes(view, end.status or "", _hooks.answered(end))


@check("HOOK-ORDER-02")
def end_is_told(view: Deliveries, profile: str) -> Findings:
    """A subscribed end that is reached after creation gets its event."""
    end = awaited(view)
    if end is not None and not ended_at_once(view) and not was_disturbed(view):
        yield from final_comes(view, end, profile)


@check("HOOK-ORDER-08")
def end_in_the_create_answer_is_told(view: Deliveries, profile: str) -> Findings:
    """A batch that the create answer showed ended gets its final event all the same."""
    end = awaited(view)
    if end is not None and ended_at_once(view):
        yield from final_comes(view, end, profile)


@check("HOOK-ORDER-09")
def failed_settlement_does_not_lose_the_event(view: Deliveries, profile: str) -> Findings:
    """A batch whose settlement failed once gets its final event with a later one."""
    end = awaited(view)
    if end is not None and not ended_at_once(view) and was_disturbed(view):
        yield from final_comes(view, end, profile)
