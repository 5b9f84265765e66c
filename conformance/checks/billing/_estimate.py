"""The hold that a create should make, from its input rows and a price card."""

import math
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from conformance.checks.billing._card import Price, card_before, prices_of, tariff
from conformance.checks.billing._money import whole
from conformance.json_text import at, dump
from conformance.views import BatchBody, Observed, json_lines

_DEFAULT_OUTPUT = 1024
_LIMITS = ("/max_output_tokens", "/max_completion_tokens", "/max_tokens")
_METERS = {"input_text_tokens", "output_text_tokens"}


def _texts(value: Any) -> Iterator[str | None]:
    for one in value if isinstance(value, list) else [{"content": value}]:
        content = at(one, "/content")
        # Half of the readers count what lies beyond U+FFFF as two characters.
        countable = isinstance(content, str) and max(content, default="") <= "\uffff"
        yield content if countable else None


def _tokens(row: Any, profile: str) -> tuple[int, int] | None:
    """Input and output tokens that a row may take; None for what is not plain text."""
    body = at(row, "/body")
    found = [one for name in _LIMITS if (one := whole(at(body, name))) is not None]
    if profile == "phaseo":
        return (len(dump(body).encode()) + 16, found[0]) if found else None
    text = at(body, "/input")
    parts = list(_texts(text if isinstance(text, str) else at(body, "/messages")))
    known = [part for part in parts if part is not None]
    if not known or len(known) < len(parts):
        return None
    return max(1, math.ceil(sum(map(len, known)) / 4)), found[0] if found else _DEFAULT_OUTPUT


def _row_nanos(row: Any, prices: tuple[Price, ...], profile: str) -> int | None:
    tokens = _tokens(row, profile)
    model = at(row, "/body/model")
    mine = {price.meter: price for price in tariff(prices, (str(model),)) or ()}
    if tokens is None or mine.keys() != _METERS:
        return None
    nanos = 0
    for name, quantity in zip(("input_text_tokens", "output_text_tokens"), tokens, strict=True):
        price = mine[name]
        nanos += math.floor(Fraction(quantity) / price.unit_size * price.nanos + Fraction(1, 2))
    return -(-nanos * 11 // 10) if profile == "phaseo" else nanos


def estimated_nanos(observed: Observed, body: BatchBody, profile: str) -> int | None:
    """What the create of a batch should hold; None when rows or prices are not known."""
    view = observed.files.get(str(body.get("/input_file_id")))
    prices = prices_of(card_before(observed, body.seen.number), profile)
    if view is None or view.uploaded is None or not prices:
        return None
    rows = [_row_nanos(row, prices, profile) for row in json_lines(view.uploaded)]
    known = [one for one in rows if one is not None]
    return sum(known) if known and len(known) == len(rows) else None
