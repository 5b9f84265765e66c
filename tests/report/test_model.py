"""The report as data: counts, evidence, and command lines that can be pasted."""

import json
import shlex
from dataclasses import replace
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.report.model import About, Evidence, again, build, counts, curl
from conformance.requirements import Level, Requirement, registry
from conformance.resources import schemas_dir
from conformance.testing import edge, exchange, transcript, upload
from conformance.transcript import Body, Exchange, Part, Request
from conformance.verdicts import Finding, Result, Verdict


def unkept(
    seen: str, expected: str = "", pointer: str = "", step: int | None = None, scenario: str = ""
) -> Finding:
    return Finding(False, seen, expected, pointer, step, scenario)  # noqa: FBT003


ROW = registry()["REST-SHAPE-03"]
DIGEST = "sha256:" + "0" * 64
TARGET = {"kind": "mock", "name": "m", "url": None, "capabilities": ["create"]}
ABOUT = About("0.1.0", DIGEST, "ai-stats", TARGET, "2026-11-24T12:00:00Z",
              "2026-11-24T12:01:00Z", 1, "run dir", ("REST-SHAPE-04",))  # fmt: skip
POST = exchange("POST", "/batches", {}, sent={"it's": "$HOME `x`"}, at_ms=7)
SEEN = transcript(edge("waited"), POST, scenario="s")
BREACH = unkept("1", "2", "/a", 2, "s")


def row(name: str = "A", **more: Any) -> Requirement:
    return replace(ROW, id=name, text="It holds.", source=("seed",), **more)


def request(**more: Any) -> Request:
    return replace(Request("POST", "http://h/v1/x"), **more)


def test_a_command_line_sends_the_request_again() -> None:
    headers = (("authorization", "Bearer {{key:a}}"), ("content-type", "application/json"))
    assert curl(request(headers=headers, body=Body(b'{"a":1}'))) == (
        "curl -i -X POST http://h/v1/x "
        "-H 'authorization: Bearer '\"$AI_STATS_API_KEY\"'' "
        "-H 'content-type: application/json' --data-raw '{\"a\":1}'"
    )


def test_a_form_is_sent_part_by_part_with_a_boundary_of_its_own() -> None:
    parts = (Part("purpose", b"batch"), Part("file", b"{}", "in.jsonl"))
    headers = (("Content-Type", "multipart/form-data; boundary=x"), ("x-a", "1"))
    assert curl(request(headers=headers, body=Body(parts=parts))) == (
        "curl -i -X POST http://h/v1/x -H 'x-a: 1' -F purpose=batch -F file=@in.jsonl"
    )


@pytest.mark.parametrize(
    ("name", "variable"),
    [("a", "AI_STATS_API_KEY"), ("b", "AI_STATS_API_KEY_B"), ("same", "AI_STATS_API_KEY_SAME"),
     ("no_funds", "AI_STATS_API_KEY_NO_FUNDS")],
)  # fmt: skip
def test_a_key_is_taken_from_the_environment(name: str, variable: str) -> None:
    line = curl(request(headers=(("authorization", f"Bearer {{{{key:{name}}}}}"),)))
    assert f'"${variable}"' in line
    assert "{{" not in line


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0")))
def test_whatever_the_body_the_shell_hands_it_over_as_it_is(text: str) -> None:
    words = shlex.split(curl(request(url=f"http://h/{text}", body=Body(text.encode()))))
    assert (words[4], words[6]) == (f"http://h/{text}", text)


def test_evidence_is_the_request_of_the_named_exchange() -> None:
    evidence = Evidence([SEEN])
    assert evidence.request(BREACH) == POST.request
    elsewhere = [{"step": 1}, {"step": None}, {"scenario": "other"}, {"scenario": ""}]
    assert [evidence.request(replace(BREACH, **more)) for more in elsewhere] == [None] * 4


def test_the_command_to_judge_again_names_transcript_and_id() -> None:
    assert again(BREACH, "A", "run dir") == "conformance judge 'run dir/s.json' --only A"
    assert again(BREACH, "A", None) == "conformance judge DIR/s.json --only A"


def test_masters_are_counted_by_level_and_area() -> None:
    results = [
        Result(row("A"), Verdict.PASS),
        Result(row("B"), Verdict.PASS),
        Result(row("C", level=Level.MAY, area="auth"), Verdict.INFO),
        Result(row("D", same_as="A"), Verdict.PASS),
        Result(row("E", excluded="cannot be seen"), Verdict.NOT_APPLICABLE),
    ]
    assert counts(results, "level") == {"MAY": {"info": 1}, "MUST": {"pass": 2}}
    assert counts(results, "area") == {"rest/auth": {"info": 1}, "rest/shape": {"pass": 2}}


def test_the_report_holds_the_whole_run() -> None:
    results = [
        Result(row("A"), Verdict.FAIL, None, 3, (BREACH, unkept("x", "", "", None, "s"))),
        Result(row("B", same_as="A"), Verdict.NOT_TESTED, "why"),
    ]
    stopped = transcript(scenario="stopped")
    report = build(results, [SEEN, replace(stopped, complete=False, failure="no batch")], ABOUT)
    [first, second] = report["requirements"]
    assert report["suite"] == {
        "name": "ai-stats-conformance", "version": "0.1.0", "registry_digest": DIGEST,
    }  # fmt: skip
    assert report["target"] == TARGET
    assert report["deselected"] == ["REST-SHAPE-04"]
    assert report["summary"] == {
        "by_level": {"MUST": {"fail": 1}}, "by_area": {"rest/shape": {"fail": 1}},
    }  # fmt: skip
    assert report["scenarios"] == [
        {"name": "s", "exchanges": 1, "duration_ms": 7, "complete": True, "failure": None},
        {"name": "stopped", "exchanges": 0, "duration_ms": 0, "complete": False,
         "failure": "no batch"},
    ]  # fmt: skip
    assert (second["verdict"], second["reason"], second["same_as"]) == ("not_tested", "why", "A")
    assert first["findings"] == [
        {
            "promised": "It holds.", "seen": "1", "expected": "2", "scenario": "s", "exchange": 2,
            "pointer": "/a", "request": "POST http://gateway.test/v1/batches",
            "curl": curl(POST.request), "again": again(BREACH, "A", "run dir"),
        },
        {
            "promised": "It holds.", "seen": "x", "expected": None, "scenario": "s",
            "exchange": None, "pointer": "", "request": None, "curl": None,
            "again": again(BREACH, "A", "run dir"),
        },
    ]  # fmt: skip


def test_the_report_keeps_to_its_schema() -> None:
    schema = json.loads((schemas_dir() / "report.schema.json").read_text("utf-8"))
    results = [
        Result(ROW, verdict, "why", 1, (replace(BREACH, step=1, scenario="f"),))
        for verdict in Verdict
    ]
    form = transcript(upload(b"{}", {}), scenario="f")
    errors = jsonschema_rs.Draft202012Validator(schema).iter_errors(
        build(results, [form, SEEN], ABOUT)
    )
    assert [error.message for error in errors] == []


def test_an_exchange_without_an_answer_has_its_command_too() -> None:
    lonely = transcript(Exchange(POST.request), scenario="s")
    assert Evidence([lonely]).request(replace(BREACH, step=1)) == POST.request
