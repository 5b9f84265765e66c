"""The models that the mock sells, their prices in whole nanos, and the list that shows them."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from typing import Any

from conformance.mock.endpoints import SUPPORTED
from conformance.mock.money_text import usd_9


@dataclass(frozen=True, slots=True)
class Price:
    """`nanos` for each `unit_size` units of one dimension; `text` is how a card words it."""

    nanos: int
    unit_size: int = 1
    text: str | None = None

    def of(self, quantity: int) -> int:
        """What `quantity` units cost, rounded half up to a whole nano."""
        return (2 * quantity * self.nanos + self.unit_size) // (2 * self.unit_size)


@dataclass(frozen=True, slots=True)
class Model:
    """A model with a price for every dimension that its endpoints measure."""

    name: str
    title: str
    prices: dict[str, Price]
    input_types: tuple[str, ...] = ("text",)
    output_types: tuple[str, ...] = ("text",)
    endpoints: tuple[str, ...] = SUPPORTED[:4]
    extra_params: tuple[str, ...] = ("metadata", "session_id", "webhook")


_NANO = Decimal("0.000000001")


def _text(unit_size: int, nanos_in: int, nanos_out: int) -> dict[str, Price]:
    return {
        "input_text_tokens": Price(nanos_in, unit_size),
        "output_text_tokens": Price(nanos_out, unit_size),
    }


MODELS = {
    model.name: model
    for model in (
        Model("mock-mini", "Mock Mini", _text(1, 1_000, 2_000)),
        Model("mock-large", "Mock Large", _text(1_000_000, 1_000_000_000, 4_000_000_000)),
        Model("mock-fine", "Mock Fine", _text(1_000_000, 37_500_000, 150_000_000)),
        Model("mock-free", "Mock Free", _text(1, 0, 0), extra_params=("metadata",)),
        Model(
            "mock-moderation",
            "Mock Moderation",
            {"requests": Price(0)},
            output_types=("moderations",),
            endpoints=("/v1/moderations",),
            extra_params=("metadata",),
        ),
        Model(
            "mock-image",
            "Mock Image",
            {"output_image": Price(20_000_000)},
            output_types=("image",),
            endpoints=("/v1/images/generations", "/v1/images/edits"),
        ),
        Model(
            "mock-video",
            "Mock Video",
            {"output_video_seconds": Price(100_000_000)},
            output_types=("video",),
            endpoints=("/v1/videos",),
        ),
    )
}

_ALIASES = {
    "request_endpoint": "endpoint",
    "window": "completion_window",
    "file": "input_file_id",
    "input_file": "input_file_id",
    "session": "session_id",
}


def canonical_param(word: str) -> str:
    """The documented name of a request parameter given by name or alias."""
    return _ALIASES.get(word, word)


def _details(model: Model) -> dict[str, dict[str, Any]]:
    details: dict[str, dict[str, Any]] = {
        "endpoint": {"type": "string", "values": list(model.endpoints)},
        "input_file_id": {"type": "string"},
        "completion_window": {"type": "string", "values": ["24h"]},
    }
    details.update({name: {"type": "object"} for name in model.extra_params})
    for alias, name in _ALIASES.items():
        if name in details:
            details[name].setdefault("aliases", []).append(alias)
    return details


def _capabilities(model: Model) -> dict[str, Any]:
    details = _details(model)
    return {
        "supported_params": list(details),
        "supported_parameters": list(details),
        "supported_params_detail": details,
        "supported_parameters_detail": details,
    }


def _pricing(model: Model) -> dict[str, Any]:
    lines = [
        {"dimension": name, "unit_size": price.unit_size, "unit_price_usd": usd_9(price.nanos)}
        for name, price in model.prices.items()
    ]
    return {"currency": "usd", "pricing_plan": "batch", "prices": lines}


class BadPrice(ValueError):
    """A price that cannot be read; the text says why."""


def nanos_of(text: Any) -> int:
    """The nanos of a price text: cut after nine digits, one with an exponent rounded half up."""
    try:
        price = Decimal(text) if isinstance(text, str) else Decimal("nan")
        rounding = ROUND_HALF_UP if "e" in str(text).lower() else ROUND_DOWN
        nanos = int(price.quantize(_NANO, rounding).scaleb(9))
    except (ArithmeticError, ValueError) as error:
        raise BadPrice(f"a price is decimal text, not {text!r}") from error
    if nanos < 0:
        raise BadPrice(f"a price is not below zero: {text!r}")
    return nanos


def with_prices(model: Model, prices: Any) -> Model:
    """The model at other prices, given as entries of a price card; raises BadPrice."""
    own = dict(model.prices)
    if not isinstance(prices, list) or not prices:
        raise BadPrice("prices is a list of meter, unit_size and price_per_unit")
    for one in prices:
        meter = one.get("meter") if isinstance(one, dict) else None
        if meter not in own:
            raise BadPrice(f"meter is one of {', '.join(own)}, not {meter!r}")
        size = one.get("unit_size", own[meter].unit_size)
        if not isinstance(size, int) or isinstance(size, bool) or size < 1:
            raise BadPrice(f"unit_size is a whole number from 1, not {size!r}")
        text = one.get("price_per_unit")
        own[meter] = Price(nanos_of(text), size, str(text))
    return replace(model, prices=own)


def price_card(models: Iterable[Model]) -> list[dict[str, Any]]:
    """Every price of the models, as US dollars in decimal text for `unit_size` units of a meter."""
    return [
        {
            "meter": meter,
            "unit_size": price.unit_size,
            "price_per_unit": price.text or usd_9(price.nanos),
            "model": model.name,
        }
        for model in models
        for meter, price in model.prices.items()
    ]


def model_item(model: Model) -> dict[str, Any]:
    """One element of the model list."""
    return {
        "model": model.name,
        "name": model.title,
        "status": "active",
        "input_types": list(model.input_types),
        "output_types": list(model.output_types),
        **_capabilities(model),
        "providers": [{"provider": "openai", "status": "active", **_capabilities(model)}],
        "pricing": _pricing(model),
    }


def supports(model: Model, params: Iterable[str]) -> bool:
    """Whether the model takes every one of these request parameters, by name or alias."""
    details = _details(model)
    return all(canonical_param(word) in details for word in params)
