"""Webhooks as the profile phaseo has them: endpoints that a workspace registers once, by name.

All else is as in the documented contract; the money of that profile is not played.
"""

from typing import Any

from conformance.mock.gateway import Gateway
from conformance.mock.gateway.base import Visit
from conformance.mock.outbox import Errand, HookAnswer, HookRequest
from conformance.mock.refusals import validation
from conformance.mock.validation import CreateRequest
from conformance.mock.webhook_config import (
    DEFAULT_EVENTS,
    PHASES,
    BadWebhook,
    ManagedEndpoint,
    WebhookState,
    webhook_events,
)
from conformance.mock.workspace import Workspace

_PHASES = (*PHASES, "status_changed")
_DEFAULT_EVENTS = ("job.status_changed", *DEFAULT_EVENTS)
_AT_THE_TOP = "webhook_endpoint_id"


class Phaseo(Gateway):
    """The gateway of the profile phaseo."""

    def header_prefix(self) -> str:
        """What the names of all event headers begin with."""
        return "x-phaseo-"

    def user_agent(self) -> str:
        """The sender as it calls itself."""
        return "Phaseo-Async-Webhook/1.0"

    def checked_webhook(self, visit: Visit, fields: dict[str, Any]) -> WebhookState | None:
        """The webhook at the endpoint that the create names; an inline URL alone is refused."""
        written = fields.get("webhook")
        if written is None and fields.get(_AT_THE_TOP) is None:
            return None
        if not isinstance(written, dict | None):
            raise validation("invalid_batch_webhook", "webhook must be an object.")
        members = written or {}
        endpoint = self.named_endpoint(
            visit.workspace, members.get("endpoint_id", fields.get(_AT_THE_TOP))
        )
        return WebhookState(
            endpoint.url, self.checked_events(members), endpoint.secret, endpoint_id=endpoint.id
        )

    def named_endpoint(self, workspace: Workspace, name: Any) -> ManagedEndpoint:
        """The endpoint of the workspace with this id; raises the refusals."""
        if not isinstance(name, str) or not name.strip():
            text = "A webhook must name an endpoint by its endpoint_id."
            raise validation("batch_webhook_endpoint_required", text)
        endpoint = workspace.hook_endpoints.get(name.strip())
        if endpoint is None or not endpoint.is_active:
            text = "The webhook endpoint is unknown or not active."
            raise validation("batch_webhook_endpoint_not_found_or_inactive", text)
        return endpoint

    def checked_events(self, members: dict[str, Any]) -> tuple[str, ...]:
        """The subscription; raises the refusal for one that cannot be used."""
        written = members.get("events", [])
        if written is None:
            raise validation("invalid_batch_webhook", "webhook.events must be a list.")
        try:
            return webhook_events(written, _PHASES, _DEFAULT_EVENTS)
        except BadWebhook as error:
            raise validation("invalid_batch_webhook", f"{error}.") from error

    def fields_for_provider(self, request: CreateRequest) -> dict[str, Any]:
        """What the provider is sent: the name of an endpoint is the gateway's own."""
        fields = super().fields_for_provider(request)
        fields.pop(_AT_THE_TOP, None)
        return fields

    def prepared(self, errand: Errand) -> HookRequest | None:
        """The request of an attempt; without a secret none is sent, and the attempt has failed."""
        request = super().prepared(errand)
        if request is None or self.signs(request.attempt.webhook):
            return request
        self.record_attempt(errand, request, HookAnswer(failure="unsigned"))
        return None
