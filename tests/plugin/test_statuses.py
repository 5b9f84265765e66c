"""Exit statuses, one line for each thing that went wrong, and what is kept all the same."""

import json
import signal
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conformance.capabilities import ABOUT_SDK

BROKEN_REGISTRY = """
from pathlib import Path
import conformance.requirements as requirements

folder = Path(__file__).parent / "registry"
(folder / "rest").mkdir(parents=True, exist_ok=True)
(folder / "rest" / "get.toml").write_text("[[requirement]]\\nid = 'REST-GET-02'\\n")
requirements.requirements_dir = lambda: folder
"""
OUR_ERROR = """
import conformance.checks as checks

real = checks._findings

def broken(row, *rest):
    if row.id == "REST-GET-02":
        raise RuntimeError("a bug of ours")
    return real(row, *rest)

checks._findings = broken
"""


def kept(folder: Path) -> set[str]:
    place = folder / ".conformance" / "last-run"
    return {path.stem for path in place.glob("*.json")}


def error_lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith("ERROR: ")]


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("--profile", "ai-stat"), "--profile ai-stat: no such profile; there are ai-stats, "),
        (("--gateway-url", "http://127.0.0.1:9/v1"), "no key; set AI_STATS_API_KEY in the env"),
        (("--batch-id", "batch_1"), "--batch-id: the embedded mock has no batches of earlier tim"),
        (("--examine", "many"), "--examine: 'many' is not a number (N)"),
        (("--fault", "cost-to-high"), "no fault is called 'cost-to-high'"),
        (("--cassette", "not-json.json"), "not-json.json: not JSON: "),
    ],
    ids=lambda value: value[1] if isinstance(value, tuple) else "",
)
def test_what_cannot_be_used_is_one_line_and_status_4(
    arguments: tuple[str, ...], line: str, run_suite: Callable[..., Any], tmp_path: Path
) -> None:
    (tmp_path / "not-json.json").write_text("{", "utf-8")
    ran = run_suite(*arguments)
    assert (ran.status, len(error_lines(ran.text)), "Traceback" in ran.text) == (4, 1, False)
    assert line in error_lines(ran.text)[0]
    assert "= conformance =" not in ran.text


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("--profile", "nope"), "ERROR: --profile nope: no such profile"),
        (("--gateway-url", "http://127.0.0.1:9/v1"), "no key; set AI_STATS_API_KEY"),
    ],
)
def test_under_xdist_it_is_the_same_line_and_status(
    arguments: tuple[str, ...], line: str, run_suite: Callable[..., Any]
) -> None:
    ran = run_suite("-p", "xdist", "-n", "1", *arguments)
    assert (ran.status, len(error_lines(ran.text)), "Traceback" in ran.text) == (4, 1, False)
    assert line in error_lines(ran.text)[0]


def test_a_malformed_registry_is_one_line(run_suite: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text(BROKEN_REGISTRY, "utf-8")
    ran = run_suite("-p", "broken", env={"PYTHONPATH": str(tmp_path)})
    assert (ran.status, "Traceback" in ran.text) == (4, False)
    assert "registry/rest/get.toml: REST-GET-02: " in error_lines(ran.text)[0]


def test_a_bug_of_ours_is_an_error_and_status_3(
    run_suite: Callable[..., Any], tmp_path: Path
) -> None:
    (tmp_path / "ours.py").write_text(OUR_ERROR, "utf-8")
    ran = run_suite("-p", "ours", env={"PYTHONPATH": str(tmp_path)})
    assert (ran.status, ran.outcomes()["error"], ran.outcomes()["passed"]) == (3, 1, 1)
    assert "RuntimeError: a bug of ours" in ran.text
    assert kept(tmp_path) == {"refusals"}


@pytest.mark.parametrize("option", ["--conformance-report", "--record"])
def test_a_path_that_cannot_be_written_is_one_line_and_status_3(
    option: str, run_suite: Callable[..., Any]
) -> None:
    ran = run_suite(option, "/proc/nowhere/x")
    assert (ran.status, "Traceback" in ran.text) == (3, False)
    assert "/proc/nowhere/x: cannot be written: " in ran.text


def test_an_unreachable_host_is_status_5_and_its_try_is_kept(
    run_suite: Callable[..., Any], tmp_path: Path, secret: str
) -> None:
    url = "http://127.0.0.1:9/v1"
    ran = run_suite("--gateway-url", url, "-rs", env={"AI_STATS_API_KEY": secret})
    assert (ran.status, ran.outcomes()["skipped"]) == (5, 2)
    assert f"nothing was judged: {url} cannot be reached: " in ran.text
    assert kept(tmp_path) == {"preflight"}


def test_a_broken_must_is_status_1_and_says_how_to_see_it_again(
    run_suite: Callable[..., Any],
) -> None:
    ran = run_suite("--fault", "no-credentials-answered-403")
    assert (ran.status, ran.outcomes()["failed"], ran.outcomes()["passed"]) == (1, 1, 1)
    assert "FAIL REST-AUTH-01 (MUST) " in ran.text
    assert "  curl      curl -i -X " in ran.text
    place = ".conformance/last-run/refusals.json"
    assert f"  again     conformance judge {place} --only REST-AUTH-01" in ran.text


def test_ctrl_c_keeps_what_was_seen_cancels_what_was_made_and_is_status_2(
    start_pytest: Callable[..., subprocess.Popen[str]],
    scripted: Callable[..., Any],
    reply: Callable[..., Any],
    tmp_path: Path,
    secret: str,
) -> None:
    waiting = threading.Event()

    def answer(method: str, path: str) -> Any:
        if path == "/v1/files":
            return reply(body={"id": "file-1"})
        if path == "/v1/batches/batch_1":
            waiting.set()
            return reply(hang=True)
        if path == "/v1/batches/batch_1/cancel":
            return reply(body={"id": "batch_1", "status": "cancelling"})
        return reply(body={"id": "batch_1", "status": "validating", "data": []})

    server = scripted(answer)
    wanted = ("--pyargs", "conformance", "-k", "REST-GET-01", "--gateway-url", server.url)
    process = start_pytest(*wanted, env={"AI_STATS_API_KEY": secret})
    assert waiting.wait(30)
    process.send_signal(signal.SIGINT)
    text, _ = process.communicate(timeout=30)
    assert (process.returncode, "Traceback" in text) == (2, False)
    assert "transcripts kept in .conformance/last-run" in text
    place = tmp_path / ".conformance/last-run"
    seen = {path.stem: json.loads(path.read_text("utf-8")) for path in place.glob("*.json")}
    assert seen["poll_to_the_end"]["failure"] == "interrupted"
    assert server.count("POST", "/v1/batches/batch_1/cancel") >= 1


def test_what_is_about_sdks_is_one_line_of_skips_and_changes_no_status(
    run_suite: Callable[..., Any],
) -> None:
    ran = run_suite("-k", "SDK-ARGS or SDK-WIRE or REST-GET-02", "-rs")
    lines = ran.text.splitlines()
    [skips] = [line for line in lines if line.startswith("SKIPPED")]
    assert (skips[:13], ran.status) == ("SKIPPED [37] ", 0)
    assert skips.endswith(f": not tested: {ABOUT_SDK}")
    assert f"not tested, sdk 37: {ABOUT_SDK}" in lines
    assert not [line for line in lines if line.startswith("sdk/")]
    assert run_suite("-k", "SDK-ARGS").status == 5
