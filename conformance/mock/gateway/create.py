"""Creating a batch: checks in their order, the hold, the provider, the record."""

from typing import Any

from conformance.mock import validation as rules
from conformance.mock.billing import Hold
from conformance.mock.endpoints import SUPPORTED, normalised
from conformance.mock.exchange import Answer, json_answer
from conformance.mock.gateway.base import Visit
from conformance.mock.gateway.money import Money
from conformance.mock.input_rows import InputRow
from conformance.mock.money_text import usd_2
from conformance.mock.provider import HungUp
from conformance.mock.provider_rules import ProviderFault
from conformance.mock.refusals import (
    Nested,
    PassedOn,
    Refused,
    gateway_error,
    not_found,
    upstream_error,
    validation,
)
from conformance.mock.validation import CreateRequest
from conformance.mock.webhook_config import BadWebhook, WebhookState, webhook_state
from conformance.mock.workspace import StoredBatch, Workspace

_GATEWAY_FIELDS = ("webhook", "session_id", "sessionId")


class Creates(Money):
    """POST /batches."""

    def create(self, visit: Visit) -> Answer:
        """The answer to a create: the new batch, or the first refusal in the order of checks."""
        try:
            request = self.checked_request(visit)
            rows = self.checked_rows(visit, request)
            estimate = self.estimate(request, rows)
            again = self.earlier_batch_for(visit, request)
            if again is not None:
                return json_answer(200, self.batch_body(again, visit.call))
            hold = self.take_hold(visit.workspace, visit.request_id, estimate)
        except Refused as refused:
            self.after_refused_create(visit, refused)
            raise
        batch = self.submitted(visit, request, hold)
        self.after_create(visit, batch)
        return json_answer(200, self.batch_body(batch, visit.call))

    def after_refused_create(self, visit: Visit, refused: Refused) -> None:
        """A create was refused before the provider was asked; nothing is kept of it."""

    def after_create(self, visit: Visit, batch: StoredBatch) -> None:
        """A batch was stored and is about to be shown for the first time."""

    def earlier_batch_for(self, _visit: Visit, _request: CreateRequest) -> StoredBatch | None:
        """A batch to show again in place of a new one; there is no idempotency, so never any."""
        return None

    def create_fields(self, visit: Visit) -> dict[str, Any]:
        """The members of the body; a JSON value that is no object has none."""
        value = rules.json_body(visit.call.body)
        return value if isinstance(value, dict) else {}

    def checked_request(self, visit: Visit) -> CreateRequest:
        """The request as far as it can be judged without its file; raises refusals."""
        fields = self.create_fields(visit)
        webhook = self.checked_webhook(visit, fields)
        endpoint = self.checked_endpoint(fields)
        session_id = self.checked_session_id(fields)
        file_id = rules.usable_text(fields.get("input_file_id"))
        if file_id is None:
            text = "The request names no input file."
            raise validation("batch_reservation_missing_input_file", text)
        models = visit.workspace.models
        return CreateRequest(fields, endpoint, file_id, webhook, session_id, models)

    def checked_webhook(self, _visit: Visit, fields: dict[str, Any]) -> WebhookState | None:
        """The webhook to call; raises the refusal for one that cannot be used."""
        try:
            return self.parsed_webhook(fields.get("webhook"))
        except BadWebhook as error:
            raise validation("invalid_batch_webhook", f"{error}.") from error

    def parsed_webhook(self, written: Any) -> WebhookState | None:
        """The webhook by the rules for URLs, events and secrets; raises BadWebhook."""
        return webhook_state(written)

    def supported_endpoints(self) -> tuple[str, ...]:
        """The targets of a batch, in the order in which errors list them."""
        return SUPPORTED

    def normalise_endpoint(self, written: str) -> str:
        """The spelling under which a target is looked up."""
        return normalised(written)

    def checked_endpoint(self, fields: dict[str, Any]) -> str:
        """The normalised endpoint; raises the refusals for a missing or unsupported one."""
        supported = list(self.supported_endpoints())
        written = rules.usable_text(fields.get("endpoint"))
        if written is None:
            text = "The request names no endpoint."
            raise validation("batch_missing_endpoint", text, supported_endpoints=supported)
        endpoint = self.normalise_endpoint(written)
        if endpoint not in supported:
            extra = {"endpoint": endpoint, "supported_endpoints": supported}
            text = f"Batches do not support the endpoint {endpoint}."
            raise validation("batch_unsupported_endpoint", text, **extra)
        return endpoint

    def max_session_id(self) -> int | None:
        """The most characters that a session id may have, None for no limit."""
        return rules.MAX_SESSION_ID

    def checked_session_id(self, fields: dict[str, Any]) -> str | None:
        """The session id to keep; raises the refusal for one that is too long."""
        session_id = rules.session_id_of(fields)
        limit = self.max_session_id()
        if session_id is not None and limit is not None and len(session_id) > limit:
            text = f"session_id has more than {limit} characters."
            raise validation("batch_session_id_too_long", text)
        return session_id

    def may_use_file(self, workspace: Workspace, file_id: str) -> bool:
        """Whether the workspace may make a batch of this file."""
        return file_id in workspace.file_ids

    def input_data(self, visit: Visit, file_id: str) -> bytes:
        """The bytes of an input file; raises refusals."""
        if not self.may_use_file(visit.workspace, file_id):
            self.refuse_unknown_input_file(visit, file_id)
        reason, text = "batch_reservation_input_unavailable", "The input file cannot be read now."
        if not visit.workspace.home.provider_key_present:
            raise gateway_error(reason, text)
        try:
            return visit.workspace.provider.content(file_id)
        except (ProviderFault, HungUp) as error:
            raise gateway_error(reason, text) from error

    def refuse_unknown_input_file(self, _visit: Visit, file_id: str) -> None:
        """Raise the refusal for a file that is unknown or somebody else's."""
        text = "The input file does not exist or belongs to another workspace."
        raise not_found("file_not_found_or_not_owned", text, file_id=file_id)

    def checked_rows(self, visit: Visit, request: CreateRequest) -> list[InputRow]:
        """The rows of the input file; raises the refusal for the first that cannot be run."""
        rows = rules.input_rows(self.input_data(visit, request.input_file_id))
        for row in rows:
            self.check_row(row, request)
        return rows

    def check_row(self, row: InputRow, request: CreateRequest) -> None:
        """Raise the refusal for a row that cannot be run."""
        rules.refuse_row_without_body(row)
        url = self.checked_row_url(row, request.endpoint)
        rules.refuse_row_without_model(row, request.model)
        rules.refuse_video_without_duration(row, url)

    def checked_row_url(self, row: InputRow, default: str) -> str:
        """The normalised target of a row; raises the refusal for an unsupported one."""
        if row.url is None:
            return default
        url = self.normalise_endpoint(row.url) if isinstance(row.url, str) else str(row.url)
        if url not in self.supported_endpoints():
            text = f"Line {row.line} of the input file has the unsupported url {url}."
            extra = {"endpoint": url, "supported_endpoints": list(self.supported_endpoints())}
            raise validation("batch_reservation_unsupported_endpoint", text, **extra)
        return url

    def fields_for_provider(self, request: CreateRequest) -> dict[str, Any]:
        """What the provider is sent: all members but those that are the gateway's own."""
        fields = {k: v for k, v in request.fields.items() if k not in _GATEWAY_FIELDS}
        fields["endpoint"] = request.endpoint
        fields["input_file_id"] = request.input_file_id
        return fields

    def submitted(self, visit: Visit, request: CreateRequest, hold: Hold) -> StoredBatch:
        """The stored batch that the provider accepted; raises refusals, the hold given back."""
        shown = self.provider_create(visit, request, hold)
        if not isinstance(shown, dict) or not isinstance(shown.get("id"), str) or not shown["id"]:
            self.give_hold_back_after(visit, hold, "missing-id")
            text = "The provider accepted the batch without naming it."
            raise upstream_error("batch_upstream_missing_id", text)
        batch = self.new_record(visit, request, hold, shown)
        if visit.workspace.store_fails("create"):
            self.refuse_unstored(visit, batch)
        visit.workspace.keep(batch)
        return batch

    def provider_create(self, visit: Visit, request: CreateRequest, hold: Hold) -> Any:
        """The provider's answer to the create; raises refusals, the hold given back."""
        try:
            return visit.workspace.provider.create(self.fields_for_provider(request))
        except HungUp as error:
            self.give_hold_back_after(visit, hold, "unreachable")
            text = "The provider could not be reached."
            raise gateway_error("batch_upstream_create_failed", text) from error
        except ProviderFault as fault:
            was_held = hold.is_held
            self.give_hold_back_after(visit, hold, "refused")
            billing = self.refusal_billing(hold) if was_held else None
            raise Refused(PassedOn(fault.status, fault.body, fault.headers, billing)) from fault

    def give_hold_back_after(self, visit: Visit, hold: Hold, _event: str) -> None:
        """Release the hold of a create that failed: refused, unreachable, missing-id, unstored."""
        self.give_hold_back(visit.workspace, hold)

    def refusal_billing(self, hold: Hold) -> dict[str, Any]:
        """The 14 members beside the error of a provider that refused after credit was held."""
        zero = usd_2(0)
        return {
            "currency": "usd",
            "state": "void",
            "billed": True,
            "charged": False,
            "reason": "upstream_create_failed",
            "reservation_id": hold.id,
            "reservation_status": hold.status,
            "estimated_nanos": hold.estimate.nanos,
            "reserved_nanos": hold.reserved_nanos,
            "settled_provider_cost": zero,
            "settled_user_cost": zero,
            "total_nanos": 0,
            "cost_nanos": 0,
            "cost_usd": 0,
        }

    def new_record(
        self, visit: Visit, request: CreateRequest, hold: Hold, shown: dict[str, Any]
    ) -> StoredBatch:
        """What is kept of a batch that the provider accepted."""
        least = {
            "id": shown["id"],
            "object": "batch",
            "endpoint": request.endpoint,
            "input_file_id": request.input_file_id,
            "status": "validating",
        }
        return StoredBatch(
            request_id=self.request_id_of_batch(visit),
            workspace_id=visit.workspace.id,
            endpoint=request.endpoint,
            session_id=request.session_id,
            webhook=request.webhook,
            model=request.model,
            hold=hold,
            shown=least | shown,
            last_polled_at_ms=visit.workspace.clock.now_ms,
        )

    def request_id_of_batch(self, visit: Visit) -> str:
        """The id of the creating call, which the batch keeps for life."""
        return visit.request_id

    def refuse_unstored(self, visit: Visit, batch: StoredBatch) -> None:
        """The store failed after the provider accepted: take it back and raise the nested 502."""
        self.cancel_unstored(visit, batch)
        self.give_hold_back_after(visit, batch.hold, "unstored")
        raise Refused(self.persistence_failure(batch, batch.shown))

    def cancel_unstored(self, visit: Visit, batch: StoredBatch) -> None:
        """Ask the provider to cancel a batch that nobody can own."""
        try:
            visit.workspace.provider.cancel(batch.id)
        except (ProviderFault, HungUp):
            return

    def persistence_failure(self, batch: StoredBatch, shown: Any) -> Nested:
        """The nested error for work that the provider did and the store did not take."""
        status = shown.get("status") if isinstance(shown, dict) else None
        return Nested(
            502,
            {
                "type": "async_job_persistence_failed",
                "message": "The provider did its part, but the batch could not be stored.",
                "batch_id": batch.id,
                "native_batch_id": batch.id,
                "status": status or batch.status,
                "reservation_id": batch.hold.id,
                "reservation_status": batch.hold.status,
            },
        )
