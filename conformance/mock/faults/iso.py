"""Faults of isolation: workspaces that see or touch what is not theirs, or not what is."""

from collections.abc import Iterable
from typing import NoReturn

from conformance.mock.exchange import Answer, json_answer
from conformance.mock.faults import fault
from conformance.mock.gateway import Gateway
from conformance.mock.gateway.base import Visit
from conformance.mock.refusals import not_found
from conformance.mock.workspace import StoredBatch, Workspace


@fault("foreign-batch-cancellable", breaks=["REST-ISO-02"])
class ForeignBatchCancellable(Gateway):
    """A cancel works for any workspace that knows the id."""

    def cancel_batch(self, visit: Visit) -> Answer:
        owner = visit.workspace.home.owner_of(self.batch_id_of(visit.call))
        return super().cancel_batch(Visit(visit.call, owner or visit.workspace, visit.request_id))


@fault("list-shows-all-workspaces", breaks=["REST-ISO-03"])
class ListShowsAllWorkspaces(Gateway):
    """The list is made of the batches of all workspaces."""

    def listed_batches(self, visit: Visit) -> Iterable[StoredBatch]:
        members = visit.workspace.home.workspaces.values()
        return [batch for workspace in members for batch in workspace.batches.values()]


@fault("second-key-sees-nothing", breaks=["REST-ISO-04"])
class SecondKeySeesNothing(Gateway):
    """Batches are shown to the first key of their workspace alone."""

    def find_batch(self, visit: Visit, batch_id: str) -> StoredBatch | None:
        return None if self._is_second(visit) else super().find_batch(visit, batch_id)

    def listed_batches(self, visit: Visit) -> Iterable[StoredBatch]:
        return () if self._is_second(visit) else super().listed_batches(visit)

    def _is_second(self, visit: Visit) -> bool:
        return self.bearer_token(visit.call) == visit.workspace.home.keys["same"].token


@fault("foreign-file-readable", breaks=["REST-ISO-05"])
class ForeignFileReadable(Gateway):
    """Files are read by any workspace that knows the id."""

    def may_read_file(self, workspace: Workspace, file_id: str) -> bool:
        return file_id in workspace.provider.files


@fault("foreign-batch-told-from-unknown", breaks=["REST-ISO-07"])
class ForeignBatchToldFromUnknown(Gateway):
    """The refusal of a foreign batch says that it is somebody else's."""

    def refuse_unknown_batch(self, visit: Visit, batch_id: str) -> NoReturn:
        if visit.workspace.home.owner_of(batch_id) is None:
            super().refuse_unknown_batch(visit, batch_id)
        text = "The batch belongs to another workspace."
        raise not_found("batch_not_owned", text, batch_id=batch_id)


@fault("file-readable-as-batch", breaks=["REST-ISO-08"])
class FileReadableAsBatch(Gateway):
    """A GET of a batch by the id of a file shows the file."""

    def get_batch(self, visit: Visit) -> Answer:
        file_id = self.batch_id_of(visit.call)
        if file_id in visit.workspace.file_ids:
            return json_answer(200, visit.workspace.provider.file(file_id))
        return super().get_batch(visit)
