"""The examples run."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_own_suite_passes(tmp_path):
    folder = ROOT / "examples/own_suite"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(folder)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout
    assert "5 passed" in done.stdout


def test_the_benchmark_prints_judgements_a_second(tmp_path):
    command = [sys.executable, str(ROOT / "examples/bench_judging.py")]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert "64 cassettes: " in done.stdout
    assert "100 x get_each_state: " in done.stdout


def test_the_benchmark_of_subscribers_loses_no_frame(tmp_path):
    command = [sys.executable, str(ROOT / "examples/bench_subscribers.py"), "20"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert "20 subscribers: open after " in done.stdout
    assert "80 frames, none lost" in done.stdout
