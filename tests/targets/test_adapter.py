"""An adapter object in this process."""

import asyncio
import sys
import threading
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from conformance.adapters.outcomes import is_broken
from conformance.errors import AdapterError, ConfigError
from conformance.targets.adapter import AdapterHost, adapter_host
from conformance.targets.hosting import SdkLimits
from conformance.targets.limits import ScenarioStopped

NAME = "--adapter acme:Acme"
LIMITS = SdkLimits(hello_s=20.0, open_s=20.0, call_s=20.0, grace_s=0.2)
HELLO = {
    "sdk": "acme",
    "version": "1",
    "language": "python",
    "runtime": "x",
    "methods": {"getBatch": "get"},
    "options": [],
    "concurrency": 2,
}


class Acme:
    """Does what the batch id says; what hangs does so until `free` is set."""

    def __init__(self, **hello: Any) -> None:
        self.said = {**HELLO, **hello}
        self.free = threading.Event()
        self.opened: list[Any] = []
        self.closed: list[Any] = []
        self.together = threading.Barrier(2, timeout=20)

    def hello(self) -> Any:
        if self.said["sdk"] == "hangs":
            self.free.wait(20)
        if self.said["sdk"] == "fails":
            raise RuntimeError("two\nlines")
        return self.said

    def open(self, settings: Any) -> object:
        if settings["base_url"] == "hangs":
            self.free.wait(20)
        if settings["base_url"] == "fails":
            raise ValueError("no such base")
        self.opened.append(settings)
        return len(self.opened)

    def close(self, client: object) -> object:
        self.closed.append(client)
        if client == 9:
            raise OSError("cannot be closed")
        return self._later(None)

    async def _later(self, value: Any) -> Any:
        return value

    def call(self, client: Any, method: str, args: Mapping[str, Any]) -> Any:
        word = args["batch_id"]
        if word == "hang":
            self.free.wait(20)
        if word == "block":
            return self._block()
        if word == "exit":
            sys.exit(3)
        if word == "together":
            self.together.wait()
        if word == "object":
            return object()
        return self._later({"client": client}) if word == "later" else {"client": client}

    async def _block(self) -> None:
        self.free.wait(20)


Work = Callable[[AdapterHost], Awaitable[Any]]


def run(work: Work, adapter: Acme | None = None, limits: SdkLimits = LIMITS) -> Any:
    adapter = adapter or Acme()

    async def go() -> Any:
        host = AdapterHost(adapter, NAME, limits)
        try:
            return await work(host)
        finally:
            adapter.free.set()
            await host.exit()

    return asyncio.run(go())


def called(*words: str, bound_s: float | None = None) -> Work:
    async def work(host: AdapterHost) -> list[Any]:
        await host.open("a", {"base_url": "u"})
        return [await host.call("a", "getBatch", {"batch_id": one}, bound_s) for one in words]

    return work


def test_a_client_is_built_called_and_closed() -> None:
    adapter = Acme()

    async def work(host: AdapterHost) -> Any:
        assert await host.hello() == {**HELLO, "in_process": True}
        opened = await host.open("a", {"base_url": "u", "api_key": None})
        outcome = await host.call("a", "getBatch", {"batch_id": "b"})
        return opened, outcome, await host.close("a"), await host.close("a"), host.notes

    opened, outcome, closed, again, notes = run(work, adapter)
    assert outcome == {"value": {"client": 1}, "type": "dict"}
    assert "error" not in {**opened, **closed, **again}
    assert (adapter.opened, adapter.closed, notes) == (
        [{"base_url": "u", "api_key": None}],
        [1],
        [],
    )


def test_awaitables_are_awaited_outside_of_the_suites_loop() -> None:
    assert run(called("later")) == [{"value": {"client": 1}, "type": "dict"}]


def test_an_sdk_that_exits_does_not_end_the_suite() -> None:
    ((outcome), after) = run(called("exit", "b"))
    assert (outcome["error"]["kind"], outcome["error"]["type"]) == ("other", "SystemExit")
    assert after == {"value": {"client": 1}, "type": "dict"}


def test_what_is_no_json_value_names_adapter_and_call() -> None:
    (outcome,) = run(called("object"))
    assert is_broken(outcome)
    assert outcome["error"]["message"].startswith(f"{NAME}: getBatch: the adapter returned a obj")


def test_calls_of_one_client_run_at_once_as_hello_allows() -> None:
    async def work(host: AdapterHost) -> Any:
        await host.open("a", {"base_url": "u"})
        both = [host.call("a", "getBatch", {"batch_id": "together"}) for _ in range(2)]
        return await asyncio.gather(*both)

    assert [outcome["type"] for outcome in run(work)] == ["dict", "dict"]


@pytest.mark.parametrize("word", ["hang", "block"])
def test_a_call_that_never_returns_is_a_timeout_and_its_client_is_built_anew(word: str) -> None:
    async def work(host: AdapterHost) -> Any:
        (late,) = await called(word, bound_s=0.0)(host)
        return late, await host.call("a", "getBatch", {"batch_id": "later"}, 5.0)

    late, after = run(work)
    assert late == {
        "error": {
            "kind": "timeout",
            "type": "",
            "message": f"{NAME}: getBatch: no answer within 0.2 s",
            "by": "suite",
        }
    }
    assert after == {"value": {"client": 2}, "type": "dict"}


def test_an_adapter_that_hangs_again_and_again_is_given_up() -> None:
    async def work(host: AdapterHost) -> Any:
        found = await called("hang", "hang", "b", bound_s=0.0)(host)
        with pytest.raises(ScenarioStopped, match=r"broke 2 times, last: .*no answer"):
            await host.call("a", "getBatch", {"batch_id": "hang"}, 0.0)
        return found

    limits = SdkLimits(grace_s=0.1, restarts=1)
    with pytest.raises(ScenarioStopped):
        run(work, limits=limits)


def test_a_client_that_cannot_be_built_says_why() -> None:
    async def work(host: AdapterHost) -> Any:
        failed = await host.open("a", {"base_url": "fails"})
        return failed, await host.call("a", "getBatch", {"batch_id": "b"})

    failed, called_then = run(work)
    assert (failed["error"]["type"], failed["error"]["message"]) == ("ValueError", "no such base")
    assert not is_broken(failed)
    assert called_then["error"]["message"] == f"{NAME}: getBatch: client a is not open"


def test_a_client_that_is_never_built_is_a_timeout() -> None:
    async def work(host: AdapterHost) -> Any:
        return await host.open("a", {"base_url": "hangs"})

    outcome = run(work, limits=SdkLimits(open_s=0.2))
    assert outcome["error"]["message"] == f"{NAME}: open a: no answer within 0.2 s"


@pytest.mark.parametrize(
    ("hello", "why"),
    [
        ({"sdk": "fails"}, "hello: RuntimeError: two lines"),
        ({"sdk": "hangs"}, "hello: no answer within 0.2 s"),
        ({"concurrency": 0}, "hello has no number from 1 on as concurrency, but 0"),
    ],
)
def test_an_adapter_that_does_not_introduce_itself_is_an_error(
    hello: dict[str, Any], why: str
) -> None:
    with pytest.raises(AdapterError) as caught:
        run(AdapterHost.hello, Acme(**hello), SdkLimits(hello_s=0.2))
    assert str(caught.value) == f"{NAME}: {why}"


def test_a_name_that_the_contract_does_not_have_is_noted_once() -> None:
    async def work(host: AdapterHost) -> Any:
        return (await host.hello(), await host.hello())[1]["methods"], host.notes

    methods, notes = run(work, Acme(methods={"get": "get"}))
    assert (methods, notes) == (
        {},
        [f"{NAME}: hello names get, which is no method of the contract"],
    )


MODULE = """
import os
class Acme:
    def hello(self):
        return {"sdk": "acme", "version": "1", "language": "python", "runtime": "x",
                "methods": {"getBatch": "get"}, "options": [], "concurrency": 1}
    def open(self, settings): return settings
    def close(self, client): pass
    def call(self, client, method, args): return {"pid": os.getpid(), "env": os.environ.get("ACME")}
"""


def test_a_client_with_variables_lives_in_a_process_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "acme_host.py").write_text(MODULE, "utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])

    async def go() -> Any:
        host = adapter_host("acme_host:Acme", LIMITS)
        assert host.has_processes
        await host.open("a", {"base_url": "u"})
        await host.open("b", {"base_url": "u"}, {"ACME": "mine"})
        found = [await host.call(one, "getBatch", {}) for one in ("a", "b")]
        await host.close("b")
        await host.exit()
        return found, host.notes

    (here, there), notes = asyncio.run(go())
    assert (there["value"]["env"], here["value"]["env"], notes) == ("mine", None, [])
    assert here["value"]["pid"] != there["value"]["pid"]


def test_an_adapter_object_alone_has_no_processes() -> None:
    assert not AdapterHost(Acme(), NAME).has_processes


def test_a_name_that_cannot_be_loaded_is_a_usage_error() -> None:
    with pytest.raises(ConfigError, match="--adapter acme: expected MODULE:NAME"):
        adapter_host("acme")
