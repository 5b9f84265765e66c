"""A bill as tables: what is stated, step by step, beside what the checks say of each step. Pure.

The tables only show. Whether a step is right is said by the findings of the checks, by pointer;
where no check had anything to judge, that is said too.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction
from typing import Any

from conformance.checks.billing._money import Bill, amount, exact, is_metered, text_nanos, usd_text
from conformance.checks.billing._oracle import Priced
from conformance.json_text import ABSENT, at
from conformance.report.sayings import Said, Sayings
from conformance.verdicts import show

NEAR = "BILL-LINE-05"
FROM_ROWS = ("BILL-LINE-06", "BILL-LINE-13")
LINE = ("BILL-LINE-01", "BILL-LINE-04", "BILL-LINE-08", NEAR)
OK = "ok"
UNJUDGED = "not judged"
_LONGEST = 40
_LONGEST_SAID = 120
_USD = "usd"
_SANE = 10**60
_PLACES = Decimal("0.000001")
_WIDE = Context(prec=120)
_BREAKDOWN = "/billing/pricing_breakdown"
_DISPLAYED = ("BILL-SUM-08",)
_SHAPE = ("BILL-SHAPE-02", "BILL-SHAPE-03", "BILL-WSHOOK-04")
# What a bill states, in the order in which it is worked out, and which checks look at it.
_STATED: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("cost_nanos", "/billing/cost_nanos", ("BILL-SHAPE-08", "BILL-SUM-01")),
    ("total_nanos", "/billing/total_nanos", ("BILL-SUM-03", "BILL-WSHOOK-03")),
    ("breakdown total_nanos", f"{_BREAKDOWN}/total_nanos", ("BILL-SUM-02",)),
    ("breakdown total_usd_str", f"{_BREAKDOWN}/total_usd_str", ("BILL-SUM-06",)),
    ("breakdown total_cents", f"{_BREAKDOWN}/total_cents", ("BILL-SUM-07",)),
    ("breakdown completed", f"{_BREAKDOWN}/completed_requests", ("BILL-SHAPE-07",)),
    ("breakdown failed", f"{_BREAKDOWN}/failed_requests", ("BILL-SUM-10",)),
    ("breakdown total", f"{_BREAKDOWN}/total_requests", ("BILL-SUM-10",)),
    ("cost_usd", "/billing/cost_usd", ("BILL-SUM-05",)),
    ("usage cost_nanos", "/usage/cost_nanos", ("BILL-SUM-04",)),
    ("usage cost_usd", "/usage/cost_usd", ("BILL-SUM-04",)),
    ("settled_provider_cost", "/billing/settled_provider_cost", _DISPLAYED),
    ("settled_user_cost", "/billing/settled_user_cost", _DISPLAYED),
    ("estimated_provider_cost", "/billing/estimated_provider_cost", _DISPLAYED),
    ("estimated_user_cost", "/billing/estimated_user_cost", _DISPLAYED),
    ("estimated_nanos", "/billing/estimated_nanos", ("BILL-RES-06", "BILL-SHAPE-08")),
    ("hold, reserved_nanos", "/billing/reserved_nanos", ("BILL-RES-06", "BILL-SHAPE-08")),
    ("hold, reservation_status", "/billing/reservation_status", ("BILL-RES-05", *_SHAPE)),
    ("currency", "/billing/currency", _SHAPE),
    ("state", "/billing/state", ("BILL-STATE-08", "BILL-WSHOOK-07")),
    ("billed", "/billing/billed", ("BILL-TRUTH-02", *_SHAPE)),
    ("charged", "/billing/charged", ("BILL-TRUTH-01", "BILL-TRUTH-03", *_SHAPE)),
    ("reason", "/billing/reason", ("BILL-REASON-02", *_SHAPE)),
    ("charge_reason", "/billing/charge_reason", ("BILL-WSHOOK-05", *_SHAPE)),
    ("billable", "/billing/billable", ("BILL-WSHOOK-06",)),
)


@dataclass(frozen=True)
class Step:
    """One row of a table: its cells, and what the checks say of it."""

    cells: tuple[str, ...]
    mark: str
    said: tuple[Said, ...] = ()


@dataclass(frozen=True)
class BillTable:
    """The whole bill: lines, lines made again of output rows, what is stated, all else said."""

    title: str
    # File, line and pointer of a pointer into the batch object.
    locate: Callable[[str], str]
    cost_nanos: int | None
    lines: tuple[Step, ...]
    from_rows: tuple[Step, ...] | None
    stated: tuple[Step, ...]
    elsewhere: tuple[Said, ...]

    @property
    def said(self) -> list[Said]:
        """Everything found broken, in the order in which a bill is worked out."""
        steps = (*self.lines, *(self.from_rows or ()), *self.stated)
        return [said for step in steps for said in step.said] + list(self.elsewhere)


def cell(value: Any) -> str:
    """A value in a table: text as it is with control characters escaped, all else as JSON."""
    if value is ABSENT:
        return "-"
    text = show(value)
    if isinstance(value, str) and text == f'"{value}"':
        text = value
    return brief(text, _LONGEST)


def brief(text: str, longest: int = _LONGEST_SAID) -> str:
    """A text cut to so many characters."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def number(value: Fraction | int) -> str:
    """A number to six places; a tilde says that there are more."""
    value = Fraction(value)
    if not -_SANE < value < _SANE:
        return f"{'-' if value < 0 else ''}beyond 10^60"
    precise = _WIDE.divide(Decimal(value.numerator), Decimal(value.denominator))
    near = precise.quantize(_PLACES, ROUND_HALF_EVEN, _WIDE)
    text = f"{near:f}".rstrip("0").rstrip(".")
    text = "0" if text in {"", "-0"} else text
    return text if Fraction(near) == value else f"~{text}"


def _mark(said: Sequence[Said], fine: str, pointer: str = "") -> str:
    """What should be there, by whom it is said; `fine` when nobody says anything.

    What lies below `pointer` is named.
    """
    if not said:
        return fine
    texts: dict[str, list[str]] = {}
    for one in said:
        name = one.pointer.removeprefix(pointer).lstrip("/") if pointer else ""
        verb = "should be" if one.is_wrong else "better"
        text = f"{name} {verb} {brief(one.finding.expected or 'otherwise')}".lstrip()
        texts.setdefault(text, []).append(one.row.id)
    return "; ".join(f"{text} ({', '.join(ids)})" for text, ids in texts.items())


def _line(index: int, line: Any, known: Sayings) -> Step:
    pointer = f"/pricing_lines/{index}"
    said = known.of(pointer)
    if not isinstance(line, dict):
        return Step(
            (str(index), cell(line), *("-",) * 7), _mark(said, UNJUDGED, pointer), tuple(said)
        )
    units, price = exact(line.get("billable_units")), text_nanos(line.get("unit_price_usd"))
    nanos = amount(line)
    product = units * price if units is not None and price is not None else None
    off = nanos - product if nanos is not None and product is not None else None
    metered = is_metered(line)
    cells = (
        str(index),
        cell(line.get("dimension", ABSENT)),
        cell(line.get("quantity", ABSENT)),
        cell(line.get("unit_size", ABSENT)),
        cell(line.get("billable_units" if metered else "units", ABSENT)),
        cell(line.get("unit_price_usd", ABSENT)),
        "-" if product is None else number(product),
        cell(line.get("line_nanos" if metered else "total_nanos", ABSENT)),
        "-" if off is None else number(off),
    )
    return Step(cells, _mark(said, _fine(off, known, metered=metered), pointer), tuple(said))


def _fine(off: Fraction | int | None, known: Sayings, *, metered: bool) -> str:
    """What is said of a line that no check objects to."""
    if not metered:
        return OK if known.was_judged(LINE) else UNJUDGED
    if off is None:
        return UNJUDGED
    if number(off).removeprefix("~") == "0":
        return OK
    return "ok, rounding of its rows" if known.was_judged([NEAR]) else UNJUDGED


def _sum(bill: Bill, known: Sayings) -> Step:
    said = [*known.of("/pricing_lines", ["BILL-SUM-01", "BILL-TRUTH-01"])]
    total = bill.total_nanos
    text = "-" if total is None else number(total)
    fine = OK if known.was_judged(["BILL-SUM-01"]) else UNJUDGED
    return Step((f"Σ {len(bill.lines or ())} lines", text), _mark(said, fine), tuple(said))


def _steps_stated(bill: Bill, known: Sayings) -> Iterator[Step]:
    for label, pointer, ids in _STATED:
        value = at(bill.value, pointer)
        said = known.of(pointer)
        if value is not ABSENT or said:
            fine = OK if known.was_judged(ids) else UNJUDGED
            if value is None or value is ABSENT:
                fine = ""
            elif label == "currency" and value != _USD and fine == OK:
                fine = f"{UNJUDGED}; all figures are read as {_USD}"
            yield Step((label, cell(value)), _mark(said, fine), tuple(said))


def _came_back(bill: Bill) -> Iterator[Step]:
    """What became of the hold, as the bill tells it."""
    hold, cost = bill.nanos("reserved_nanos"), bill.cost_nanos
    if hold is None:
        return
    if not bill.flag("billed"):
        yield Step(("hold still there", number(hold)), "")
        return
    taken = (cost or 0) if bill.flag("charged") or bill.reason == "already_billed" else 0
    yield Step(("taken", number(taken)), "")
    yield Step(("of the hold came back", number(max(hold - taken, 0))), "")
    if taken > hold:
        yield Step(("taken beyond the hold", number(taken - hold)), "")


def _made_again(priced: Priced, bill: Bill, known: Sayings) -> Iterator[Step]:
    """The lines that output rows and prices amount to, beside what was billed."""
    said = known.of("/pricing_lines", FROM_ROWS)
    fine = OK if known.was_judged(FROM_ROWS) else UNJUDGED
    if priced.lines is None:
        yield Step(("a row lacks", priced.lacking or "a usage that can be split"), UNJUDGED)
        return
    billed: dict[tuple[str, str, str], list[str]] = {}
    for line in bill.lines or ():
        if is_metered(line):
            key = (
                str(line.get("dimension")),
                str(exact(line.get("unit_size"))),
                str(line.get("unit_price_usd")),
            )
            billed.setdefault(key, []).append(cell(line["line_nanos"]))
    for key, both in priced.lines.items():
        made = " or ".join(dict.fromkeys(map(number, both)))
        yield Step((*map(cell, key), made, ", ".join(billed.pop(key, ["-"]))), "")
    for key, nanos in billed.items():
        yield Step((*map(cell, key), "-", ", ".join(nanos)), "")
    total = sum(both[0] for both in priced.lines.values())
    yield Step(
        ("Σ", "", "", number(total), cell(bill.total_nanos)),
        _mark(said, fine),
        tuple(said),
    )


def bill_table(
    value: dict[str, Any],
    locate: Callable[[str], str],
    known: Sayings,
    profile: str,
    priced: Priced | None,
) -> BillTable:
    """The tables of a batch object's bill."""
    bill = Bill(value)
    again = tuple(_made_again(priced, bill, known)) if priced is not None else None
    lines = tuple(_line(index, line, known) for index, line in enumerate(bill.lines or ()))
    stated = (_sum(bill, known), *_steps_stated(bill, known), *_came_back(bill))
    status = cell(value.get("status", ABSENT))
    cost = bill.cost_nanos
    money = "no cost" if cost is None else f"{number(cost)} nanos"
    if cost is not None and abs(cost) < _SANE:
        money += f", {usd_text(cost)} USD"
    title = f"{cell(value.get('id', ABSENT))}: {status}, {money} (profile {profile})"
    return BillTable(title, locate, cost, lines, again, stated, tuple(known.rest()))
