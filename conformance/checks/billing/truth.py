"""Truth: billed and charged say what came of the batch."""

from conformance.checks import Findings, check
from conformance.checks.billing._money import Bill, is_above_zero
from conformance.checks.billing._oracle import priced_batches
from conformance.checks.billing._reasons import VIEWS, is_unsettled
from conformance.verdicts import holds
from conformance.views import BatchBody, Observed


@check("BILL-TRUTH-01")
def charged_means_that_money_moved(body: BatchBody) -> Findings:
    """Charged goes with a cost above zero and lines above zero."""
    bill = Bill(body.value)
    if bill.flag("charged") is not True:
        return
    cost, total = bill.cost_nanos, bill.total_nanos
    yield holds(
        cost is None or cost > 0,
        seen=cost,
        expected="a cost above zero, being charged",
        pointer="/billing/cost_nanos",
    )
    yield holds(
        total is None or total > 0,
        seen=total,
        expected="lines above zero, being charged",
        pointer="/pricing_lines",
    )


@check("BILL-TRUTH-03")
def cost_without_charge_needs_its_reason(body: BatchBody, profile: str) -> Findings:
    """A billed cost is charged, unless it was before or could not be settled."""
    bill = Bill(body.value)
    charged = bill.flag("charged")
    excused = bill.reason in VIEWS or is_unsettled(bill.reason, profile)
    if bill.flag("billed") and is_above_zero(bill.cost_nanos) and charged is not None:
        yield holds(
            charged or excused,
            seen=f"charged false, reason {bill.reason}",
            expected=f"charged true for {bill.cost_nanos} nanos",
            pointer="/billing/charged",
        )


@check("BILL-TRUTH-04")
def nothing_done_costs_nothing(body: BatchBody) -> Findings:
    """A batch in which no row succeeded is not charged and states no cost."""
    bill = Bill(body.value)
    if bill.count("completed") != 0 or bill.block is None:
        return
    seen = {"charged": bill.flag("charged"), "cost_nanos": bill.cost_nanos, "lines": bill.dearest}
    yield holds(
        not bill.flag("charged") and not is_above_zero(bill.cost_nanos) and not bill.dearest,
        seen=str(seen),
        expected="no charge and no cost: no row succeeded",
        pointer="/billing",
    )


@check("BILL-TRUTH-05")
def row_without_price_stops_the_charge(observed: Observed, profile: str) -> Findings:
    """Where a row that counts lacks usage, a model or a price, nothing is charged."""
    for priced in priced_batches(observed, profile):
        bill = Bill(priced.body.value)
        charged = bill.flag("charged")
        if priced.lacking is not None and charged is not None:
            yield holds(
                not charged,
                seen=f"charged, though a row lacks {priced.lacking}",
                expected="charged false",
                pointer=f"{priced.body.pointer}/billing/charged",
                step=priced.body.seen.number,
            )


@check("BILL-TRUTH-06")
def cut_short_batch_is_voided(body: BatchBody, profile: str) -> Findings:
    """Failed, expired or cancelled without a partial success: billed, free of charge."""
    bill = Bill(body.value)
    completed, failed = bill.count("completed"), bill.count("failed")
    if not bill.is_cut_short or completed is None or failed is None or (completed and failed):
        return
    flags = (bill.flag("billed"), bill.flag("charged"))
    untried = bill.reason is None and not flags[0] and not flags[1]
    readable = None not in flags and bill.is_readable("cost_nanos")
    if bill.reason in VIEWS or is_unsettled(bill.reason, profile) or untried or not readable:
        return
    yield holds(
        flags == (True, False) and bill.states_no_cost,
        seen=f"billed {flags[0]}, charged {flags[1]}, cost {bill.cost_nanos}",
        expected="billed, not charged, no cost",
        pointer="/billing",
    )


@check("BILL-TRUTH-07")
def rows_done_are_charged(observed: Observed, profile: str) -> Findings:
    """A batch that ended early is charged for its successful rows."""
    for priced in priced_batches(observed, profile):
        bill = Bill(priced.body.value)
        wanted = priced.totals
        excused = bill.reason in VIEWS or is_unsettled(bill.reason, profile)
        if not bill.is_cut_short or bill.block is None or excused or 0 in wanted:
            continue
        yield holds(
            bill.flag("charged") is True and bill.cost_nanos in {None, *wanted},
            seen=f"charged {bill.flag('charged')}, cost {bill.cost_nanos}",
            expected=f"charged {max(wanted)} nanos for the rows done",
            pointer=f"{priced.body.pointer}/billing",
            step=priced.body.seen.number,
        )


@check("BILL-TRUTH-08")
def free_bill_has_no_priced_line(body: BatchBody, profile: str) -> Findings:
    """Billed, not charged, no cost: then no line is above zero either."""
    bill = Bill(body.value)
    excused = bill.reason in VIEWS or is_unsettled(bill.reason, profile)
    free = bill.flag("billed") is True and bill.flag("charged") is False and bill.states_no_cost
    if bill.is_terminal and free and not excused:
        pointer, nanos = bill.dearest or ("/pricing_lines", 0)
        yield holds(not nanos, seen=nanos, expected="no line above zero", pointer=pointer)
