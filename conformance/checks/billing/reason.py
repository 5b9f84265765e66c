"""Reasons: what else must hold where a reason of a known family is given."""

from collections.abc import Iterator

from conformance.checks import Findings, check
from conformance.checks.billing._money import Bill
from conformance.checks.billing._reasons import family, status_named, suffix
from conformance.verdicts import Finding, holds
from conformance.views import BatchBody


def _flags(bill: Bill, **wanted: bool) -> Iterator[Finding]:
    for key, value in wanted.items():
        flag = bill.flag(key)
        if flag is not None:
            pointer = f"/billing/{key}"
            yield holds(
                flag is value, seen=flag, expected=f"{value} with {bill.reason}", pointer=pointer
            )


def _costs_nothing(bill: Bill) -> Iterator[Finding]:
    cost = bill.cost_nanos
    yield holds(
        cost in (None, 0),
        seen=cost,
        expected=f"no cost with {bill.reason}",
        pointer="/billing/cost_nanos",
    )
    pointer, nanos = bill.dearest or ("/pricing_lines", 0)
    yield holds(not nanos, seen=nanos, expected=f"no line with {bill.reason}", pointer=pointer)


@check("BILL-REASON-03")
def paid_reason_means_money(body: BatchBody, profile: str) -> Findings:
    """A reason of the paid family goes with billed, charged and a cost above zero."""
    bill = Bill(body.value)
    if family(bill.reason, profile) != "paid":
        return
    yield from _flags(bill, billed=True, charged=True)
    if bill.cost_nanos is not None:
        yield holds(
            bill.cost_nanos > 0,
            seen=bill.cost_nanos,
            expected=f"a cost above zero with {bill.reason}",
            pointer="/billing/cost_nanos",
        )


@check("BILL-REASON-04")
def free_reason_means_no_money(body: BatchBody, profile: str) -> Findings:
    """A reason of the free family: completed, billed, not charged, nothing to pay."""
    bill = Bill(body.value)
    # A bill before the end is STATE-01's affair.
    early = not bill.is_terminal and (bill.flag("billed") or bill.flag("charged"))
    if family(bill.reason, profile) != "free" or bill.status is None or early:
        return
    yield holds(
        bill.status == "completed",
        seen=body.get("/status"),
        expected=f"completed with {bill.reason}",
        pointer="/status",
    )
    yield from _flags(bill, billed=True, charged=False)
    yield from _costs_nothing(bill)


@check("BILL-REASON-05")
def void_reason_fits_the_end(body: BatchBody, profile: str) -> Findings:
    """A reason of the void family: the end it names, billed, not charged, nothing to pay."""
    bill = Bill(body.value)
    reason = bill.reason
    if reason is None or family(reason, profile) != "void":
        return
    named = status_named(reason)
    yield holds(
        bill.is_cut_short and named in (None, bill.status),
        seen=body.get("/status"),
        expected=named or "failed, expired or cancelled",
        pointer="/status",
    )
    yield from _flags(bill, billed=True, charged=False)
    yield from _costs_nothing(bill)


def _is_partial(bill: Bill, profile: str) -> bool | None:
    completed, failed, total = (bill.count(name) for name in ("completed", "failed", "total"))
    if completed is None or failed is None:
        return None
    if profile == "phaseo" and total is not None:
        return completed > 0 and (failed > 0 or total > completed)
    return completed > 0 and failed > 0


@check("BILL-REASON-10")
def partial_reason_fits_the_counts(body: BatchBody, profile: str) -> Findings:
    """A reason says partial success exactly where the request counts do."""
    bill = Bill(body.value)
    reason, wanted = bill.reason, _is_partial(bill, profile)
    if reason is None or wanted is None:
        return
    kind, says = family(reason, profile), "partial_success" in reason
    # At A counts of both kinds have the output looked into, so that a plain void is none of them.
    void = kind == "void" and (says or (wanted and profile == "ai-stats" and bill.is_cut_short))
    computed = kind in {"paid", "free"} or void
    if computed or (kind == "unsettled" and reason.startswith("charged")):
        yield holds(
            says is wanted,
            seen=reason,
            expected="partial success" if wanted else "no word of partial success",
            pointer="/billing/reason",
        )


@check("BILL-REASON-11")
def suffix_is_the_reservation_status(body: BatchBody, profile: str) -> Findings:
    """A suffix is there exactly with a hold and is its status; a void reason is the status."""
    bill = Bill(body.value)
    reason, status = bill.reason, bill.text("reservation_status")
    kind = family(reason, profile)
    if reason is None or not bill.is_long or kind not in {"paid", "free", "void"}:
        return
    end, held = suffix(reason), bill.text("reservation_id") is not None
    if kind == "paid":
        wanted = f"the suffix {status}" if held else "no suffix without a reservation_id"
        fits = end == status if held and end else not (held or end)
    elif kind == "free" or "partial_success" in reason:
        wanted, fits = f"no suffix other than {status}", end in (None, status)
    else:
        wanted, fits = f"reservation_status, {status}", reason == status
    yield holds(fits, seen=reason, expected=wanted, pointer="/billing/reason")
