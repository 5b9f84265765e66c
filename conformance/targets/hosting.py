"""What all hosts of adapters share: limits, how often one may break, and what a target needs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from conformance.errors import AdapterError
from conformance.targets.limits import ScenarioStopped
from conformance.targets.sdk_caller import SdkHost

# Variables of a process: a text sets one, None takes one away.
Environment = Mapping[str, str | None]


@dataclass(frozen=True)
class SdkLimits:
    """How long an adapter is waited for, in seconds, and what bounds it.

    A call may take the time that its scenario gives it (`call_s` unless it says one) and
    `grace_s` on top; `restarts` counts those of a run.
    """

    hello_s: float = 30.0
    open_s: float = 10.0
    call_s: float = 30.0
    grace_s: float = 5.0
    exit_s: float = 5.0
    restarts: int = 3
    line_bytes: int = 64 * 1024 * 1024
    stderr_lines: int = 40


class RunningHost(SdkHost, Protocol):
    """A host as a target holds it. Every text of it names the adapter and the call.

    `hello` raises AdapterError for an adapter that does not start, ConfigError for one that
    speaks another protocol. Where the error of an outcome has `"by": "suite"` the adapter broke,
    and nothing is said of the SDK; when it has broken too often, what is asked next is a
    ScenarioStopped. `notes` are oddities for the user of the run.
    """

    name: str
    notes: list[str]

    @property
    def has_processes(self) -> bool:
        """Whether clients can have a process of their own, with `env`."""

    async def exit(self) -> None:
        """End every process; what is not right about it becomes a note."""


class Endurance:
    """Counts how often an adapter broke in a run."""

    def __init__(self, name: str, most: int) -> None:
        self._name = name
        self._left = most
        self._causes: list[str] = []

    def spend(self, cause: str) -> None:
        """One more time, for this reason."""
        self._left -= 1
        self._causes.append(cause)

    def check(self) -> None:
        """Raise ScenarioStopped when it broke once more than a run puts up with."""
        if self._left < 0:
            raise ScenarioStopped(
                f"{self._name} broke {len(self._causes)} times, last: {self._causes[-1]}"
            )


def not_started(name: str, cause: str, tail: tuple[str, ...] = ()) -> AdapterError:
    """The error of an adapter that cannot be used, with the last it wrote on stderr."""
    return AdapterError("\n  stderr: ".join((f"{name}: {cause}", *tail)))
