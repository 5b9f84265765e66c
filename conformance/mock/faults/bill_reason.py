"""Faults of reasons: words that do not fit what was taken, and bills that miss what was done."""

from dataclasses import replace

from conformance.mock.billing import Bill
from conformance.mock.faults import fault
from conformance.mock.gateway import Gateway
from conformance.mock.gateway.money import Billable
from conformance.mock.workspace import StoredBatch, Workspace


@fault("reason-without-its-suffix", breaks=["BILL-REASON-11"])
class ReasonWithoutItsSuffix(Gateway):
    """The reason does not say what became of the hold."""

    def reason(self, batch: StoredBatch, base: str) -> str:
        return base


@fault("void-reason-is-the-status-despite-a-hold", breaks=["BILL-REASON-11"])
class VoidReasonIsTheStatusDespiteAHold(Gateway):
    """A void is called by its status although its hold was released."""

    def void_bill(self, workspace: Workspace, batch: StoredBatch) -> Bill:
        bill = super().void_bill(workspace, batch)
        return replace(bill, reason=batch.status) if bill.billed else bill


@fault("partial-success-left-out-of-the-reason", breaks=["BILL-REASON-10"])
class PartialSuccessLeftOutOfTheReason(Gateway):
    """The reason of a batch with good and bad rows does not say so."""

    def paid_base(self, batch: StoredBatch) -> str:
        return "charged"

    def free_base(self, batch: StoredBatch) -> str:
        return "zero_cost"


@fault("good-rows-called-a-partial-success", breaks=["BILL-REASON-10"])
class GoodRowsCalledAPartialSuccess(Gateway):
    """The reason says partial success although every row is good."""

    def paid_base(self, batch: StoredBatch) -> str:
        return "charged_partial_success"


@fault("captured-without-being-applied", breaks=["BILL-REASON-03", "BILL-TRUTH-03"])
class CapturedWithoutBeingApplied(Gateway):
    """The wallet answers that it captured, took nothing, and the bill says both."""

    def charge(self, workspace: Workspace, batch: StoredBatch, cost_nanos: int) -> str:
        balance_nanos = workspace.wallet.balance_nanos
        word = super().charge(workspace, batch, cost_nanos)
        workspace.wallet.balance_nanos = balance_nanos
        return word

    def paid_bill(self, workspace: Workspace, batch: StoredBatch, work: Billable) -> Bill:
        return replace(super().paid_bill(workspace, batch, work), charged=False)


@fault("zero-cost-with-tokens", breaks=["BILL-REASON-04", "BILL-TRUTH-08"])
class ZeroCostWithTokens(Gateway):
    """Paid work is settled as free, beside lines that say what it cost."""

    def paid_bill(self, workspace: Workspace, batch: StoredBatch, work: Billable) -> Bill:
        self.give_settled_hold_back(workspace, batch, "zero_cost")
        reason = self.reason(batch, self.free_base(batch))
        bill = self.final_bill(workspace, batch, work, reason)
        return replace(bill, cost_nanos=0, charged=False)


@fault("charged-at-zero-cost", breaks=["BILL-TRUTH-01", "BILL-REASON-04"])
class ChargedAtZeroCost(Gateway):
    """Free work is said to be charged."""

    def free_bill(self, workspace: Workspace, batch: StoredBatch, work: Billable) -> Bill:
        return replace(super().free_bill(workspace, batch, work), charged=True)


@fault("cancelled-rows-unbilled", breaks=["BILL-REASON-10"])
class CancelledRowsUnbilled(Gateway):
    """A batch cut short is a void although it has good and bad rows."""

    def made_bill(self, workspace: Workspace, batch: StoredBatch) -> Bill:
        if batch.status == "completed":
            return super().made_bill(workspace, batch)
        return self.void_bill(workspace, batch)


@fault("early-read-pins-zero-cost", breaks=["BILL-LINE-06"])
class EarlyReadPinsZeroCost(Gateway):
    """The read that finds the end comes before the output: it settles at zero, and that stays."""

    def made_bill(self, workspace: Workspace, batch: StoredBatch) -> Bill:
        if batch.status != "completed":
            return super().made_bill(workspace, batch)
        self.give_settled_hold_back(workspace, batch, "zero_cost")
        reason = self.reason(batch, self.free_base(batch))
        return self.final_bill(workspace, batch, Billable((), 0), reason)


@fault("billed-while-it-runs", breaks=["BILL-STATE-01", "BILL-STATE-10"])
class BilledWhileItRuns(Gateway):
    """A read of a running batch already settles it, at what is done by then."""

    def should_settle(self, batch: StoredBatch) -> bool:
        return not batch.is_settled

    def made_bill(self, workspace: Workspace, batch: StoredBatch) -> Bill:
        if batch.is_terminal:
            return super().made_bill(workspace, batch)
        self.give_settled_hold_back(workspace, batch, "zero_cost")
        reason = self.reason(batch, self.free_base(batch))
        return self.final_bill(workspace, batch, Billable((), 0), reason)


@fault("charged-although-unsettled", breaks=["BILL-REASON-06"])
class ChargedAlthoughUnsettled(Gateway):
    """Where no bill can be made, the estimate is taken and the body says charged."""

    def unsettled_bill(self, workspace: Workspace, batch: StoredBatch, reason: str) -> Bill:
        if batch.bill is None or not batch.bill.charged:
            workspace.wallet.charge(batch.hold.estimate.nanos)
        return replace(super().unsettled_bill(workspace, batch, reason), charged=True)
