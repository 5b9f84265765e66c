"""Faults of holds and of want of credit: what is set aside, given back, and refused."""

from contextlib import suppress
from dataclasses import replace
from typing import Any

from conformance.mock.billing import Estimate, Hold
from conformance.mock.exchange import Answer
from conformance.mock.faults import fault
from conformance.mock.gateway import Gateway
from conformance.mock.gateway.base import Visit
from conformance.mock.input_rows import InputRow
from conformance.mock.money_text import usd_2, usd_number
from conformance.mock.prices import MODELS, Model
from conformance.mock.refusals import Flat, Refused, upstream_error
from conformance.mock.validation import CreateRequest
from conformance.mock.workspace import StoredBatch, Workspace

_UNPRICED = "batch_reservation_pricing_unavailable"


def _with_a_tenth(nanos: int) -> int:
    return nanos + -(-nanos // 10)


@fault("reserved-with-a-margin", breaks=["BILL-RES-01"])
class ReservedWithAMargin(Gateway):
    """The wallet sets a tenth more aside than the body says."""

    def amount_to_hold(self, estimate: Estimate) -> int:
        return _with_a_tenth(estimate.nanos)


@fault("nothing-reserved", breaks=["BILL-RES-01"])
class NothingReserved(Gateway):
    """A hold is shown and nothing is set aside."""

    def amount_to_hold(self, estimate: Estimate) -> int:
        return 0


@fault("no-hold-for-anybody", breaks=["BILL-RES-01"])
class NoHoldForAnybody(Gateway):
    """Nothing is set aside, and the body does not say otherwise."""

    def take_hold(self, workspace: Workspace, request_id: str, estimate: Estimate) -> Hold:
        if estimate.nanos > workspace.wallet.available_nanos:
            self.refuse_for_lack_of_credit(workspace, estimate)
        hold = Hold("", "", estimate)
        hold.forget()
        return hold


@fault("estimate-with-a-margin", breaks=["BILL-RES-08"])
class EstimateWithAMargin(Gateway):
    """The estimate counts a tenth more than the rows can cost."""

    def estimate(self, request: CreateRequest, rows: list[InputRow]) -> Estimate:
        found = super().estimate(request, rows)
        return Estimate(_with_a_tenth(found.nanos), found.sample_size, found.total_rows)


@fault("credit-taken-at-create", breaks=["BILL-RES-01"])
class CreditTakenAtCreate(Gateway):
    """A create takes the estimate from the balance; the settlement gives it back."""

    def take_hold(self, workspace: Workspace, request_id: str, estimate: Estimate) -> Hold:
        hold = super().take_hold(workspace, request_id, estimate)
        if hold.is_held:
            workspace.wallet.release(estimate.nanos)
            workspace.wallet.charge(estimate.nanos)
        return hold

    def release_whole_hold(self, workspace: Workspace, batch: StoredBatch) -> None:
        workspace.wallet.charge(-batch.hold.estimate.nanos)

    def give_hold_back(self, workspace: Workspace, hold: Hold) -> None:
        if hold.is_held:
            workspace.wallet.charge(-hold.estimate.nanos)
            hold.status = "released"


@fault("hold-never-released", breaks=["BILL-RES-02", "BILL-RES-03"])
class HoldNeverReleased(Gateway):
    """A settlement leaves the hold of its batch in the wallet."""

    def release_whole_hold(self, workspace: Workspace, batch: StoredBatch) -> None:
        return


@fault("void-keeps-its-hold", breaks=["BILL-RES-03"])
class VoidKeepsItsHold(Gateway):
    """A void says that its hold was released, and the wallet keeps it."""

    def give_settled_hold_back(
        self, workspace: Workspace, batch: StoredBatch, without_hold: str
    ) -> None:
        batch.hold.status = "released_released" if batch.hold.is_held else without_hold


@fault("void-gives-back-too-little", breaks=["BILL-RES-03"])
class VoidGivesBackTooLittle(Gateway):
    """A void keeps a tenth of its hold as a fee."""

    def give_settled_hold_back(
        self, workspace: Workspace, batch: StoredBatch, without_hold: str
    ) -> None:
        fee_nanos = batch.hold.estimate.nanos // 10 if batch.hold.is_held else 0
        super().give_settled_hold_back(workspace, batch, without_hold)
        workspace.wallet.charge(fee_nanos)


@fault("repeated-cancel-releases-again", breaks=["BILL-RES-03"])
class RepeatedCancelReleasesAgain(Gateway):
    """Every further cancel of a void gives its hold back once more."""

    def answer_cancel_again(self, visit: Visit, batch: StoredBatch) -> Answer:
        if batch.is_settled:
            self.release_whole_hold(self.owner(visit, batch), batch)
        return super().answer_cancel_again(visit, batch)


@fault("hold-leaked-when-the-provider-refuses", breaks=["BILL-RES-11"])
class HoldLeakedWhenTheProviderRefuses(Gateway):
    """The hold of a create that the provider refuses is said to be released and stays."""

    def give_hold_back_after(self, visit: Visit, hold: Hold, event: str) -> None:
        if event == "refused":
            hold.status = "released"
        super().give_hold_back_after(visit, hold, event)


@fault("hold-leaked-when-a-refusal-is-worded-anew", breaks=["BILL-RES-11"])
class HoldLeakedWhenARefusalIsWordedAnew(Gateway):
    """A create that the provider refuses is answered 502, and its hold stays."""

    def give_hold_back_after(self, visit: Visit, hold: Hold, event: str) -> None:
        if event == "refused":
            text = "The provider did not take the batch."
            raise upstream_error("batch_upstream_create_failed", text)
        super().give_hold_back_after(visit, hold, event)


@fault("refused-create-charged", breaks=["BILL-FUNDS-07", "BILL-RES-11", "BILL-STATE-12"])
class RefusedCreateCharged(Gateway):
    """A create that the provider refuses costs its estimate."""

    def give_hold_back_after(self, visit: Visit, hold: Hold, event: str) -> None:
        if event == "refused" and hold.is_held:
            visit.workspace.wallet.charge(hold.estimate.nanos)
        super().give_hold_back_after(visit, hold, event)

    def refusal_billing(self, hold: Hold) -> dict[str, Any]:
        nanos = hold.estimate.nanos
        taken = {
            "charged": True,
            "settled_provider_cost": usd_2(nanos),
            "settled_user_cost": usd_2(nanos),
            "total_nanos": nanos,
            "cost_nanos": nanos,
            "cost_usd": usd_number(nanos),
        }
        return super().refusal_billing(hold) | taken


@fault("available-credit-without-regard-to-holds", breaks=["BILL-RES-07"])
class AvailableCreditWithoutRegardToHolds(Gateway):
    """The whole balance is shown as available."""

    def credit_figures(self, workspace: Workspace) -> dict[str, int]:
        figures = super().credit_figures(workspace)
        return figures | {"available_nanos": figures["balance_nanos"]}


@fault("accepted-without-credit", breaks=["BILL-FUNDS-01", "BILL-FUNDS-02"])
class AcceptedWithoutCredit(Gateway):
    """A create that the wallet cannot cover is accepted, and more is reserved than there is."""

    def refuse_for_lack_of_credit(self, workspace: Workspace, estimate: Estimate) -> None:
        workspace.wallet.reserved_nanos += self.amount_to_hold(estimate)


@fault("refusal-names-a-batch", breaks=["BILL-FUNDS-01"])
class RefusalNamesABatch(Gateway):
    """A create that is refused for want of credit is answered with the id of a batch."""

    def refuse_for_lack_of_credit(self, workspace: Workspace, estimate: Estimate) -> None:
        try:
            super().refuse_for_lack_of_credit(workspace, estimate)
        except Refused as refused:
            told = refused.refusal
            if isinstance(told, Flat):
                told = replace(told, extra={**told.extra, "batch_id": "batch_0000"})
            raise Refused(told) from refused


@fault("hold-taken-although-refused", breaks=["BILL-FUNDS-01"])
class HoldTakenAlthoughRefused(Gateway):
    """A create that is refused for want of credit leaves its hold in the wallet."""

    def refuse_for_lack_of_credit(self, workspace: Workspace, estimate: Estimate) -> None:
        workspace.wallet.reserved_nanos += self.amount_to_hold(estimate)
        super().refuse_for_lack_of_credit(workspace, estimate)


@fault("submitted-before-the-credit-is-checked", breaks=["BILL-FUNDS-01"])
class SubmittedBeforeTheCreditIsChecked(Gateway):
    """A create that is refused for want of credit has made its batch by then."""

    def after_refused_create(self, visit: Visit, refused: Refused) -> None:
        with suppress(Refused):
            request = self.checked_request(visit)
            estimate = self.estimate(request, self.checked_rows(visit, request))
            hold = Hold(self.reservation_id(visit.request_id), "unknown", estimate)
            self.submitted(visit, request, hold)


@fault("unpriced-model-is-free", breaks=["BILL-FUNDS-06"])
class UnpricedModelIsFree(Gateway):
    """Rows of a model that has no price are accepted as if they cost nothing."""

    def model_of(self, row: InputRow, fallback: str | None) -> Model:
        try:
            return super().model_of(row, fallback)
        except Refused:
            return MODELS["mock-free"]


@fault("hold-taken-before-pricing", breaks=["BILL-FUNDS-06"])
class HoldTakenBeforePricing(Gateway):
    """A create whose rows have no price leaves a flat hold in the wallet."""

    def after_refused_create(self, visit: Visit, refused: Refused) -> None:
        if getattr(refused.refusal, "reason", None) == _UNPRICED:
            visit.workspace.wallet.reserve(1_000_000)
        super().after_refused_create(visit, refused)
