"""The bill made once more, from output rows and a price card: exact, and as doubles give it."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from conformance.checks.billing._card import Key, Price, card_before, prices_of, tariff
from conformance.checks.billing._money import exact, whole
from conformance.json_text import at
from conformance.views import BatchBody, Observed, Rows, made_once

_INPUT, _OUTPUT = "input_text_tokens", "output_text_tokens"
_FROM_TOKENS = {
    "input_tokens": _INPUT,
    "prompt_tokens": _INPUT,
    "output_tokens": _OUTPUT,
    "completion_tokens": _OUTPUT,
}
# Parts of a count that are priced with the whole of it.
_WITHIN = {"text_tokens", "reasoning_tokens"}

Number = int | Fraction


@dataclass(frozen=True)
class Priced:
    """A batch that ended, with its rows and prices; `lines` is None when they cannot be made.

    Each line has the exact amount, and the one that binary doubles make of it. `lacking` is what
    a row that counts surely lacks.
    """

    body: BatchBody
    prices: tuple[Price, ...]
    lines: dict[Key, tuple[int, int]] | None
    lacking: str | None

    @property
    def totals(self) -> set[int]:
        """What the lines add up to, exact and in doubles."""
        return totals(self.lines or {})


def totals(lines: Mapping[Key, tuple[int, int]]) -> set[int]:
    """What lines add up to, exact and in doubles."""
    return {
        sum(precise for precise, _ in lines.values()),
        sum(doubled for _, doubled in lines.values()),
    }


def counted(rows: Rows) -> list[Any]:
    """The output rows that count: HTTP 200 to 299 with an object as body."""
    found = []
    for row in rows.outputs or ():
        status = whole(at(row, "/response/status_code"))
        fine = status is not None and 200 <= status < 300
        if fine and isinstance(at(row, "/response/body"), dict):
            found.append(row)
    return found


def _details(usage: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for member in usage.values():
        if isinstance(member, dict):
            yield from member.items()


def quantities(usage: Mapping[str, Any], priced: set[str]) -> dict[str, Number] | None:
    """Quantity by meter; None where the split over the priced meters is not told."""
    found: dict[str, Number] = {}
    for name, value in usage.items():
        meter = _FROM_TOKENS.get(name, name)
        quantity = exact(0 if value is None else value)
        known = meter in priced or name in _FROM_TOKENS
        if quantity is None and not known:
            continue
        if quantity is None or found.get(meter, quantity) != quantity:
            return None
        # Tokens of a kind of their own, such as cached ones, may be part of another count.
        if quantity and not known and name.endswith("_tokens") and name != "total_tokens":
            return None
        found[meter] = quantity
    if any(value and name not in _WITHIN for name, value in _details(usage)):
        return None
    return _split(found, priced)


def _split(found: dict[str, Number], priced: set[str]) -> dict[str, Number] | None:
    if not priced & {_INPUT, _OUTPUT} and "embedding_tokens" in priced - found.keys():
        found = {**found, "embedding_tokens": found.get(_INPUT, 0)}
    untold = priced - found.keys() - {_INPUT, _OUTPUT}
    only_total = found.get("total_tokens") and not found.keys() & {_INPUT, _OUTPUT}
    if only_total and priced & {_INPUT, _OUTPUT}:
        return None
    return None if any("cache" not in meter for meter in untold) else found


def _amounts(price: Price, quantity: Number) -> tuple[int, int]:
    billable, size = max(quantity - price.included, 0), price.unit_size
    above = billable.numerator * size.denominator * price.nanos
    below = billable.denominator * size.numerator
    precise = (2 * above + below) // (2 * below)
    # The one place of floats: the reference multiplies doubles, and so its halves may fall.
    return precise, math.floor(float(billable) / float(size) * price.nanos + 0.5)


class _Biller:
    """Makes the bill of the rows of one batch."""

    def __init__(self, rows: Rows, prices: tuple[Price, ...]) -> None:
        self._prices = prices
        self._tariffs: dict[tuple[str, ...], tuple[Price, ...] | None] = {}
        self._asked: dict[Any, Any] = {}
        for row in rows.inputs or ():
            custom_id = at(row, "/custom_id")
            if isinstance(custom_id, str):
                self._asked.setdefault(custom_id, at(row, "/body/model"))
        self.lines: dict[Key, tuple[int, int]] | None = {}
        self.lacking: str | None = None

    def add(self, row: Any) -> None:
        """Bill one row that counts."""
        names, asked = self._names(row)
        mine = self._tariff(names)
        usage = at(row, "/response/body/usage")
        made = None
        if mine == () and (asked or not names):
            self.lacking = self.lacking or ("a price" if names else "a model")
        elif mine and isinstance(usage, dict):
            made = quantities(usage, {price.meter for price in mine})
        elif mine and all(price.meter.endswith("_tokens") for price in mine):
            self.lacking = self.lacking or "usage"
        if made is None or mine is None:
            self.lines = None
        elif self.lines is not None:
            self._charge(mine, made)

    def _names(self, row: Any) -> tuple[tuple[str, ...], bool]:
        """The names of the model in answer and request, and whether the request told one."""
        custom_id = at(row, "/custom_id")
        asked = self._asked.get(custom_id) if isinstance(custom_id, str) else None
        both = (at(row, "/response/body/model"), asked)
        named = tuple(one for one in both if isinstance(one, str) and one)
        return named, isinstance(asked, str)

    def _tariff(self, names: tuple[str, ...]) -> tuple[Price, ...] | None:
        if names not in self._tariffs:
            self._tariffs[names] = tariff(self._prices, names)
        return self._tariffs[names]

    def _charge(self, mine: tuple[Price, ...], made: dict[str, Number]) -> None:
        lines = self.lines if self.lines is not None else {}
        for price in mine:
            quantity = made.get(price.meter, 0)
            if quantity > 0:
                before = lines.get(price.key, (0, 0))
                more = _amounts(price, quantity)
                lines[price.key] = (before[0] + more[0], before[1] + more[1])


@made_once
def priced_batches(observed: Observed, profile: str) -> Iterator[Priced]:
    """Every batch that ended whose output rows were read and whose prices are known."""
    for rows in observed.rows:
        prices = prices_of(card_before(observed, rows.body.seen.number), profile)
        if prices and rows.outputs is not None:
            biller = _Biller(rows, prices)
            for row in counted(rows):
                biller.add(row)
            lines = biller.lines if biller.lacking is None else None
            yield Priced(rows.body, prices, lines, biller.lacking)
