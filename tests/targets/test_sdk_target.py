"""An SDK as the target, with the gateway behind it."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from conformance.capabilities import Capabilities
from conformance.errors import AdapterError
from conformance.targets.probe import probe
from conformance.targets.sdk_target import AdapterTarget, with_sdk
from conformance.targets.session import Session


class Host:
    """A host that only introduces itself."""

    name = "--adapter acme:Acme"

    def __init__(self, *, has_processes: bool = True, starts: bool = True) -> None:
        self.has_processes = has_processes
        self.notes: list[str] = []
        self._starts = starts

    async def hello(self) -> Mapping[str, Any]:
        if not self._starts:
            raise AdapterError("no")
        return {"sdk": "acme", "version": "1.2", "runtime": "CPython 3.12"}

    async def open(self, client: str, settings: Any, env: Any = None) -> dict[str, Any]:
        return {}

    async def call(self, client: str, method: str, args: Any) -> dict[str, Any]:
        return {}

    async def close(self, client: str) -> dict[str, Any]:
        return {}

    async def exit(self) -> None:
        self.notes.append("ended")


class Gateway:
    """A gateway that hands out one session and knows how it was left."""

    kind, name, url, shared = "mock", "mock", "http://h/v1", True
    capabilities = Capabilities({"create": "it has it"}, {"clock": "ask"})

    def __init__(self) -> None:
        self.left_over: list[str] = []
        self.notes: list[str] = []
        self.session: Any = type("Made", (), {"sdk_host": None})()

    async def open(self, scenario: str) -> Session:
        session: Session = self.session
        return session

    async def close(self) -> None:
        self.left_over = ["batch_1"]
        self.notes.append("closed")


def target(**host: Any) -> AdapterTarget:
    return AdapterTarget(Host(**host), Gateway())


def test_it_offers_what_the_gateway_does_and_the_sdk() -> None:
    found = target().capabilities
    assert found.offered == {"create": "it has it", "sdk": "--adapter", "sdk-process": "--adapter"}
    assert found.mend == {"clock": "ask"}
    assert "sdk-process" not in with_sdk(found.__class__(), Host(has_processes=False))


def test_it_is_named_after_the_sdk_once_that_is_known() -> None:
    made = target()
    assert (made.kind, made.url, made.shared) == ("adapter", None, True)
    assert made.name == "--adapter acme:Acme"
    assert asyncio.run(probe(made, lambda transcript: None)) is None
    assert made.name == "acme 1.2 (CPython 3.12)"


def test_an_sdk_that_does_not_start_ends_the_first_look() -> None:
    with pytest.raises(AdapterError):
        asyncio.run(probe(target(starts=False), lambda transcript: None))


def test_sessions_are_those_of_the_gateway_with_who_calls_the_sdk() -> None:
    made = target()
    session = asyncio.run(made.open("sdk_create"))
    assert session.sdk_host is made.host


def test_both_are_closed_and_tell_what_was_odd() -> None:
    made = target()
    asyncio.run(made.close())
    assert (made.notes, made.left_over) == (["ended", "closed"], ["batch_1"])
