"""The state of one workspace, and of the set of three that tests of isolation and credit need."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from conformance.mock.billing import Bill, Hold, Wallet
from conformance.mock.clock import Clock
from conformance.mock.hub import Hub
from conformance.mock.ids import Ids
from conformance.mock.keys import Key
from conformance.mock.lives import TERMINAL
from conformance.mock.patience import Patience
from conformance.mock.prices import MODELS, Model
from conformance.mock.provider import Provider
from conformance.mock.webhook_config import ManagedEndpoint, WebhookState
from conformance.requirements import DEFAULT_PROFILE


@dataclass(slots=True)
class StoredBatch:
    """What the gateway keeps about a batch; `shown` is the provider's object as last accepted."""

    request_id: str
    workspace_id: str
    endpoint: str
    session_id: str | None
    webhook: WebhookState | None
    model: str | None
    hold: Hold
    shown: dict[str, Any] = field(default_factory=dict)
    provider: str = "openai"
    bill: Bill | None = None
    created_at_ms: int = 0
    last_polled_at_ms: int = 0
    updated_at_ms: int = 0
    change: int = 0
    # What the provider calls it, where that is not the gateway's id.
    native_id: str | None = None

    @property
    def id(self) -> str:
        """The id that callers use."""
        return str(self.shown["id"])

    @property
    def status(self) -> str:
        """The stored status."""
        return str(self.shown["status"])

    @property
    def is_terminal(self) -> bool:
        """Whether the stored status is an end."""
        return self.status in TERMINAL

    @property
    def is_settled(self) -> bool:
        """Whether the bill is made and will not be made again."""
        return self.bill is not None and self.bill.billed

    @property
    def counts(self) -> dict[str, int]:
        """The row counts as last seen."""
        counts = self.shown.get("request_counts") or {}
        return {name: counts.get(name, 0) for name in ("total", "completed", "failed")}


class Workspace:
    """Batches, files and credit of one customer."""

    def __init__(self, workspace_id: str, balance_nanos: int, home: "WorkspaceSet") -> None:
        self.id = workspace_id
        self.home = home
        self.wallet = Wallet(balance_nanos)
        self.batches: dict[str, StoredBatch] = {}
        self.file_ids: set[str] = set()
        self.models: dict[str, Model] = dict(MODELS)
        self.failing: Counter[str] = Counter()
        self.hook_endpoints: dict[str, ManagedEndpoint] = {}
        self._changes = 0

    @property
    def clock(self) -> Clock:
        """The time of the set."""
        return self.home.clock

    @property
    def provider(self) -> Provider:
        """The provider account of the set."""
        return self.home.provider

    def keep(self, batch: StoredBatch) -> None:
        """Store a batch, new or changed, as the one that changed last."""
        self._changes += 1
        batch.change = self._changes
        batch.updated_at_ms = self.clock.now_ms
        if batch.id not in self.batches:
            batch.created_at_ms = self.clock.now_ms
        self.batches[batch.id] = batch
        self.home.hub.changed(batch.id)

    def lose(self, batch: StoredBatch) -> None:
        """Forget a batch; who watches it is told."""
        del self.batches[batch.id]
        self.home.hub.gone(batch.id)

    def store_fails(self, operation: str) -> bool:
        """Whether this call of the store is one that was told to fail; each is told once."""
        if not self.failing[operation]:
            return False
        self.failing[operation] -= 1
        return True


@dataclass(slots=True)
class WorkspaceSet:
    """Three workspaces behind one provider account and one clock: a, b and one without funds.

    `receiver_wait_s`: how long receivers of webhooks are waited for; None leaves it to the server.
    `patience`: the waits for them that are under way.
    `profile`: the contract that its gateway keeps.
    """

    id: str
    clock: Clock
    ids: Ids
    provider: Provider
    faults: tuple[str, ...] = ()
    profile: str = DEFAULT_PROFILE
    batch_api_on: bool = True
    provider_key_present: bool = True
    workspaces: dict[str, Workspace] = field(default_factory=dict)
    keys: dict[str, Key] = field(default_factory=dict)
    bad_tokens: dict[str, str] = field(default_factory=dict)
    hub: Hub = field(default_factory=Hub)
    receiver_wait_s: float | None = None
    patience: Patience = field(default_factory=Patience)

    def workspace(self, label: str) -> Workspace:
        """The workspace that the key with this label opens."""
        return self.workspaces["a" if label == "same" else label]

    def by_id(self, workspace_id: str) -> Workspace | None:
        """The member with this id."""
        return next((ws for ws in self.workspaces.values() if ws.id == workspace_id), None)

    def owner_of(self, batch_id: str) -> Workspace | None:
        """The member that has the batch."""
        return next((ws for ws in self.workspaces.values() if batch_id in ws.batches), None)
