"""Faults of reading one batch."""

from typing import Any

from conformance.mock.exchange import Call
from conformance.mock.faults import fault
from conformance.mock.gateway import Gateway
from conformance.mock.refusals import gateway_error
from conformance.mock.workspace import StoredBatch, Workspace


@fault("reads-never-ask-the-provider", breaks=["REST-GET-03"])
class ReadsNeverAskTheProvider(Gateway):
    """GET shows the stored batch; only the scheduled job moves it on."""

    def should_refresh(self, batch: StoredBatch) -> bool:
        return False


@fault("failed-settlement-fails-the-read", breaks=["REST-GET-07"])
class FailedSettlementFailsTheRead(Gateway):
    """A GET that cannot settle an ended batch is answered with an error."""

    def settle_on_read(self, workspace: Workspace, batch: StoredBatch) -> None:
        super().settle_on_read(workspace, batch)
        if batch.is_terminal and not batch.is_settled:
            text = "The batch could not be settled."
            raise gateway_error("batch_settlement_failed", text)


@fault("alias-get-without-provider", breaks=["REST-GET-08"])
class AliasGetWithoutProvider(Gateway):
    """GET /batch/{id} leaves `provider` out."""

    def batch_body(self, batch: StoredBatch, call: Call) -> dict[str, Any]:
        body = super().batch_body(batch, call)
        if call.segments[0] == "batch" and call.method == "GET":
            del body["provider"]
        return body
