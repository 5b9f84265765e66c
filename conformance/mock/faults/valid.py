"""Faults of validation: what a create request and its input rows may be."""

import json
from dataclasses import replace
from typing import Any

from conformance.mock import validation as rules
from conformance.mock.faults import fault
from conformance.mock.gateway import Gateway
from conformance.mock.gateway.base import Visit
from conformance.mock.input_rows import InputRow
from conformance.mock.refusals import Refused, validation
from conformance.mock.validation import CreateRequest
from conformance.mock.webhook_config import WebhookState


@fault("a-ninth-endpoint", breaks=["REST-VALID-06"])
class ANinthEndpoint(Gateway):
    """Batches of speech are taken too."""

    def supported_endpoints(self) -> tuple[str, ...]:
        return (*super().supported_endpoints(), "/v1/audio/speech")


@fault("endpoint-spelling-strict", breaks=["REST-VALID-04", "REST-VALID-07"])
class EndpointSpellingStrict(Gateway):
    """Only the canonical spelling of an endpoint is known."""

    def normalise_endpoint(self, written: str) -> str:
        return written


@fault("endpoint-in-any-case", breaks=["REST-VALID-08"])
class EndpointInAnyCase(Gateway):
    """Endpoints are compared without regard to case."""

    def normalise_endpoint(self, written: str) -> str:
        return super().normalise_endpoint(written.lower())


@fault("endpoint-checked-before-webhook", breaks=["REST-VALID-15"])
class EndpointCheckedBeforeWebhook(Gateway):
    """Of a bad endpoint and a bad webhook the endpoint is reported."""

    def checked_webhook(self, visit: Visit, fields: dict[str, Any]) -> WebhookState | None:
        self.checked_endpoint(fields)
        return super().checked_webhook(visit, fields)


@fault("empty-input-accepted", breaks=["REST-VALID-16"])
class EmptyInputAccepted(Gateway):
    """A file of blank lines makes a batch of no rows."""

    def checked_rows(self, visit: Visit, request: CreateRequest) -> list[InputRow]:
        data = self.input_data(visit, request.input_file_id)
        return super().checked_rows(visit, request) if data.strip() else []


@fault(
    "unusable-rows-left-out",
    breaks=["REST-VALID-17", "REST-VALID-19", "REST-VALID-20", "REST-VALID-21"],
)
class UnusableRowsLeftOut(Gateway):
    """Rows that cannot be run are neither refused nor priced."""

    def checked_rows(self, visit: Visit, request: CreateRequest) -> list[InputRow]:
        rows = rules.input_rows(self.input_data(visit, request.input_file_id))
        return [row for row in rows if self._is_usable(row, request)]

    def _is_usable(self, row: InputRow, request: CreateRequest) -> bool:
        try:
            self.check_row(row, request)
        except Refused:
            return False
        return True


@fault("broken-lines-skipped", breaks=["REST-VALID-18"])
class BrokenLinesSkipped(Gateway):
    """Lines of the input that are no JSON are dropped before anybody sees them."""

    def input_data(self, visit: Visit, file_id: str) -> bytes:
        lines = super().input_data(visit, file_id).splitlines(keepends=True)
        data = b"".join(line for line in lines if _is_json(line))
        files = visit.workspace.provider.files
        files[file_id] = replace(files[file_id], data=data)
        return data


def _is_json(line: bytes) -> bool:
    try:
        json.loads(line)
    except ValueError:
        return not line.strip()
    return True


@fault("gateway-checks-window-and-metadata", breaks=["REST-VALID-23"])
class GatewayChecksWindowAndMetadata(Gateway):
    """An odd window or too many pairs of metadata are refused in the gateway's own words."""

    def checked_request(self, visit: Visit) -> CreateRequest:
        request = super().checked_request(visit)
        if request.fields.get("completion_window", "24h") != "24h":
            raise validation("invalid_completion_window", "completion_window is 24h.")
        if len(request.fields.get("metadata") or ()) > 16:
            raise validation("invalid_batch_metadata", "metadata has at most 16 pairs.")
        return request


@fault("blank-lines-refused", breaks=["REST-FILES-13"])
class BlankLinesRefused(Gateway):
    """A blank line between rows is taken for a row that is no JSON."""

    def input_data(self, visit: Visit, file_id: str) -> bytes:
        data = super().input_data(visit, file_id)
        if data.strip() and not all(line.strip() for line in data.splitlines()):
            text = "A line of the input file is no JSON."
            raise validation("batch_reservation_input_unavailable", text)
        return data
