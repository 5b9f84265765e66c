"""`conformance judge`: files and folders, in part, quietly, as a report."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conformance.capabilities import ABOUT_SDK
from conformance.cassettes import Header, save
from conformance.testing import batch, exchange, transcript

DIGEST = "sha256:" + "0" * 64


def write(folder: Path, name: str = "reading", profile: str = "ai-stats", **members: Any) -> Path:
    seen = transcript(exchange("GET", "/batches/batch_1", batch(**members)), scenario=name)
    header = Header({"kind": "gateway", "name": "g", "url": None}, profile, "0.1.0", DIGEST)
    return save(seen, header, folder)


def test_a_breach_is_shown_with_both_values_and_the_way_to_see_it_again(
    tmp_path: Path, conformance: Callable[..., Any]
) -> None:
    path = write(tmp_path, id=5)
    ended = conformance("judge", str(path), "--only", "REST-SHAPE-01")
    assert ended.status == 1
    assert ended.out.startswith("FAIL REST-SHAPE-01 (MUST) ")
    assert "  seen      5\n" in ended.out
    assert f"  again     conformance judge {path} --only REST-SHAPE-01\n" in ended.out
    assert "  at        reading: exchange 1, GET http://gateway.test/v1/batches/b" in ended.out


def test_quietly_only_the_counts_are_shown(tmp_path: Path, conformance: Callable[..., Any]) -> None:
    ended = conformance("judge", str(write(tmp_path, id=5)), "--quiet")
    assert (ended.status, "FAIL" in ended.out, ended.out.lstrip()[:4]) == (1, False, "pass")


def test_a_folder_is_judged_whole_and_a_report_is_written(
    tmp_path: Path, conformance: Callable[..., Any]
) -> None:
    write(tmp_path / "run", "good")
    write(tmp_path / "run", "bad", id=5)
    report = tmp_path / "r.json"
    ended = conformance(
        "judge", str(tmp_path / "run"), "--only", "rest-shape-01", "--report", str(report)
    )
    data = json.loads(report.read_text("utf-8"))
    assert (ended.status, data["exit_status"]) == (1, 1)
    assert [one["name"] for one in data["scenarios"]] == ["bad", "good"]
    row = next(row for row in data["requirements"] if row["id"] == "REST-SHAPE-01")
    assert (row["judged"], [one["scenario"] for one in row["findings"]]) == (2, ["bad"])


def test_a_cassette_is_named_by_the_folder_that_it_is_in(
    tmp_path: Path, conformance: Callable[..., Any]
) -> None:
    path = write(tmp_path / "runs" / "first", id=5)
    ended = conformance("judge", str(tmp_path / "runs"), "--only", "REST-SHAPE-01")
    assert f"  again     conformance judge {path} --only REST-SHAPE-01\n" in ended.out
    other = write(tmp_path / "runs" / "second", "other")
    ended = conformance("judge", str(path), str(other), "--only", "REST-SHAPE-01")
    assert "  again     conformance judge DIR/reading.json --only REST-SHAPE-01\n" in ended.out


def test_nothing_to_judge_is_status_5(tmp_path: Path, conformance: Callable[..., Any]) -> None:
    ended = conformance("judge", str(write(tmp_path)), "--only", "REST-MODELS-07")
    assert ended.status == 5


def test_what_is_about_sdks_is_counted_too(tmp_path: Path, conformance: Callable[..., Any]) -> None:
    cassette, report = str(write(tmp_path / "run")), tmp_path / "r.json"
    ended = conformance("judge", cassette, "--report", str(report))
    assert ended.out.splitlines()[-1] == f"not tested, sdk 106: {ABOUT_SDK}"
    rows = json.loads(report.read_text("utf-8"))["requirements"]
    assert {"REST-GET-01", "SDK-URL-03"} < {row["id"] for row in rows}
    ended = conformance("judge", cassette, "--only", "SDK-URL-03")
    assert (ended.status, ended.out.splitlines()[-1]) == (5, f"not tested, sdk 1: {ABOUT_SDK}")


def test_a_report_that_cannot_be_written_is_status_3(
    tmp_path: Path, conformance: Callable[..., Any]
) -> None:
    ended = conformance("judge", str(write(tmp_path)), "--report", "/proc/nowhere/r.json")
    assert ended.status == 3
    assert ended.err.startswith("error: --report /proc/nowhere/r.json: cannot be written: ")
    assert len(ended.err.splitlines()) == 1


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        (b"{", "not JSON: "),
        (b"\xff", "not JSON: "),
        (b"[]", "cassette_version is None, this suite reads 1"),
        (b'{"cassette_version": 2}', "cassette_version is 2, this suite reads 1"),
        (b'{"cassette_version": 1, "steps": 5}', "not a cassette at /"),
        (b"[" * 100_000, "not JSON: "),
    ],
    ids=["cut", "bytes", "list", "newer", "wrong", "deep"],
)
def test_a_malformed_cassette_is_one_line_and_status_4(
    content: bytes, cause: str, tmp_path: Path, conformance: Callable[..., Any]
) -> None:
    path = tmp_path / "x.json"
    path.write_bytes(content)
    ended = conformance("judge", str(path))
    assert (ended.status, ended.out, len(ended.err.splitlines())) == (4, "", 1)
    assert ended.err.startswith(f"error: {path}: {cause}")


def test_an_empty_folder_and_a_missing_file_are_named(
    tmp_path: Path, conformance: Callable[..., Any]
) -> None:
    empty = conformance("judge", str(tmp_path))
    missing = conformance("judge", str(tmp_path / "x.json"))
    assert (empty.status, missing.status) == (4, 4)
    assert empty.err == f"error: {tmp_path}: no cassette (*.json) in this folder\n"
    assert missing.err.startswith(f"error: {tmp_path}/x.json: cannot be read: No such file")


def test_a_cassette_is_judged_for_the_profile_it_was_recorded_for(
    tmp_path: Path, conformance: Callable[..., Any]
) -> None:
    path = str(write(tmp_path, profile="openai"))
    report = tmp_path / "out" / "r.json"
    own = conformance("judge", path, "--quiet", "--report", str(report))
    assert json.loads(report.read_text("utf-8"))["profile"] == "openai"
    other = conformance("judge", path, "--quiet", "--profile", "ai-stats")
    assert (own.err, other.err) == ("", "recorded for openai, judged as ai-stats\n")


def test_cassettes_of_two_profiles_want_a_word_from_the_user(
    tmp_path: Path, conformance: Callable[..., Any]
) -> None:
    write(tmp_path, "one", "openai")
    write(tmp_path, "two", "ai-stats")
    ended = conformance("judge", str(tmp_path))
    assert ended.status == 4
    assert ended.err == (
        "error: the cassettes were recorded for ai-stats and openai; say --profile\n"
    )


def test_a_profile_that_this_suite_does_not_know_is_named(
    tmp_path: Path, conformance: Callable[..., Any]
) -> None:
    ended = conformance("judge", str(write(tmp_path, profile="other")))
    assert ended.status == 4
    assert 'not a cassette at /profile: "other" is not one of "ai-stats", ' in ended.err
