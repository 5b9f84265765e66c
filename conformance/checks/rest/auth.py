"""rest/auth: what refused keys are told, and what they must not bring about."""

from collections.abc import Iterator

from conformance.checks import Findings, check
from conformance.checks.rest._circumstances import is_after, workspace_of
from conformance.json_text import ABSENT, at
from conformance.transcript import Wallet
from conformance.verdicts import holds
from conformance.views import Create, Observed, Refusal, Seen

_GOOD_KEYS = frozenset({"a", "b", "same", "no_funds"})
_BAD_KEYS = ("unknown", "revoked", "expired", "wrong-secret")
# A revoked key may be worded like one that never was: the gateway need not remember it.
_ALIKE = frozenset({"unknown", "revoked"})


def _unauthorised(observed: Observed) -> Iterator[Refusal]:
    """The gateway's own 401 answers; one that the provider gave is passed on with a good key."""
    for refusal in observed.refusals:
        passed_on = (
            isinstance(at(refusal.value, "/error"), dict)
            and refusal.seen.request.credential in _GOOD_KEYS
        )
        asked = refusal.seen.route.documented and refusal.seen.operation != "preflight"
        if refusal.seen.status == 401 and asked and not passed_on:
            yield refusal


@check("REST-AUTH-05")
def refused_keys_are_told_apart_by_reason(observed: Observed) -> Findings:
    """Expired, wrong and unknown keys are refused, each with a reason of its own."""
    told: dict[str, object] = {}
    for seen in observed.seen:
        kind = seen.request.credential
        if kind not in _BAD_KEYS or not seen.route.documented:
            continue
        if seen.status >= 500:
            continue
        reason = at(seen.json, "/reason") if seen.status >= 400 else ABSENT
        others = [told[o] for o in told if o != kind and not {o, kind} <= _ALIKE]
        told[kind] = reason
        yield holds(
            isinstance(reason, str) and reason not in others,
            seen=f"HTTP {seen.status} {reason}",
            expected=f"a reason that only a key that is {kind} gets",
            pointer="/reason",
            step=seen.number,
        )


@check("REST-AUTH-06")
def create_refused_with_401_leaves_nothing_behind(observed: Observed) -> Findings:
    """No batch of its input file appears, and no credit is held around it."""
    for create in observed.creates:
        if create.seen.status == 401:
            yield from _no_batch_of(create, observed)
            yield from _no_hold_around(create.seen, observed)


def _no_batch_of(create: Create, observed: Observed) -> Findings:
    file_id = at(create.sent, "/input_file_id")
    view = observed.files.get(file_id) if isinstance(file_id, str) else None
    if view is None or view.upload is None or _is_accepted_elsewhere(file_id, observed):
        return
    for answer in observed.lists:
        ours = workspace_of(answer.seen) == workspace_of(view.upload)
        if answer.operation == "list" and ours and is_after(answer.seen, create.seen):
            made = [item for item in answer.items if at(item, "/input_file_id") == file_id]
            yield holds(
                not made,
                seen=at(made[0], "/id") if made else "",
                expected=f"no batch of {file_id}, whose create was refused",
                pointer="/data",
                step=answer.seen.number,
            )


def _is_accepted_elsewhere(file_id: object, observed: Observed) -> bool:
    return any(c.accepted and at(c.sent, "/input_file_id") == file_id for c in observed.creates)


def _no_hold_around(seen: Seen, observed: Observed) -> Findings:
    readings = [(n, step) for n, step in observed.transcript.of(Wallet) if step.workspace == "a"]
    before = [reading for reading in readings if reading[0] < seen.number][-1:]
    after = [reading for reading in readings if reading[0] > seen.number][:1]
    for (first, earlier), (last, later) in zip(before, after, strict=False):
        if _moves_nothing(range(first + 1, last), observed):
            yield holds(
                earlier.reserved_nanos == later.reserved_nanos,
                seen=f"{later.reserved_nanos} nanos reserved",
                expected=f"{earlier.reserved_nanos} nanos reserved, as before the refused create",
                step=last,
            )


def _moves_nothing(numbers: range, observed: Observed) -> bool:
    """Whether all steps are calls that were refused with 401, or lists."""
    harmless = {s.number for s in observed.seen if s.status == 401 or s.operation == "list"}
    return harmless.issuperset(numbers)


@check("REST-AUTH-07")
def unauthorised_answers_have_fresh_request_ids(observed: Observed) -> Findings:
    """Each 401 has a request_id, and no two have the same."""
    earlier: set[str] = set()
    for refusal in _unauthorised(observed):
        request_id = at(refusal.value, "/request_id")
        yield holds(
            isinstance(request_id, str) and request_id and request_id not in earlier,
            seen=request_id,
            expected="a request_id that no earlier 401 had",
            pointer="/request_id",
            step=refusal.seen.number,
        )
        if isinstance(request_id, str):
            earlier.add(request_id)


@check("REST-AUTH-08")
def any_origin_may_call(observed: Observed) -> Findings:
    """A preflight needs no key, and every answer allows the origin that asked."""
    for seen in observed.seen:
        if not seen.route.documented:
            continue
        if seen.operation == "preflight" and seen.request.header("authorization") is None:
            yield holds(
                seen.response.ok,
                seen=f"HTTP {seen.status}",
                expected="a preflight answered without credentials",
                step=seen.number,
            )
        allowed = seen.response.header("access-control-allow-origin")
        yield holds(
            allowed is not None and allowed in {"*", seen.request.header("origin")},
            seen=f"Access-Control-Allow-Origin: {allowed}",
            expected="Access-Control-Allow-Origin: *",
            step=seen.number,
        )
