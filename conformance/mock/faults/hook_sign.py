"""Faults of signatures: other bytes, other keys, an old time."""

import json

from conformance.mock.faults import fault
from conformance.mock.gateway import Gateway
from conformance.mock.outbox import Attempt
from conformance.mock.webhook_config import WebhookState


@fault("webhook-resigned-body", breaks=["HOOK-SIGN-01", "HOOK-SIGN-02"])
class WebhookResignedBody(Gateway):
    """What is signed is the body written anew, with blanks, and not the bytes that are sent."""

    def signed_bytes(self, timestamp: str, body: bytes) -> bytes:
        return super().signed_bytes(timestamp, json.dumps(json.loads(body)).encode())


@fault("webhook-key-without-its-prefix", breaks=["HOOK-SIGN-01", "HOOK-SIGN-02"])
class WebhookKeyWithoutItsPrefix(Gateway):
    """The key is what follows whsec_."""

    def signing_key(self, webhook: WebhookState) -> bytes:
        return super().signing_key(webhook).removeprefix(b"whsec_")


@fault("webhook-signed-once-for-all", breaks=["HOOK-SIGN-07"])
class WebhookSignedOnceForAll(Gateway):
    """All attempts have the timestamp of the create."""

    def timestamp_text(self, attempt: Attempt) -> str:
        return str(attempt.batch.created_at_ms // 1000)
