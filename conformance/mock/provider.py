"""The scripted provider behind the gateway: stores files, runs batches, remembers its calls."""

from collections import deque
from dataclasses import dataclass, field
from typing import Any

from conformance.mock.clock import Clock
from conformance.mock.ids import Ids
from conformance.mock.lives import BadLife, Life, scripted_life
from conformance.mock.provider_batch import ProviderBatch
from conformance.mock.provider_rules import ProviderFault, create_fault, fault_body, upload_fault

MATCHES = ("upload", "create", "get", "cancel", "content", "file")


class HungUp(Exception):
    """The provider dropped the connection."""


@dataclass(frozen=True, slots=True)
class ProviderFile:
    """A stored file with its exact bytes."""

    id: str
    filename: str
    purpose: str
    data: bytes
    created_at: int

    def metadata(self) -> dict[str, Any]:
        """The file object of the API."""
        return {
            "id": self.id,
            "object": "file",
            "bytes": len(self.data),
            "created_at": self.created_at,
            "filename": self.filename,
            "purpose": self.purpose,
            "status": "processed",
            "status_details": None,
        }


@dataclass(frozen=True, slots=True)
class ScriptedError:
    """What the provider answers once, instead of doing its work."""

    match: str
    status: int = 500
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    hangup: bool = False


@dataclass(frozen=True, slots=True)
class SeenRequest:
    """One request as it reached the provider."""

    method: str
    path: str
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The request as the control API shows it."""
        return {
            "method": self.method,
            "path": self.path,
            "body": self.body,
            "headers": self.headers,
        }


class Provider:
    """One account at the provider, shared by all workspaces of a set."""

    def __init__(self, clock: Clock, ids: Ids) -> None:
        self.files: dict[str, ProviderFile] = {}
        self.batches: dict[str, ProviderBatch] = {}
        self.seen: list[SeenRequest] = []
        self.scripted_errors: list[ScriptedError] = []
        self.next_life: Any = None
        self.next_lives: deque[Any] = deque()
        self.holds_all = False
        self._clock = clock
        self._ids = ids

    def _enter(self, match: str, request: SeenRequest) -> Any:
        self.seen.append(request)
        for error in self.scripted_errors:
            if error.match == match:
                self.scripted_errors.remove(error)
                return _scripted(error)
        return None

    def upload(self, filename: str | None, purpose: str | None, data: bytes) -> dict[str, Any]:
        """Store a file and return its metadata."""
        seen = SeenRequest("POST", "/v1/files", {"filename": filename, "purpose": purpose})
        self._enter("upload", seen)
        fault = upload_fault(filename, purpose)
        if fault is not None:
            raise fault
        return self.store(filename or "", purpose or "", data).metadata()

    def store(self, filename: str, purpose: str, data: bytes) -> ProviderFile:
        """A new file of the account."""
        file = ProviderFile(self._ids.file_id(), filename, purpose, data, self._clock.now_s)
        self.files[file.id] = file
        return file

    def file(self, file_id: str) -> dict[str, Any]:
        """The metadata of a file."""
        self._enter("file", SeenRequest("GET", f"/v1/files/{file_id}"))
        return self._file(file_id).metadata()

    def content(self, file_id: str) -> bytes:
        """The bytes of a file."""
        self._enter("content", SeenRequest("GET", f"/v1/files/{file_id}/content"))
        return self._file(file_id).data

    def _file(self, file_id: str) -> ProviderFile:
        if file_id not in self.files:
            raise ProviderFault(404, fault_body("No such file.", "file_id"))
        return self.files[file_id]

    def create(self, body: dict[str, Any], headers: dict[str, str] | None = None) -> Any:
        """Start a batch; the answer is its object, or whatever the script says instead."""
        instead = self._enter("create", SeenRequest("POST", "/v1/batches", body, headers or {}))
        if instead is not None:
            return instead
        fault = create_fault(body)
        if fault is not None:
            raise fault
        file = self._file(body["input_file_id"])
        batch = ProviderBatch(self._ids.batch_id(), body, file.data, self._clock.now_s)
        batch.live(self._life_of(batch))
        self.batches[batch.id] = batch
        return batch.as_json()

    def _life_of(self, batch: ProviderBatch) -> Life:
        chosen = (batch.request.get("metadata") or {}).get("mock_life")
        queued = self.next_lives.popleft() if self.next_lives else None
        life = chosen or queued or self.next_life or "complete"
        try:
            return scripted_life(life, *batch.prospects())
        except BadLife as error:
            raise ProviderFault(400, fault_body(f"{error}.", "metadata.mock_life")) from error

    def read(self, batch_id: str) -> Any:
        """The batch, one step further in its life unless it is held."""
        instead = self._enter("get", SeenRequest("GET", f"/v1/batches/{batch_id}"))
        if instead is not None:
            return instead
        batch = self._batch(batch_id)
        if not (self.holds_all or batch.held):
            self.step(batch_id)
        return batch.as_json()

    def cancel(self, batch_id: str) -> Any:
        """Begin to cancel the batch."""
        instead = self._enter("cancel", SeenRequest("POST", f"/v1/batches/{batch_id}/cancel"))
        if instead is not None:
            return instead
        batch = self._batch(batch_id)
        if batch.is_terminal:
            message = f"A batch with status {batch.status} cannot be cancelled."
            raise ProviderFault(409, fault_body(message))
        batch.cancel(self._clock.now_s)
        self._write_results(batch)
        return batch.as_json()

    def step(self, batch_id: str) -> None:
        """Move the batch one frame on; its frame's seconds pass."""
        batch = self._batch(batch_id)
        self._clock.advance(1000 * batch.next_seconds())
        batch.step(self._clock.now_s)
        self._write_results(batch)

    def _batch(self, batch_id: str) -> ProviderBatch:
        if batch_id not in self.batches:
            raise ProviderFault(
                404, fault_body(f"No batch found with id '{batch_id}'.", "batch_id")
            )
        return self.batches[batch_id]

    def _write_results(self, batch: ProviderBatch) -> None:
        if not batch.is_terminal or batch.has_results:
            return
        output, errors = batch.results(self._ids)
        if output:
            batch.output_file_id = self._result_file(batch, "output", output)
        if errors:
            batch.error_file_id = self._result_file(batch, "error", errors)
        batch.has_results = True

    def _result_file(self, batch: ProviderBatch, kind: str, data: bytes) -> str:
        return self.store(f"{batch.id}_{kind}.jsonl", "batch_output", data).id


def _scripted(error: ScriptedError) -> Any:
    if error.hangup:
        raise HungUp
    if 200 <= error.status < 300:
        return error.body if error.body is not None else {}
    body = error.body
    if body is None:
        body = fault_body("scripted provider error", kind="server_error")
    raise ProviderFault(error.status, body, error.headers)
