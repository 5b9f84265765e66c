"""A small SDK that keeps the contract, and its adapter: what right looks like.

It is what faulty adapters are made from, and a first target: `--adapter
conformance.adapters.reference:ReferenceAdapter` passes every rule that is asked of a Python SDK.
"""

import base64
import platform
from collections.abc import Mapping
from operator import attrgetter
from typing import Any

from conformance.adapters import Hello, Settings, Unsupported
from conformance.adapters.failures import sdk_error
from conformance.adapters.reference.client import Client

METHODS: Mapping[str, str] = {
    "createBatch": "create_batch",
    "getBatch": "get_batch",
    "cancelBatch": "cancel_batch",
    "listBatches": "list_batches",
    "listBatchModels": "list_batch_models",
    "getAsyncJobWebSocketUrl": "get_async_job_websocket_url",
    "batches.create": "batches.create",
    "batches.get": "batches.get",
    "batches.cancel": "batches.cancel",
    "batches.list": "batches.list",
    "batches.listModels": "batches.list_models",
    "batches.websocketUrl": "batches.websocket_url",
    "verifyAsyncWebhookSignature": "verify_async_webhook_signature",
    "computeAsyncWebhookSignature": "compute_async_webhook_signature",
}


class ReferenceAdapter:
    """The adapter of the reference SDK, or of one whose client is a subclass of its own."""

    methods: Mapping[str, str] = METHODS
    language = "python"
    timeout_default: float | None = 60.0

    def __init__(self, client: type[Client] = Client) -> None:
        self.client = client

    def hello(self) -> Hello:
        """What there is."""
        return {
            "sdk": "reference-sdk",
            "version": Client.version,
            "language": self.language,
            "runtime": f"{platform.python_implementation()} {platform.python_version()}",
            "methods": dict(self.methods),
            "options": ["base_url", "api_key", "timeout", "env"],
            "concurrency": 32,
            "timeout_default": self.timeout_default,
        }

    def open(self, settings: Settings) -> Client:
        """A client; raises SdkError."""
        try:
            return self.client(**settings)
        except ValueError as error:
            raise sdk_error(error) from error

    def call(self, client: Client, method: str, args: Mapping[str, Any]) -> Any:
        """What a method returns; raises Unsupported and SdkError."""
        if method not in self.methods:
            raise Unsupported(method, "the SDK has no such method")
        native = attrgetter(self.methods[method])(client)
        try:
            return native(**_named(args))
        except Exception as error:
            raise sdk_error(error) from error

    def close(self, client: Client) -> None:
        """Nothing is kept open."""


def _named(args: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments by the names that the SDK gives them."""
    named = dict(args)
    named |= named.pop("options", None) or {}
    if "body_base64" in named:
        named["body"] = base64.b64decode(named.pop("body_base64"))
    return named
