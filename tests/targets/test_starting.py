"""Starts of an adapter with each interpreter."""

import asyncio
import sys
from typing import Any

import pytest

from conformance.errors import AdapterError, ConfigError
from conformance.targets.adapter import adapter_host
from conformance.targets.starting import checked_interpreters, start_of

RIGHT = "conformance.adapters.reference:ReferenceAdapter"
DONE = {"value": {}, "type": ""}


class Host:
    """A host that starts, or fails as it is told to."""

    def __init__(self, hello: str = "", opens: Any = DONE) -> None:
        self.failure = hello
        self.opens = opens
        self.closed: list[str] = []

    async def hello(self) -> dict[str, Any]:
        if self.failure:
            raise AdapterError(self.failure)
        return {"runtime": "CPython 3.12.1"}

    async def open(self, client: str, settings: Any) -> Any:
        return self.opens

    async def close(self, client: str) -> Any:
        self.closed.append(client)
        return DONE


def start(host: Any) -> Any:
    return asyncio.run(start_of(host, "python3.12"))


def test_a_start_is_a_hello_and_a_client() -> None:
    host = Host()
    told = {"runtime": "CPython 3.12.1 (python3.12)", "admitted": True, "outcome": DONE}
    assert start(host) == told
    assert host.closed == ["start"]


def test_a_client_that_is_not_built_is_what_came_of_the_start() -> None:
    error = {"error": {"kind": "other", "type": "SyntaxError", "message": "f-string"}}
    host = Host(opens=error)
    assert start(host)["outcome"] == error
    assert host.closed == []


@pytest.mark.parametrize(
    ("message", "admitted"),
    [("SyntaxError: f-string", True), ("x: No module named 'conformance'", False)],
)
def test_an_adapter_that_does_not_start_is_the_sdks_affair_where_the_suite_is(
    message: str,
    admitted: object,
) -> None:
    told = start(Host(message))
    assert (told["runtime"], told["admitted"]) == ("python3.12", admitted)
    assert told["outcome"]["error"]["message"] == message


def test_an_adapter_is_started_with_this_interpreter_and_with_those_that_are_named() -> None:
    host = adapter_host(RIGHT, pythons=["/nowhere/python"])

    async def go() -> Any:
        try:
            return await host.starts()
        finally:
            await host.exit()

    own, other = asyncio.run(go())
    assert own["runtime"].endswith(f"({sys.executable})")
    assert own["outcome"] == DONE
    assert "/nowhere/python" in other["outcome"]["error"]["message"]


def test_an_interpreter_that_is_not_there_is_refused() -> None:
    assert checked_interpreters([sys.executable, sys.executable]) == [sys.executable]
    with pytest.raises(ConfigError, match="--adapter-python /no/python: there is no such program"):
        checked_interpreters(["/no/python"])
