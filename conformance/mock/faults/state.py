"""Faults of states: what a batch shows as it moves and after its end."""

from conformance.mock.faults import fault
from conformance.mock.gateway import Gateway
from conformance.mock.workspace import StoredBatch


@fault("ended-batch-follows-provider", breaks=["REST-STATE-02"])
class EndedBatchFollowsProvider(Gateway):
    """A batch that has ended is refreshed on and takes whatever status the provider says."""

    def should_refresh(self, batch: StoredBatch) -> bool:
        return True

    def may_move(self, batch: StoredBatch, status: str) -> bool:
        return True
