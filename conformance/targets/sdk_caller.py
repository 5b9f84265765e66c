"""Who makes an SDK callable for the suite: in this process, or in one of its own."""

from collections.abc import Mapping
from typing import Any, Protocol

Outcome = dict[str, Any]


class SdkHost(Protocol):
    """An adapter that runs. An outcome has a `value`, or an `error` with its `kind`."""

    async def hello(self) -> dict[str, Any]:
        """What the adapter says of its SDK."""

    async def open(
        self,
        client: str,
        settings: Mapping[str, Any],
        env: Mapping[str, str | None] | None = None,
    ) -> Outcome:
        """Build a client under this name.

        `env` are variables to set for it alone, or to unset where their value is None.
        """

    async def call(
        self, client: str, method: str, args: Mapping[str, Any], bound_s: float | None = None
    ) -> Outcome:
        """Call a method of a client by its contract name; it may take so long, if it is said."""

    async def close(self, client: str) -> Outcome:
        """Let go of a client."""

    async def starts(self) -> list[dict[str, Any]]:
        """A start with each interpreter: its `runtime`, whether it is `admitted`, `outcome`."""
