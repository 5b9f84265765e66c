"""Calling the suite: from anywhere, with anybody's settings, whole or in part."""

import json
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

FAULT = "no-credentials-answered-403"
TWO = "REST-GET-02 or REST-AUTH-01"
FILE = "suite/test_requirements.py"
ODD_SETTINGS = """[pytest]
python_files = check_*.py
testpaths = other
filterwarnings = error
xfail_strict = true
"""


def kept(folder: Path) -> set[str]:
    place = folder / ".conformance" / "last-run"
    return {path.stem for path in place.glob("*.json")}


def test_an_empty_folder_is_enough(run_suite: Callable[..., Any], tmp_path: Path) -> None:
    ran = run_suite()
    assert (ran.status, ran.outcomes()["passed"]) == (0, 2)
    assert "conformance: mock conformance mock, profile ai-stats" in ran.text
    assert "transcripts kept in .conformance/last-run" in ran.text
    made = {path.name for path in tmp_path.iterdir()}
    assert ".conformance" in made <= {".conformance", ".pytest_cache"}


def test_the_settings_of_the_user_do_not_matter(
    run_suite: Callable[..., Any], tmp_path: Path
) -> None:
    (tmp_path / "pytest.ini").write_text(ODD_SETTINGS, "utf-8")
    ran = run_suite(
        "--strict-markers", "-p", "no:cacheprovider", "--import-mode=importlib", "--junitxml=j.xml"
    )
    assert (ran.status, ran.outcomes()["passed"]) == (0, 2)
    assert "transcripts kept" not in ran.text
    assert {path.name for path in tmp_path.iterdir()} == {"pytest.ini", "j.xml"}
    cases = ElementTree.parse(tmp_path / "j.xml").findall(".//testcase")
    assert {_properties(case) for case in cases} == {
        ("REST-AUTH-01", "REST-AUTH-01", "MUST", "rest/auth", "pass"),
        ("REST-GET-02", "REST-GET-02", "MUST", "rest/get", "pass"),
    }


def _properties(case: ElementTree.Element) -> tuple[str | None, ...]:
    found = {one.get("name"): one.get("value") for one in case.findall(".//property")}
    wanted = ("requirement", "level", "area", "verdict")
    return (case.get("name"), *(found[name] for name in wanted))


@pytest.mark.parametrize(
    "arguments",
    [
        ("--pyargs", "conformance.suite.test_requirements", "-k", "REST-GET-02"),
        ("--pyargs", "conformance.suite.test_requirements::REST-GET-02"),
        ("--pyargs", "conformance", "-k", TWO, "--deselect", f"{FILE}::REST-AUTH-01"),
    ],
    ids=["module", "node-id", "deselect"],
)
def test_parts_of_the_suite_drive_only_what_they_need(
    arguments: tuple[str, ...], run_pytest: Callable[..., Any], tmp_path: Path
) -> None:
    ran = run_pytest(*arguments)
    assert (ran.status, ran.outcomes()["passed"]) == (0, 1)
    assert kept(tmp_path) == {"refusals"}


def test_collecting_alone_drives_nothing_and_names_items_by_id(
    run_suite: Callable[..., Any], tmp_path: Path
) -> None:
    ran = run_suite("--collect-only")
    assert ran.status == 0
    assert [line.rpartition("::")[2] for line in ran.text.splitlines() if "::" in line] == [
        "REST-AUTH-01",
        "REST-GET-02",
    ]
    assert kept(tmp_path) == set()


def test_a_broken_test_of_the_user_beside_it_stops_before_anything_is_driven(
    run_pytest: Callable[..., Any], tmp_path: Path
) -> None:
    (tmp_path / "test_broken.py").write_text("import nowhere_to_be_found\n", "utf-8")
    ran = run_pytest("test_broken.py", "--pyargs", "conformance", "-k", "REST-GET-02")
    assert (ran.status, kept(tmp_path)) == (2, set())


def test_a_folder_that_cannot_be_written_keeps_nothing_and_says_so(
    run_suite: Callable[..., Any], tmp_path: Path
) -> None:
    (tmp_path / ".conformance").write_text("in the way", "utf-8")
    ran = run_suite()
    assert (ran.status, ran.outcomes()["passed"]) == (0, 2)
    assert "conformance: transcripts are not kept: " in ran.text


def test_x_stops_at_the_first_breach(run_suite: Callable[..., Any]) -> None:
    ran = run_suite("-x", "-k", "REST-AUTH or REST-ERR", "--fault", FAULT)
    assert (ran.status, ran.outcomes()["failed"]) == (1, 1)


def test_workers_judge_what_the_controller_drove_once(
    run_suite: Callable[..., Any], tmp_path: Path
) -> None:
    both = []
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    for more in ((), ("-p", "xdist", "-n", "2")):
        chosen = ("--fault", FAULT, "--conformance-report", "r.json", "--record", "kept")
        ran = run_suite(*chosen, *more, env={"TMPDIR": str(temporary)})
        assert "again     conformance judge kept/refusals.json --only REST-AUTH-01" in ran.text
        report = json.loads((tmp_path / "r.json").read_text("utf-8"))
        verdicts = {row["id"]: row["verdict"] for row in report["requirements"]}
        drives = ran.text.count("conformance: mock conformance mock")
        seen = [one["name"] for one in report["scenarios"]]
        both.append((ran.status, verdicts, report["exit_status"], drives, seen))
        assert len(report["deselected"]) > 500
    assert both[0] == both[1]
    assert list(temporary.glob("conformance-*")) == []
    assert (both[0][0], both[0][3:]) == (1, (1, ["refusals"]))
