"""Runs of pytest in a folder of a user: a process of its own, with our plugin alone."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest

TWO = "REST-AUTH-01 or REST-GET-02"


@dataclass(frozen=True)
class Ran:
    """How a process ended and all that it printed."""

    status: int
    text: str

    def outcomes(self) -> dict[str, int]:
        """The counts of pytest's last line."""
        last = [line for line in self.text.splitlines() if re.search(r" in \d+\.\d+s", line)][-1]
        return {word: int(count) for count, word in re.findall(r"(\d+) ([a-z]+)", last)}


def environment(extra: Mapping[str, str]) -> dict[str, str]:
    ours = ("AI_STATS_", "CONFORMANCE_", "PYTEST_")
    plain = {name: text for name, text in os.environ.items() if not name.startswith(ours)}
    return {**plain, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", **extra}


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "pytest", "-p", "conformance.plugin", *arguments]


@pytest.fixture
def run_pytest(tmp_path: Path) -> Callable[..., Ran]:
    """Runs pytest with these arguments in the test's folder: `run_pytest("-q", env={...})`."""

    def run(*arguments: str, env: Mapping[str, str] = {}, cwd: Path = tmp_path) -> Ran:
        done = subprocess.run(
            command(*arguments),
            cwd=cwd,
            env=environment(env),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
            check=False,
        )
        return Ran(done.returncode, done.stdout)

    return run


@pytest.fixture
def run_suite(run_pytest: Callable[..., Ran]) -> Callable[..., Ran]:
    """Runs the shipped suite for two cheap requirements, unless `-k` says otherwise."""

    def run(*arguments: str, **more: Any) -> Ran:
        chosen = () if "-k" in arguments else ("-k", TWO)
        return run_pytest("--pyargs", "conformance", "-q", *chosen, *arguments, **more)

    return run


@pytest.fixture
def start_pytest(tmp_path: Path) -> Callable[..., subprocess.Popen[str]]:
    """Starts pytest without waiting for its end; Ctrl-C works below background jobs too."""

    def start(*arguments: str, env: Mapping[str, str] = {}) -> subprocess.Popen[str]:
        return subprocess.Popen(
            command(*arguments),
            cwd=tmp_path,
            env=environment(env),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            # A shell's background jobs ignore SIGINT, and children inherit that.
            preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
        )

    return start
