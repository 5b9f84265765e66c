"""Cancelling: what a cancel is answered, and what becomes of the batch."""

from collections.abc import Iterator

from conformance.checks import Findings, check
from conformance.checks.rest import _circumstances as around
from conformance.json_text import ABSENT, at
from conformance.routes import TERMINAL, canonical_status
from conformance.transcript import Edge
from conformance.verdicts import Finding, holds
from conformance.views import BatchBody, Observed, Seen

_RUNNING = frozenset({"validating", "in_progress"})
_BEFORE_CANCEL = _RUNNING | {"queued", "pending", "processing"}
_PAST_CANCEL = frozenset({"finalizing", "completed", "failed", "expired"})
_OVER = frozenset({"completed", "failed", "expired"})
_CANCELLING = frozenset({"cancelling", "cancelled"})
_ALWAYS_SHOWN = ("object", "endpoint", "input_file_id", "created_at")
# No batch outlives its window, whatever becomes of a cancel.
_WINDOW_MS = 86_400_000


def _of_batch(observed: Observed, seen: Seen, batch_id: str | None) -> Iterator[BatchBody]:
    """The bodies of a batch that its own workspace was shown, when it is that which calls."""
    caller = around.workspace_of(seen)
    for body in observed.histories.get(batch_id or "", ()):
        made_by = around.workspace_of(body.creation.seen) if body.creation else caller
        if caller is not None and caller == made_by == around.workspace_of(body.seen):
            yield body


def _known(observed: Observed, seen: Seen, batch_id: str | None) -> BatchBody | None:
    """The last body of the batch that had come before the call."""
    bodies = [b for b in _of_batch(observed, seen, batch_id) if around.is_after(seen, b.seen)]
    return bodies[-1] if bodies else None


def _cancels(observed: Observed, *statuses: str) -> Iterator[Seen]:
    """The undisturbed cancels of batches that had last shown one of these statuses."""
    for seen in observed.seen:
        if seen.operation == "cancel":
            known = _known(observed, seen, seen.route.id)
            free = not (around.of_the_caller(seen) or around.is_disturbed(observed, seen))
            if known is not None and known.status in statuses and free:
                yield seen


def _is_excused(observed: Observed, seen: Seen, batch_id: str | None) -> bool:
    """Whether a refusal of a running batch's cancel may be due to what happened meanwhile."""
    if seen.response.ok or seen.status == 404:
        return False
    named = canonical_status(at(seen.json, "/status"))
    later = [b for b in _of_batch(observed, seen, batch_id) if around.is_after(b.seen, seen)]
    if seen.status >= 500:
        # One failure may be the provider's; a batch that cannot be cancelled is the gateway's.
        return any(body.operation == "cancel" for body in later)
    if named not in {None, *_RUNNING}:
        return True
    return later[0].status in _PAST_CANCEL if later else named is None


def _cancels_of_running(observed: Observed) -> Iterator[Seen]:
    for seen in _cancels(observed, *_RUNNING):
        if not _is_excused(observed, seen, seen.route.id):
            yield seen


def _answer(seen: Seen) -> str:
    return f"HTTP {seen.status} {at(seen.json, '/reason') or ''}".rstrip()


@check("REST-CANCEL-01")
def running_batch_can_be_cancelled(observed: Observed) -> Findings:
    """A cancel of a batch in validating or in_progress is answered 200 with that batch."""
    for seen in _cancels_of_running(observed):
        yield _is_carried_out(observed, seen)


def _is_carried_out(observed: Observed, seen: Seen) -> Finding:
    """Whether a cancel of a running batch is answered 200 with the batch, and does something."""
    right = seen.status == 200 and at(seen.json, "/id") == seen.route.id
    shown = at(seen.json, "/status")
    later = [b for b in _of_batch(observed, seen, seen.route.id) if around.is_after(b.seen, seen)]
    goes_on = canonical_status(shown) in _BEFORE_CANCEL and bool(later)
    in_vain = goes_on and not any(body.status in _CANCELLING for body in later)
    return holds(
        right and not in_vain,
        seen=f"{_answer(seen)} with {at(seen.json, '/id')}, which is {shown}",
        expected=f"HTTP 200 with {seen.route.id}, which is cancelling or cancelled",
        step=seen.number,
    )


@check("REST-CANCEL-02")
def cancelled_batch_comes_to_an_end(observed: Observed) -> Findings:
    """After an accepted cancel polling sees a terminal status, at the latest with the window."""
    if _is_held_up(observed):
        return
    for bodies in observed.histories.values():
        accepted = next((body for body in bodies if body.operation == "cancel"), None)
        after = bodies[bodies.index(accepted) :] if accepted else []
        ended = any(body.is_terminal for body in after)
        if accepted and (ended or _passed_ms(observed, accepted, after[-1]) > _WINDOW_MS):
            last = after[-1]
            yield holds(
                ended,
                seen=f"{last.status} more than 24 hours after the cancel",
                expected="a terminal status",
                pointer=f"{last.pointer}/status",
                step=last.seen.number,
            )


def _is_held_up(observed: Observed) -> bool:
    """Whether the provider was told to keep a batch from going on."""
    holds_up = any(
        edge.detail.get("hold") for _, edge in observed.transcript.edges("provider_hold")
    )
    lives = [edge.detail.get("life") for _, edge in observed.transcript.edges("life_scripted")]
    return holds_up or any("slow" in str(life) for life in lives)


def _passed_ms(observed: Observed, first: BatchBody, last: BatchBody) -> int:
    """The time between two answers, moved clocks included."""
    moves = [
        edge.detail.get("by_ms")
        for number, edge in observed.transcript.edges("clock_advanced")
        if first.seen.number < number < last.seen.number
    ]
    moved = sum(move for move in moves if isinstance(move, int))
    return last.seen.exchange.at_ms - first.seen.exchange.ended_at_ms + moved


@check("REST-CANCEL-03")
def cancel_of_an_ended_batch_stays_at_the_gateway(observed: Observed) -> Findings:
    """No cancel of a completed, failed or expired batch was seen by the provider."""
    for seen in _cancels(observed, *sorted(_OVER)):
        looks = observed.transcript.edges("provider_saw")
        before = max((number for number, _ in looks if number < seen.number), default=0)
        look = next(((n, edge) for n, edge in looks if n > seen.number), None)
        if look is None or _was_cancelled_between(observed, seen, before, look[0]):
            continue
        paths = _paths(look[1])
        if paths is not None:
            ours = [path for path in paths if path.endswith(f"/{seen.route.id}/cancel")]
            yield holds(not ours, seen=ours, expected="no provider call", step=seen.number)


def _was_cancelled_between(observed: Observed, seen: Seen, before: int, after: int) -> bool:
    """Whether a cancel that may reach the provider falls into the same look."""
    return any(
        other.operation == "cancel"
        and other.route.id == seen.route.id
        and before < other.number < after
        and observed.status_before(other.number, other.route.id) not in _OVER
        for other in observed.seen
    )


def _paths(look: Edge) -> list[str] | None:
    requests = look.detail.get("requests")
    if not isinstance(requests, list):
        return None
    return [str(at(request, "/path")) for request in requests]


@check("REST-CANCEL-05")
def cancelled_batch_may_be_cancelled_again(observed: Observed) -> Findings:
    """A cancel of a cancelled batch is answered 200 with status cancelled."""
    for seen in _cancels(observed, "cancelled"):
        shown = at(seen.json, "/status")
        yield holds(
            seen.status == 200 and canonical_status(shown) == "cancelled",
            seen=f"{_answer(seen)}, status {shown}",
            expected="HTTP 200, status cancelled",
            step=seen.number,
        )


@check("REST-CANCEL-06")
def repeated_cancel_shows_the_whole_batch(observed: Observed) -> Findings:
    """A repeated cancel shows what the batch's other bodies showed of its lasting members."""
    for seen in _cancels(observed, *sorted(_CANCELLING)):
        before = [
            b for b in _of_batch(observed, seen, seen.route.id) if b.seen.number < seen.number
        ]
        if not seen.response.ok or not any(body.operation == "cancel" for body in before):
            continue
        full = [body for body in before if body.operation in {"create", "get"}]
        for name in _ALWAYS_SHOWN:
            if any(body.value.get(name) is not None for body in full):
                shown = at(seen.json, f"/{name}")
                yield holds(
                    shown not in (ABSENT, None),
                    seen=shown,
                    expected="a value, as in other bodies of the batch",
                    pointer=f"/{name}",
                    step=seen.number,
                )


@check("REST-CANCEL-09")
def cancel_while_cancelling_is_no_server_error(observed: Observed) -> Findings:
    """A cancel of a batch in cancelling is answered with no 5xx."""
    for seen in _cancels(observed, "cancelling"):
        yield holds(seen.status < 500, seen=_answer(seen), expected="no 5xx", step=seen.number)


@check("REST-CANCEL-12")
def cancel_needs_no_body(observed: Observed) -> Findings:
    """A cancel without a request body of a running batch is accepted."""
    for seen in _cancels_of_running(observed):
        if seen.request.body is None or not seen.request.body.content:
            yield holds(seen.response.ok, seen=_answer(seen), expected="HTTP 200", step=seen.number)


@check("REST-CANCEL-13")
def cancel_url_cancels(observed: Observed) -> Findings:
    """A POST to the cancel_url of a running batch is answered 200 and cancels it."""
    for seen in observed.seen:
        if seen.request.method != "POST" or around.of_the_caller(seen):
            continue
        batch_id = _offered_by(observed, seen)
        disturbed = around.is_disturbed(observed, seen)
        if batch_id is None or disturbed or _is_excused(observed, seen, batch_id):
            continue
        shown = canonical_status(at(seen.json, "/status"))
        yield holds(
            seen.status == 200 and shown in _CANCELLING | TERMINAL,
            seen=f"{_answer(seen)}, status {shown}",
            expected="HTTP 200, status cancelling or cancelled",
            step=seen.number,
        )


def _offered_by(observed: Observed, seen: Seen) -> str | None:
    """The running batch whose last body before the call had the called URL as cancel_url."""
    for batch_id in observed.histories:
        known = _known(observed, seen, batch_id)
        if known and known.status in _RUNNING and known.get("/cancel_url") == seen.request.url:
            return batch_id
    return None


@check("REST-CANCEL-14")
def alias_cancels_too(observed: Observed) -> Findings:
    """A cancel below /batch is answered as one below /batches would be."""
    for seen in _cancels_of_running(observed):
        if seen.route.prefix == "/batch":
            yield _is_carried_out(observed, seen)
    for seen in observed.seen:
        unknown = seen.route.id not in observed.histories
        if (seen.operation, seen.route.prefix) == ("cancel", "/batch") and unknown:
            for twin in _twins_of(observed, seen):
                same = seen.status == twin.status
                yield holds(same, seen=_answer(seen), expected=_answer(twin), step=seen.number)


def _twins_of(observed: Observed, seen: Seen) -> Iterator[Seen]:
    """The cancels of the same unknown batch by the same caller below /batches."""
    for other in observed.seen:
        if (other.operation, other.route.prefix) == ("cancel", "/batches"):
            same_call = (other.route.id, other.request.credential) == (
                seen.route.id,
                seen.request.credential,
            )
            moody = around.of_the_caller(other) or around.of_the_caller(seen)
            if same_call and not moody and max(other.status, seen.status) < 500:
                yield other
