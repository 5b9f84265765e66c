"""Reservations: what is held, given back, and taken from the balance."""

import re
from collections.abc import Iterator
from typing import Any

from conformance.checks import Findings, check
from conformance.checks.billing._estimate import estimated_nanos
from conformance.checks.billing._money import Bill, is_above_zero, whole
from conformance.checks.billing._reasons import VIEWS, WALLET_WORD, family, is_unsettled, suffix
from conformance.json_text import ABSENT, same
from conformance.money_views import (
    WITHOUT_CREDIT,
    Account,
    Reading,
    is_provider_refusal,
    was_told_to_refuse,
)
from conformance.transcript import Wallet
from conformance.verdicts import Finding, holds
from conformance.views import BatchBody, Observed

_ENDS = re.compile(
    "captured|released_and_charged_actual|charged_reservation_not_found"
    "|charged_without_reservation|zero_cost|release_failed"
    f"|failed|expired|cancelled|(released_)?{WALLET_WORD.pattern}"
)
_EARLY = {None, ABSENT, "held", "skip_zero_cost"}


def _moved(before: Reading, after: Reading, key: str) -> int:
    return int(getattr(after.wallet, key) - getattr(before.wallet, key))


def _change(before: Reading, after: Reading, wanted: dict[str, int]) -> Iterator[Finding]:
    for key, nanos in wanted.items():
        moved = _moved(before, after, key)
        yield holds(
            moved == nanos,
            seen=f"{key} moved by {moved}",
            expected=f"by {nanos}",
            pointer=f"/{key}",
            step=after.number,
        )


def _held_nanos(account: Account) -> int | None:
    """What a priced batch holds as its bodies state it, 0 when they do not; None if unpriced."""
    bills = [Bill(body.value) for body in account.bodies]
    stated = [nanos for bill in bills if (nanos := bill.nanos("reserved_nanos")) is not None]
    if stated:
        return stated[0] or None
    labelled = (account.create.seen.exchange.label or "").startswith(WITHOUT_CREDIT)
    skipped = any(bill.text("reservation_status") == "skip_zero_cost" for bill in bills)
    # Only a cost tells that a batch was priced.
    priced = any(is_above_zero(_cost(bill)) for bill in bills) and not skipped
    return 0 if labelled or (priced and not account.lost_its_hold) else None


def _cost(bill: Bill) -> int | None:
    """The cost as stated, else what the lines add up to; None where there is neither."""
    if bill.get("cost_nanos") is not ABSENT:
        return bill.cost_nanos
    return bill.total_nanos if bill.lines else None


@check("BILL-RES-01")
def create_holds_credit(account: Account) -> Findings:
    """A create of a priced batch raises what is reserved and leaves the balance alone."""
    before, after, held = account.before, account.after, _held_nanos(account)
    if not account.create.accepted or before is None or after is None or held is None:
        return
    yield from _change(before, after, {"balance_nanos": 0})
    moved = _moved(before, after, "reserved_nanos")
    yield holds(
        moved == held if held else moved > 0,
        seen=f"reserved_nanos moved by {moved}",
        expected=f"by {held}" if held else "upwards",
        pointer="/reserved_nanos",
        step=after.number,
    )


def _settlement(account: Account, profile: str) -> tuple[Bill, Reading] | None:
    """The first settled bill with the first reading after it, unless the hold was taken away."""
    if account.lost_its_hold:
        return None
    for body in account.bodies:
        bill = Bill(body.value)
        billed = bill.flag("billed") is True and not is_unsettled(bill.reason, profile)
        if bill.is_terminal and billed:
            later = [one for one in account.readings if one.number > body.seen.number]
            return (bill, later[0]) if later else None
    return None


def _untouched(account: Account, before: Reading) -> Iterator[Finding]:
    """The balance as it was, as long as a later body says that nothing was billed."""
    unbilled = [body.seen.number for body in account.bodies if body.get("/billing/billed") is False]
    for reading in account.readings:
        if unbilled and reading.number < unbilled[-1]:
            yield from _change(before, reading, {"balance_nanos": 0})


@check("BILL-RES-02")
def settlement_takes_the_cost(account: Account, profile: str) -> Findings:
    """Nothing is taken before the bill; then the cost if charged, and the hold is back."""
    if account.before is None:
        return
    yield from _untouched(account, account.before)
    settled = _settlement(account, profile)
    if settled is None:
        return
    bill, reading = settled
    taken = _taken(bill)
    wanted = {} if taken is None else {"balance_nanos": -taken}
    yield from _change(account.before, reading, {**wanted, "reserved_nanos": 0})


def _taken(bill: Bill) -> int | None:
    """What a bill takes from the balance, None where it does not say."""
    if bill.flag("charged") or bill.reason in VIEWS:
        return _cost(bill)
    return 0 if bill.flag("charged") is False else None


@check("BILL-RES-03")
def void_gives_the_hold_back(account: Account, profile: str) -> Findings:
    """A voided batch leaves the wallet as it was before the create."""
    settled = _settlement(account, profile)
    if settled is None or account.before is None or not settled[0].is_cut_short:
        return
    bill, reading = settled
    if family(bill.reason, profile) == "void" or _cost(bill) == 0:
        yield from _change(account.before, reading, {"balance_nanos": 0, "reserved_nanos": 0})


@check("BILL-RES-04")
def reservation_is_named_by_the_request(body: BatchBody) -> Findings:
    """reservation_id is batch_hold: and the request id."""
    held, request = body.get("/billing/reservation_id"), body.get("/request_id")
    if isinstance(held, str) and isinstance(request, str):
        yield holds(
            held == f"batch_hold:{request}",
            seen=held,
            expected=f"batch_hold:{request}",
            pointer="/billing/reservation_id",
        )


@check("BILL-RES-05")
def reservation_status_fits_the_stage(body: BatchBody) -> Findings:
    """reservation_status is a word of the stage that the batch is in."""
    bill = Bill(body.value)
    if bill.block is None or "reservation_status" not in bill.block or bill.status is None:
        return
    seen = bill.block["reservation_status"]
    if seen is not None and not isinstance(seen, str):
        return
    unbilled = seen == "skip_zero_cost" and not bill.flag("billed")
    ended = bill.is_terminal and (seen is None or unbilled or _ENDS.fullmatch(seen) is not None)
    yield holds(
        ended or (not bill.is_terminal and seen in _EARLY),
        seen=seen,
        expected="a word of billing.md" if bill.is_terminal else "held, skip_zero_cost or null",
        pointer="/billing/reservation_status",
    )


@check("BILL-RES-06")
def estimate_is_what_is_reserved(body: BatchBody) -> Findings:
    """estimated_nanos and reserved_nanos are one number, or both null."""
    block = Bill(body.value).block or {}
    if block.keys() >= {"estimated_nanos", "reserved_nanos"}:
        yield holds(
            same(block["estimated_nanos"], block["reserved_nanos"]),
            seen=block["reserved_nanos"],
            expected=block["estimated_nanos"],
            pointer="/billing/reserved_nanos",
        )


@check("BILL-RES-07")
def available_is_balance_less_reserved(observed: Observed) -> Findings:
    """available_nanos is balance_nanos minus reserved_nanos."""
    for number, wallet in observed.transcript.of(Wallet):
        if wallet.available_nanos is not None:
            wanted = wallet.balance_nanos - wallet.reserved_nanos
            yield holds(
                wallet.available_nanos == wanted,
                seen=wallet.available_nanos,
                expected=wanted,
                pointer="/available_nanos",
                step=number,
            )


@check("BILL-RES-08")
def hold_follows_the_estimate(observed: Observed, profile: str) -> Findings:
    """The held amount is the estimate of the profile for the rows and prices."""
    for bodies in observed.histories.values():
        body = bodies[0]
        held = whole(body.get("/billing/reserved_nanos"))
        wanted = estimated_nanos(observed, body, profile) if held is not None else None
        if wanted is not None:
            yield holds(
                held == wanted,
                seen=held,
                expected=wanted,
                pointer=f"{body.pointer}/billing/reserved_nanos",
                step=body.seen.number,
            )


def _is_sampled(truncated: Any, sample: Any, total: Any) -> bool:
    if truncated is None:
        return sample is None and total is None
    size, rows = whole(sample), whole(total)
    return truncated is True and size is not None and rows is not None and size < rows


@check("BILL-RES-09")
def estimate_says_when_it_is_a_sample(body: BatchBody) -> Findings:
    """The three estimation keys say a sample smaller than the rows, or are all null."""
    names = ("estimation_truncated", "estimation_sample_size", "estimation_total_rows")
    block = Bill(body.value).block or {}
    if all(name in block for name in names):
        values = [block[name] for name in names]
        yield holds(
            _is_sampled(*values),
            seen=values,
            expected="true with a sample below the rows, or three nulls",
            pointer="/billing/estimation_truncated",
        )


@check("BILL-RES-10")
def captured_means_exactly_the_hold(body: BatchBody, profile: str) -> Findings:
    """The suffix captured appears only when the cost is what was held."""
    bill = Bill(body.value)
    cost, held = bill.cost_nanos, bill.nanos("reserved_nanos")
    paid = family(bill.reason, profile) == "paid" and suffix(bill.reason or "") == "captured"
    if paid and cost is not None and held is not None:
        yield holds(
            cost == held,
            seen=f"captured, cost {cost}",
            expected=f"a cost of {held}",
            pointer="/billing/reason",
        )


@check("BILL-RES-11")
def refused_create_leaves_the_wallet_alone(account: Account) -> Findings:
    """A create that the provider refuses moves neither the balance nor what is reserved."""
    seen = account.create.seen
    # A gateway may word the refusal as an error of its own.
    refused = (
        is_provider_refusal(seen, account.observed)
        if 400 <= seen.status < 500
        else seen.status >= 500 and was_told_to_refuse(seen, account.observed)
    )
    if refused and account.before is not None and account.after is not None:
        wanted = {"balance_nanos": 0, "reserved_nanos": 0}
        yield from _change(account.before, account.after, wanted)
