"""`conformance parity`, as typed."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

MODULE = """
class Acme:
    version = "1"
    def hello(self):
        return {"sdk": "acme", "version": self.version, "language": "python", "runtime": "x",
                "methods": {"computeAsyncWebhookSignature": "sign"}, "options": [],
                "concurrency": 1}
    def open(self, settings): return settings
    def close(self, client): pass
    def call(self, client, method, args):
        if method in self.hello()["methods"]: return "no signature"
        error = Exception(method)
        error.method, error.reason = method, "there is none"
        raise error

class Later(Acme):
    version = "2"
"""


@pytest.fixture
def parity(conformance: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Runs parity where a module of adapters lies."""
    Path("acme_compared.py").write_text(MODULE, "utf-8")
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.delitem(sys.modules, "acme_compared", raising=False)
    return lambda *arguments: conformance("parity", *arguments)


def test_two_versions_are_shown_side_by_side_and_written(parity: Callable[..., Any]) -> None:
    files = ("parity.md", "parity.html", "parity.json")
    ended = parity(
        *("--adapter", "acme_compared:Acme", "--adapter", "acme_compared:Later"),
        *(word for file in files for word in ("--write", file)),
    )
    assert ended.out.splitlines()[0].split() == ["acme", "1", "(x)", "acme", "2", "(x)"]
    table = json.loads(Path("parity.json").read_text("utf-8"))
    assert [one["name"] for one in table["sdks"]] == ["acme 1 (x)", "acme 2 (x)"]
    assert Path("parity.md").read_text("utf-8").startswith("# Methods of SDKs, profile ai-stats\n")
    assert Path("parity.html").read_text("utf-8").startswith("<!doctype html>\n")


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ((), "parity: say which SDKs, with --adapter or --adapter-cmd"),
        (
            ("--adapter", "acme_compared:Acme", "--write", "parity.txt"),
            "--write parity.txt: expected a name in .md, .html, .json",
        ),
        (("--adapter", "acme_nowhere:Acme"), "there is no module acme_nowhere"),
    ],
)
def test_what_cannot_be_compared_is_a_usage_error(
    arguments: tuple[str, ...], text: str, parity: Callable[..., Any]
) -> None:
    ended = parity(*arguments)
    assert ended.status == 4
    assert text in ended.err


def test_a_table_that_cannot_be_written_ends_with_3(parity: Callable[..., Any]) -> None:
    Path("taken").write_text("no folder", "utf-8")
    ended = parity("--adapter", "acme_compared:Acme", "--write", "taken/parity.md")
    assert ended.status == 3
    assert "--write taken/parity.md: cannot be written" in ended.err
