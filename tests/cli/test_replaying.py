"""`conformance replay`: a recording as a server for tests in any language."""

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

COMMAND = [sys.executable, "-c", "from conformance.cli import run; run()", "replay"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_prints_where_it_is_and_stops_on_a_signal(
    number: signal.Signals, cassettes_folder: Path
) -> None:
    folder = str(cassettes_folder / "ai-stats")
    command = [*COMMAND, folder, "--scenario", "unknown_id", "--port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    about = json.loads(process.stdout.readline())
    status = httpx.get(f"{about['url']}/nothing", trust_env=False).status_code
    process.send_signal(number)
    out, err = process.communicate(timeout=10)
    assert (status, process.returncode, out, err) == (501, 0, "", "")
    assert (about["scenario"], about.keys()) == ("unknown_id", {"url", "scenario"})


def test_a_port_in_use_is_one_line_and_status_4(
    conformance: Callable[..., Any], cassettes_folder: Path
) -> None:
    path = str(cassettes_folder / "ai-stats" / "cancel.json")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = conformance("replay", path, "--port", str(port))
    assert (ended.status, ended.out) == (4, "")
    assert ended.err == (
        f"error: the replay cannot listen on 127.0.0.1:{port} (Address already in use); "
        "choose another --port\n"
    )


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--deliver-to", "127.0.0.1:9"], "--deliver-to 127.0.0.1:9: not an http or https URL"),
        (["--deliver-to", "http://[x"], "--deliver-to http://[x: not an http or https URL"),
        (["--deliver-at-once"], "--deliver-at-once: say --deliver-to as well"),
    ],
)
def test_options_that_cannot_be_used_are_one_line(
    more: list[str], said: str, conformance: Callable[..., Any], cassettes_folder: Path
) -> None:
    ended = conformance("replay", str(cassettes_folder / "ai-stats" / "cancel.json"), *more)
    assert (ended.status, ended.out, ended.err) == (4, "", f"error: {said}\n")


def test_a_folder_without_a_scenario_names_what_there_is(
    conformance: Callable[..., Any], cassettes_folder: Path
) -> None:
    ended = conformance("replay", str(cassettes_folder))
    assert ended.status == 4
    assert "say --scenario; there are auth, " in ended.err
