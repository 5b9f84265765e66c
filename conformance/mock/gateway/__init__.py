"""The gateway of the mock: routes to operations; every decision is a method of its own."""

from collections.abc import Callable
from typing import TypeVar

from conformance.mock.exchange import Answer, Call
from conformance.mock.gateway.base import Visit
from conformance.mock.gateway.deliveries import Deliveries
from conformance.mock.refusals import Refused, unknown_route
from conformance.mock.row_faults import RowFaults, no_row_faults
from conformance.mock.watch import StreamTerms
from conformance.mock.workspace import WorkspaceSet

Operation = Callable[[Visit], Answer]
_Outcome = TypeVar("_Outcome")

_COLLECTIONS = ("batches", "batch")


class Gateway(Deliveries):
    """Answers calls below the API base; state lives in the workspaces, never here."""

    row_faults: RowFaults = staticmethod(no_row_faults)

    def answer(self, call: Call, home: WorkspaceSet) -> Answer:
        """The whole answer to one call; `home` is the set that the call seems to be about."""
        answer = self.preflight(call) if call.method == "OPTIONS" else self._routed(call, home)
        answer.headers.update(self.cors_headers(call))
        return type(self).row_faults(call, answer, home)

    def answer_upgrade(self, call: Call, home: WorkspaceSet) -> StreamTerms | Answer:
        """What a call that asks for a WebSocket gets: a stream, or the answer in its place."""
        if not self.is_stream(call):
            return self.answer(call, home)
        outcome = self._with_key(self.stream_terms, call, home)
        if not isinstance(outcome, Answer):
            # What makes another answer of the upgrade refuses it.
            answer = type(self).row_faults(call, Answer(101), home)
            return outcome if answer.status == 101 else answer
        outcome.headers.update(self.cors_headers(call))
        return type(self).row_faults(call, outcome, home)

    def _routed(self, call: Call, home: WorkspaceSet) -> Answer:
        operation = self.operation(call)
        if operation is None:
            known = self.is_stream(call)
            return self.answer_plain_stream(call) if known else self.unknown_route(call)
        if call.segments[0] in _COLLECTIONS and not self.batch_api_is_on(home):
            return self.answer_switched_off(call, home)
        return self._with_key(operation, call, home)

    def _with_key(
        self, operation: Callable[[Visit], _Outcome], call: Call, home: WorkspaceSet
    ) -> _Outcome | Answer:
        visit = None
        try:
            visit = self.admit(call, home)
            return operation(visit)
        except Refused as refused:
            return self.answer_refusal(refused.refusal, visit, home)
        finally:
            (visit.workspace.home if visit else home).hub.pulse()

    def unknown_route(self, _call: Call) -> Answer:
        """The answer to a path or method that the contract does not know."""
        return unknown_route()

    def operation(self, call: Call) -> Operation | None:
        """The operation behind method and path, None when there is none."""
        method = "GET" if call.method == "HEAD" else call.method
        head, *rest = call.segments or ("",)
        if head in _COLLECTIONS:
            return self._batch_operation(method, rest)
        if head == "files":
            return self._file_operation(method, rest)
        return self.get_credits if (method, head, rest) == ("GET", "credits", []) else None

    def _batch_operation(self, method: str, rest: list[str]) -> Operation | None:
        match method, rest:
            case "GET", []:
                return self.list_batches
            case "POST", []:
                return self.create
            case "GET", ["models"]:
                return self.list_models
            case "GET", [batch_id] if batch_id:
                return self.get_batch
            case "POST", [batch_id, "cancel"] if batch_id:
                return self.cancel_batch
        return None

    def _file_operation(self, method: str, rest: list[str]) -> Operation | None:
        match method, rest:
            case "GET", []:
                return self.refuse_file_list
            case "POST", []:
                return self.upload_file
            case "GET", [file_id] if file_id:
                return self.get_file
            case "GET", [file_id, "content"] if file_id:
                return self.get_file_content
        return None
