"""Faults of settlement: credit taken twice, at another amount, or for work that is not billable."""

from collections.abc import Iterator
from dataclasses import fields, replace
from typing import Any

from conformance.mock.billing import Bill, Usage
from conformance.mock.exchange import Answer
from conformance.mock.faults import fault
from conformance.mock.gateway import Gateway
from conformance.mock.gateway.base import Visit
from conformance.mock.gateway.money import Billable, Unsettled
from conformance.mock.money_text import NANOS_PER_CENT
from conformance.mock.prices import Model, Price
from conformance.mock.workspace import StoredBatch, Workspace

_MICRO_DOLLAR_NANOS = 1_000
_GUESSED = {"input_text_tokens": 10, "output_text_tokens": 25}


def _charge_again(workspace: Workspace, batch: StoredBatch) -> None:
    if batch.bill is not None and batch.bill.charged:
        workspace.wallet.charge(batch.bill.cost_nanos or 0)


@fault("billed-on-every-read", breaks=["BILL-STABLE-07", "BILL-RES-02"])
class BilledOnEveryRead(Gateway):
    """Every read of a settled batch charges it once more."""

    def settle_on_read(self, workspace: Workspace, batch: StoredBatch) -> None:
        _charge_again(workspace, batch)
        super().settle_on_read(workspace, batch)


@fault("list-charges-again", breaks=["BILL-STABLE-07"])
class ListChargesAgain(Gateway):
    """A list charges every settled batch in it once more."""

    def before_list(self, visit: Visit) -> None:
        for batch in visit.workspace.batches.values():
            _charge_again(visit.workspace, batch)


@fault("hold-released-on-every-read", breaks=["BILL-STABLE-07"])
class HoldReleasedOnEveryRead(Gateway):
    """Every read of a settled batch gives its hold back once more."""

    def settle_on_read(self, workspace: Workspace, batch: StoredBatch) -> None:
        if batch.is_settled:
            self.release_whole_hold(workspace, batch)
        super().settle_on_read(workspace, batch)


class _MadeByTheJob(Bill):
    """A bill that the scheduled job made and no poll yet."""


class _MadeTwice(Bill):
    """A bill that a poll and the scheduled job made."""


def _as(kind: type[Bill], bill: Bill) -> Bill:
    return kind(**{one.name: getattr(bill, one.name) for one in fields(bill)})


@fault("settled-by-poll-and-sweep", breaks=["BILL-RES-02"])
class SettledByPollAndSweep(Gateway):
    """A poll and the scheduled job that meet at the end of a batch both settle it."""

    def get_batch(self, visit: Visit) -> Answer:
        batch = self.find_batch(visit, self.batch_id_of(visit.call))
        if batch is not None and isinstance(batch.bill, _MadeByTheJob):
            self._settle_too(self.owner(visit, batch), batch)
        return super().get_batch(visit)

    def sweep(self, workspace: Workspace) -> None:
        polled = [one for one in workspace.batches.values() if one.is_settled]
        super().sweep(workspace)
        for batch in workspace.batches.values():
            if batch in polled and type(batch.bill) is Bill:
                self._settle_too(workspace, batch)
            elif batch not in polled and batch.bill is not None and batch.is_settled:
                batch.bill = _as(_MadeByTheJob, batch.bill)

    def _settle_too(self, workspace: Workspace, batch: StoredBatch) -> None:
        """Neither saw the bill of the other if both came at the same instant."""
        bill = batch.bill
        if bill is not None and bill.finalized_at_ms == workspace.clock.now_ms:
            _charge_again(workspace, batch)
            batch.bill = _as(_MadeTwice, bill)


@fault("charged-before-a-settlement-that-breaks", breaks=["BILL-RES-02"])
class ChargedBeforeASettlementThatBreaks(Gateway):
    """A settlement that breaks off has taken the credit; the one that follows takes it again."""

    def settle(self, workspace: Workspace, batch: StoredBatch) -> None:
        super().settle(workspace, batch)
        if batch.bill is not None and batch.bill.reason == "settlement_failed":
            workspace.wallet.charge(self.billable_work(workspace, batch).cost_nanos)


@fault("wallet-charged-although-unsettled", breaks=["BILL-RES-02"])
class WalletChargedAlthoughUnsettled(Gateway):
    """Where no bill can be made, the wallet pays the estimate and the body keeps quiet."""

    def unsettled_bill(self, workspace: Workspace, batch: StoredBatch, reason: str) -> Bill:
        if batch.bill is None:
            workspace.wallet.charge(batch.hold.estimate.nanos)
        return super().unsettled_bill(workspace, batch, reason)


@fault("wallet-charged-in-whole-cents", breaks=["BILL-RES-02"])
class WalletChargedInWholeCents(Gateway):
    """The wallet pays the cost rounded up to a cent."""

    def charge(self, workspace: Workspace, batch: StoredBatch, cost_nanos: int) -> str:
        workspace.wallet.charge(-cost_nanos % NANOS_PER_CENT)
        return super().charge(workspace, batch, cost_nanos)


@fault("wallet-charged-in-whole-micro-dollars", breaks=["BILL-RES-02"])
class WalletChargedInWholeMicroDollars(Gateway):
    """The wallet keeps micro-dollars and leaves out what is finer."""

    def charge(self, workspace: Workspace, batch: StoredBatch, cost_nanos: int) -> str:
        workspace.wallet.charge(-(cost_nanos % _MICRO_DOLLAR_NANOS))
        return super().charge(workspace, batch, cost_nanos)


@fault("wallet-charged-the-estimate", breaks=["BILL-RES-02"])
class WalletChargedTheEstimate(Gateway):
    """The wallet pays the whole hold, whatever the bill says."""

    def charge(self, workspace: Workspace, batch: StoredBatch, cost_nanos: int) -> str:
        workspace.wallet.charge(batch.hold.estimate.nanos - cost_nanos)
        return super().charge(workspace, batch, cost_nanos)


@fault("wallet-never-charged", breaks=["BILL-RES-02"])
class WalletNeverCharged(Gateway):
    """A bill says charged, and the wallet keeps its balance."""

    def charge(self, workspace: Workspace, batch: StoredBatch, cost_nanos: int) -> str:
        workspace.wallet.charge(-cost_nanos)
        return super().charge(workspace, batch, cost_nanos)


@fault("any-cost-captured", breaks=["BILL-RES-10"])
class AnyCostCaptured(Gateway):
    """The hold counts as captured although the cost is another amount."""

    def charge(self, workspace: Workspace, batch: StoredBatch, cost_nanos: int) -> str:
        super().charge(workspace, batch, cost_nanos)
        return "captured"


@fault(
    "failed-batch-charged",
    breaks=["BILL-REASON-05", "BILL-TRUTH-04", "BILL-TRUTH-06", "BILL-RES-03"],
)
class FailedBatchCharged(Gateway):
    """A batch that failed, expired or was cancelled with nothing done pays its estimate."""

    def void_bill(self, workspace: Workspace, batch: StoredBatch) -> Bill:
        bill, nanos = super().void_bill(workspace, batch), batch.hold.estimate.nanos
        if not bill.billed:
            return bill
        workspace.wallet.charge(nanos)
        return replace(bill, cost_nanos=nanos, charged=True)


@fault("rows-of-a-cut-short-batch-charged", breaks=["BILL-TRUTH-06"])
class RowsOfACutShortBatchCharged(Gateway):
    """A batch cut short is charged for its good rows although no row failed."""

    def is_partial_success(self, batch: StoredBatch) -> bool:
        cut_short = batch.status != "completed" and batch.counts["completed"] > 0
        return cut_short or super().is_partial_success(batch)


@fault("usage-guessed-where-missing", breaks=["BILL-TRUTH-05"])
class UsageGuessedWhereMissing(Gateway):
    """A row without usage is billed at a guess."""

    def billed_usage(self, body: dict[str, Any], batch: StoredBatch) -> Usage:
        try:
            return super().billed_usage(body, batch)
        except Unsettled:
            return dict(_GUESSED)


@fault("row-without-usage-left-out", breaks=["BILL-TRUTH-05"])
class RowWithoutUsageLeftOut(Gateway):
    """A row without usage costs nothing, and the others are charged."""

    def billed_usage(self, body: dict[str, Any], batch: StoredBatch) -> Usage:
        try:
            return super().billed_usage(body, batch)
        except Unsettled:
            return {}


@fault("late-settlement-forgets-the-work", breaks=["BILL-LINE-06"])
class LateSettlementForgetsTheWork(Gateway):
    """A settlement that follows one that broke off finds nothing to bill."""

    def billable_rows(
        self, workspace: Workspace, batch: StoredBatch
    ) -> Iterator[tuple[Model, Usage]]:
        rows = super().billable_rows(workspace, batch)
        return rows if batch.bill is None else ((model, {}) for model, _ in rows)


@fault("bill-made-anew-on-every-read", breaks=["BILL-STABLE-02", "BILL-STABLE-03"])
class BillMadeAnewOnEveryRead(Gateway):
    """Every read of a charged batch shows its work at the prices of the moment."""

    def settle_on_read(self, workspace: Workspace, batch: StoredBatch) -> None:
        bill = batch.bill
        if bill is not None and bill.charged and batch.is_settled:
            work = self.billable_work(workspace, batch)
            made = self.final_bill(workspace, batch, work, bill.reason)
            batch.bill = replace(made, finalized_at_ms=bill.finalized_at_ms)
        super().settle_on_read(workspace, batch)


@fault("bill-made-anew-at-a-newer-price", breaks=["BILL-STABLE-02", "BILL-STABLE-03"])
class BillMadeAnewAtANewerPrice(Gateway):
    """A later read of a charged batch shows what its work would cost at a price of today."""

    def settle_on_read(self, workspace: Workspace, batch: StoredBatch) -> None:
        bill = batch.bill
        if bill is not None and bill.charged:
            work = self.billable_work(workspace, batch)
            rows = tuple((_dearer(model), usage) for model, usage in work.rows)
            newer = Billable(rows, 2 * work.cost_nanos)
            made = self.final_bill(workspace, batch, newer, bill.reason)
            batch.bill = replace(made, finalized_at_ms=bill.finalized_at_ms)
        super().settle_on_read(workspace, batch)


def _dearer(model: Model) -> Model:
    prices = {name: Price(2 * one.nanos, one.unit_size) for name, one in model.prices.items()}
    return replace(model, prices=prices)
