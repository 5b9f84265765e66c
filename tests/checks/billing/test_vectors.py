"""Every case of the billing vectors breaks exactly what it says, in every profile it names."""

import json
from pathlib import Path
from typing import Any

import pytest

from conformance.checks import judge
from conformance.json_text import dump, parse
from conformance.requirements import Level, registry
from conformance.testing import edge, exchange, transcript
from conformance.transcript import Frame, Request, Step, Stream, Transcript, Wallet

ROOT = Path(__file__).parents[3]
VECTORS = parse((ROOT / "docs/contract/vectors/billing.json").read_text("utf-8"))
CASES = {case["name"]: case for case in VECTORS["cases"]}
BODY = ("status", "request_counts", "request_id", "finalized_at", "pricing_lines", "billing")
SENT = {"input_file_id": "file_1", "endpoint": "/v1/responses"}
LABELS = {
    "insufficient-funds": "BILL-FUNDS-02/without-credit",
    "unpriceable": "BILL-FUNDS-06/no-price",
}


def body_of(case: dict[str, Any]) -> dict[str, Any]:
    members = {key: case[key] for key in (*BODY, "usage") if key in case}
    return {"id": "batch_1", "object": "batch", "output_file_id": "file_out", **members}


def output_row(row: dict[str, Any]) -> dict[str, Any]:
    body = {"model": row["model"], "usage": row["usage"]}
    response = {"status_code": row["status_code"], "body": body}
    return {"custom_id": row["custom_id"], "response": response, "error": None}


def rows_of(case: dict[str, Any]) -> list[Any]:
    repeat = case.get("rows_repeat")
    return [repeat["row"]] * repeat["count"] if repeat else case.get("rows") or []


def read(body: dict[str, Any], at_ms: int = 20) -> Step:
    return exchange("GET", "/batches/batch_1", body, at_ms=at_ms)


def body_steps(case: dict[str, Any]) -> list[Step]:
    steps = [read(body_of(case))]
    if rows_of(case):
        content = "\n".join(dump(output_row(row)) for row in rows_of(case)).encode()
        output = exchange("GET", "/files/file_out/content", content, at_ms=30)
        steps = [edge("price_card", prices=case["prices"]), *steps, output]
    if "request_rows" in case:
        listing = {"data": case["request_rows"], "has_more": False}
        steps.append(exchange("GET", "/batches/batch_1/requests", listing, at_ms=40))
    return steps


def pair_steps(case: dict[str, Any]) -> list[Step]:
    return [read(body_of(case["previous"]), 10), read(body_of(case))]


def event_steps(case: dict[str, Any]) -> list[Step]:
    data = {"id": "batch_1", "kind": "batch", **case["event"]}
    frame = Frame("server", 30, dump({"type": "job.updated", "data": data}))
    url = "ws://gateway.test/v1/async/batch/batch_1/ws"
    stream = Stream(Request("GET", url), None, (frame,), at_ms=25)
    return [read(body_of(case)), stream] if case["input"] == "event-pair" else [stream]


def reading(case: dict[str, Any], name: str, key: str = "a") -> list[Step]:
    found = case.get("wallet", {}).get(name)
    return [Wallet(key, **found)] if found else []


def wallet_steps(case: dict[str, Any]) -> list[Step]:
    created = {"id": "batch_1", "object": "batch", "status": "validating"}
    return [
        *reading(case, "before_create"),
        exchange("POST", "/batches", created, sent=SENT),
        *reading(case, "after_create"),
        read(body_of(case)),
        *reading(case, "after_settlement"),
        read(body_of(case), 30),
        *reading(case, "after_more_reads"),
    ]


def error_steps(case: dict[str, Any]) -> list[Step]:
    key = "no_funds" if case["expect"] == "insufficient-funds" else "a"
    answer, label = case["http"], LABELS.get(case["expect"])
    create = exchange(
        "POST", "/batches", answer["body"], status=answer["status"], sent=SENT, key=key, label=label
    )
    return [*reading(case, "before_create", key), create, *reading(case, "after_create", key)]


STEPS = {
    "body": body_steps,
    "rows": body_steps,
    "pair": pair_steps,
    "event": event_steps,
    "event-pair": event_steps,
    "wallet": wallet_steps,
    "error": error_steps,
}


def transcript_of(case: dict[str, Any]) -> Transcript:
    return transcript(*STEPS[case["input"]](case))


def broken_by(case: dict[str, Any], profile: str) -> list[str]:
    rows = [
        row
        for row in registry().masters(profile)
        if row.level is not Level.MAY and (row.family == "billing" or row.id in case["breaks"])
    ]
    found = judge([transcript_of(case)], rows, profile)
    assert [one.crash for one in found.values() if one.crash] == []
    return sorted(requirement for requirement, one in found.items() if one.broken)


@pytest.mark.parametrize(
    ("name", "profile"),
    [(name, profile) for name, case in CASES.items() for profile in case["profiles"]],
)
def test_a_case_breaks_exactly_what_it_says(name: str, profile: str) -> None:
    assert broken_by(CASES[name], profile) == sorted(CASES[name]["breaks"])


def test_every_binding_row_but_the_deadline_is_broken_by_some_case() -> None:
    named = {one for case in CASES.values() for one in case["breaks"]}
    binding = {
        row.id
        for profile in ("ai-stats", "phaseo")
        for row in registry().masters(profile)
        if row.family == "billing" and row.level is not Level.MAY
    }
    assert binding - named == {"BILL-STATE-04"}


def test_the_vectors_are_read_as_they_stand() -> None:
    assert len(json.loads(dump(VECTORS))["cases"]) == len(CASES)
