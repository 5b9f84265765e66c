"""Amounts in whole nanos: what rows cost, the lines of a bill, and the wallet that pays it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from conformance.mock.endpoints import normalised
from conformance.mock.input_rows import InputRow
from conformance.mock.money_text import NANOS_PER_CENT, usd_9
from conformance.mock.prices import Model, Price
from conformance.mock.tokens import image_count, input_tokens, output_limit, video_seconds

Usage = dict[str, int]
"""Units per dimension."""

SAMPLE_ROWS = 50_000

_USAGE_MEMBERS = {
    "input_text_tokens": ("input_tokens", "prompt_tokens"),
    "output_text_tokens": ("output_tokens", "completion_tokens"),
}


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a batch may cost; the counts are set when only a sample of the rows was priced."""

    nanos: int
    sample_size: int | None = None
    total_rows: int | None = None


@dataclass(slots=True)
class Hold:
    """Credit set aside for one batch; `known` is false once the store has lost its fields."""

    id: str
    status: str
    estimate: Estimate
    known: bool = True

    @property
    def reserved_nanos(self) -> int:
        """The amount that was set aside."""
        return self.estimate.nanos

    @property
    def is_held(self) -> bool:
        """Whether the credit is still set aside."""
        return self.known and self.status in ("held", "release_failed")

    def forget(self) -> None:
        """Lose what is stored of it."""
        self.known, self.status = False, ""


@dataclass(frozen=True, slots=True)
class Bill:
    """The outcome of one attempt to settle."""

    reason: str
    finalized_at_ms: int
    cost_nanos: int | None = None
    lines: tuple[Mapping[str, Any], ...] = ()
    breakdown: Mapping[str, Any] | None = None
    billed: bool = False
    charged: bool = False


def estimated_usage(row: InputRow, endpoint: str) -> Usage:
    """The units that the row may use at most."""
    body = row.body or {}
    url = normalised(row.url) if isinstance(row.url, str) else endpoint
    if url == "/v1/moderations":
        return {"requests": 1}
    if url.startswith("/v1/images/"):
        return {"output_image": image_count(body)}
    if url == "/v1/videos":
        return {"output_video_seconds": video_seconds(body) or 0}
    usage = {"input_text_tokens": input_tokens(body)}
    if url != "/v1/embeddings":
        usage["output_text_tokens"] = output_limit(body)
    return usage


def reported_usage(body: Mapping[str, Any], endpoint: str) -> Usage | None:
    """The units that a successful response says it used; None when it had to say and did not."""
    said: Any = body.get("usage")
    if isinstance(said, dict):
        return {dimension: _units(said, names) for dimension, names in _USAGE_MEMBERS.items()}
    if endpoint == "/v1/moderations":
        return {"requests": 1}
    if endpoint.startswith("/v1/images/"):
        return {"output_image": len(body.get("data") or [])}
    if endpoint == "/v1/videos":
        return {"output_video_seconds": int(body.get("seconds") or 0)}
    return None


def _units(said: Mapping[str, Any], names: tuple[str, ...]) -> int:
    return next((int(said[name]) for name in names if name in said), 0)


def usage_nanos(model: Model, usage: Usage) -> int:
    """What the units cost, each dimension rounded half up."""
    return sum(price_of(model, dimension).of(units) for dimension, units in usage.items())


def price_of(model: Model, dimension: str) -> Price:
    """The price of a dimension; one that the card does not name is free."""
    return model.prices.get(dimension, Price(0))


def metered_lines(rows: Iterable[tuple[Model, Usage]]) -> list[dict[str, Any]]:
    """One line for every dimension and price in order of first use; rows are rounded one by one."""
    lines: dict[tuple[str, int, int], dict[str, Any]] = {}
    for model, usage in rows:
        for dimension, units in usage.items():
            if units:
                price = price_of(model, dimension)
                place = (dimension, price.unit_size, price.nanos)
                line = lines.setdefault(place, {"quantity": 0, "line_nanos": 0})
                line["quantity"] += units
                line["line_nanos"] += price.of(units)
    return [_metered_line(*place, **line) for place, line in lines.items()]


def _metered_line(
    dimension: str, unit_size: int, unit_nanos: int, *, quantity: int, line_nanos: int
) -> dict[str, Any]:
    return {
        "dimension": dimension,
        "quantity": quantity,
        "billable_units": quantity if unit_size == 1 else quantity / unit_size,
        "unit_size": unit_size,
        "unit_price_usd": usd_9(unit_nanos),
        "line_cost_usd": usd_9(line_nanos),
        "line_nanos": line_nanos,
        "pricing_plan": "batch",
        "service_tier": "batch",
    }


def summary_line(endpoint: str, units: int, total_nanos: int) -> dict[str, Any]:
    """The only line of a bill whose cost is known without metered lines."""
    return {
        "dimension": "batch_requests",
        "pricing_plan": "batch",
        "service_tier": "batch",
        "endpoint": endpoint,
        "units": units,
        "total_nanos": total_nanos,
        "total_usd_str": usd_9(total_nanos),
    }


def breakdown(total_nanos: int, counts: Mapping[str, int]) -> dict[str, Any]:
    """The sums of a bill; cents are cut, not rounded."""
    return {
        "total_nanos": total_nanos,
        "total_usd_str": usd_9(total_nanos),
        "total_cents": total_nanos // NANOS_PER_CENT,
        "completed_requests": counts["completed"],
        "failed_requests": counts["failed"],
        "total_requests": counts["total"],
    }


class Wallet:
    """The credit of one workspace: a balance, of which a part may be reserved."""

    def __init__(self, balance_nanos: int) -> None:
        self.balance_nanos = balance_nanos
        self.reserved_nanos = 0

    @property
    def available_nanos(self) -> int:
        """What is left for new holds."""
        return self.balance_nanos - self.reserved_nanos

    def reserve(self, nanos: int) -> bool:
        """Set credit aside; False when there is not enough."""
        if nanos > self.available_nanos:
            return False
        self.reserved_nanos += nanos
        return True

    def release(self, nanos: int) -> None:
        """Give reserved credit back."""
        self.reserved_nanos -= nanos

    def charge(self, nanos: int) -> None:
        """Take credit that is not reserved."""
        self.balance_nanos -= nanos

    def as_json(self) -> dict[str, int]:
        """The three figures."""
        return {
            "balance_nanos": self.balance_nanos,
            "reserved_nanos": self.reserved_nanos,
            "available_nanos": self.available_nanos,
        }
