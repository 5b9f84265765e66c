"""The templates of adapters, each with a small SDK in the usual shape of its language."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

TEMPLATES = Path(__file__).parents[2] / "examples/adapters"
SDKS = Path(__file__).parent / "acme"
MOST_LINES = 15


def doctor(folder, *options, **environment):
    """What the doctor says of an adapter, called in its folder."""
    command = [sys.executable, "-c", "from conformance.cli import run; run()", "doctor", *options]
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=120,
    )
    steps = {line.split()[1]: line.split()[0] for line in done.stdout.splitlines()[:-1]}
    return done, steps


def needs(program):
    return pytest.mark.skipif(shutil.which(program) is None, reason=f"there is no {program}")


def test_an_adapter_of_a_python_sdk_has_at_most_fifteen_lines():
    lines = (TEMPLATES / "python/acme_adapter.py").read_text("utf-8").splitlines()
    assert len(lines) <= MOST_LINES


@pytest.mark.parametrize("way", ["--adapter", "--adapter-cmd"])
def test_the_python_template_works(tmp_path, way):
    shutil.copytree(SDKS / "python", tmp_path, dirs_exist_ok=True)
    shutil.copy(TEMPLATES / "python/acme_adapter.py", tmp_path)
    name = "acme_adapter:Acme"
    command = f"{sys.executable} -m conformance.adapters.stdio {name}"
    done, steps = doctor(
        tmp_path, way, name if way == "--adapter" else command, PYTHONPATH=str(tmp_path)
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "acme-batches 1.2.3, python" in done.stdout
    assert set(steps.values()) == {"ok"}
    assert "AcmeError with status 404" in done.stdout
    assert "/v1/async/batch/batch_doctor/ws" in done.stdout


@needs("node")
def test_the_node_template_works(tmp_path):
    shutil.copytree(SDKS / "node", tmp_path / "node_modules")
    shutil.copy(TEMPLATES / "node/adapter.mjs", tmp_path)
    done, steps = doctor(tmp_path, "--adapter-cmd", "node adapter.mjs")
    assert done.returncode == 0, done.stdout
    assert set(steps.values()) == {"ok"}
    assert "AcmeHttpError with status 404" in done.stdout
    assert "/v1/async/batch/batch_doctor/ws" in done.stdout


@needs("go")
def test_the_go_template_works(tmp_path):
    shutil.copytree(TEMPLATES / "go", tmp_path, dirs_exist_ok=True)
    shutil.copytree(SDKS / "go/acme", tmp_path / "acme")
    with (tmp_path / "go.mod").open("a", encoding="utf-8") as file:
        file.write("\nreplace example.com/acme => ./acme\n")
    offline = {"GOFLAGS": "-mod=mod", "GOPROXY": "off"}
    subprocess.run(
        ["go", "build", "-o", "adapter"], cwd=tmp_path, env={**os.environ, **offline}, check=True
    )
    done, steps = doctor(tmp_path, "--adapter-cmd", "./adapter")
    assert done.returncode == 0, done.stdout
    assert set(steps.values()) == {"ok"}
    assert "*acme.HTTPError with status 404" in done.stdout
    assert "/v1/async/batch/batch_doctor/ws" in done.stdout


@needs("jq")
@needs("curl")
def test_the_shell_template_works(tmp_path):
    shutil.copy(SDKS / "shell/acme", tmp_path)
    shutil.copy(TEMPLATES / "shell/adapter.sh", tmp_path)
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    done, steps = doctor(tmp_path, "--adapter-cmd", "./adapter.sh", PATH=path)
    assert done.returncode == 0, done.stdout
    assert set(steps.values()) == {"ok"}
    assert "GET /v1/batches/batch_missing, acme with status 404" in done.stdout
