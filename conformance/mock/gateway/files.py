"""Files as far as batches need them, the models, and the credit balance."""

from typing import Any, NoReturn

from conformance.mock.exchange import Answer, Call, Part, json_answer
from conformance.mock.gateway.base import Visit
from conformance.mock.gateway.cancel import Cancels
from conformance.mock.prices import MODELS, model_item, supports
from conformance.mock.provider import HungUp
from conformance.mock.provider_rules import ProviderFault
from conformance.mock.refusals import Flat, PassedOn, Refused, not_found, upstream_error
from conformance.mock.workspace import Workspace


class Files(Cancels):
    """The file routes, GET /batches/models and GET /credits."""

    def upload_file(self, visit: Visit) -> Answer:
        """The answer to an upload: the metadata of the stored file."""
        self.refuse_without_provider_key(visit)
        parts = {part.name: part for part in visit.call.parts or ()}
        file, purpose = parts.get("file"), parts.get("purpose")
        try:
            metadata = self.stored_upload(visit.workspace, file, purpose)
        except (ProviderFault, HungUp) as problem:
            self.refuse_failed_file_call(problem)
        self.keep_upload(visit.workspace, metadata["id"])
        return json_answer(200, self.file_metadata(metadata))

    def stored_upload(
        self, workspace: Workspace, file: Part | None, purpose: Part | None
    ) -> dict[str, Any]:
        """The metadata of a new file at the provider; raises its refusals."""
        filename = (file.filename or "upload.jsonl") if file else None
        word = purpose.data.decode(errors="replace") if purpose else None
        data = self.uploaded_bytes(file) if file else b""
        return workspace.provider.upload(filename, word, data)

    def uploaded_bytes(self, file: Part) -> bytes:
        """The bytes of an upload as they are stored."""
        return file.data

    def keep_upload(self, workspace: Workspace, file_id: str) -> None:
        """Record the workspace as the owner of a file."""
        workspace.file_ids.add(file_id)

    def file_metadata(self, metadata: dict[str, Any]) -> dict[str, Any]:
        """The file object as callers see it."""
        return metadata

    def refuse_failed_file_call(self, problem: ProviderFault | HungUp) -> NoReturn:
        """Raise what the caller gets when the provider fails on a file."""
        if isinstance(problem, ProviderFault):
            passed_on = PassedOn(problem.status, problem.body, problem.headers)
            raise Refused(passed_on) from problem
        text = "The provider could not be reached."
        raise upstream_error("file_upstream_unreachable", text) from problem

    def refuse_file_list(self, _visit: Visit) -> Answer:
        """GET /files: files cannot be listed; raises the refusal."""
        reason = "file_list_not_supported_with_shared_gateway_key"
        raise Refused(Flat(400, "not_supported", reason, "Files cannot be listed."))

    def may_read_file(self, workspace: Workspace, file_id: str) -> bool:
        """Whether the workspace may read the file."""
        return file_id in workspace.file_ids

    def readable_file_id(self, visit: Visit) -> str:
        """The file id of the path; raises the refusal 404 for an unknown or foreign one."""
        file_id = visit.call.segments[1]
        if not self.may_read_file(visit.workspace, file_id):
            text = "The file does not exist or belongs to another workspace."
            raise not_found("file_not_found_or_not_owned", text, file_id=file_id)
        self.refuse_without_provider_key(visit)
        return file_id

    def get_file(self, visit: Visit) -> Answer:
        """The metadata of a file."""
        file_id = self.readable_file_id(visit)
        try:
            metadata = visit.workspace.provider.file(file_id)
        except (ProviderFault, HungUp) as problem:
            self.refuse_failed_file_call(problem)
        return json_answer(200, self.file_metadata(metadata))

    def get_file_content(self, visit: Visit) -> Answer:
        """The bytes of a file."""
        file_id = self.readable_file_id(visit)
        try:
            data = visit.workspace.provider.content(file_id)
        except (ProviderFault, HungUp) as problem:
            self.refuse_failed_file_call(problem)
        served = self.served_content(visit.workspace, file_id, data)
        return Answer(200, served, {"content-type": self.content_media_type()})

    def served_content(self, _workspace: Workspace, _file_id: str, data: bytes) -> bytes:
        """The bytes of a download, input, output or error file."""
        return data

    def content_media_type(self) -> str:
        """The media type of a download."""
        return "application/octet-stream"

    def list_models(self, visit: Visit) -> Answer:
        """The models that can be used in a batch, filtered by `params`."""
        wanted = self.wanted_params(visit.call)
        found = [model for model in MODELS.values() if supports(model, wanted)]
        items = [self.model_item(model.name) for model in found]
        return json_answer(200, {"object": "list", "data": items}, self.list_headers())

    def wanted_params(self, call: Call) -> list[str]:
        """The request parameters that every listed model must take."""
        values = call.query_values("params")
        return [word.strip() for value in values for word in value.split(",") if word.strip()]

    def model_item(self, name: str) -> dict[str, Any]:
        """One element of the model list."""
        return model_item(MODELS[name])

    def get_credits(self, visit: Visit) -> Answer:
        """The balance of the caller's workspace."""
        return json_answer(200, {"ok": True, "credits": self.credit_figures(visit.workspace)})

    def credit_figures(self, workspace: Workspace) -> dict[str, int]:
        """The wallet as the balance route shows it."""
        return workspace.wallet.as_json()
