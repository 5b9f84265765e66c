"""Lines: the arithmetic inside a pricing line, and against output rows and prices."""

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from conformance.checks import Findings, check
from conformance.checks.billing._card import Key, price_nanos
from conformance.checks.billing._money import (
    Bill,
    amount,
    exact,
    is_metered,
    text_nanos,
    usd_text,
    whole,
)
from conformance.checks.billing._oracle import Priced, priced_batches, totals
from conformance.checks.billing._reasons import family
from conformance.json_text import ABSENT
from conformance.verdicts import HELD, broken, holds
from conformance.views import BatchBody, Observed

# One part in so many.
_TOLERANCE = 1_000_000_000


def _metered(body: BatchBody) -> Iterator[tuple[str, dict[str, Any]]]:
    for index, line in enumerate(Bill(body.value).lines or ()):
        if is_metered(line):
            yield f"/pricing_lines/{index}", line


def _rows(body: BatchBody) -> int | None:
    completed = whole(body.get("/billing/pricing_breakdown/completed_requests"))
    return Bill(body.value).count("completed") if completed is None else completed


@check("BILL-LINE-04")
def cost_texts_are_the_nanos_with_nine_digits(body: BatchBody) -> Findings:
    """`line_cost_usd` and `total_usd_str` of a line are its nanos divided by 10^9, unrounded."""
    for index, line in enumerate(Bill(body.value).lines or ()):
        nanos = amount(line)
        if nanos is None:
            continue
        key = "line_cost_usd" if is_metered(line) else "total_usd_str"
        text = line.get(key, ABSENT)
        # Only the text of a summary line may be null.
        if text is not ABSENT and (text is not None or is_metered(line)):
            pointer = f"/pricing_lines/{index}/{key}"
            same = text_nanos(text) == nanos
            yield HELD if same else broken(text, usd_text(nanos), pointer)


def _unit_nanos(price: Any) -> int | None:
    """The nanos of a unit price, however many digits it shows."""
    return price_nanos(price if exact(price) is None else str(price))


@check("BILL-LINE-05")
def line_is_near_units_times_price(body: BatchBody) -> Findings:
    """A line differs from units times price by at most the rounding of the rows in it."""
    rows = _rows(body)
    for pointer, line in _metered(body):
        units, nanos = exact(line.get("billable_units")), amount(line)
        price = _unit_nanos(line.get("unit_price_usd"))
        if units is None or nanos is None or price is None or rows is None or rows < 1:
            continue
        # Half a nano for each row, and (rows + 4) * 2^-52 of the amount for doubles.
        off = 2 * (nanos - units * price) * 2**51
        slack = rows * 2**51 + (rows + 4) * abs(nanos)
        if -slack <= off <= slack:
            yield HELD
        else:
            expected = f"{line['billable_units']} units at {price} nanos, in {rows} rows"
            yield broken(nanos, expected, f"{pointer}/line_nanos")


@check("BILL-LINE-06")
def lines_are_the_sums_of_rounded_rows(observed: Observed, profile: str) -> Findings:
    """Each line is the sum over the rows that count of the rounded amount of the row."""
    for priced in priced_batches(observed, profile):
        lines = [line for _, line in _metered(priced.body)]
        agrees = _agrees(priced, lines, profile)
        if agrees is not None:
            seen, made = _apart(lines, priced.lines or {})
            yield holds(
                agrees,
                seen="; ".join(seen) or "no other metered line",
                expected="; ".join(made) or "one line for each price",
                pointer=f"{priced.body.pointer}/pricing_lines",
                step=priced.body.seen.number,
            )


def _apart(lines: list[Any], wanted: dict[Key, tuple[int, int]]) -> tuple[list[str], list[str]]:
    """What only the lines say, and what only the rows come to."""
    told = {_words(line_key(line), amount(line)) for line in lines}
    made = {_words(key, both[0]) for key, both in wanted.items()}
    return sorted(told - made), sorted(made - told)


def _words(key: Key, nanos: int | None) -> str:
    dimension, size, price = key
    return f"{nanos} nanos for {dimension} at {price} for {size}"


def _agrees(priced: Priced, lines: list[Any], profile: str) -> bool | None:
    """Whether the lines are those of the rows; None where one of the two cannot be read."""
    bill = Bill(priced.body.value)
    if priced.lines is None or bill.total_nanos is None:
        return None
    if lines:
        return _fits(lines, priced.lines)
    settled = bill.reason == "already_billed" or family(bill.reason, profile) in {"paid", "free"}
    if bill.status != "completed" or not bill.flag("billed") or not settled:
        return None
    return bill.total_nanos in priced.totals


def _fits(lines: list[Any], wanted: dict[Key, tuple[int, int]]) -> bool:
    """Line by line where size and price are told, else by the sum of the dimension."""
    seen: dict[str, list[Any]] = {str(line.get("dimension")): [] for line in lines}
    for line in lines:
        seen[str(line.get("dimension"))].append(line)
    meant: dict[str, dict[Key, tuple[int, int]]] = {}
    for key, both in wanted.items():
        meant.setdefault(key[0], {})[key] = both
    return all(_fit(seen.get(name, []), meant.get(name, {})) for name in seen.keys() | meant.keys())


def _fit(lines: list[Any], wanted: dict[Key, tuple[int, int]]) -> bool:
    if not wanted:
        # What has no price may be measured, and costs nothing.
        return all(amount(line) == 0 and exact(line.get("quantity")) != 0 for line in lines)
    if any(line.get(key) is None for line in lines for key in ("unit_size", "unit_price_usd")):
        return sum(amount(line) or 0 for line in lines) in totals(wanted)
    told = {line_key(line): amount(line) for line in lines}
    right = all(nanos in wanted.get(key, ()) for key, nanos in told.items())
    # A line of nothing may be left out.
    whole_bill = all(key in told or 0 in both for key, both in wanted.items())
    return right and whole_bill and len(told) == len(lines)


def line_key(line: dict[str, Any]) -> Key:
    """Dimension, unit size and price of a line."""
    price, size = line.get("unit_price_usd"), exact(line.get("unit_size"))
    shown = price if isinstance(price, str) else repr(price)
    return str(line.get("dimension")), str(line.get("unit_size") if size is None else size), shown


@check("BILL-LINE-08")
def units_are_quantity_by_unit_size(body: BatchBody, profile: str) -> Findings:
    """`billable_units` is quantity / unit_size; under phaseo it may be lower."""
    for pointer, line in _metered(body):
        quantity, units = exact(line.get("quantity")), exact(line.get("billable_units"))
        size = exact(line.get("unit_size"))
        # What is below zero is LINE-10's affair.
        if quantity is None or units is None or size is None or size <= 0 or quantity < 0:
            continue
        above = _TOLERANCE * (units * size - quantity)
        near = -quantity <= above <= quantity
        if near or (profile == "phaseo" and above < 0):
            yield HELD
        else:
            expected = f"{line['quantity']} / {line['unit_size']}"
            yield broken(line["billable_units"], expected, f"{pointer}/billable_units")


@check("BILL-LINE-09")
def a_meter_at_one_price_has_one_line(body: BatchBody) -> Findings:
    """Dimension, unit size and unit price occur together once in an array."""
    seen: set[Key] = set()
    for pointer, line in _metered(body):
        if line.keys() >= {"dimension", "unit_size", "unit_price_usd"}:
            key = line_key(line)
            if key in seen:
                yield broken(f"a second line of {key}", "one line for each of them", pointer)
            else:
                yield HELD
            seen.add(key)


@check("BILL-LINE-13")
def price_texts_are_cut_or_rounded(observed: Observed, profile: str) -> Findings:
    """A price as text is cut after nine digits; one with an exponent is rounded."""
    for priced in priced_batches(observed, profile):
        known: dict[tuple[str, int | Fraction], set[str]] = {}
        for one in priced.prices:
            known.setdefault((one.meter, one.unit_size), set()).add(usd_text(one.nanos))
        for pointer, line in _metered(priced.body):
            texts = known.get((str(line.get("dimension")), exact(line.get("unit_size")) or 0))
            price = line.get("unit_price_usd")
            if texts and price is not None and price not in list(texts):
                where = f"{priced.body.pointer}{pointer}/unit_price_usd"
                expected = " or ".join(sorted(texts))
                yield broken(price, expected, where, priced.body.seen.number)
            elif texts:
                yield HELD
