"""Scenarios: scripted pieces of work against a target. They drive and never judge.

A scenario is an async function of one Session. It names the requirements that it brings about
(`aims`) and what the target must offer (`needs`), and leaves a transcript, whatever happens.
"""

import importlib
import pkgutil
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import cache

from conformance.targets.session import Session

Drive = Callable[[Session], Awaitable[None]]


@dataclass(frozen=True)
class Scenario:
    """A piece of work.

    `cost` is free, create or settle; `batches` is the most creates it gets accepted;
    `alone` wants the workspace to itself.
    """

    name: str
    title: str
    aims: frozenset[str]
    needs: tuple[str, ...]
    cost: str
    alone: bool
    batches: int
    drive: Drive


_SCENARIOS: dict[str, Scenario] = {}


def scenario(
    *aims: str,
    needs: tuple[str, ...] = (),
    cost: str = "free",
    alone: bool = False,
    batches: int | None = None,
) -> Callable[[Drive], Drive]:
    """Make the function a scenario, named after it; its docstring is the title."""

    def register(drive: Drive) -> Drive:
        name = drive.__name__
        if name in _SCENARIOS:
            raise ValueError(f"two scenarios are called {name}")
        title = (drive.__doc__ or name).strip().splitlines()[0]
        most = (0 if cost == "free" else 1) if batches is None else batches
        _SCENARIOS[name] = Scenario(name, title, frozenset(aims), needs, cost, alone, most, drive)
        return drive

    return register


@cache
def all_scenarios() -> Mapping[str, Scenario]:
    """Every scenario by name."""
    for module in pkgutil.walk_packages(__path__, f"{__name__}."):
        importlib.import_module(module.name)
    return dict(sorted(_SCENARIOS.items()))
