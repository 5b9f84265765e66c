"""Faults of the agreement of channels: one tells what another does not know as yet."""

from conformance.mock.faults import fault
from conformance.mock.gateway import Gateway
from conformance.mock.webhook_config import Event
from conformance.mock.workspace import StoredBatch


@fault("completed-event-before-the-end", breaks=["XCH-21"])
class CompletedEventBeforeTheEnd(Gateway):
    """The webhook is told that a batch is completed as soon as it is in progress."""

    def final_event(self, batch: StoredBatch) -> Event | None:
        if batch.status == "in_progress":
            return Event("completed")
        return super().final_event(batch)
