"""Faults of totals: sums, dollars and cents that are not the nanos."""

from typing import Any

from conformance.mock.billing import breakdown
from conformance.mock.faults import fault
from conformance.mock.gateway import Gateway
from conformance.mock.gateway.money import Billable
from conformance.mock.money_text import NANOS_PER_CENT, usd_2
from conformance.mock.workspace import StoredBatch


@fault("breakdown-shows-the-estimate", breaks=["BILL-SUM-02"])
class BreakdownShowsTheEstimate(Gateway):
    """The sums of a bill are those of the estimate in place of the cost."""

    def breakdown_of(self, batch: StoredBatch, work: Billable) -> dict[str, Any]:
        return breakdown(batch.hold.estimate.nanos, batch.counts)


@fault("dollars-rounded-to-cents", breaks=["BILL-SUM-05"])
class DollarsRoundedToCents(Gateway):
    """cost_usd is rounded to whole cents."""

    def billing_block(self, batch: StoredBatch) -> dict[str, Any]:
        block = super().billing_block(batch)
        dollars = block["cost_usd"]
        return block | {"cost_usd": None if dollars is None else round(dollars, 2)}


@fault("cents-rounded-up", breaks=["BILL-SUM-07"])
class CentsRoundedUp(Gateway):
    """total_cents counts a begun cent as a whole one."""

    def breakdown_of(self, batch: StoredBatch, work: Billable) -> dict[str, Any]:
        cents = -(-work.cost_nanos // NANOS_PER_CENT)
        return super().breakdown_of(batch, work) | {"total_cents": cents}


@fault("cents-rounded-to-the-nearest", breaks=["BILL-SUM-07"])
class CentsRoundedToTheNearest(Gateway):
    """total_cents counts more than half a cent as a whole one."""

    def breakdown_of(self, batch: StoredBatch, work: Billable) -> dict[str, Any]:
        cents = (2 * work.cost_nanos + NANOS_PER_CENT) // (2 * NANOS_PER_CENT)
        return super().breakdown_of(batch, work) | {"total_cents": cents}


@fault("display-costs-cut", breaks=["BILL-SUM-08"])
class DisplayCostsCut(Gateway):
    """The two-digit texts leave out a begun cent."""

    def display_cost(self, nanos: int) -> str:
        return usd_2(nanos // NANOS_PER_CENT * NANOS_PER_CENT)


@fault("display-costs-rounded-up", breaks=["BILL-SUM-08"])
class DisplayCostsRoundedUp(Gateway):
    """The two-digit texts count a begun cent as a whole one."""

    def display_cost(self, nanos: int) -> str:
        return usd_2(-(-nanos // NANOS_PER_CENT) * NANOS_PER_CENT)
