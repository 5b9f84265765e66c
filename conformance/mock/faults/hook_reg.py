"""Faults of registering: null refused, credit held too early, blanks in the secret."""

from dataclasses import replace
from typing import Any

from conformance.mock.billing import Estimate
from conformance.mock.faults import fault
from conformance.mock.gateway import Gateway
from conformance.mock.gateway.base import Visit
from conformance.mock.validation import CreateRequest
from conformance.mock.webhook_config import BadWebhook, WebhookState

_SOME_NANOS = 1_000_000


@fault("null-webhook-refused", breaks=["HOOK-REG-10"])
class NullWebhookRefused(Gateway):
    """A webhook that is null is no object and refused."""

    def checked_webhook(self, visit: Visit, fields: dict[str, Any]) -> WebhookState | None:
        if "webhook" in fields and fields["webhook"] is None:
            fields = {**fields, "webhook": ""}
        return super().checked_webhook(visit, fields)


@fault("hold-before-the-webhook-is-checked", breaks=["HOOK-REG-12"])
class HoldBeforeTheWebhookIsChecked(Gateway):
    """Credit is held before the webhook is looked at, and never given back when it is refused."""

    def checked_request(self, visit: Visit) -> CreateRequest:
        try:
            self.parsed_webhook(self.create_fields(visit).get("webhook"))
        except BadWebhook:
            self.take_hold(visit.workspace, visit.request_id, Estimate(_SOME_NANOS))
        return super().checked_request(visit)


@fault("blanks-are-part-of-the-secret", breaks=["HOOK-REG-24"])
class BlanksArePartOfTheSecret(Gateway):
    """A secret with blanks around it is used as it was written."""

    def parsed_webhook(self, written: Any) -> WebhookState | None:
        webhook = super().parsed_webhook(written)
        if webhook is None or webhook.secret is None:
            return webhook
        return replace(webhook, secret=written["secret"])
