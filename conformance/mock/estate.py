"""Everything one server holds: workspace sets and the keys that lead to them."""

import secrets
from collections.abc import Callable, Iterable

from conformance.mock.clock import Clock
from conformance.mock.exchange import Call
from conformance.mock.ids import Ids
from conformance.mock.keys import Key, KeyRing, kid_of
from conformance.mock.outbox import Outbox
from conformance.mock.provider import Provider
from conformance.mock.workspace import Workspace, WorkspaceSet
from conformance.requirements import DEFAULT_PROFILE

DEFAULT_BALANCE_NANOS = 100_000_000_000
_SMALL_BALANCE_NANOS = 5_000_000_000


class Estate:
    """Opens and forgets workspace sets and finds the one that a call is about."""

    def __init__(self, now_ms: Callable[[], int], seed: str | None = None) -> None:
        self._now_ms = now_ms
        self._seed = seed or secrets.token_hex(16)
        self._ids = Ids(f"{self._seed}:estate")
        self._strays: dict[str, str] = {}
        self._workspaces: dict[str, Workspace] = {}
        self.keys = KeyRing()
        self.outbox = Outbox()
        self.sets: dict[str, WorkspaceSet] = {}

    def open_set(
        self,
        balance_nanos: int = DEFAULT_BALANCE_NANOS,
        faults: Iterable[str] = (),
        profile: str = DEFAULT_PROFILE,
    ) -> WorkspaceSet:
        """A fresh set of three workspaces with their keys."""
        set_id = f"ws_{self._ids.token(16)}"
        clock, ids = Clock(self._now_ms()), Ids(f"{self._seed}:{set_id}")
        home = WorkspaceSet(set_id, clock, ids, Provider(clock, ids), tuple(faults), profile)
        balances = {"a": balance_nanos, "b": _SMALL_BALANCE_NANOS, "no_funds": 0}
        for label, balance in balances.items():
            own_id = set_id if label == "a" else f"ws_{self._ids.token(16)}"
            home.workspaces[label] = Workspace(own_id, balance, home)
            self._workspaces[own_id] = home.workspaces[label]
            home.keys[label] = self.keys.issue(ids, own_id)
        home.keys["same"] = self.keys.issue(ids, set_id)
        home.bad_tokens = self._bad_tokens(home, home.keys["a"])
        self.sets[set_id] = home
        return home

    def _bad_tokens(self, home: WorkspaceSet, good: Key) -> dict[str, str]:
        unknown = Key(home.ids.token(16), home.ids.token(48), "")
        self._strays[unknown.kid] = home.id
        wrong = Key(good.kid, home.ids.token(48), "")
        return {
            "revoked": self.keys.issue(home.ids, home.id, "revoked").token,
            "expired": self.keys.issue(home.ids, home.id, "expired").token,
            "wrong-secret": wrong.token,
            "unknown": unknown.token,
        }

    def forget_set(self, set_id: str) -> bool:
        """Drop a set with its keys; False when there is none of that id."""
        home = self.sets.pop(set_id, None)
        if home is None:
            return False
        home.hub.all_gone()
        for workspace in home.workspaces.values():
            self.keys.forget(workspace.id)
            del self._workspaces[workspace.id]
        self._strays = {kid: owner for kid, owner in self._strays.items() if owner != set_id}
        return True

    def workspace(self, workspace_id: str) -> Workspace | None:
        """The workspace with this id, in whatever set."""
        return self._workspaces.get(workspace_id)

    def home_of(self, call: Call) -> WorkspaceSet | None:
        """The set that any credential of the call points at, even one that will be refused."""
        for token in _tokens(call):
            key = self.keys.of_token(token)
            workspace = self.workspace(key.workspace_id) if key else None
            if workspace is not None:
                return workspace.home
            stray = self.sets.get(self._strays.get(kid_of(token) or "", ""))
            if stray is not None:
                return stray
        return None


def _tokens(call: Call) -> list[str]:
    header = call.headers.get("authorization", "")
    found = [header.rpartition(" ")[2], call.headers.get("x-api-key", "")]
    return [token for token in [*found, *call.query_values("api_key")] if token]
