"""Targets: implementations under test, and the session in which a scenario talks to one."""

from typing import Protocol

from conformance.capabilities import Capabilities
from conformance.targets.session import Session


class Target(Protocol):
    """An implementation under test.

    `url` has no secrets and ends in /v1; `shared` says that all scenarios meet in one workspace;
    `left_over` has the batches that `close` could not cancel, `notes` what scenarios told the user.
    """

    kind: str
    name: str
    url: str | None
    shared: bool
    capabilities: Capabilities
    left_over: list[str]
    notes: list[str]

    async def open(self, scenario: str) -> Session:
        """A session for one scenario."""

    async def close(self) -> None:
        """Cancel what was created and is not ended, and let go of every connection."""


__all__ = ["Session", "Target"]
