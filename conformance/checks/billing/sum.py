"""Sums: totals, strings and cents agree with each other to the nano."""

import re
from collections.abc import Iterator
from typing import Any

from conformance.checks import Findings, check
from conformance.checks.billing._money import (
    NANOS_PER_CENT,
    Bill,
    are_dollars_of,
    exact,
    text_nanos,
    usd_text,
    whole,
)
from conformance.json_text import ABSENT, same
from conformance.money_views import Block, RequestListing, request_listings
from conformance.verdicts import HELD, Finding, broken, holds
from conformance.views import BatchBody, Observed

_CENTS = re.compile(r"[0-9]{1,40}\.[0-9]{2}")
_BREAKDOWN = "/billing/pricing_breakdown"


@check("BILL-SUM-01")
def lines_add_up_to_the_cost(body: BatchBody) -> Findings:
    """The amounts of the lines add up to cost_nanos; no line adds up to 0."""
    bill = Bill(body.value)
    if bill.cost_nanos is not None and bill.total_nanos is not None:
        yield holds(
            bill.total_nanos == bill.cost_nanos,
            seen=f"lines of {bill.total_nanos}",
            expected=f"cost_nanos, {bill.cost_nanos}",
            pointer="/pricing_lines",
        )


@check("BILL-SUM-02")
def breakdown_has_the_same_total(body: BatchBody) -> Findings:
    """pricing_breakdown.total_nanos is cost_nanos."""
    cost, total = Bill(body.value).cost_nanos, whole(body.get(f"{_BREAKDOWN}/total_nanos"))
    if cost is not None and total is not None:
        yield holds(cost == total, seen=total, expected=cost, pointer=f"{_BREAKDOWN}/total_nanos")


@check("BILL-SUM-03")
def total_is_the_cost(body: BatchBody) -> Findings:
    """In the long form total_nanos and cost_nanos are one number, or both null."""
    total, cost = body.get("/billing/total_nanos"), body.get("/billing/cost_nanos")
    readable = all(one is None or whole(one) is not None for one in (total, cost))
    if readable:
        yield holds(same(total, cost), seen=total, expected=cost, pointer="/billing/total_nanos")


@check("BILL-SUM-04")
def usage_states_the_same_cost(body: BatchBody) -> Findings:
    """usage.cost_nanos and usage.cost_usd are those of the billing block."""
    if body.given(_BREAKDOWN) is ABSENT:
        return
    for key in ("cost_nanos", "cost_usd"):
        used, billed = exact(body.get(f"/usage/{key}")), exact(body.get(f"/billing/{key}"))
        if used is not None and billed is not None:
            yield holds(
                used == billed,
                seen=body.get(f"/usage/{key}"),
                expected=body.get(f"/billing/{key}"),
                pointer=f"/usage/{key}",
            )


@check("BILL-SUM-05")
def dollars_are_the_nanos(block: Block) -> Findings:
    """cost_usd is cost_nanos / 10^9, and the two are null together."""
    if not block.value.keys() >= {"cost_nanos", "cost_usd"}:
        return
    nanos, usd = block.value["cost_nanos"], block.value["cost_usd"]
    cost, dollars = whole(nanos), exact(usd)
    if None in (nanos, usd):
        fits = nanos is usd
    elif cost is None or dollars is None:
        return
    else:
        fits = are_dollars_of(dollars, cost)
    yield holds(fits, seen=usd, expected=f"{nanos} nanos", pointer="/cost_usd")


@check("BILL-SUM-06")
def breakdown_text_is_its_total(body: BatchBody) -> Findings:
    """total_usd_str has nine digits and is total_nanos, unrounded."""
    total, text = (
        whole(body.get(f"{_BREAKDOWN}/total_nanos")),
        body.get(f"{_BREAKDOWN}/total_usd_str"),
    )
    if total is not None and text is not ABSENT:
        yield holds(
            text_nanos(text) == total,
            seen=text,
            expected=usd_text(total),
            pointer=f"{_BREAKDOWN}/total_usd_str",
        )


@check("BILL-SUM-07")
def cents_are_cut(body: BatchBody) -> Findings:
    """total_cents is total_nanos in whole cents, rounded down."""
    total = whole(body.get(f"{_BREAKDOWN}/total_nanos"))
    cents = whole(body.get(f"{_BREAKDOWN}/total_cents"))
    if total is not None and cents is not None:
        yield holds(
            cents == total // NANOS_PER_CENT,
            seen=cents,
            expected=total // NANOS_PER_CENT,
            pointer=f"{_BREAKDOWN}/total_cents",
        )


def _shown_nanos(block: Block, kind: str) -> int | None:
    if kind == "estimated":
        return whole(block.value.get("estimated_nanos"))
    key = "total_nanos" if block.kind == "message" else "cost_nanos"
    stated = block.value.get(key)
    if stated is None and block.value.get("state") == "void":
        return 0
    return whole(stated)


def _cents(text: Any) -> int | None:
    formed = isinstance(text, str) and _CENTS.fullmatch(text)
    return int(text.replace(".", "")) if formed else None


def _displayed(block: Block, kind: str) -> Iterator[Finding]:
    names = {who: f"{kind}_{who}_cost" for who in ("provider", "user")}
    texts = {who: block.value[name] for who, name in names.items() if name in block.value}
    nanos = _shown_nanos(block, kind)
    for who, text in texts.items():
        # Types in REST blocks are BILL-SHAPE-03's affair.
        if text is None or (block.kind == "rest" and not isinstance(text, str)):
            continue
        cents = _cents(text)
        near = nanos is None or (
            cents is not None and 2 * abs(cents * NANOS_PER_CENT - nanos) <= NANOS_PER_CENT
        )
        if cents is not None and near and text == texts.get("user", text):
            yield HELD
        else:
            worth = "" if nanos is None else f"{nanos} nanos, "
            expected = f"two digits, {worth}provider and user alike"
            yield broken(text, expected, f"/{kind}_{who}_cost")


@check("BILL-SUM-08")
def display_costs_are_whole_cents(block: Block) -> Findings:
    """Display costs have two digits, agree, and are within half a cent of their nanos."""
    yield from _displayed(block, "estimated")
    yield from _displayed(block, "settled")


@check("BILL-SUM-09")
def requests_add_up_to_the_cost(observed: Observed) -> Findings:
    """The costs of the per-request listing add up to the cost of the batch."""
    for listing in request_listings(observed):
        yield from _row_costs(listing)
        amounts = [whole(row.get("cost_nanos")) for row in listing.rows]
        cost = Bill(listing.body.value).cost_nanos if listing.complete else None
        if cost is not None and any(one is not None for one in amounts):
            total = sum(one for one in amounts if one is not None)
            yield holds(
                total == cost,
                seen=f"rows of {total}",
                expected=f"cost_nanos, {cost}",
                pointer="/data",
                step=listing.number,
            )


def _row_costs(listing: RequestListing) -> Iterator[Finding]:
    for index, row in enumerate(listing.rows):
        nanos, usd = whole(row.get("cost_nanos")), exact(row.get("cost_usd"))
        if nanos is not None and usd is not None:
            yield holds(
                are_dollars_of(usd, nanos),
                seen=row["cost_usd"],
                expected=f"{nanos} nanos",
                pointer=f"/data/{index}/cost_usd",
                step=listing.number,
            )


@check("BILL-SUM-10")
def breakdown_counts_the_same_requests(body: BatchBody, profile: str) -> Findings:
    """The counts of the breakdown are the request counts."""
    pairs = [("failed_requests", "failed"), ("total_requests", "total")]
    if profile == "phaseo":
        pairs.append(("completed_requests", "completed"))
    for name, count in pairs:
        told, counted = whole(body.get(f"{_BREAKDOWN}/{name}")), Bill(body.value).count(count)
        if told is not None and counted is not None:
            pointer = f"{_BREAKDOWN}/{name}"
            yield holds(told == counted, seen=told, expected=counted, pointer=pointer)
    used = whole(body.get("/usage/requests"))
    counted = Bill(body.value).count("completed")
    if profile == "phaseo" and body.given(_BREAKDOWN) and None not in (used, counted):
        yield holds(used == counted, seen=used, expected=counted, pointer="/usage/requests")
