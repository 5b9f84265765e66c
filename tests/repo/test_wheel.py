"""The wheel in an empty place: built, installed into an empty venv, run from an empty folder."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def run(*command, cwd, **env):
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST", "PYTHON", "COV"))}
    return subprocess.run(
        list(map(str, command)),
        cwd=cwd,
        env={**clean, **env},
        capture_output=True,
        text=True,
        timeout=300,
    )


@pytest.fixture(scope="module")
def venv(tmp_path_factory):
    """An empty venv with the wheel, and what it asks for, installed."""
    place = tmp_path_factory.mktemp("wheel")
    constraints = ROOT / "constraints.txt"
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    built = run(*pip, "wheel", "--no-deps", "-w", place / "dist", ROOT, cwd=place)
    assert built.returncode == 0, built.stderr
    [wheel] = (place / "dist").glob("*.whl")
    run(sys.executable, "-m", "venv", place / "venv", cwd=place)
    python = place / "venv/bin/python"
    done = run(python, "-m", "pip", "install", "-q", "-c", constraints, wheel, cwd=place)
    assert done.returncode == 0, done.stderr
    return place / "venv"


def test_the_wheel_judges_the_mock_from_an_empty_folder(venv, tmp_path):
    done = run(venv / "bin/pytest", "--pyargs", "conformance", "-q", cwd=tmp_path)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]
    assert "transcripts kept in .conformance/last-run" in done.stdout


def test_the_wheel_carries_the_recordings(venv, tmp_path):
    where = "import conformance.resources as r; print(r.cassettes_dir() / 'ai-stats')"
    folder = run(venv / "bin/python", "-c", where, cwd=tmp_path).stdout.strip()
    assert str(venv) in folder
    done = run(venv / "bin/conformance", "judge", folder, "--quiet", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (1, "")


def test_the_wheel_names_its_registry(venv, tmp_path):
    done = run(venv / "bin/conformance", "--version", cwd=tmp_path)
    assert "(676 requirements)" in done.stdout
