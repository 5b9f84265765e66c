"""The request that tells a webhook of an event: body, headers, signature.

Decisions, each a method: event_type, delivery_key, event_id, max_attempts, links_base,
event_progress, event_data, created_at, delivery_member, event_envelope, event_body, header_prefix,
user_agent, event_headers, signs, timestamp_text, signing_key, signed_bytes, signature_headers,
hook_headers, hook_method, hook_url, follows_redirects, hook_request (the whole, with the registry's
faults of deliveries).
"""

import hashlib
import hmac
import json
import re
from dataclasses import replace
from typing import Any

from conformance.mock.gateway.stream import Streams
from conformance.mock.outbox import Attempt, HookRequest
from conformance.mock.row_faults import DeliveryFaults, no_delivery_faults
from conformance.mock.webhook_config import Event, WebhookState

MAX_ATTEMPTS = 4
_MAX_EVENT_ID = 160
_UNCLEAN = re.compile(r"[^A-Za-z0-9_-]+")


def signature(key: bytes, signed: bytes) -> str:
    """The HMAC-SHA256 in lower-case hex."""
    return hmac.new(key, signed, hashlib.sha256).hexdigest()


class HookRequests(Streams):
    """Builds requests; nothing here changes state."""

    delivery_faults: DeliveryFaults = staticmethod(no_delivery_faults)

    def event_type(self, event: Event) -> str:
        """The type on the wire, whichever name was subscribed to."""
        return f"batch.{event.phase}"

    def delivery_key(self, event: Event) -> str:
        """The name by which receivers know an event of a batch again."""
        bucket = "" if event.bucket is None else f":{event.bucket}"
        return f"batch.{event.phase}{bucket}"

    def event_id(self, attempt: Attempt) -> str:
        """The id of an event, the same for all its attempts."""
        return _UNCLEAN.sub("_", f"evt_batch_{attempt.batch.id}_{attempt.key}")[:_MAX_EVENT_ID]

    def max_attempts(self) -> int:
        """How often an event is tried at most."""
        return MAX_ATTEMPTS

    def links_base(self, attempt: Attempt) -> str:
        """The API base of the links in data, also where there is no caller."""
        return attempt.webhook.base

    def event_progress(self, attempt: Attempt, progress: int) -> int:
        """`data.progress`: in a progress event the bucket."""
        return progress if attempt.event.bucket is None else attempt.event.bucket

    def event_data(self, attempt: Attempt) -> dict[str, Any]:
        """The batch as it is at the time of the attempt."""
        data = self.message_data(attempt.batch, self.links_base(attempt))
        return data | {"progress": self.event_progress(attempt, data["progress"])}

    def created_at(self, attempt: Attempt) -> int:
        """The member `created_at` of the body: the time of the attempt."""
        return attempt.at_ms // 1000

    def delivery_member(self, attempt: Attempt) -> dict[str, Any]:
        """The member `delivery` of the body."""
        return {
            "key": attempt.key,
            "attempt": attempt.number,
            "max_attempts": self.max_attempts(),
        }

    def event_envelope(self, attempt: Attempt) -> dict[str, Any]:
        """The body as an object."""
        return {
            "id": self.event_id(attempt),
            "type": self.event_type(attempt.event),
            "created_at": self.created_at(attempt),
            "delivery": self.delivery_member(attempt),
            "data": self.event_data(attempt),
        }

    def event_body(self, envelope: dict[str, Any]) -> bytes:
        """The body as it goes over the wire."""
        # Half a surrogate pair has no UTF-8; as an escape it is the JSON that a caller sent.
        return self.message_text(envelope).encode("utf-8", "backslashreplace")

    def header_prefix(self) -> str:
        """What the names of all event headers begin with."""
        return "x-ai-stats-"

    def user_agent(self) -> str:
        """The sender as it calls itself."""
        return "AI-Stats-Async-Webhook/1.0"

    def event_headers(self, attempt: Attempt) -> dict[str, str]:
        """The five event headers by their words, which every delivery has."""
        return {
            "event-id": self.event_id(attempt),
            "event-type": self.event_type(attempt.event),
            "delivery-key": attempt.key,
            "attempt": str(attempt.number),
            "max-attempts": str(self.max_attempts()),
        }

    def signs(self, webhook: WebhookState) -> bool:
        """Whether deliveries are signed."""
        return webhook.secret is not None

    def timestamp_text(self, attempt: Attempt) -> str:
        """The time of the signature: each attempt is signed anew."""
        return str(attempt.at_ms // 1000)

    def signing_key(self, webhook: WebhookState) -> bytes:
        """The key of the signature: the secret as given, its prefix included."""
        return (webhook.secret or "").encode("utf-8", "replace")

    def signed_bytes(self, timestamp: str, body: bytes) -> bytes:
        """What the signature is made over."""
        return timestamp.encode() + b"." + body

    def signature_headers(self, attempt: Attempt, body: bytes) -> dict[str, str]:
        """The two headers of a signature by their words, none for an unsigned delivery."""
        if not self.signs(attempt.webhook):
            return {}
        timestamp = self.timestamp_text(attempt)
        key, signed = self.signing_key(attempt.webhook), self.signed_bytes(timestamp, body)
        return {"timestamp": timestamp, "signature": signature(key, signed)}

    def hook_headers(self, attempt: Attempt, body: bytes) -> dict[str, str]:
        """All headers of a delivery."""
        words = self.event_headers(attempt) | self.signature_headers(attempt, body)
        prefixed = {f"{self.header_prefix()}{word}": value for word, value in words.items()}
        return {"content-type": "application/json", "user-agent": self.user_agent(), **prefixed}

    def hook_method(self) -> str:
        """The method of every delivery."""
        return "POST"

    def hook_url(self, webhook: WebhookState) -> str:
        """Where a delivery goes."""
        return webhook.url

    def follows_redirects(self) -> bool:
        """Whether a redirect is followed; one that is not is a failed attempt."""
        return False

    def hook_request(self, attempt: Attempt) -> HookRequest:
        """The request of an attempt that is made now."""
        body = self.event_body(self.event_envelope(attempt))
        request = HookRequest(
            attempt,
            self.hook_method(),
            self.hook_url(attempt.webhook),
            self.hook_headers(attempt, body),
            body,
            self.follows_redirects(),
        )
        return self._with_faults(request)

    def _with_faults(self, request: HookRequest) -> HookRequest:
        """The request as the registry's faults make it; a body that they change is signed anew."""
        faults = type(self).delivery_faults
        if faults is no_delivery_faults:
            return request
        value = json.loads(request.body)
        before = {"method": request.method, "headers": dict(request.headers), "body": value}
        after = faults(before)
        headers, body = dict(after["headers"]), request.body
        if after["body"] != value:
            body = self.event_body(after["body"])
            signed = self.hook_headers(request.attempt, body)
            # What a fault has made of a header stays.
            kept = {name for name, old in request.headers.items() if headers.get(name) == old}
            headers |= {name: new for name, new in signed.items() if name in kept}
        return replace(request, method=after["method"], headers=headers, body=body)
