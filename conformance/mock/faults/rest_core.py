"""Faults of the REST operations: what is listed, read, kept and passed on."""

import json
from typing import Any

from conformance.mock.exchange import Answer, Call
from conformance.mock.faults import fault
from conformance.mock.gateway import Gateway
from conformance.mock.gateway.base import Visit
from conformance.mock.refusals import Refused
from conformance.mock.validation import CreateRequest
from conformance.mock.workspace import StoredBatch, Workspace


@fault("list-default-limit-one", breaks=["REST-LIST-03"])
class ListDefaultLimitOne(Gateway):
    """Without `limit` the list has one item."""

    def default_list_limit(self) -> int:
        return 1


@fault("list-comma-filter-ignored", breaks=["REST-LIST-06"])
class ListCommaFilterIgnored(Gateway):
    """A comma-separated filter is taken as one unknown word."""

    def filter_words(self, value: str) -> list[str]:
        return [value.strip().lower()]


@fault("list-asks-provider", breaks=["REST-LIST-13"])
class ListAsksProvider(Gateway):
    """Listing refreshes and settles every batch of the workspace."""

    def before_list(self, visit: Visit) -> None:
        self.sweep(visit.workspace)


@fault("foreign-batch-readable", breaks=["REST-ISO-01"])
class ForeignBatchReadable(Gateway):
    """GET shows a batch to any workspace that knows its id."""

    def get_batch(self, visit: Visit) -> Answer:
        owner = visit.workspace.home.owner_of(self.batch_id_of(visit.call))
        return super().get_batch(Visit(visit.call, owner or visit.workspace, visit.request_id))


@fault("foreign-input-file-accepted", breaks=["REST-ISO-06"])
class ForeignInputFileAccepted(Gateway):
    """A create takes the file of another workspace and makes its caller an owner."""

    def may_use_file(self, workspace: Workspace, file_id: str) -> bool:
        known = file_id in workspace.provider.files
        if known:
            workspace.file_ids.add(file_id)
        return known


@fault("cancel-of-completed-reaches-provider", breaks=["REST-CANCEL-03", "REST-CANCEL-04"])
class CancelOfCompletedReachesProvider(Gateway):
    """A cancel of an ended batch is sent on to the provider."""

    def may_cancel(self, batch: StoredBatch) -> bool:
        return True


@fault("refused-create-keeps-batch", breaks=["REST-CREATE-05", "REST-CREATE-06"])
class RefusedCreateKeepsBatch(Gateway):
    """A create that is refused leaves a batch in the list."""

    def after_refused_create(self, visit: Visit, refused: Refused) -> None:
        estimate = self.estimate(_nothing_asked(), [])
        hold = self.take_hold(visit.workspace, visit.request_id, estimate)
        shown = _invented_batch(visit.workspace, _asked_file(visit.call))
        visit.workspace.keep(self.new_record(visit, _nothing_asked(), hold, shown))


@fault("query-string-breaks-get", breaks=["REST-GET-10"])
class QueryStringBreaksGet(Gateway):
    """The query string of a GET becomes part of the id."""

    def batch_id_of(self, call: Call) -> str:
        return f"{super().batch_id_of(call)}?{call.query}" if call.query else call.segments[1]


@fault("gateway-fields-reach-provider", breaks=["REST-CREATE-14"])
class GatewayFieldsReachProvider(Gateway):
    """webhook and session_id are sent on to the provider."""

    def fields_for_provider(self, request: CreateRequest) -> dict[str, Any]:
        return {**request.fields, **super().fields_for_provider(request)}


@fault("unauthorised-still-creates", breaks=["REST-AUTH-06"])
class UnauthorisedStillCreates(Gateway):
    """A create with a refused key is answered 401 and carried out all the same."""

    def before_unauthorised(self, call: Call, home: Any) -> None:
        if call.method == "POST" and call.segments in (("batches",), ("batch",)):
            workspace = home.workspace("a")
            self.create(Visit(call, workspace, self.new_request_id(home)))


def _nothing_asked() -> CreateRequest:
    return CreateRequest({}, "/v1/responses", "file-none", None, None)


def _asked_file(call: Call) -> str:
    try:
        return str(json.loads(call.body)["input_file_id"])
    except (ValueError, LookupError, TypeError):
        return "file-none"


def _invented_batch(workspace: Workspace, file_id: str) -> dict[str, Any]:
    counts = {"total": 0, "completed": 0, "failed": 0}
    return {
        "id": workspace.home.ids.batch_id(),
        "object": "batch",
        "endpoint": "/v1/responses",
        "status": "validating",
        "input_file_id": file_id,
        "created_at": workspace.clock.now_s,
        "request_counts": counts,
    }
