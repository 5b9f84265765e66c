"""The price card that a transcript names: which price holds for which meter of which model."""

import re
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_UP, Context, Decimal, InvalidOperation
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import Any

from conformance.checks.billing._money import exact, usd_text
from conformance.json_text import ABSENT, at
from conformance.views import Observed

PRICE_CARD = "price_card"
_NANO = Decimal("0.000000001")
_WIDE = Context(prec=100)
_DATE = re.compile(r"[-@:](?:[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{8}|[0-9]{4}|latest)$")

Key = tuple[str, str, str]


@dataclass(frozen=True)
class Price:
    """One price of the card: nanos for `unit_size` units of a meter, of one model or of all."""

    meter: str
    unit_size: int | Fraction
    nanos: int
    model: str | None
    included: int | Fraction

    @cached_property
    def key(self) -> Key:
        """Meter, unit size and price as the lines show them."""
        return self.meter, str(self.unit_size), usd_text(self.nanos)


def price_nanos(text: Any) -> int | None:
    """The nanos of a price text: cut after nine digits, rounded half up with an exponent."""
    return _price_nanos(text) if isinstance(text, str) else None


# The lines of many bills repeat the few prices of a card.
@lru_cache(maxsize=512)
def _price_nanos(text: str) -> int | None:
    try:
        price = Decimal(text)
        rounding = ROUND_HALF_UP if "e" in text.lower() else ROUND_DOWN
        return int(price.quantize(_NANO, rounding=rounding, context=_WIDE).scaleb(9, _WIDE))
    except (InvalidOperation, ValueError, OverflowError):
        return None


def _price(entry: Any, profile: str) -> Price | None:
    nanos, size = price_nanos(at(entry, "/price_per_unit")), exact(at(entry, "/unit_size"))
    model = at(entry, "/model")
    if nanos is None or nanos < 0 or size is None or not size > 0:
        return None
    included = exact(at(entry, "/included_quantity")) if profile == "phaseo" else None
    named = model if isinstance(model, str) else None
    return Price(str(at(entry, "/meter")), size, nanos, named, included or 0)


def prices_of(card: Any, profile: str) -> tuple[Price, ...]:
    """The prices of a card; included quantities are phaseo's alone.

    None at all when one of them cannot be read: what is left would make a wrong bill.
    """
    entries = card if isinstance(card, list) else []
    prices = [_price(one, profile) for one in entries if isinstance(at(one, "/meter"), str)]
    known = [one for one in prices if one is not None]
    return tuple(known) if len(known) == len(prices) else ()


def card_before(observed: Observed, number: int) -> Any:
    """The prices that were in force at a step, ABSENT when nobody said."""
    cards = [edge for at_step, edge in observed.transcript.edges(PRICE_CARD) if at_step < number]
    return cards[-1].detail.get("prices", ABSENT) if cards else ABSENT


def _plain_name(model: str) -> str:
    return _DATE.sub("", model.rpartition("/")[2])


def tariff(prices: tuple[Price, ...], names: tuple[str, ...]) -> tuple[Price, ...] | None:
    """The prices for a model of these names, those for all models with them.

    A name may be dated or lack its maker. None when the card leaves open which price holds.
    """
    own: set[Price] = set()
    for name_of in (str, _plain_name):
        wanted = {name_of(name) for name in names}
        own = {one for one in prices if one.model is not None and name_of(one.model) in wanted}
        if own:
            break
    found = tuple(price for price in prices if price.model is None or price in own)
    return found if len({price.meter for price in found}) == len(found) else None
