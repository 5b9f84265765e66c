"""`conformance doctor`, as typed."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

MODULE = """
class Acme:
    def hello(self):
        return {"sdk": "acme", "version": "1", "language": "python", "runtime": "x",
                "methods": {"batches.websocketUrl": "url", "strange": "x"}, "options": [],
                "concurrency": 1}
    def open(self, settings): return settings
    def close(self, client): pass
    def call(self, client, method, args):
        return "ws" + client["base_url"][4:] + "/async/batch/" + args["batch_id"] + "/ws"

class Plain(Acme):
    def call(self, client, method, args): return client["base_url"]

class Broken(Acme):
    def call(self, client, method, args): return object()
"""


@pytest.fixture
def doctor(conformance: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Runs the doctor where a module of adapters lies."""
    Path("acme_doctored.py").write_text(MODULE, "utf-8")
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.delitem(sys.modules, "acme_doctored", raising=False)
    return lambda *arguments: conformance("doctor", *arguments)


def test_a_good_adapter_ends_with_0(doctor: Callable[..., Any]) -> None:
    ended = doctor("--adapter", "acme_doctored:Acme")
    assert ended.status == 0
    assert ended.out.splitlines()[0] == "ok      hello   acme 1, python, x: 1 methods, 1 at once"
    assert ended.out.splitlines()[-2:] == [
        "note: --adapter acme_doctored:Acme: hello names strange, "
        "which is no method of the contract",
        "the adapter works, and the SDK does in these steps",
    ]


def test_a_broken_sdk_ends_with_1(doctor: Callable[..., Any]) -> None:
    ended = doctor("--adapter", "acme_doctored:Plain")
    assert ended.status == 1
    assert "SDK     url     batches.websocketUrl: no stream URL of batch_doctor" in ended.out
    assert ended.out.endswith("the adapter works; the SDK is broken in 1 of 6\n")


def test_a_broken_adapter_ends_with_3(doctor: Callable[..., Any]) -> None:
    ended = doctor("--adapter", "acme_doctored:Broken")
    assert ended.status == 3
    assert "ADAPTER url     batches.websocketUrl: kind protocol: --adapter acme" in ended.out
    assert ended.out.endswith("the adapter is broken: mend it before it is used to judge an SDK\n")


def test_a_command_that_is_none_ends_with_3(doctor: Callable[..., Any]) -> None:
    ended = doctor("--adapter-cmd", f"{sys.executable} -c pass")
    assert ended.status == 3
    assert "ADAPTER hello   --adapter-cmd " in ended.out
    assert "hello: the process ended with status 0" in ended.out


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ((), "error: doctor: say which, with --adapter MODULE:NAME or --adapter-cmd COMMAND\n"),
        (("--adapter", "acme"), "error: --adapter acme: expected MODULE:NAME, such as "),
        (("--adapter", "a:B", "--adapter-cmd", "c"), "error: --adapter and --adapter-cmd: one SDK"),
    ],
)
def test_options_that_cannot_be_used_end_with_4(
    doctor: Callable[..., Any], arguments: tuple[str, ...], error: str
) -> None:
    ended = doctor(*arguments)
    assert (ended.status, ended.out) == (4, "")
    assert ended.err.startswith(error)
