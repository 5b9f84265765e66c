"""Faults of the list: its size, order and filters."""

from conformance.mock.exchange import Call
from conformance.mock.faults import fault
from conformance.mock.gateway import Gateway, Operation
from conformance.mock.workspace import StoredBatch


@fault("list-limit-ignored", breaks=["REST-LIST-04"])
class ListLimitIgnored(Gateway):
    """The list is as long as it may be, whatever `limit` says."""

    def list_limit(self, call: Call) -> int:
        return self.max_list_limit()


@fault("running-filter-misses-cancelling", breaks=["REST-LIST-07"])
class RunningFilterMissesCancelling(Gateway):
    """The filter for running batches leaves out those that are finalizing or cancelling."""

    def statuses_of_word(self, word: str) -> frozenset[str]:
        return super().statuses_of_word(word) - {"finalizing", "cancelling"}


@fault("failed-filter-shows-expired", breaks=["REST-LIST-08"])
class FailedFilterShowsExpired(Gateway):
    """The filter for failed batches shows expired ones as well."""

    def statuses_of_word(self, word: str) -> frozenset[str]:
        found = super().statuses_of_word(word)
        return found | {"expired"} if "failed" in found else found


@fault("unknown-filter-word-shows-nothing", breaks=["REST-LIST-09"])
class UnknownFilterWordShowsNothing(Gateway):
    """A filter made only of unknown words is answered with an empty list."""

    def wanted_statuses(self, words: list[str]) -> frozenset[str]:
        return super().wanted_statuses(words) or frozenset(words)


@fault("list-oldest-first", breaks=["REST-LIST-12"])
class ListOldestFirst(Gateway):
    """The list begins with the batch that did not change for the longest time."""

    def list_order(self, batches: list[StoredBatch]) -> list[StoredBatch]:
        return super().list_order(batches)[::-1]


@fault("alias-does-not-list", breaks=["REST-LIST-16"])
class AliasDoesNotList(Gateway):
    """There is no list below /batch."""

    def operation(self, call: Call) -> Operation | None:
        if (call.method, call.segments) == ("GET", ("batch",)):
            return None
        return super().operation(call)
