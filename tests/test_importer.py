"""Recordings of a test rig become cassettes: what is kept, hidden, and how times are read."""

import json
from pathlib import Path
from typing import Any

import pytest

from conformance.cassettes import load
from conformance.errors import CassetteError
from conformance.importer import converted, import_folder
from conformance.json_text import dump, parse
from conformance.transcript import (
    Body,
    Close,
    Delivery,
    Edge,
    Exchange,
    Frame,
    Part,
    Request,
    Response,
    Stream,
    Transcript,
    Wallet,
)

ORIGIN = "http://127.0.0.1:8787"


def recording(*steps: dict[str, Any]) -> dict[str, Any]:
    value = {
        "scenario": "a_recording",
        "title": "What it shows",
        "revision": "A",
        "profile": "busy",
        "recorded_at": "2026-11-23T19:19:35.689Z",
        "steps": list(steps),
    }
    return dict(parse(dump(value)))


def call(at: Any, **request: Any) -> dict[str, Any]:
    sent = {"method": "GET", "path": "/v1/batches", "query": {}, "headers": {}, "body": None}
    answer = {"status": 200, "headers": {}, "body": {"object": "list"}}
    return {"kind": "http", "at": at, "request": sent | request, "response": answer}


def only_exchange(step: dict[str, Any]) -> Exchange:
    (found,) = converted(recording(step)).steps
    assert isinstance(found, Exchange)
    return found


def times(*steps: dict[str, Any]) -> list[tuple[int, int]]:
    exchanges = converted(recording(*steps)).exchanges
    return [(exchange.at_ms, exchange.ended_at_ms) for _, exchange in exchanges]


def test_a_json_body_is_written_anew_and_says_so() -> None:
    step = call(0, method="POST", body={"endpoint": "/v1/responses", "n": 0.000127})
    assert only_exchange(step) == Exchange(
        Request(
            "POST",
            f"{ORIGIN}/v1/batches",
            (),
            Body(b'{"endpoint":"/v1/responses","n":0.000127}', exact=False),
        ),
        Response(200, (), Body(b'{"object":"list"}', exact=False)),
    )


@pytest.mark.parametrize("text", ["{bad", "", "null"])
def test_a_body_recorded_as_text_is_kept_exactly(text: str) -> None:
    assert only_exchange(call(0, body_text=text)).request.body == Body(text.encode())


def test_a_form_keeps_its_parts() -> None:
    file = {"filename": "in.jsonl", "content_type": "application/jsonl", "text": '{"a":1}\n'}
    body = only_exchange(call(0, body={"multipart": {"purpose": "batch", "file": file}}))
    parts = (
        Part("purpose", b"batch"),
        Part("file", b'{"a":1}\n', "in.jsonl", "application/jsonl"),
    )
    assert body.request.body == Body(parts=parts)


@pytest.mark.parametrize(
    ("query", "url"),
    [
        ({}, "/v1/batches"),
        ({"limit": "2", "status": "a,b"}, "/v1/batches?limit=2&status=a,b"),
        ({"status": ["a", "b"]}, "/v1/batches?status=a&status=b"),
    ],
)
def test_a_query_goes_back_into_the_url(query: dict[str, Any], url: str) -> None:
    assert only_exchange(call(0, query=query)).request.url == ORIGIN + url


@pytest.mark.parametrize(
    ("sent", "label", "kept"),
    [
        ("Bearer REDACTED(a)", None, "Bearer {{key:a}}"),
        ("Bearer REDACTED(b)", None, "Bearer {{key:b}}"),
        ("Bearer REDACTED(c)", None, "Bearer {{key:no_funds}}"),
        ("bearer REDACTED(a)", "lower-case scheme", "bearer {{key:a}}"),
        ("Bearer x_wrong", "known key id, wrong secret", "Bearer {{key:wrong-secret}}"),
        ("Bearer x_secret", "unknown key id", "Bearer {{key:unknown}}"),
        ("Bearer aaa.bbb.ccc", "jwt-like", "Bearer aaa.bbb.ccc"),
        ("Basic abc", "basic scheme", "Basic abc"),
    ],
)
def test_keys_become_markers(sent: str, label: str | None, kept: str) -> None:
    step = call(0, headers={"authorization": sent}) | {"label": label}
    assert only_exchange(step).request.headers == (("authorization", kept),)


def test_a_webhook_secret_becomes_a_marker_wherever_it_stands() -> None:
    step = call(0, body={"webhook": {"url": "https://x.example/", "secret": "whsec_planted"}})
    step["response"]["body"] = {"echo": "whsec_planted"}
    exchange = only_exchange(step)
    assert exchange.request.json["webhook"]["secret"] == "{{webhook:1}}"
    assert exchange.response is not None
    assert exchange.response.json == {"echo": "{{webhook:1}}"}


def test_an_exchange_ends_when_the_next_step_begins() -> None:
    steps = call(0.001), call(0.014), wallet(0.04), call(0.04)
    assert times(*steps) == [(1, 14), (14, 40), (40, 40)]


def test_a_delivery_does_not_end_an_exchange() -> None:
    assert times(call(0.01), delivery(), call(0.5)) == [(10, 500), (500, 500)]


def test_requests_begun_together_overlap() -> None:
    together = [call(at) for at in (0.057, 0.057, 0.057, 0.058, 0.058)]
    found = times(call(0.045), *together, call(0.115))
    assert found == [(45, 57), *[(57, 115)] * 3, *[(58, 115)] * 2, (115, 115)]


def test_requests_two_milliseconds_apart_do_not_overlap() -> None:
    assert times(call(0.017), call(0.019)) == [(17, 19), (19, 19)]


def stream() -> dict[str, Any]:
    request = {"method": "GET", "path": "/v1/async/batch/b/ws", "query": {}, "headers": {}}
    return {
        "kind": "ws",
        "at": 0.02,
        "label": "expired",
        "note": "still open",
        "request": request,
        "response": {"status": 101, "headers": {}},
        "frames": [{"from": "client", "at": 0.3, "text": "ping"}],
        "close": {"at": 0.4, "code": 1000, "reason": "closed", "by": "server"},
    }


def delivery() -> dict[str, Any]:
    sent = {"method": "POST", "path": "/h", "headers": {"x-a": "1"}, "body_text": '{"a": 1}'}
    sent |= {"body": {"a": 1}, "answered": 200, "signature_valid": True}
    return {"kind": "webhook", "at": 0.02, "delivery": sent}


def wallet(at: float) -> dict[str, Any]:
    held = {"workspace": "c", "balance_nanos": 5, "reserved_nanos": 2}
    return {"kind": "wallet", "at": at, **held}


def edge(at: float) -> dict[str, Any]:
    return {"kind": "edge", "at": at, "action": "batch_switch", "enabled": False}


def test_a_stream_keeps_frames_and_close() -> None:
    assert converted(recording(stream())).steps == (
        Stream(
            Request("GET", "ws://127.0.0.1:8787/v1/async/batch/b/ws"),
            Response(101),
            (Frame("client", 300, "ping"),),
            Close(400, 1000, "closed", "server"),
            20,
            "expired; still open",
        ),
    )


@pytest.mark.parametrize(
    ("answered", "kept"), [(503, {"status": 503}), ("drop", {"dropped": True})]
)
def test_a_delivery_keeps_its_exact_text(answered: Any, kept: dict[str, Any]) -> None:
    step = delivery()
    step["delivery"]["answered"] = answered
    body = Body(b'{"a": 1}')
    expected = Delivery("POST", "/h", (("x-a", "1"),), body, 20, kept, signature_valid=True)
    assert converted(recording(step)).steps == (expected,)


def test_wallet_and_edge_steps_keep_what_they_say() -> None:
    assert converted(recording(wallet(1), edge(0.5))) == Transcript(
        "a_recording",
        (Edge("batch_switch", {"enabled": False}, 500), Wallet("no_funds", 5, 2, None, 1000)),
        "What it shows",
        "2026-11-23T19:19:35.689Z",
    )


def test_an_unknown_kind_of_step_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown kind of step 'smoke'"):
        converted(recording({"kind": "smoke", "at": 0}))


def test_a_folder_of_recordings_becomes_cassettes_that_load(tmp_path: Path) -> None:
    source, target = tmp_path / "recordings", tmp_path / "cassettes"
    source.mkdir()
    kinds = stream(), delivery(), wallet(0.6), edge(0.7)
    value = recording(call(0, headers={"authorization": "Bearer REDACTED(a)"}), *kinds)
    (source / "one.json").write_text(dump(value), "utf-8")
    assert import_folder(source, target) == [target / "a_recording.json"]
    cassette = load(target / "a_recording.json")
    assert cassette.transcript == converted(value)
    assert cassette.target == {
        "kind": "recording",
        "name": "ai-stats gateway, revision A (busy)",
        "url": None,
    }


def test_a_folder_without_recordings_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CassetteError, match="no recording"):
        import_folder(tmp_path, tmp_path)


@pytest.mark.parametrize("text", ["{", "[]", json.dumps({"scenario": "x"})])
def test_a_file_that_is_no_recording_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "odd.json").write_text(text, "utf-8")
    with pytest.raises(CassetteError, match=r"odd\.json: not a recording"):
        import_folder(tmp_path, tmp_path / "out")
