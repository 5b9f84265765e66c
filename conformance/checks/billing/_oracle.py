"""The bill made once more, from output rows and a price card: exact, and as doubles give it."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal, InvalidOperation
from fractions import Fraction
from typing import Any

from conformance.checks.billing._money import exact, usd_text, whole
from conformance.json_text import ABSENT, at
from conformance.views import BatchBody, Observed, Rows

PRICE_CARD = "price_card"
_NANO = Decimal("0.000000001")
_FROM_TOKENS = {
    "input_tokens": "input_text_tokens",
    "prompt_tokens": "input_text_tokens",
    "output_tokens": "output_text_tokens",
    "completion_tokens": "output_text_tokens",
}
_CACHED = ("/input_tokens_details/cached_tokens", "/prompt_tokens_details/cached_tokens")

Key = tuple[str, str, str]


@dataclass(frozen=True)
class Price:
    """One price of the card: nanos for `unit_size` units of a meter, of one model or of all."""

    meter: str
    unit_size: Fraction
    nanos: int
    model: str | None
    included: Fraction


@dataclass(frozen=True)
class Priced:
    """A batch that ended, with its rows and prices; `lines` is None when a row has no price.

    Each line has the exact amount, and the one that binary doubles make of it.
    """

    body: BatchBody
    rows: Rows
    prices: tuple[Price, ...]
    lines: dict[Key, tuple[int, int]] | None
    lacking: str | None


def price_nanos(text: Any) -> int | None:
    """The nanos of a price text: cut after nine digits, rounded half up with an exponent."""
    if not isinstance(text, str):
        return None
    try:
        price = Decimal(text)
        rounding = ROUND_HALF_UP if "e" in text.lower() else ROUND_DOWN
        return int(price.quantize(_NANO, rounding=rounding).scaleb(9))
    except (InvalidOperation, ValueError, OverflowError):
        return None


def _prices(card: Any, profile: str) -> Iterator[Price]:
    for one in card if isinstance(card, list) else ():
        nanos, size = price_nanos(at(one, "/price_per_unit")), exact(at(one, "/unit_size"))
        model = at(one, "/model")
        if nanos is not None and size is not None and size > 0:
            included = exact(at(one, "/included_quantity")) if profile == "phaseo" else None
            named = model if isinstance(model, str) else None
            yield Price(str(at(one, "/meter")), size, nanos, named, included or Fraction(0))


def prices_of(card: Any, profile: str) -> tuple[Price, ...]:
    """The prices of a card that can be read; included quantities are phaseo's alone."""
    return tuple(_prices(card, profile))


def counted(rows: Rows) -> list[Any]:
    """The output rows that count: HTTP 200 to 299 with an object as body."""
    found = []
    for row in rows.outputs or ():
        status = whole(at(row, "/response/status_code"))
        fine = status is not None and 200 <= status < 300
        if fine and isinstance(at(row, "/response/body"), dict):
            found.append(row)
    return found


def _meter(name: str) -> str:
    return _FROM_TOKENS.get(name, name)


def usage_of(row: Any) -> dict[str, Fraction] | None:
    """Quantity by meter, None when the row has no usage or one that cannot be split."""
    usage = at(row, "/response/body/usage")
    if not isinstance(usage, dict) or any(at(usage, cached) for cached in _CACHED):
        return None
    meters: dict[str, Fraction] = {}
    for name, value in usage.items():
        quantity = exact(value)
        if quantity is not None:
            meters[_meter(str(name))] = quantity
    return meters


def _model(row: Any, rows: Rows) -> str | None:
    named = at(row, "/response/body/model")
    if isinstance(named, str):
        return named
    for one in rows.inputs or ():
        if at(one, "/custom_id") == at(row, "/custom_id"):
            found = at(one, "/body/model")
            return found if isinstance(found, str) else None
    return None


def _amounts(price: Price, quantity: Fraction) -> tuple[int, int]:
    units = max(quantity - price.included, Fraction(0)) / price.unit_size
    precise = math.floor(units * price.nanos + Fraction(1, 2))
    # The one place of floats: the reference multiplies doubles, and so its halves may fall.
    billed = float(max(quantity - price.included, Fraction(0)))
    doubled = billed / float(price.unit_size) * price.nanos
    return precise, math.floor(doubled + 0.5)


def _lacking(row: Any, rows: Rows, prices: tuple[Price, ...]) -> str | None:
    if not isinstance(at(row, "/response/body/usage"), dict):
        return "usage"
    model = _model(row, rows)
    if model is None and not all(price.model is None for price in prices):
        return "a model"
    return None if any(price.model in {None, model} for price in prices) else "a price"


def _lines(rows: Rows, prices: tuple[Price, ...]) -> dict[Key, tuple[int, int]] | None:
    lines: dict[Key, tuple[int, int]] = {}
    for row in counted(rows):
        usage = usage_of(row)
        if usage is None:
            return None
        model = _model(row, rows)
        for price in prices:
            quantity = usage.get(price.meter, Fraction(0))
            if price.model in {None, model} and quantity > 0:
                key = (price.meter, str(price.unit_size), usd_text(price.nanos))
                before = lines.get(key, (0, 0))
                more = _amounts(price, quantity)
                lines[key] = (before[0] + more[0], before[1] + more[1])
    return lines


def card_before(observed: Observed, number: int) -> Any:
    """The prices that were in force at a step, ABSENT when nobody said."""
    cards = [edge for at_step, edge in observed.transcript.edges(PRICE_CARD) if at_step < number]
    return cards[-1].detail.get("prices", ABSENT) if cards else ABSENT


def priced_batches(observed: Observed, profile: str) -> Iterator[Priced]:
    """Every batch that ended whose output rows were read and whose prices are known."""
    for rows in observed.rows:
        prices = prices_of(card_before(observed, rows.body.seen.number), profile)
        if not prices or rows.outputs is None:
            continue
        lacking = [_lacking(row, rows, prices) for row in counted(rows)]
        first = next((one for one in lacking if one is not None), None)
        lines = _lines(rows, prices) if first is None else None
        yield Priced(rows.body, rows, prices, lines, first)
