"""Faults of pricing lines: wrong prices, wrong rounding, texts that are not their nanos."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from math import ceil
from typing import Any

from conformance.mock.billing import Usage, metered_lines, price_of
from conformance.mock.faults import fault
from conformance.mock.gateway import Gateway
from conformance.mock.gateway.money import Billable
from conformance.mock.money_text import usd_2, usd_9
from conformance.mock.prices import MODELS, Model, Price
from conformance.mock.workspace import StoredBatch, Workspace

_EUR_PERCENT = 90
_MICRO_DOLLAR_NANOS = 1_000


def _repriced(model: Model, change: Callable[[Price], Price]) -> Model:
    return replace(model, prices={name: change(price) for name, price in model.prices.items()})


class _FloatPrice(Price):
    """A price that multiplies floats and rounds half to even."""

    def of(self, quantity: int) -> int:
        return round(quantity / self.unit_size * self.nanos)


class _DownPrice(Price):
    """A price whose half nanos are lost."""

    def of(self, quantity: int) -> int:
        return ceil(Fraction(quantity * self.nanos, self.unit_size) - Fraction(1, 2))


class _UpPrice(Price):
    """A price whose parts of a nano count as whole ones."""

    def of(self, quantity: int) -> int:
        return ceil(Fraction(quantity * self.nanos, self.unit_size))


class _CoarsePrice(Price):
    """A price whose amounts are rounded up to whole micro-dollars."""

    def of(self, quantity: int) -> int:
        exact = Fraction(quantity * self.nanos, self.unit_size)
        return ceil(exact / _MICRO_DOLLAR_NANOS) * _MICRO_DOLLAR_NANOS


@fault("float-rounding-of-half-nanos", breaks=["BILL-LINE-06"])
class FloatRoundingOfHalfNanos(Gateway):
    """Rows are priced in floats and rounded half to even, so half nanos fall wrongly."""

    def billed_model(self, body: dict[str, Any], batch: StoredBatch) -> Model:
        model = super().billed_model(body, batch)
        return _repriced(model, lambda price: _FloatPrice(price.nanos, price.unit_size))


@fault("half-nanos-rounded-down", breaks=["BILL-LINE-06"])
class HalfNanosRoundedDown(Gateway):
    """A row that falls on a half nano costs the lower amount."""

    def billed_model(self, body: dict[str, Any], batch: StoredBatch) -> Model:
        model = super().billed_model(body, batch)
        return _repriced(model, lambda price: _DownPrice(price.nanos, price.unit_size))


@fault("row-amounts-rounded-up", breaks=["BILL-LINE-06"])
class RowAmountsRoundedUp(Gateway):
    """A begun nano of a row counts as a whole one."""

    def billed_model(self, body: dict[str, Any], batch: StoredBatch) -> Model:
        model = super().billed_model(body, batch)
        return _repriced(model, lambda price: _UpPrice(price.nanos, price.unit_size))


@fault("free-model-billed", breaks=["BILL-LINE-06"])
class FreeModelBilled(Gateway):
    """A model that costs nothing is billed at a nano for each unit."""

    def billed_model(self, body: dict[str, Any], batch: StoredBatch) -> Model:
        model = super().billed_model(body, batch)
        return _repriced(model, lambda price: price if price.nanos else Price(1))


@fault("equal-rows-billed-once", breaks=["BILL-LINE-06"])
class EqualRowsBilledOnce(Gateway):
    """Rows of one model that used the same are taken for one row."""

    def billable_rows(
        self, workspace: Workspace, batch: StoredBatch
    ) -> Iterator[tuple[Model, Usage]]:
        seen: list[tuple[Model, Usage]] = []
        for row in super().billable_rows(workspace, batch):
            if row not in seen:
                seen.append(row)
                yield row


@fault("rows-of-a-cut-short-batch-billed-twice", breaks=["BILL-LINE-06"])
class RowsOfACutShortBatchBilledTwice(Gateway):
    """The good rows of a batch that did not complete are billed as if they had been repeated."""

    def billable_rows(
        self, workspace: Workspace, batch: StoredBatch
    ) -> Iterator[tuple[Model, Usage]]:
        rows = list(super().billable_rows(workspace, batch))
        return iter(rows if batch.status == "completed" else rows * 2)


@fault("rows-rounded-up-to-micro-dollars", breaks=["BILL-LINE-05", "BILL-LINE-06"])
class RowsRoundedUpToMicroDollars(Gateway):
    """The amount of a row is rounded up to a whole micro-dollar."""

    def billed_model(self, body: dict[str, Any], batch: StoredBatch) -> Model:
        model = super().billed_model(body, batch)
        return _repriced(model, lambda price: _CoarsePrice(price.nanos, price.unit_size))


@fault("custom-price-ignored", breaks=["BILL-LINE-06"])
class CustomPriceIgnored(Gateway):
    """Every customer is billed at the list prices."""

    def models_of(self, batch: StoredBatch) -> Mapping[str, Model]:
        return MODELS


@fault("last-row-left-unbilled", breaks=["BILL-LINE-06"])
class LastRowLeftUnbilled(Gateway):
    """The last row of an output file with several rows is not billed."""

    def output_lines(self, workspace: Workspace, batch: StoredBatch) -> list[dict[str, Any]]:
        lines = super().output_lines(workspace, batch)
        return lines[:-1] or lines


@fault("line-rounded-after-the-sum", breaks=["BILL-LINE-06", "BILL-SUM-01"])
class LineRoundedAfterTheSum(Gateway):
    """A line is its whole quantity times the price, rounded once; the cost adds up its rows."""

    def lines_of(self, work: Billable) -> list[dict[str, Any]]:
        lines = super().lines_of(work)
        exact: dict[tuple[str, int, str], Fraction] = {}
        for model, usage in work.rows:
            for dimension, units in usage.items():
                price = price_of(model, dimension)
                key = (dimension, price.unit_size, usd_9(price.nanos))
                amount = Fraction(units * price.nanos, price.unit_size)
                exact[key] = exact.get(key, Fraction(0)) + amount
        for line in lines:
            key = (line["dimension"], line["unit_size"], line["unit_price_usd"])
            line["line_nanos"] = int(exact[key] + Fraction(1, 2))
            line["line_cost_usd"] = usd_9(line["line_nanos"])
        return lines


@fault("a-line-for-every-row", breaks=["BILL-LINE-09"])
class ALineForEveryRow(Gateway):
    """The rows of one meter at one price are not put together."""

    def lines_of(self, work: Billable) -> list[dict[str, Any]]:
        return [line for row in work.rows for line in metered_lines([row])]


@fault("two-currencies", breaks=["BILL-LINE-04"])
class TwoCurrencies(Gateway):
    """The texts of the lines are euros beside nanos of a dollar."""

    def pricing_lines(self, batch: StoredBatch) -> list[dict[str, Any]]:
        lines = super().pricing_lines(batch)
        for line in lines:
            if "line_cost_usd" in line:
                line["line_cost_usd"] = usd_9(line["line_nanos"] * _EUR_PERCENT // 100)
        return lines


@fault("line-texts-with-two-digits", breaks=["BILL-LINE-04"])
class LineTextsWithTwoDigits(Gateway):
    """The texts of the lines are rounded to cents."""

    def pricing_lines(self, batch: StoredBatch) -> list[dict[str, Any]]:
        lines = super().pricing_lines(batch)
        for line in lines:
            for text, nanos in (("line_cost_usd", "line_nanos"), ("total_usd_str", "total_nanos")):
                if text in line:
                    line[text] = usd_2(line[nanos])
        return lines
