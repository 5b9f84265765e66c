"""State: when the money keys are there, and what `state` says."""

from itertools import takewhile

from conformance.checks import Findings, check
from conformance.checks.billing._money import Bill, is_above_zero, moment
from conformance.checks.billing._reasons import is_unsettled
from conformance.json_text import ABSENT
from conformance.verdicts import HELD, Finding, broken, holds
from conformance.views import BatchBody, Observed

DEADLINE = "settlement_deadline"


@check("BILL-STATE-02")
def running_batch_has_no_priced_line(body: BatchBody) -> Findings:
    """Before the end no pricing line is above zero."""
    bill = Bill(body.value)
    if bill.is_terminal or bill.status is None or bill.lines is None:
        return
    pointer, nanos = bill.dearest or ("", 0)
    yield holds(not nanos, seen=nanos, expected="no amount before the end", pointer=pointer)


def _both_there(body: BatchBody) -> Finding:
    missing = [key for key in ("billing", "pricing_lines") if key not in body.value]
    return holds(
        not missing,
        seen=f"no {' and no '.join(missing)}",
        expected="billing and pricing_lines",
        pointer=body.pointer,
        step=body.seen.number,
    )


@check("BILL-STATE-03")
def settled_body_shows_its_bill(observed: Observed, profile: str) -> Findings:
    """A terminal body with finalized_at, or after a billed one, has billing and lines."""
    billed = [
        pair.later
        for pair in observed.pairs
        if pair.later.is_terminal
        and pair.earlier.get("/billing/billed") is True
        and not is_unsettled(pair.earlier.get("/billing/reason"), profile)
    ]
    finalized = [
        body
        for body in observed.bodies
        if body.is_terminal and body.given("/finalized_at") is not ABSENT
    ]
    known = {id(body) for body in finalized}
    for body in finalized + [body for body in billed if id(body) not in known]:
        yield _both_there(body)


@check("BILL-STATE-04")
def bill_comes_in_time(observed: Observed) -> Findings:
    """A terminal batch shows billing within the deadline that the user set."""
    limits = [edge.detail.get("within_ms") for _, edge in observed.transcript.edges(DEADLINE)]
    if not limits or not isinstance(limits[-1], int):
        return
    for bodies in observed.histories.values():
        ended = [body for body in bodies if body.is_terminal]
        lacking = list(takewhile(lambda body: "billing" not in body.value, ended))
        shown = ended[len(lacking) :]
        waited_ms = _passed_ms(observed, ended[0], lacking[-1]) if lacking else 0
        if waited_ms > limits[-1]:
            expected = f"billing within {limits[-1]} ms"
            where, step = lacking[-1].pointer, lacking[-1].seen.number
            yield broken(f"no billing after {waited_ms} ms", expected, where, step)
        # A bill that nobody looked for in time may have been there in time.
        elif shown and _passed_ms(observed, ended[0], shown[0]) <= limits[-1]:
            yield HELD


def _passed_ms(observed: Observed, first: BatchBody, last: BatchBody) -> int:
    leaps = [
        edge.detail.get("by_ms")
        for number, edge in observed.transcript.edges("clock_advanced")
        if first.seen.number < number < last.seen.number
    ]
    passed = last.seen.exchange.at_ms - first.seen.exchange.ended_at_ms
    return passed + sum(leap for leap in leaps if isinstance(leap, int))


@check("BILL-STATE-05")
def hold_is_shown_as_an_estimate(body: BatchBody) -> Findings:
    """Before settlement a batch with a hold is estimated, held, and above zero."""
    bill = Bill(body.value)
    running = bill.status is not None and not bill.is_terminal
    # A batch without cost may have an id of a hold that was skipped.
    skipped = bill.text("reservation_status") == "skip_zero_cost"
    if not running or skipped or bill.text("reservation_id") is None:
        return
    for key, wanted in (("state", "estimated"), ("reservation_status", "held")):
        seen = body.get(f"/billing/{key}")
        yield holds(seen == wanted, seen=seen, expected=wanted, pointer=f"/billing/{key}")
    yield holds(
        is_above_zero(bill.nanos("estimated_nanos")),
        seen=bill.get("estimated_nanos"),
        expected="an estimate above zero",
        pointer="/billing/estimated_nanos",
    )


@check("BILL-STATE-06")
def running_batch_has_no_bill(body: BatchBody) -> Findings:
    """Before the end there is neither billing nor the gateway's own usage."""
    if body.status is None or body.is_terminal:
        return
    yield holds(
        body.given("/billing") is ABSENT and body.given("/usage/cost_nanos") is ABSENT,
        seen="billing or usage before the end",
        expected="neither of them",
        pointer="/billing",
    )


def _states(bill: Bill) -> set[str]:
    if bill.is_cut_short:
        return {"void"}
    if bill.cost_nanos is not None:
        return {"settled"}
    held = "estimated" if bill.text("reservation_status") == "held" else "pending"
    # A completed batch without a bill may be shown as either.
    return {"estimated", "pending"} if bill.is_terminal else {held}


@check("BILL-STATE-08")
def state_follows_its_order(body: BatchBody) -> Findings:
    """Void by the status, settled by the cost, estimated by the hold, else pending."""
    bill = Bill(body.value)
    if bill.status is None or not bill.is_long or not bill.is_readable("cost_nanos"):
        return
    if bill.text("state") is None:
        return
    wanted = _states(bill)
    yield holds(
        bill.text("state") in wanted,
        seen=bill.text("state"),
        expected=" or ".join(sorted(wanted)),
        pointer="/billing/state",
    )


@check("BILL-STATE-10")
def billed_body_says_when(body: BatchBody) -> Findings:
    """Billed goes with a finalized_at, and a running batch has none."""
    bill = Bill(body.value)
    if bill.block is None or "finalized_at" not in bill.block or bill.status is None:
        return
    said = bill.get("finalized_at")
    if not bill.is_terminal:
        wanted, fits = "null before the end", said is ABSENT
    elif bill.flag("billed") and not (bill.reason or "").startswith("batch_provider_create_"):
        wanted, fits = "a time, being billed", said is not ABSENT
    else:
        return
    yield holds(fits, seen=said, expected=wanted, pointer="/billing/finalized_at")


@check("BILL-STATE-11")
def both_finalized_at_are_one_instant(body: BatchBody) -> Findings:
    """finalized_at of the batch and of its block are the same instant."""
    outer, inner = moment(body.get("/finalized_at")), moment(body.get("/billing/finalized_at"))
    if outer is not None and inner is not None:
        yield holds(
            outer == inner,
            seen=body.get("/finalized_at"),
            expected=body.get("/billing/finalized_at"),
            pointer="/finalized_at",
        )
