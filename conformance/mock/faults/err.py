"""Faults of refusals: what they are called by and whose words they are."""

from conformance.mock.exchange import Answer
from conformance.mock.faults import fault
from conformance.mock.gateway import Gateway
from conformance.mock.gateway.base import Visit
from conformance.mock.refusals import Flat, PassedOn
from conformance.mock.workspace import WorkspaceSet


@fault("errors-hide-the-workspace", breaks=["REST-ERR-08"])
class ErrorsHideTheWorkspace(Gateway):
    """No error says which workspace called."""

    def workspace_id_in_errors(self, visit: Visit | None) -> str | None:
        return None


@fault("provider-errors-in-own-words", breaks=["REST-ERR-11", "REST-FILES-14"])
class ProviderErrorsInOwnWords(Gateway):
    """Whatever the provider refuses, the caller reads one flat 502."""

    def passed_on_answer(self, refusal: PassedOn, visit: Visit | None) -> Answer:
        if visit is None:
            return super().passed_on_answer(refusal, visit)
        text = "The provider refused the call."
        own = Flat(502, "upstream_error", "provider_refused", text)
        return self.answer_refusal(own, visit, visit.workspace.home)


@fault("errors-named-after-the-last-batch", breaks=["REST-ERR-14"])
class ErrorsNamedAfterTheLastBatch(Gateway):
    """An error has the request_id of the newest batch of its caller."""

    def refusal_request_id(self, visit: Visit | None, home: WorkspaceSet) -> str:
        batches = list(visit.workspace.batches.values()) if visit else []
        return batches[-1].request_id if batches else super().refusal_request_id(visit, home)
