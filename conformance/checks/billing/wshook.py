"""Messages: the money in stream frames and webhooks, alone and beside the REST body."""

from conformance.checks import Findings, check
from conformance.checks.billing._money import Bill, amount, is_above_zero, is_metered, moment
from conformance.checks.billing._reasons import is_unsettled
from conformance.checks.billing.stable import sorted_lines
from conformance.event_views import Message
from conformance.json_text import ABSENT
from conformance.verdicts import holds

_KEYS = (
    "currency",
    "estimated_provider_cost",
    "estimated_user_cost",
    "settled_provider_cost",
    "settled_user_cost",
    "state",
    "billable",
    "total_nanos",
    "estimated_nanos",
    "reserved_nanos",
    "estimation_truncated",
    "estimation_sample_size",
    "estimation_total_rows",
    "reservation_id",
    "reservation_status",
    "charge_reason",
    "charged",
)


@check("BILL-WSHOOK-01")
def final_message_shows_the_bill(message: Message) -> Findings:
    """A message of a batch that ended has a billing object and an array of lines."""
    bill = Bill(message.value)
    if bill.is_terminal:
        pointer = "/billing" if bill.block is None else "/pricing_lines"
        yield holds(
            bill.block is not None and bill.lines is not None,
            seen=message.get(pointer),
            expected="a billing object and a pricing_lines array",
            pointer=pointer,
        )


def _settled(message: Message, profile: str) -> Bill | None:
    """The bill of the REST body that settled the batch; one that could not be made is none."""
    bill = Bill(message.settled.value) if message.settled else None
    return None if bill is None or is_unsettled(bill.reason, profile) else bill


def _is_nothing(bill: Bill) -> bool:
    lines = bill.lines or []
    return not lines or (len(lines) == 1 and not is_metered(lines[0]) and amount(lines[0]) == 0)


@check("BILL-WSHOOK-02")
def lines_are_those_of_rest(message: Message, profile: str) -> Findings:
    """After settlement the lines are those of the REST body; a zero summary is none."""
    ours, theirs = Bill(message.value), _settled(message, profile)
    if theirs is None or ours.lines is None or theirs.lines is None:
        return
    alike = sorted_lines(ours.lines) == sorted_lines(theirs.lines)
    yield holds(
        alike or (_is_nothing(ours) and _is_nothing(theirs)),
        seen=ours.lines,
        expected=theirs.lines,
        pointer="/pricing_lines",
    )


@check("BILL-WSHOOK-03")
def total_is_the_cost_of_rest(message: Message, profile: str) -> Findings:
    """After settlement total_nanos is the cost of the REST body."""
    total, theirs = Bill(message.value).nanos("total_nanos"), _settled(message, profile)
    cost = theirs.cost_nanos if theirs else None
    if total is not None and cost is not None:
        yield holds(total == cost, seen=total, expected=cost, pointer="/billing/total_nanos")


@check("BILL-WSHOOK-04")
def message_has_its_seventeen_keys(message: Message) -> Findings:
    """The billing block of a message has all its keys, and currency usd."""
    block = Bill(message.value).block
    if block is None:
        return
    missing = [key for key in _KEYS if key not in block]
    yield holds(
        not missing,
        seen=f"no {', '.join(missing)}",
        expected="the seventeen keys of a message",
        pointer="/billing",
    )
    if "currency" in block:
        seen = block["currency"]
        yield holds(seen == "usd", seen=seen, expected="usd", pointer="/billing/currency")


@check("BILL-WSHOOK-05")
def charge_is_told_as_on_rest(message: Message, profile: str) -> Findings:
    """charge_reason and charged are those of REST, unless one of them is the repeat view."""
    ours, theirs = Bill(message.value), _settled(message, profile)
    if theirs is None:
        return
    reasons = (ours.text("charge_reason"), theirs.reason)
    if "already_billed" in reasons or None in reasons:
        return
    yield holds(
        reasons[0] == reasons[1],
        seen=reasons[0],
        expected=reasons[1],
        pointer="/billing/charge_reason",
    )
    flags = (ours.flag("charged"), theirs.flag("charged"))
    if None not in flags:
        yield holds(
            flags[0] is flags[1], seen=flags[0], expected=flags[1], pointer="/billing/charged"
        )


def _is_billable(bill: Bill, profile: str) -> bool:
    if bill.flag("charged") is True:
        return True
    costs = is_above_zero(bill.nanos("total_nanos"))
    if profile == "phaseo":
        uncharged = bill.get("charged") is ABSENT and bill.get("billed_at") is not ABSENT
        return uncharged and costs
    return costs


@check("BILL-WSHOOK-06")
def billable_follows_the_charge(message: Message, profile: str) -> Findings:
    """Billable is true exactly where the profile takes the batch as charged."""
    bill = Bill(message.value)
    if bill.flag("billable") is not None:
        wanted = _is_billable(bill, profile)
        yield holds(
            bill.flag("billable") is wanted,
            seen=bill.flag("billable"),
            expected=wanted,
            pointer="/billing/billable",
        )


def _state(bill: Bill, profile: str) -> str:
    known = bill.nanos("total_nanos") is not None
    if profile == "phaseo" and _is_billable(bill, profile):
        return "settled"
    if bill.is_cut_short:
        return "void"
    if profile == "phaseo" and bill.flag("charged") is False:
        return "pending"
    if known:
        return "settled"
    estimated = bill.nanos("estimated_nanos") is not None and bill.status != "completed"
    return "estimated" if estimated else "pending"


@check("BILL-WSHOOK-07")
def message_state_follows_its_order(message: Message, profile: str) -> Findings:
    """State of a message is what the order of the profile makes it."""
    bill = Bill(message.value)
    seen = bill.text("state")
    if seen is None or bill.status is None:
        return
    wanted = {_state(bill, profile)}
    if bill.status == "completed" and "pending" in wanted:
        # A completed batch without a bill may be shown as either.
        wanted.add("estimated")
    yield holds(
        seen in wanted, seen=seen, expected=" or ".join(sorted(wanted)), pointer="/billing/state"
    )


@check("BILL-WSHOOK-08")
def running_batch_is_not_charged(message: Message) -> Findings:
    """A message of a running batch has no charge, is not billable and has no priced line."""
    bill = Bill(message.value)
    if bill.is_terminal or bill.status is None or bill.block is None:
        return
    charged, billable = bill.flag("charged"), bill.flag("billable")
    yield holds(
        not charged and not billable and not bill.dearest,
        seen=f"charged {charged}, billable {billable}, line {bill.dearest}",
        expected="no charge before the end",
        pointer="/billing",
    )


@check("BILL-WSHOOK-09")
def billed_at_is_a_time_after_the_end(message: Message) -> Findings:
    """billed_at is a date-time with its zone, on a batch that ended."""
    bill = Bill(message.value)
    seen = bill.get("billed_at")
    if seen is not ABSENT and bill.status is not None:
        yield holds(
            bill.is_terminal and moment(seen) is not None,
            seen=f"{seen} on {bill.status}",
            expected="a date-time, after the end",
            pointer="/billing/billed_at",
        )
