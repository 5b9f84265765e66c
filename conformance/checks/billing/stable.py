"""Stability: what later reads of a settled batch may still change."""

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any

from conformance.checks import Findings, check
from conformance.checks.billing._money import Bill, moment
from conformance.checks.billing._reasons import VIEWS, is_unsettled
from conformance.json_text import ABSENT, dump, plain, same
from conformance.money_views import Account
from conformance.verdicts import holds
from conformance.views import Pair

_KEPT = (
    "cost_nanos",
    "cost_usd",
    "total_nanos",
    "settled_provider_cost",
    "settled_user_cost",
    "pricing_breakdown",
)
_FORMS = {"cost_nanos", "state"}
# What lines and breakdowns say by contract; other members may change from read to read.
_OF_LINES = (
    "dimension",
    "quantity",
    "billable_units",
    "unit_size",
    "unit_price_usd",
    "line_cost_usd",
    "line_nanos",
    "pricing_plan",
    "service_tier",
    "endpoint",
    "units",
    "total_nanos",
    "total_usd_str",
)
_OF_BREAKDOWNS = (
    "total_nanos",
    "total_usd_str",
    "total_cents",
    "completed_requests",
    "failed_requests",
    "total_requests",
)


def _bills(pair: Pair, profile: str) -> Iterator[tuple[Bill, Bill]]:
    """Both bills where the earlier one is settled and the later one is still there."""
    earlier, later = Bill(pair.earlier.value), Bill(pair.later.value)
    if _is_settled(earlier, profile) and later.block is not None:
        yield earlier, later


def _is_settled(bill: Bill, profile: str) -> bool:
    return bill.flag("billed") is True and not is_unsettled(bill.reason, profile)


@check("BILL-STABLE-01")
def billed_stays_billed(pair: Pair, profile: str) -> Findings:
    """After a settled bill no later body is without it, or says that it is not billed."""
    if not _is_settled(Bill(pair.earlier.value), profile):
        return
    later = pair.later.given("/billing")
    gone = later is ABSENT or pair.later.get("/billing/billed") is False
    pointer = "/billing" if later is ABSENT else "/billing/billed"
    yield holds(not gone, seen=later, expected="billed true, as before", pointer=pointer)


def _form(bill: Bill) -> set[str]:
    return _FORMS & (bill.block or {}).keys()


def _unchanged(earlier: Bill, later: Bill, keys: tuple[str, ...]) -> Findings:
    """The members that both blocks have, compared."""
    before, after = earlier.block or {}, later.block or {}
    for key in keys:
        if key in before and key in after:
            yield holds(
                same(_known(before[key]), _known(after[key])),
                seen=after[key],
                expected=before[key],
                pointer=f"/billing/{key}",
            )


@check("BILL-STABLE-02")
def amounts_stay(pair: Pair, profile: str) -> Findings:
    """Costs, totals and the breakdown keep their values once billed."""
    for earlier, later in _bills(pair, profile):
        if _form(earlier) == _form(later):
            yield from _unchanged(earlier, later, _KEPT)


def _known(value: Any, names: Iterable[str] = _OF_BREAKDOWNS) -> Any:
    """An object without its nulls and its members of other names; any other value as it is."""
    if not isinstance(value, dict):
        return value
    return {name: value[name] for name in names if value.get(name) is not None}


def sorted_lines(lines: list[Any]) -> list[str]:
    """The lines as texts in an order of their own, to be compared as a multiset."""
    return sorted(dump(plain(_known(line, _OF_LINES))) for line in lines)


@check("BILL-STABLE-03")
def lines_stay(pair: Pair, profile: str) -> Findings:
    """The pricing lines stay the same once billed, order apart."""
    for earlier, later in _bills(pair, profile):
        if earlier.lines is not None and later.lines is not None:
            yield holds(
                sorted_lines(earlier.lines) == sorted_lines(later.lines),
                seen=later.lines,
                expected=earlier.lines,
                pointer="/pricing_lines",
            )


@check("BILL-STABLE-04")
def charged_changes_by_the_repeat_view_alone(pair: Pair, profile: str) -> Findings:
    """Charged changes only where one of the two is a repeat view, or the uncharged one stale."""
    for earlier, later in _bills(pair, profile):
        flags = (earlier.flag("charged"), later.flag("charged"))
        if None not in flags:
            views = [
                bill
                for bill in (earlier, later)
                if bill.reason == "already_billed"
                or (bill.reason == "stale_terminal_status" and not bill.flag("charged"))
            ]
            yield holds(
                flags[0] is flags[1] or views,
                seen=f"charged {flags[1]}, reason {later.reason}",
                expected=f"charged {flags[0]}, or false in a repeat view",
                pointer="/billing/charged",
            )


@check("BILL-STABLE-05")
def reason_stays_or_is_already_billed(pair: Pair, profile: str) -> Findings:
    """Reason stays or becomes that of a view; finalized_at never moves backwards."""
    for earlier, later in _bills(pair, profile):
        yield holds(
            later.get("reason") in (earlier.get("reason"), *VIEWS),
            seen=later.get("reason"),
            expected=f"{earlier.reason}, or that of a repeat view",
            pointer="/billing/reason",
        )
        before, after = (moment(bill.get("finalized_at")) for bill in (earlier, later))
        if before is not None and after is not None:
            yield holds(
                after >= before,
                seen=later.get("finalized_at"),
                expected=f"not before {earlier.get('finalized_at')}",
                pointer="/billing/finalized_at",
            )


@check("BILL-STABLE-06")
def settlement_is_told_once_and_for_all(pair: Pair, profile: str) -> Findings:
    """charged, reason and finalized_at keep their values on every later read."""
    for earlier, later in _bills(pair, profile):
        yield from _unchanged(earlier, later, ("charged", "reason", "finalized_at"))


@check("BILL-STABLE-07")
def reading_a_bill_is_free(account: Account, profile: str) -> Findings:
    """Further reads of a settled batch leave the balance and what is reserved as they are."""
    settled = [body for body in account.bodies if _is_settled(Bill(body.value), profile)]
    readings = [one for one in account.readings if settled and one.number > settled[0].seen.number]
    for before, after in pairwise(readings):
        for key in ("balance_nanos", "reserved_nanos"):
            was, now = getattr(before.wallet, key), getattr(after.wallet, key)
            yield holds(was == now, seen=now, expected=was, pointer=f"/{key}", step=after.number)
