"""API keys: their form, whom they belong to, and why one is refused."""

import re
from dataclasses import dataclass

from conformance.mock.ids import Ids

_FORM = re.compile(r"aistats_v1_sk_([A-Za-z0-9]{6,64})_([A-Za-z0-9]+)")


@dataclass(frozen=True, slots=True)
class Key:
    """A stored key; `state` is active, revoked or expired."""

    kid: str
    secret: str
    workspace_id: str
    state: str = "active"

    @property
    def token(self) -> str:
        """The text that a caller puts behind `Bearer`."""
        return f"aistats_v1_sk_{self.kid}_{self.secret}"


def kid_of(token: str) -> str | None:
    """The public half of a well-formed token."""
    form = _FORM.fullmatch(token)
    return form[1] if form else None


class KeyRing:
    """All keys of one server."""

    def __init__(self) -> None:
        self._keys: dict[str, Key] = {}

    def issue(self, ids: Ids, workspace_id: str, state: str = "active") -> Key:
        """A new key of the workspace, known to the ring."""
        key = Key(ids.token(16), ids.token(48), workspace_id, state)
        self._keys[key.kid] = key
        return key

    def of_token(self, token: str) -> Key | None:
        """The stored key with the token's kid, whatever its secret or state."""
        return self._keys.get(kid_of(token) or "")

    def forget(self, workspace_id: str) -> None:
        """Drop all keys of a workspace."""
        kept = (key for key in self._keys.values() if key.workspace_id != workspace_id)
        self._keys = {key.kid: key for key in kept}
