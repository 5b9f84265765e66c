"""Lines: the arithmetic inside a pricing line, and against output rows and prices."""

from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from conformance.checks import Findings, check
from conformance.checks.billing._money import Bill, amount, exact, text_nanos, usd_text, whole
from conformance.checks.billing._oracle import Priced, priced_batches
from conformance.json_text import ABSENT
from conformance.verdicts import broken, holds
from conformance.views import BatchBody, Observed

_TOLERANCE = Fraction(1, 1_000_000_000)


def _metered(body: BatchBody) -> Iterator[tuple[str, dict[str, Any]]]:
    for index, line in enumerate(Bill(body.value).lines or ()):
        if isinstance(line, dict) and "line_nanos" in line:
            yield f"/pricing_lines/{index}", line


def _rows(body: BatchBody) -> int | None:
    completed = whole(body.get("/billing/pricing_breakdown/completed_requests"))
    return Bill(body.value).count("completed") if completed is None else completed


@check("BILL-LINE-04")
def cost_texts_are_the_nanos_with_nine_digits(body: BatchBody) -> Findings:
    """`line_cost_usd` and `total_usd_str` of a line are its nanos divided by 10^9, unrounded."""
    for index, line in enumerate(Bill(body.value).lines or ()):
        key = "line_cost_usd" if isinstance(line, dict) and "line_nanos" in line else ""
        key = key or "total_usd_str"
        text = line.get(key) if isinstance(line, dict) else None
        nanos = amount(line)
        if text is not None and nanos is not None:
            yield holds(
                text_nanos(text) == nanos,
                seen=text,
                expected=usd_text(nanos),
                pointer=f"/pricing_lines/{index}/{key}",
            )


@check("BILL-LINE-05")
def line_is_near_units_times_price(body: BatchBody) -> Findings:
    """A line differs from units times price by at most the rounding of the rows in it."""
    rows = _rows(body)
    for pointer, line in _metered(body):
        units, nanos = exact(line.get("billable_units")), amount(line)
        price = text_nanos(line.get("unit_price_usd"))
        if units is None or nanos is None or price is None or rows is None or rows < 1:
            continue
        slack = Fraction(rows, 2) + Fraction((rows + 4) * abs(nanos), 2**52)
        yield holds(
            abs(nanos - units * price) <= slack,
            seen=nanos,
            expected=f"{line['billable_units']} units at {price} nanos, in {rows} rows",
            pointer=f"{pointer}/line_nanos",
        )


@check("BILL-LINE-06")
def lines_are_the_sums_of_rounded_rows(observed: Observed, profile: str) -> Findings:
    """Each line is the sum over the rows that count of the rounded amount of the row."""
    for priced in priced_batches(observed, profile):
        lines = Counter(line_key(line) for line in Bill(priced.body.value).lines or () if line)
        if priced.lines is None or not any(key is not None for key in lines):
            continue
        seen = [key for key in lines.elements() if key is not None]
        yield _compared(priced, seen)


def line_key(line: Any) -> tuple[str, str, str, int] | None:
    """Dimension, unit size, price and amount of a metered line."""
    if not isinstance(line, dict) or "line_nanos" not in line:
        return None
    price = line.get("unit_price_usd")
    shown = price if isinstance(price, str) else repr(price)
    size = exact(line.get("unit_size"))
    nanos = amount(line)
    return (str(line.get("dimension")), str(size), shown, -1 if nanos is None else nanos)


def _compared(priced: Priced, seen: list[tuple[str, str, str, int]]) -> Any:
    wanted = [(*key, nanos) for key, (nanos, _) in (priced.lines or {}).items()]
    either = {(*key, nanos) for key, both in (priced.lines or {}).items() for nanos in both}
    fits = len(seen) == len(wanted) == len({one[:3] for one in seen}) and set(seen) <= either
    return holds(
        fits,
        seen="; ".join(map(str, sorted(seen))),
        expected="; ".join(map(str, sorted(wanted))),
        pointer=f"{priced.body.pointer}/pricing_lines",
        step=priced.body.seen.number,
    )


@check("BILL-LINE-08")
def units_are_quantity_by_unit_size(body: BatchBody, profile: str) -> Findings:
    """`billable_units` is quantity / unit_size; under phaseo it may be lower."""
    for pointer, line in _metered(body):
        quantity, units = exact(line.get("quantity")), exact(line.get("billable_units"))
        size = exact(line.get("unit_size"))
        # What is below zero is LINE-10's affair.
        if quantity is None or units is None or size is None or size <= 0 or quantity < 0:
            continue
        wanted = quantity / size
        above = units - wanted
        near = abs(above) <= abs(wanted) * _TOLERANCE
        yield holds(
            near or (profile == "phaseo" and above < 0),
            seen=line["billable_units"],
            expected=f"{line['quantity']} / {line['unit_size']}",
            pointer=f"{pointer}/billable_units",
        )


@check("BILL-LINE-09")
def a_meter_at_one_price_has_one_line(body: BatchBody) -> Findings:
    """Dimension, unit size and unit price occur together once in an array."""
    seen = set()
    for pointer, line in _metered(body):
        key = line_key(line)
        triple = key[:3] if key else None
        yield holds(
            triple not in seen,
            seen=f"a second line of {triple}",
            expected="one line for each meter and price",
            pointer=pointer,
        )
        seen.add(triple)


@check("BILL-LINE-13")
def price_texts_are_cut_or_rounded(observed: Observed, profile: str) -> Findings:
    """A price as text is cut after nine digits; one with an exponent is rounded."""
    for priced in priced_batches(observed, profile):
        known = {(one.meter, one.unit_size): set[str]() for one in priced.prices}
        for one in priced.prices:
            known[one.meter, one.unit_size].add(usd_text(one.nanos))
        for pointer, line in _metered(priced.body):
            texts = known.get(
                (str(line.get("dimension")), exact(line.get("unit_size")) or Fraction(0))
            )
            price = line.get("unit_price_usd", ABSENT)
            if texts and price is not ABSENT and price not in list(texts):
                where = f"{priced.body.pointer}{pointer}/unit_price_usd"
                expected = " or ".join(sorted(texts))
                yield broken(price, expected, where, priced.body.seen.number)
            elif texts:
                yield holds(condition=True, seen="", expected="")
