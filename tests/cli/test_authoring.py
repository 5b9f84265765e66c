"""`conformance new`: row, check and failing test of a new requirement."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conformance.requirements import load

ROOT = Path(__file__).parents[2]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of what a checkout has."""
    ignored = shutil.ignore_patterns("__pycache__")
    for name in ("conformance", "schemas", "tests/checks"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=ignored)
    (tmp_path / "cassettes").mkdir()
    return tmp_path


@pytest.mark.parametrize("area", ["rest/get", "rest/brand_new"])
def test_the_written_test_fails_until_it_is_filled_in(
    area: str, checkout: Path, conformance: Callable[..., Any]
) -> None:
    ended = conformance("new", "REST-GET-77", "--area", area, "--root", str(checkout))
    stem = area.partition("/")[2]
    written = [
        checkout / f"conformance/requirements/{area}.toml",
        checkout / f"conformance/checks/{area}.py",
        checkout / f"tests/checks/rest/test_{stem}.py",
    ]
    assert (ended.status, ended.out.split()) == (0, [str(path) for path in written])
    assert load(checkout / "conformance/requirements")["REST-GET-77"].area == stem
    name = "test_rest_get_77_is_found_broken"
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--import-mode=importlib", f"{written[2]}::{name}"],
        cwd=checkout,
        env={**os.environ, "PYTHONPATH": str(checkout), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stdout
    assert "['/id'] == ['/to-be-written']" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "cause"),
    [
        (("rest-get-77", "--area", "rest/get"), "an id looks like REST-LIST-17 or XCH-40"),
        (("REST-GET-77", "--area", "nope/get"), "--area nope/get: expected one of rest, billing"),
        (("REST-GET-77", "--area", "rest"), "--area rest: expected one of rest, billing"),
        (("REST-GET-01", "--area", "rest/get"), "REST-GET-01 is taken; ids are never used twice"),
        (("REST-GET-77", "--area", "rest/get"), "--root .: not a checkout of the suite"),
    ],
)
def test_what_cannot_be_written_is_one_line(
    arguments: tuple[str, ...], cause: str, conformance: Callable[..., Any]
) -> None:
    ended = conformance("new", *arguments)
    assert (ended.status, cause in ended.err, len(ended.err.splitlines())) == (4, True, 1)
