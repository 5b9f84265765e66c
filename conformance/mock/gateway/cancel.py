"""Cancelling a batch."""

from typing import Any, NoReturn

from conformance.mock.exchange import Answer, json_answer
from conformance.mock.gateway.base import Visit
from conformance.mock.gateway.reads import Reads
from conformance.mock.provider import HungUp
from conformance.mock.provider_rules import ProviderFault
from conformance.mock.refusals import PassedOn, Refused, gateway_error, upstream_error, validation
from conformance.mock.workspace import StoredBatch, Workspace

_NOT_CANCELLABLE = ("completed", "failed", "expired", "finalizing")


class Cancels(Reads):
    """POST /batches/{id}/cancel."""

    def cancel_batch(self, visit: Visit) -> Answer:
        """The answer to a cancel: the batch as the provider has it now."""
        if visit.workspace.store_fails("cancel_lookup"):
            text = "The batch could not be looked up."
            raise gateway_error("batch_store_unavailable", text)
        batch = self.owned_batch(visit)
        self.refuse_other_provider(batch, "batch_cancel_provider_not_supported")
        workspace = self.owner(visit, batch)
        if self.is_cancelled_already(batch):
            return self.answer_cancel_again(visit, batch)
        if not self.may_cancel(batch):
            self.refuse_late_cancel(visit, batch)
        self.refuse_without_provider_key(visit)
        self.send_cancel(workspace, batch)
        self.settle_after_cancel(workspace, batch)
        self.after_cancel(workspace, batch)
        return json_answer(200, self.cancel_body(visit, batch))

    def is_cancelled_already(self, batch: StoredBatch) -> bool:
        """Whether a cancel has nothing left to do."""
        return batch.status in ("cancelled", "canceled")

    def answer_cancel_again(self, visit: Visit, batch: StoredBatch) -> Answer:
        """The answer to a cancel of a cancelled batch, from stored data."""
        self.settle_on_read(self.owner(visit, batch), batch)
        return json_answer(200, self.cancel_body(visit, batch))

    def cancel_body(self, visit: Visit, batch: StoredBatch) -> dict[str, Any]:
        """The batch object that a cancel answers with."""
        return self.batch_body(batch, visit.call)

    def may_cancel(self, batch: StoredBatch) -> bool:
        """Whether the stored status lets a cancel go to the provider."""
        return batch.status not in _NOT_CANCELLABLE

    def refuse_late_cancel(self, _visit: Visit, batch: StoredBatch) -> NoReturn:
        """Raise the refusal for a batch that is at its end or about to be."""
        extra = {"batch_id": batch.id, "status": batch.status}
        text = f"A batch with status {batch.status} cannot be cancelled."
        raise validation("batch_cancel_requires_non_terminal_status", text, **extra)

    def send_cancel(self, workspace: Workspace, batch: StoredBatch) -> None:
        """Cancel at the provider and store its answer; raises refusals."""
        shown = self.provider_cancel(workspace, batch)
        if workspace.store_fails("cancel"):
            raise Refused(self.persistence_failure(batch, shown))
        self.accept(workspace, batch, shown)

    def provider_cancel(self, workspace: Workspace, batch: StoredBatch) -> Any:
        """The provider's answer to the cancel; raises refusals."""
        try:
            return workspace.provider.cancel(batch.id)
        except ProviderFault as fault:
            raise Refused(PassedOn(fault.status, fault.body, fault.headers)) from fault
        except HungUp as error:
            text = "The provider could not be reached."
            raise upstream_error("batch_upstream_unreachable", text) from error

    def after_cancel(self, workspace: Workspace, batch: StoredBatch) -> None:
        """A cancel went to the provider, was stored, and settled when it ended the batch."""

    def settle_after_cancel(self, workspace: Workspace, batch: StoredBatch) -> None:
        """Make the bill when the cancel ended the batch at once."""
        self.settle_on_read(workspace, batch)
