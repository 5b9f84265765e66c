"""`conformance mock`: a server for tests in any language."""

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import httpx
import pytest

COMMAND = [sys.executable, "-c", "from conformance.cli import run; run()", "mock", "--port", "0"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_prints_where_it_is_and_stops_on_a_signal(number: signal.Signals) -> None:
    process = subprocess.Popen(COMMAND, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    about = json.loads(process.stdout.readline())
    headers = {"authorization": f"Bearer {about['AI_STATS_API_KEY']}"}
    status = httpx.get(f"{about['url']}/batches", headers=headers).status_code
    process.send_signal(number)
    out, err = process.communicate(timeout=10)
    assert (status, process.returncode, out, err) == (200, 0, "", "")
    assert set(about) == {
        "url", "credits_url", "control_url", "AI_STATS_API_KEY", "AI_STATS_API_KEY_B",
        "AI_STATS_API_KEY_SAME",
        "AI_STATS_API_KEY_NO_FUNDS", "AI_STATS_API_KEY_CREDITS",
    }  # fmt: skip


def test_a_port_in_use_is_one_line_and_status_4(conformance: Callable[..., Any]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = conformance("mock", "--port", str(port))
    assert (ended.status, ended.out) == (4, "")
    assert ended.err == (
        f"error: the mock cannot listen on 127.0.0.1:{port} (Address already in use); "
        "choose another --port\n"
    )


def test_the_faults_are_listed_with_what_they_break(conformance: Callable[..., Any]) -> None:
    ended = conformance("mock", "--list-faults")
    assert ended.status == 0
    assert "no-credentials-answered-403  breaks REST-AUTH-01" in ended.out.splitlines()
