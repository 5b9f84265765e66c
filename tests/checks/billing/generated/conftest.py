"""Bills made by an exact model of their own: whole nanos and fractions, no module of the checks."""

import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Any

import pytest

Rounding = Callable[[int, int, int], int]
Amounts = dict[tuple[str, int, int], dict[str, Any]]
LONG_NULLS = ("estimation_truncated", "estimation_sample_size", "estimation_total_rows")
SHAPES = (("input_tokens", "output_tokens"), ("prompt_tokens", "completion_tokens"))
PLAIN = ("0.0375", "0.15", "0", "0.000001", "0.0000000875", "1", "0.0000025000000000000001")
POWERS = ("8.75e-8", "1E-5", "1.5e-06", "37.5e-3", "2.25E-7", "5e-10", "4e-10", "0e0")
NINE = 10**9


def half_up(quantity: int, size: int, nanos: int) -> int:
    return (2 * quantity * nanos + size) // (2 * size)


def in_doubles(quantity: int, size: int, nanos: int) -> int:
    return math.floor(quantity / size * nanos + 0.5)


@cache
def nanos_of(text: str) -> int:
    """Cut after nine digits; with an exponent rounded half up."""
    mantissa, _, power = text.lower().partition("e")
    if power:
        return math.floor(Fraction(mantissa) * Fraction(10) ** (int(power) + 9) + Fraction(1, 2))
    units, _, digits = mantissa.partition(".")
    return int(units) * NINE + int(digits[:9].ljust(9, "0"))


def text_of(nanos: int) -> str:
    return f"{nanos // NINE}.{nanos % NINE:09d}"


def cents_of(nanos: int) -> str:
    cents = half_up(nanos, 10_000_000, 1)
    return f"{cents // 100}.{cents % 100:02d}"


@dataclass
class Row:
    """One output row: what it used of each meter, and whether it counts."""

    model: str
    status_code: int
    used: dict[str, int]
    usage: dict[str, int]
    number: int

    @property
    def counts(self) -> bool:
        return self.status_code // 100 == 2

    @property
    def written(self) -> dict[str, Any]:
        body = {"model": self.model, "usage": self.usage}
        response = {"status_code": self.status_code, "body": body}
        return {"custom_id": f"row-{self.number}", "response": response}


class Case:
    """A batch that ended, its price card and its bill; the same number makes the same case."""

    def __init__(self, number: int, profile: str) -> None:
        self.chance = random.Random(number)
        self.number = number
        self.profile = profile
        self.id = f"batch_{number}"
        self.models = [f"maker/model-{turn}" for turn in range(self.chance.choice((1, 1, 2, 3)))]
        self.meters = self.chance.choice(
            [["input_text_tokens", "output_text_tokens"]] * 3
            + [["requests"], ["output_video_seconds"], ["input_text_tokens"]]
        )
        self.card = [self._price(meter, model) for model in self.models for meter in self.meters]
        self.rows = [self._row(turn) for turn in range(self.chance.randint(0, 6))]
        self.unread = self.chance.choice((0, 0, 2))
        self.status = self.chance.choice(("completed",) * 5 + ("failed", "expired", "cancelled"))
        self.held = self.chance.choice((None, "same", "more"))
        forms = ("minimal", "compact") + (("long",) * 4 if profile == "ai-stats" else ("compact",))
        self.form = self.chance.choice(forms)
        self.is_repeat = self.chance.random() < 0.1
        if not self.billable:
            self.held = self.held and "more"

    def _price(self, meter: str, model: str) -> dict[str, Any]:
        pick = self.chance
        digits = f"0.{pick.randrange(10**12):012d}"
        text = pick.choice((pick.choice(PLAIN), pick.choice(POWERS), digits[: pick.randint(4, 14)]))
        price = {"meter": meter, "unit_size": pick.choice((1, 1000, 10**6)), "model": model}
        included = pick.choice((0, 0, 5)) if self.profile == "phaseo" else 0
        return {**price, "price_per_unit": text, "included_quantity": included}

    def _row(self, number: int) -> Row:
        pick = self.chance
        used = {
            meter: pick.choice((0, 1, 3, 7, 20, pick.randrange(2000), pick.randrange(10**6)))
            for meter in self.meters
        }
        names = dict(
            zip(("input_text_tokens", "output_text_tokens"), pick.choice(SHAPES), strict=True)
        )
        usage = {names.get(meter, meter): quantity for meter, quantity in used.items()}
        return Row(pick.choice(self.models), pick.choice((200,) * 4 + (400,)), used, usage, number)

    @property
    def good(self) -> list[Row]:
        return [row for row in self.rows if row.counts]

    @property
    def counts(self) -> dict[str, int]:
        good, total = len(self.good), len(self.rows)
        more = 0 if self.status == "completed" else self.unread
        return {"total": total + more, "completed": good, "failed": total - good}

    @property
    def is_partial(self) -> bool:
        found = self.counts
        short = self.profile == "phaseo" and found["total"] > found["completed"]
        return found["completed"] > 0 and (found["failed"] > 0 or short)

    @property
    def billable(self) -> list[Row]:
        """The rows that the bill is of: those that count, unless the batch is voided."""
        whole = self.status == "completed" or self.profile == "phaseo" or self.is_partial
        return self.good if whole else []

    def amounts(self, rows: list[Row], rounding: Rounding = half_up) -> Amounts:
        """The lines by meter, unit size and price: each row is rounded before it is added."""
        lines: Amounts = {}
        for row in rows:
            for price in self.card:
                quantity = row.used.get(price["meter"], 0)
                if price["model"] == row.model and quantity:
                    nanos, size = nanos_of(price["price_per_unit"]), price["unit_size"]
                    key = (price["meter"], size, nanos)
                    line = lines.setdefault(key, {"quantity": 0, "billable": 0, "nanos": 0})
                    billable = max(0, quantity - price["included_quantity"])
                    line["quantity"] += quantity
                    line["billable"] += billable
                    line["nanos"] += rounding(billable, size, nanos)
        return lines

    def doubled(self) -> Amounts:
        """The lines as the reference makes them, in binary doubles."""
        return self.amounts(self.billable, in_doubles)

    @property
    def ending(self) -> str:
        """The family of the reason: unsettled, void, free or paid."""
        if self.status == "completed" and not self.good:
            return "unsettled"
        if not self.billable:
            return "void"
        return "paid" if self._total(self.amounts(self.billable)) else "free"

    @staticmethod
    def _total(lines: Amounts) -> int:
        return sum(line["nanos"] for line in lines.values())

    def reason(self, family: str) -> tuple[str, str | None]:
        """The reason, and the status of the reservation that goes with it."""
        partial = self.is_partial
        if family == "unsettled":
            return "missing_successful_output_rows", "held" if self.held else None
        if family == "void":
            reason = "released_released" if self.held else self.status
            return reason, reason
        if family == "paid":
            base = "charged_partial_success" if partial else "charged"
            taken = "captured" if self.held == "same" else "released_and_charged_actual"
            end = "captured" if self.profile == "phaseo" else taken
            return (f"{base}:{end}", end) if self.held else (base, "charged_without_reservation")
        base = "partial_success_" if partial else ""
        if self.status != "completed" and not partial:
            return self.status, self.status
        base += "zero_cost" if self.status == "completed" else self.status
        return (
            (f"{base}:released_released", "released_released") if self.held else (base, "zero_cost")
        )

    def body(self, lines: Amounts | None = None) -> dict[str, Any]:
        """The batch object with a bill of these lines; of the exact ones when none are given."""
        lines = self.amounts(self.billable) if lines is None else lines
        family, total = self.ending, self._total(lines)
        family = "free" if family == "paid" and not total else family
        known = family != "unsettled"
        billing = self._block(family, total if known else None)
        body = {
            "id": self.id,
            "object": "batch",
            "request_id": f"G-{self.number}",
            "status": "canceled" if self.status == "cancelled" and self.held else self.status,
            "output_file_id": f"file_{self.number}",
            "request_counts": self.counts,
            "pricing_lines": self._lines(family, lines) if known else [],
            "billing": billing,
        }
        sums = billing.get("pricing_breakdown")
        return {**body, "usage": self._usage(total)} if sums and self.profile == "phaseo" else body

    def _lines(self, family: str, lines: Amounts) -> list[dict[str, Any]]:
        if lines and family != "void":
            return [_metered(*key, **line) for key, line in lines.items()]
        return [] if family == "free" and self.profile == "phaseo" else [_summary(len(self.rows))]

    def _usage(self, total: int) -> dict[str, Any]:
        tokens = dict.fromkeys(("input_tokens", "output_tokens", "total_tokens"), 1)
        cost = {"cost_nanos": total, "cost_usd": total / NINE, "currency": "USD"}
        return {"requests": len(self.good), **tokens, **cost}

    def _block(self, family: str, total: int | None) -> dict[str, Any]:
        reason, status = self.reason(family)
        flags = {"billed": family != "unsettled", "charged": family == "paid", "reason": reason}
        if self.is_repeat and flags["billed"]:
            flags |= {"charged": False, "reason": "already_billed"}
        if self.form == "minimal":
            return flags
        counts = {f"{name}_requests": number for name, number in self.counts.items()}
        sums = {"total_nanos": total, "total_usd_str": text_of(total or 0)}
        sums = {**sums, "total_cents": (total or 0) // 10_000_000, **counts}
        compact = {
            **flags,
            "cost_nanos": total,
            "cost_usd": None if total is None else total / NINE,
            "finalized_at": "2026-07-09T10:05:00.000Z",
            "pricing_breakdown": None if family in {"void", "unsettled"} else sums,
        }
        return compact if self.form == "compact" else {**compact, **self._long(status, total)}

    def _long(self, status: str | None, total: int | None) -> dict[str, Any]:
        cut_short = self.status != "completed"
        open_state = "estimated" if self.held else "pending"
        state = "void" if cut_short else open_state if total is None else "settled"
        held = None if not self.held else (total or 0) + (0 if self.held == "same" else 12_345_678)
        settled = None if total is None else cents_of(total)
        estimated = None if held is None else cents_of(held)
        return {
            "currency": "usd",
            "state": state,
            "reservation_id": f"batch_hold:G-{self.number}" if self.held else None,
            "reservation_status": status,
            "estimated_provider_cost": estimated,
            "estimated_user_cost": estimated,
            "settled_provider_cost": settled,
            "settled_user_cost": settled,
            "estimated_nanos": held,
            "reserved_nanos": held,
            **dict.fromkeys(LONG_NULLS),
            "total_nanos": total,
        }


def _metered(
    meter: str, size: int, price: int, *, quantity: int, billable: int, nanos: int
) -> dict[str, Any]:
    return {
        "dimension": meter,
        "quantity": quantity,
        "billable_units": billable / size,
        "unit_size": size,
        "unit_price_usd": text_of(price),
        "line_cost_usd": text_of(nanos),
        "line_nanos": nanos,
        "pricing_plan": "batch",
        "service_tier": "batch",
    }


def _summary(units: int) -> dict[str, Any]:
    amount = {"units": units, "total_nanos": 0, "total_usd_str": "0.000000000"}
    plan = {"pricing_plan": "batch", "service_tier": "batch", "endpoint": "/v1/responses"}
    return {"dimension": "batch_requests", **plan, **amount}


@pytest.fixture(scope="session")
def case_of() -> Callable[[int], Case]:
    """The case of a number: even ones of ai-stats, odd ones of phaseo."""
    return lambda number: Case(number, ("ai-stats", "phaseo")[number % 2])


@pytest.fixture(scope="session", name="nanos_of")
def price_reader() -> Callable[[str], int]:
    """The nanos of a price text."""
    return nanos_of
