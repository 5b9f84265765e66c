"""Faults of creating: what is accepted, kept, sent on and left behind."""

from typing import Any

from conformance.mock.billing import Hold
from conformance.mock.exchange import Call
from conformance.mock.faults import fault
from conformance.mock.gateway import Gateway
from conformance.mock.gateway.base import Visit
from conformance.mock.input_rows import InputRow
from conformance.mock.prices import MODELS, Model
from conformance.mock.refusals import Refused
from conformance.mock.validation import CreateRequest
from conformance.mock.workspace import StoredBatch

_DOCUMENTED = ("input_file_id", "endpoint", "completion_window", "metadata")


@fault("unpriced-rows-accepted", breaks=["REST-CREATE-06"])
class UnpricedRowsAccepted(Gateway):
    """Rows of a model without a price are taken for free ones."""

    def model_of(self, row: InputRow, fallback: str | None) -> Model:
        try:
            return super().model_of(row, fallback)
        except Refused:
            return MODELS["mock-free"]


@fault("unreachable-provider-keeps-hold", breaks=["REST-CREATE-10"])
class UnreachableProviderKeepsHold(Gateway):
    """The credit of a create that never reached the provider stays reserved."""

    def give_hold_back_after(self, visit: Visit, hold: Hold, event: str) -> None:
        if event != "unreachable":
            super().give_hold_back_after(visit, hold, event)


@fault("missing-id-keeps-hold", breaks=["REST-CREATE-11"])
class MissingIdKeepsHold(Gateway):
    """The credit of a create that the provider answered without an id stays reserved."""

    def give_hold_back_after(self, visit: Visit, hold: Hold, event: str) -> None:
        if event != "missing-id":
            super().give_hold_back_after(visit, hold, event)


@fault("unstored-batch-left-running", breaks=["REST-CREATE-12"])
class UnstoredBatchLeftRunning(Gateway):
    """A batch that could not be stored goes on at the provider."""

    def cancel_unstored(self, visit: Visit, batch: StoredBatch) -> None:
        pass


@fault("same-body-is-one-batch", breaks=["REST-CREATE-13"])
class SameBodyIsOneBatch(Gateway):
    """A create from a file that already has a batch shows that batch again."""

    def earlier_batch_for(self, visit: Visit, request: CreateRequest) -> StoredBatch | None:
        batches = visit.workspace.batches.values()
        wanted = request.input_file_id
        return next((one for one in batches if one.shown.get("input_file_id") == wanted), None)


@fault("unknown-fields-dropped", breaks=["REST-CREATE-15"])
class UnknownFieldsDropped(Gateway):
    """Only documented request fields are sent on to the provider."""

    def fields_for_provider(self, request: CreateRequest) -> dict[str, Any]:
        fields = super().fields_for_provider(request)
        return {name: value for name, value in fields.items() if name in _DOCUMENTED}


@fault("alias-create-without-request-id", breaks=["REST-CREATE-16"])
class AliasCreateWithoutRequestId(Gateway):
    """The answer to POST /batch lacks `request_id`."""

    def batch_body(self, batch: StoredBatch, call: Call) -> dict[str, Any]:
        body = super().batch_body(batch, call)
        if call.segments == ("batch",) and call.method == "POST":
            del body["request_id"]
        return body
