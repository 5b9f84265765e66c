"""The `conformance` command as a shell would meet it, in this process."""

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from conformance.cli import run


@dataclass(frozen=True)
class Ended:
    """Exit status and output of a command."""

    status: int
    out: str
    err: str


@pytest.fixture
def conformance(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Ended]:
    """Runs the command: `conformance("judge", "DIR")`."""

    def call(*arguments: str) -> Ended:
        monkeypatch.setattr(sys, "argv", ["conformance", *arguments])
        with pytest.raises(SystemExit) as ended:
            run()
        shown = capsys.readouterr()
        code = ended.value.code
        return Ended(code if isinstance(code, int) else 0, shown.out, shown.err)

    return call


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    monkeypatch.chdir(tmp_path_factory.mktemp("here"))


RECORDED = Path(__file__).parents[2] / "cassettes" / "ai-stats" / "completed_charged.json"


@pytest.fixture(scope="session")
def recorded() -> list[str]:
    """The texts of all bodies of a recorded batch that was charged, in their order."""
    steps = json.loads(RECORDED.read_text("utf-8"))["steps"]
    calls = [step for step in steps if step["kind"] == "http"]
    return [
        call["response"]["body"]["text"] for call in calls if "/batches" in call["request"]["url"]
    ]


@pytest.fixture
def settled(recorded: list[str]) -> dict[str, Any]:
    """The body of a charged batch when it was settled, to be bent."""
    body: dict[str, Any] = json.loads(recorded[-2])
    return body
