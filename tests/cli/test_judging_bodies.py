"""`conformance judge-body`: loose bodies from files and standard input."""

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from conformance.cli import judging_bodies
from conformance.resources import schemas_dir

Bent = Callable[[dict[str, Any]], str]


def write(tmp_path: Path, text: str, name: str = "t.json") -> str:
    path = tmp_path / name
    path.write_text(text, "utf-8")
    return str(path)


def test_a_bill_that_adds_up_is_said_to_with_counts(
    tmp_path: Path, settled: dict[str, Any], conformance: Callable[..., Any]
) -> None:
    ended = conformance("judge-body", write(tmp_path, json.dumps(settled)))
    assert (ended.status, ended.err) == (0, "")
    lines = ended.out.splitlines()
    assert [line.split()[0] for line in lines[:-1]] == ["pass", "MUST", "SHOULD", "MAY"]
    assert lines[-1].startswith("1 batch body: ")
    assert "requirements that a body alone can break were judged (ai-stats has " in lines[-1]


def test_a_breach_is_shown_with_file_line_and_pointer(
    tmp_path: Path, settled: dict[str, Any], conformance: Callable[..., Any]
) -> None:
    settled["billing"]["cost_nanos"] = 273001
    text = json.dumps(settled, indent=1)
    path = write(tmp_path, text)
    ended = conformance("judge-body", path, "--only", "BILL-SUM-02")
    line = text[: text.index('"total_nanos": 273000', text.index("pricing_break"))].count("\n") + 1
    assert ended.status == 1
    assert ended.out.startswith("FAIL BILL-SUM-02 (MUST) ")
    assert f"  at        {path}:{line}: /billing/pricing_breakdown/total_nanos\n" in ended.out
    assert f"  again     conformance judge-body {path} --only BILL-SUM-02\n" in ended.out
    assert "curl" not in ended.out


def test_bodies_of_one_batch_are_successive_reads(
    tmp_path: Path, recorded: list[str], conformance: Callable[..., Any]
) -> None:
    path = write(tmp_path, "\n".join(recorded), "reads.jsonl")
    ended = conformance("judge-body", path, "--only", "BILL-STABLE-06")
    assert ended.status == 0
    assert ended.out.startswith("WARN BILL-STABLE-06 (SHOULD) ")
    assert f"  at        {path}:5: /billing/charged\n" in ended.out
    assert "5 batch bodies: 1 of the 1 requirements" in ended.out


def test_files_are_read_in_the_order_given(
    tmp_path: Path, recorded: list[str], conformance: Callable[..., Any]
) -> None:
    first = write(tmp_path, recorded[0], "first.json")
    later = write(tmp_path, recorded[-2], "later.json")
    forwards = conformance("judge-body", first, later, "--only", "REST-STATE-02")
    backwards = conformance("judge-body", later, first, "--only", "REST-STATE-02")
    assert (forwards.status, backwards.status) == (5, 1)
    assert f"  at        {first}:1: /status\n" in backwards.out


def test_standard_input_is_a_file_too(
    settled: dict[str, Any], conformance: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    settled["billing"]["billed"] = "yes"
    content = io.BytesIO(json.dumps([settled]).encode())
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(content))
    ended = conformance("judge-body", "-")
    assert ended.status == 1
    assert "  at        -:1: /0/billing/billed\n" in ended.out


def test_a_message_is_judged_as_a_message(tmp_path: Path, conformance: Callable[..., Any]) -> None:
    message = {"type": "job.updated", "data": {"id": "b", "status": "completed"}}
    ended = conformance("judge-body", write(tmp_path, json.dumps(message)))
    assert (ended.status, "FAIL BILL-WSHOOK-01" in ended.out) == (1, True)
    assert "FAIL REST" not in ended.out
    assert ended.out.splitlines()[-1].startswith("1 message: ")


def test_quietly_only_the_counts_are_shown(
    tmp_path: Path, settled: dict[str, Any], conformance: Callable[..., Any]
) -> None:
    ended = conformance("judge-body", write(tmp_path, json.dumps({**settled, "id": 5})), "--quiet")
    assert (ended.status, "FAIL" in ended.out, ended.out.lstrip()[:4]) == (1, False, "pass")


def test_the_report_is_one_of_the_suite(
    tmp_path: Path, settled: dict[str, Any], conformance: Callable[..., Any]
) -> None:
    settled["billing"]["cost_nanos"] = 5
    path, report = write(tmp_path, json.dumps(settled)), tmp_path / "r.json"
    ended = conformance("judge-body", path, "--report", str(report))
    data = json.loads(report.read_text("utf-8"))
    schema = json.loads((schemas_dir() / "report.schema.json").read_text("utf-8"))
    jsonschema_rs.validate(schema, data)
    row = next(row for row in data["requirements"] if row["id"] == "BILL-SUM-01")
    assert (ended.status, data["exit_status"]) == (1, 1)
    assert data["target"] == {"kind": "bodies", "name": path, "url": None, "capabilities": []}
    assert row["findings"] == [{
        "promised": row["text"], "seen": "lines of 273000", "expected": "cost_nanos, 5",
        "scenario": f"{path}:1", "exchange": None, "pointer": "/pricing_lines",
        "request": None, "curl": None,
        "again": f"conformance judge-body {path} --only BILL-SUM-01",
    }]  # fmt: skip


def test_what_no_body_can_break_is_said(
    tmp_path: Path, settled: dict[str, Any], conformance: Callable[..., Any]
) -> None:
    path = write(tmp_path, json.dumps(settled))
    ended = conformance("judge-body", path, "--only", "REST-AUTH-01", "--only", "BILL-SUM-01")
    assert (ended.status, ended.err) == (0, "REST-AUTH-01: no body alone can break it\n")
    ended = conformance("judge-body", path, "--only", "REST-AUTH-01")
    assert ended.status == 5


def test_of_many_things_passed_over_five_are_named(
    tmp_path: Path, settled: dict[str, Any], conformance: Callable[..., Any]
) -> None:
    path = write(tmp_path, "\n".join(["1"] * 8) + json.dumps(settled))
    ended = conformance("judge-body", path)
    lines = [f"{path}:{number}: no object, not judged" for number in range(1, 6)]
    assert (ended.status, ended.err.splitlines()) == (0, [*lines, "…and 3 more"])


def set_to(**values: Any) -> Callable[[dict[str, Any]], None]:
    """Bends a body: `billing__x` and `line__x` are members of the bill and of its first line."""

    def bend(body: dict[str, Any]) -> None:
        for name, value in values.items():
            where, _, key = name.rpartition("__")
            places = {"": body, "billing": body["billing"], "line": body["pricing_lines"][0]}
            places[where][key] = value

    return bend


def remove(*path: str) -> Callable[[dict[str, Any]], None]:
    """Bends a body: a member goes away."""

    def bend(body: dict[str, Any]) -> None:
        target = body
        for key in path[:-1]:
            target = target[key]
        del target[path[-1]]

    return bend


@pytest.mark.parametrize(
    ("bend", "broken", "pointer"),
    [
        (set_to(billing__cost_nanos="273000"), "BILL-SHAPE-03", "/billing/cost_nanos"),
        (set_to(line__line_nanos="33000"), "BILL-LINE-01", "/pricing_lines/0"),
        (set_to(billing__cost_nanos=273000.5), "BILL-SHAPE-08", "/billing/cost_nanos"),
        (set_to(line__line_nanos=-33000), "BILL-SHAPE-08", "/pricing_lines/0/line_nanos"),
        (set_to(line__quantity=-1), "BILL-LINE-10", "/pricing_lines/0/quantity"),
        (set_to(billing__cost_nanos=2**53), "BILL-SHAPE-08", "/billing/cost_nanos"),
        (set_to(billing__cost_nanos=10**4000), "BILL-SHAPE-08", "/billing/cost_nanos"),
        (set_to(line__quantity=10**4000), "BILL-LINE-08", "/pricing_lines/0/billable_units"),
        (remove("billing", "billed"), "BILL-SHAPE-02", "/billing"),
        (remove("billing"), "BILL-STATE-03", ""),
        (remove("pricing_lines"), "BILL-STATE-03", ""),
        (set_to(billing="free"), "BILL-SHAPE-01", "/billing"),
        (set_to(billing=None), "BILL-SHAPE-01", "/billing"),
        (set_to(pricing_lines=5), "BILL-SHAPE-01", "/pricing_lines"),
        (set_to(pricing_lines=["\x1b[31m"]), "BILL-SHAPE-01", "/pricing_lines/0"),
        (set_to(billing__currency=["usd"]), "BILL-SHAPE-03", "/billing/currency"),
        (set_to(status=["completed"]), "REST-SHAPE-02", "/status"),
    ],
)
def test_what_is_absurd_in_a_bill_is_a_finding(
    bend: Callable[[dict[str, Any]], None],
    broken: str,
    pointer: str,
    tmp_path: Path,
    settled: dict[str, Any],
    conformance: Callable[..., Any],
) -> None:
    bend(settled)
    path = write(tmp_path, json.dumps(settled))
    ended = conformance("judge-body", path)
    assert (ended.status, f"FAIL {broken} (MUST)" in ended.out) == (1, True)
    place = pointer or "the whole body"
    assert f"  at        {path}:1: {place}\n" in ended.out
    assert (ended.err, "\x1b" in ended.out) == ("", False)


@pytest.mark.parametrize("verb", ["judge-body", "bill"])
@pytest.mark.parametrize(
    ("content", "status", "said"),
    [
        (b'{"billing": {"cost_nanos":\n NaN}}', 4, ":2:2: not JSON: NaN is not JSON"),
        (b'{"billing": {"cost_nanos": 1e99999999999999999999}}', 4, "beyond computing"),
        (
            b'{"billing": {"cost_nanos": 1,\n"cost_nanos": 1}}',
            4,
            ':2:15: not JSON: the key "cost_n',
        ),
        (b'{"billing": {"cost_nanos": 1', 4, ":1:29: not JSON: Expecting ',' delimiter"),
        (b"\x00\xff\xfe", 4, ":1: not UTF-8 text: invalid start byte"),
        (b"\x00\x01", 4, ":1:1: not JSON: Expecting value"),
        (b'{"billing":' * 300 + b"1" + b"}" * 300, 4, ":1:1: not JSON: nested deeper than 200"),
        (b"[" * 100_000, 4, ":1:1: not JSON: nested deeper than 200"),
        (b"", 5, "no b"),
        (b"[]", 5, "no b"),
        (b'{"x": 1}', 5, ":1: no batch object, not judged"),
    ],
    ids=["nan", "number", "twins", "cut", "utf16", "zeros", "deep", "deeper", "empty", "[]", "{}"],
)
def test_what_cannot_be_judged_is_said_in_a_line(
    verb: str,
    content: bytes,
    status: int,
    said: str,
    tmp_path: Path,
    conformance: Callable[..., Any],
) -> None:
    path = tmp_path / "t.json"
    path.write_bytes(content)
    ended = conformance(verb, str(path))
    assert (ended.status, said in ended.err) == (status, True), ended.err
    assert len(ended.err.splitlines()) <= 2
    assert "Traceback" not in ended.out + ended.err


def test_a_file_that_is_too_large_is_refused(
    tmp_path: Path, conformance: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(judging_bodies, "_LARGEST_BYTES", 10)
    path = write(tmp_path, " " * 11)
    ended = conformance("judge-body", path)
    assert (ended.status, len(ended.err.splitlines())) == (4, 1)
    assert ended.err.startswith(f"error: {path}: larger than 0 MiB")
