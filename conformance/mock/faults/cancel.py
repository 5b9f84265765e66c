"""Faults of cancelling: cancels that are refused, do nothing or never end."""

from conformance.mock.exchange import Answer, Call
from conformance.mock.faults import fault
from conformance.mock.gateway import Gateway, Operation
from conformance.mock.gateway.base import Visit
from conformance.mock.refusals import Flat, Refused, upstream_error
from conformance.mock.workspace import StoredBatch, Workspace


@fault("cancelling-never-ends", breaks=["REST-CANCEL-02"])
class CancellingNeverEnds(Gateway):
    """A batch that is being cancelled stays so, whatever the provider says."""

    def may_move(self, batch: StoredBatch, status: str) -> bool:
        return batch.status != "cancelling" and super().may_move(batch, status)


@fault("cancel-does-nothing", breaks=["REST-CANCEL-01", "REST-CANCEL-13", "REST-CANCEL-14"])
class CancelDoesNothing(Gateway):
    """A cancel is answered 200 with the batch, which goes on as if nobody had asked."""

    def send_cancel(self, workspace: Workspace, batch: StoredBatch) -> None:
        return


@fault("second-cancel-refused", breaks=["REST-CANCEL-05"])
class SecondCancelRefused(Gateway):
    """A cancel of a cancelled batch is refused like that of any ended batch."""

    def answer_cancel_again(self, visit: Visit, batch: StoredBatch) -> Answer:
        self.refuse_late_cancel(visit, batch)


@fault("cancel-fails-while-cancelling", breaks=["REST-CANCEL-09"])
class CancelFailsWhileCancelling(Gateway):
    """A cancel of a batch in cancelling is answered 502."""

    def send_cancel(self, workspace: Workspace, batch: StoredBatch) -> None:
        if batch.status == "cancelling":
            raise upstream_error("batch_upstream_cancel_failed", "The cancel failed.")
        super().send_cancel(workspace, batch)


@fault("cancel-demands-body", breaks=["REST-CANCEL-12"])
class CancelDemandsBody(Gateway):
    """A cancel without a request body is refused."""

    def cancel_batch(self, visit: Visit) -> Answer:
        if not visit.call.body:
            raise Refused(Flat(400, "invalid_json", None, "The body is not JSON."))
        return super().cancel_batch(visit)


@fault("cancel-url-leads-nowhere", breaks=["REST-CANCEL-13"])
class CancelUrlLeadsNowhere(Gateway):
    """The cancel_url of a batch is not a route of the gateway."""

    def cancel_url(self, batch: StoredBatch, polling_url: str) -> str | None:
        url = super().cancel_url(batch, polling_url)
        return f"{url}lation" if url else None


@fault("alias-does-not-cancel", breaks=["REST-CANCEL-14"])
class AliasDoesNotCancel(Gateway):
    """There is no cancel below /batch."""

    def operation(self, call: Call) -> Operation | None:
        match call.method, call.segments:
            case "POST", ("batch", _, "cancel"):
                return None
        return super().operation(call)
