"""The entry point loads in every pytest run of an environment: it must cost nothing there."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

HEAVY = (
    "hypothesis", "jsonschema", "jsonschema_rs", "httpx", "starlette", "uvicorn", "respx",
    "websockets", "schemathesis", "conformance._run", "conformance._session",
)  # fmt: skip
UNRELATED = f"""
import json, sys

def test_unrelated():
    assert "conformance.plugin" in sys.modules
    print("LOADED", json.dumps([name for name in {HEAVY!r} if name in sys.modules]))
"""


def test_an_unrelated_run_loads_nothing_heavy_and_writes_nothing(
    run_pytest: Callable[..., Any], tmp_path: Path
) -> None:
    (tmp_path / "test_unrelated.py").write_text(UNRELATED, "utf-8")
    ran = run_pytest("-s", "-p", "no:cacheprovider", env={"PYTHONDONTWRITEBYTECODE": "1"})
    line = next(line for line in ran.text.splitlines() if "LOADED" in line)
    assert (ran.status, json.loads(line.partition("LOADED ")[2])) == (0, [])
    assert [path.name for path in tmp_path.iterdir()] == ["test_unrelated.py"]
    assert "conformance" not in ran.text.replace("ai-stats-conformance", "")


def test_an_unrelated_run_under_xdist_neither(
    run_pytest: Callable[..., Any], tmp_path: Path
) -> None:
    check = "    assert not [name for name in %r if name in sys.modules]\n" % (HEAVY,)  # noqa: UP031
    session = f"import sys\ndef pytest_sessionfinish():\n{check}"
    (tmp_path / "conftest.py").write_text(session, "utf-8")
    (tmp_path / "test_unrelated.py").write_text(UNRELATED, "utf-8")
    ran = run_pytest("-p", "xdist", "-n", "1")
    assert (ran.status, ran.outcomes()) == (0, {"passed": 1})
