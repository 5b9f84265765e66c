"""The file of --prices: what each model costs, as a price card in exact decimal text."""

import json
import math
import re
import tomllib
from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from conformance.errors import ConfigError

Card = tuple[Mapping[str, Any], ...]

_PER_TOKEN = {"input_nanos": "input_text_tokens", "output_nanos": "output_text_tokens"}
_NEEDED = {"meter", "unit_size", "price_per_unit"}
_KEYS = _NEEDED | {"included_quantity"}
_USD = re.compile(r"[0-9]{1,12}(\.[0-9]{1,20})?([eE][+-]?[0-9]{1,2})?")
_AS_TEXT = "write the amount of USD as text"


class _Wrong(ValueError):
    """What is wrong with the file, without its name."""


def read_prices(path: str | None) -> Card:
    """The prices of the file, one mapping for each model and meter; raises ConfigError."""
    if path is None:
        return ()
    try:
        return tuple(_prices(_data(Path(path))))
    except (OSError, ValueError, RecursionError) as error:
        cause = error if isinstance(error, _Wrong) else f"cannot be read: {error}"
        raise ConfigError(f"--prices {path}: {cause}") from error


def _data(path: Path) -> Any:
    text = path.read_text("utf-8-sig")
    if path.suffix == ".toml":
        return tomllib.loads(text, parse_float=Decimal)
    return json.loads(text, parse_float=Decimal, object_pairs_hook=_object)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    for index, (name, _) in enumerate(pairs):
        if name in [earlier for earlier, _ in pairs[:index]]:
            raise _Wrong(f"{name!r:.80} stands twice")
    return dict(pairs)


def _prices(data: Any) -> Iterator[Mapping[str, Any]]:
    if not isinstance(data, dict) or not data:
        raise _Wrong("expected model → prices, and at least one model")
    for model, said in data.items():
        try:
            yield from ({**price, "model": model} for price in _of_model(said))
        except _Wrong as error:
            raise _Wrong(f"{model}: {error}") from error


def _of_model(said: Any) -> list[Mapping[str, Any]]:
    if isinstance(said, dict):
        return [_per_token(name, nanos) for name, nanos in _nanos(said).items()]
    if not isinstance(said, list) or not said:
        raise _Wrong(
            "expected whole numbers input_nanos and output_nanos, or a list of meter, unit_size "
            "and price_per_unit"
        )
    found = [_price(one) for one in said]
    meters = [one["meter"] for one in found]
    twice = [meter for meter in meters if meters.count(meter) > 1]
    if twice:
        raise _Wrong(f"{twice[0]} has two prices")
    return found


def _nanos(said: dict[str, Any]) -> dict[str, int]:
    wrong = [name for name in said if name not in _PER_TOKEN]
    if any(isinstance(said[name], dict | list) for name in wrong):
        raise _Wrong(f"it has {wrong[0]} inside; in TOML a name with dots stands in quotes")
    if wrong or not said:
        raise _Wrong(f"expected input_nanos and output_nanos, not {', '.join(wrong) or 'nothing'}")
    return {name: _whole(value, name, 0) for name, value in said.items()}


def _per_token(name: str, nanos: int) -> Mapping[str, Any]:
    dollars, rest = divmod(nanos, 1_000_000_000)
    price = f"{dollars}.{rest:09d}"
    return {"meter": _PER_TOKEN[name], "unit_size": 1, "price_per_unit": price}


def _price(said: Any) -> Mapping[str, Any]:
    if not isinstance(said, dict):
        raise _Wrong(f"{said!r:.80} is no price with meter, unit_size and price_per_unit")
    wrong = sorted(said.keys() - _KEYS) or sorted(_NEEDED - said.keys())
    if wrong:
        has = "does not know" if wrong[0] in said else "lacks"
        raise _Wrong(f"a price {has} {wrong[0]}; it has meter, unit_size and price_per_unit")
    if not isinstance(said["meter"], str) or not said["meter"]:
        raise _Wrong(f"{said['meter']!r:.80} is no name of a meter")
    _whole(said["unit_size"], "unit_size", 1)
    _usd(said["price_per_unit"])
    if "included_quantity" in said:
        _whole(said["included_quantity"], "included_quantity", 0)
    return dict(said)


def _whole(value: Any, name: str, least: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        hint = f"; {_AS_TEXT} in price_per_unit" if isinstance(value, Decimal) else ""
        raise _Wrong(f"{name} is {_shown(value)}, not a whole number from {least}{hint}")
    return value


def _usd(value: Any) -> None:
    if isinstance(value, Decimal | float | int) and not isinstance(value, bool):
        raise _Wrong(f'price_per_unit is a number; {_AS_TEXT}: "{_shown(value)}"')
    if not isinstance(value, str) or not _USD.fullmatch(value):
        raise _Wrong(f"price_per_unit is {value!r:.80}, not decimal text such as 0.0000375")


def _shown(value: Any) -> str:
    return f"{value:f}" if isinstance(value, Decimal) and value.is_finite() else f"{value!r:.80}"


def free_models(card: Card) -> list[str]:
    """The models whose every price is nought."""
    names = dict.fromkeys(str(one["model"]) for one in card)
    paid = {one["model"] for one in card if Decimal(one["price_per_unit"]) > 0}
    return [name for name in names if name not in paid]


def dearest_nanos(card: Card, model: str, requests: int, tokens: int) -> int | None:
    """The most that requests of so many tokens in and out cost; None where no price is known."""
    mine = [one for one in card if one["model"] == model]
    if not mine:
        return None
    total = Fraction(0)
    for one in mine:
        quantity = requests if one["meter"] == "requests" else requests * tokens
        total += Fraction(Decimal(one["price_per_unit"])) * quantity / one["unit_size"]
    return math.ceil(total * 1_000_000_000)
