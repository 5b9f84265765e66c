"""Row faults: deviations that are one edit of an answer, taken from the rows of the registry."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from conformance import edits
from conformance.json_text import ABSENT
from conformance.mock.exchange import Answer, Call
from conformance.mock.workspace import WorkspaceSet
from conformance.requirements import Requirement
from conformance.transcript import Body, Request

RowFaults = Callable[[Call, Answer, WorkspaceSet], Answer]
MessageFaults = Callable[[str], str]
DeliveryFaults = Callable[[Mapping[str, Any]], Mapping[str, Any]]


def no_row_faults(_call: Call, answer: Answer, _home: WorkspaceSet) -> Answer:
    """The answer as it is."""
    return answer


def row_faults_of(rows: Sequence[Requirement]) -> RowFaults:
    """One function that applies the faults of these rows, in this order."""
    if not rows:
        return no_row_faults

    def apply(call: Call, answer: Answer, home: WorkspaceSet) -> Answer:
        return apply_row_faults(rows, request_seen(call, home), answer)

    return apply


def no_message_faults(text: str) -> str:
    """The message as it is."""
    return text


def message_faults_of(rows: Sequence[Requirement]) -> MessageFaults:
    """One function that applies the faults of these rows to a frame or an event, in this order."""
    rows = [row for row in rows if row.fault and row.fault.on in {"message", "frame"}]
    if not rows:
        return no_message_faults

    def apply(text: str) -> str:
        for row in rows:
            text = edits.apply_to_message(row, text)
        return text

    return apply


def no_delivery_faults(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """The request to a webhook as it is."""
    return document


def delivery_faults_of(rows: Sequence[Requirement]) -> DeliveryFaults:
    """One function that applies the faults of these rows to a request to a webhook, in order."""
    rows = [row for row in rows if row.fault and row.fault.on == "delivery"]
    if not rows:
        return no_delivery_faults

    def apply(document: Mapping[str, Any]) -> Mapping[str, Any]:
        for row in rows:
            document = edits.apply_to_delivery(row, document)
        return document

    return apply


def apply_row_faults(rows: Sequence[Requirement], request: Request, answer: Answer) -> Answer:
    """The answer as the rows' faults make it."""
    is_json = answer.headers.get("content-type", "").startswith("application/json")
    envelope = edits.Envelope(answer.status, answer.headers, answer.body if is_json else ABSENT)
    before = envelope
    for row in rows:
        envelope = edits.apply(row, request, envelope)
    if envelope is before:
        return answer
    body = envelope.body if envelope.body is not ABSENT else answer.body
    return Answer(envelope.status, body, dict(envelope.headers))


def request_seen(call: Call, home: WorkspaceSet) -> Request:
    """The call as a transcript would show it, credentials replaced by their names."""
    names = {key.token: name for name, key in home.keys.items()}
    names |= {token: name for name, token in home.bad_tokens.items()}
    headers = dict(call.headers)
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if token in names:
        headers["authorization"] = f"{scheme} {{{{key:{names[token]}}}}}"
    query = f"?{call.query}" if call.query else ""
    body = Body(call.body) if call.body else None
    return Request(call.method, f"{call.base}{call.path}{query}", tuple(headers.items()), body)
