"""What an adapter is: one SDK, made callable under the names of the contract.

An adapter translates and reports. It never judges, retries, fills in, renames members, or turns
an error into a result. Nothing has to be imported from here: the types are structural, and the
exceptions are known by their attributes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NotRequired, Protocol, TypedDict

# Every method that the contract knows; an adapter declares those that its SDK has.
METHODS: tuple[str, ...] = (
    "createBatch", "getBatch", "cancelBatch", "getAsyncJobWebSocketUrl",
    "batches.create", "batches.get", "batches.cancel", "batches.websocketUrl",
    "listBatches", "batches.list", "listBatchModels", "batches.listModels",
    "verifyAsyncWebhookSignature", "computeAsyncWebhookSignature",
)  # fmt: skip

# What a call can fail with: the word of its `kind`.
KINDS: tuple[str, ...] = (
    "http", "transport", "timeout", "argument", "parse", "unsupported", "protocol", "other",
)  # fmt: skip

# The settings that an adapter may say it knows.
OPTIONS: tuple[str, ...] = ("base_url", "api_key", "timeout", "env")


class Hello(TypedDict):
    """What an adapter says of its SDK; `methods` has contract name → native spelling."""

    sdk: str
    version: str
    language: str
    runtime: str
    methods: dict[str, str]
    options: list[str]
    # Calls that may run at once on one client; 1 if unsure.
    concurrency: int
    # In seconds; None waits for ever, left out is unknown.
    timeout_default: NotRequired[float | None]


class Settings(TypedDict, total=False):
    """How to build a client; a key of None leaves it to the SDK's environment variable."""

    base_url: str
    api_key: str | None
    timeout: float


class SdkAdapter(Protocol):
    """One SDK. `call` and `close` may return an awaitable, and `call` a Result."""

    def hello(self) -> Hello:
        """What there is."""

    def open(self, settings: Settings) -> object:
        """A client of the SDK, or whatever stands for it."""

    def call(self, client: object, method: str, args: Mapping[str, Any]) -> Any:
        """What the SDK returns, as JSON values; `args` are those of the contract."""

    def close(self, client: object) -> object:
        """Let go of a client."""


@dataclass(frozen=True)
class Result:
    """A returned value with the name of its native type.

    `raw` has the members that were really received, for SDKs with typed models.
    """

    value: Any
    type: str
    raw: Any = None


class Unsupported(Exception):
    """The SDK has no such method."""

    def __init__(self, method: str, reason: str, issue_url: str | None = None) -> None:
        super().__init__(f"{method}: {reason}")
        self.method = method
        self.reason = reason
        self.issue_url = issue_url


class SdkError(Exception):
    """The SDK failed: `kind` is one of KINDS, the rest is what the SDK's own error shows."""

    def __init__(
        self,
        kind: str,
        type: str,  # noqa: A002 - the word of the protocol
        message: str,
        status: int | None = None,
        body: Any = None,
        headers: Mapping[str, str] | Sequence[Sequence[str]] | None = None,
    ) -> None:
        super().__init__(message)
        self.kind = kind
        self.type = type
        self.message = message
        self.status = status
        self.body = body
        self.headers = headers
