"""An SDK as the target: statuses and lines, by what a user types."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from conformance.capabilities import ABOUT_GATEWAY

ACME = """
class Acme:
    def hello(self):
        return {"sdk": "acme", "version": "1.2", "language": "python", "runtime": "here",
                "methods": {}, "options": [], "concurrency": 1}
    def open(self, settings): return settings
    def close(self, client): pass
    def call(self, client, method, args): return None
"""


def test_an_adapter_that_cannot_be_loaded_is_one_line_and_4(run_suite: Callable[..., Any]) -> None:
    ran = run_suite("--adapter", "acme_nowhere:Acme")
    assert ran.status == 4
    assert "ERROR: --adapter acme_nowhere:Acme: there is no module acme_nowhere" in ran.text
    assert "Traceback" not in ran.text


def test_an_adapter_that_does_not_start_ends_with_3(run_suite: Callable[..., Any]) -> None:
    command = f"{sys.executable} -c 'import sys; sys.exit(\"no luck\")'"
    ran = run_suite("--conformance-adapter-cmd", command)
    assert ran.status == 3
    assert "hello: the process ended with status 1" in ran.text
    assert "stderr: no luck" in ran.text


def test_an_adapter_of_another_protocol_ends_with_4(
    run_suite: Callable[..., Any], tmp_path: Path
) -> None:
    (tmp_path / "old.py").write_text('print(\'{"id":0,"result":{"protocol":0}}\', flush=True)')
    ran = run_suite("--adapter-cmd", f"{sys.executable} old.py")
    assert ran.status == 4
    assert "hello chose protocol 0; the suite offers 1" in ran.text


def test_an_sdk_gets_no_scenario_of_a_gateway(
    run_suite: Callable[..., Any], tmp_path: Path
) -> None:
    (tmp_path / "acme.py").write_text(ACME, "utf-8")
    ran = run_suite("-rs", "--adapter", "acme:Acme")
    assert ran.status == 5
    assert "conformance: adapter acme 1.2 (here), profile ai-stats" in ran.text
    assert f": not tested: {ABOUT_GATEWAY}\n" in ran.text


def test_the_plan_of_an_sdk_starts_nothing(run_suite: Callable[..., Any]) -> None:
    ran = run_suite("--plan", "--adapter-cmd", "acme-that-is-nowhere")
    assert ran.status == 0
    assert "sdk (--adapter-cmd), sdk-process (--adapter-cmd)" in ran.text
    assert "it calls a gateway, and this target is an SDK" in ran.text
