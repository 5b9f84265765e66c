"""Deliveries to webhooks on their way from the gateway, which plans them, to whoever sends them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from conformance.mock.webhook_config import Event, WebhookState
from conformance.mock.workspace import StoredBatch, Workspace

# Why there is no status: no answer in time, no connection, a broken one, too many redirects; or
# nothing was sent because nothing was there to sign it with.
FAILURES = ("timeout", "connect", "lost", "redirects", "unsigned")


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt to tell a webhook of an event: the how-manieth, and when on the virtual clock."""

    batch: StoredBatch
    webhook: WebhookState
    event: Event
    key: str
    number: int
    at_ms: int


@dataclass(frozen=True, slots=True)
class HookRequest:
    """An attempt, ready to be sent: these bytes and no others are what was signed."""

    attempt: Attempt
    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes
    follow_redirects: bool = False


@dataclass(frozen=True, slots=True)
class HookAnswer:
    """What came of it: a status with the beginning of the answer's text, or one of FAILURES."""

    status: int | None = None
    text: str = ""
    failure: str = ""


class HookRules(Protocol):
    """The decisions that the gateway takes for a delivery."""

    def prepared(self, errand: "Errand") -> HookRequest | None:
        """The request as the batch is now, None when there is nothing to send any more."""
        ...

    def record_attempt(self, errand: "Errand", request: HookRequest, answer: HookAnswer) -> None:
        """Store what came of the request of an errand."""
        ...


@dataclass(frozen=True, slots=True)
class Errand:
    """One attempt of one event that has to be made now; its request is not built yet."""

    rules: HookRules
    workspace: Workspace
    batch: StoredBatch
    key: str


class Outbox:
    """Errands in the order in which they were given."""

    def __init__(self) -> None:
        self._waiting: list[Errand] = []

    def put(self, errand: Errand) -> None:
        """One more errand, behind the others."""
        self._waiting.append(errand)

    def take(self) -> list[Errand]:
        """All errands that nobody has taken yet."""
        taken, self._waiting = self._waiting, []
        return taken
