"""The examples run."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from conformance.replay.server import ReplayServer, chosen

ROOT = Path(__file__).parents[2]
VECTORS = ROOT / "conformance/vectors/signatures.json"
COUNT = len(json.loads(VECTORS.read_text("utf-8"))["vectors"])


def test_the_own_suite_passes(tmp_path):
    folder = ROOT / "examples/own_suite"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(folder)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout
    assert f"\n{COUNT + 6} passed" in done.stdout


def in_node(*arguments):
    """What an example for Node prints."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("there is no Node here")
    done = subprocess.run([node, *map(str, arguments)], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


def test_a_verifier_in_another_language_passes_the_vectors():
    told = in_node(ROOT / "examples/verify_signatures.mjs", VECTORS)
    assert told == [f"{COUNT} of {COUNT} vectors right"]


def test_a_client_in_another_language_reads_a_replay():
    cassette = chosen(ROOT / "cassettes/mock/channels_of_a_whole_life.json")
    paths = [one.request.path for _, one in cassette.transcript.exchanges]
    batch = next(path.rpartition("/")[2] for path in paths if "/batches/batch_" in path)
    with ReplayServer(cassette) as server:
        script = ROOT / "examples/replay_client.mjs"
        told = in_node("--experimental-websocket", "--no-warnings", script, server.url, batch)
    assert told[0] == "GET: 200, in_progress"
    assert (told[1], told[-2:]) == (
        "job.snapshot: pending, 0 %",
        ["job.updated: completed, 100 %", "closed: 1000 closed"],
    )


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
