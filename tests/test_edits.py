"""Row faults as edits: a patch lands where it speaks of, and leaves everything else alone."""

from dataclasses import replace
from typing import Any

import pytest

from conformance.edits import Envelope, apply, apply_to, apply_to_delivery, apply_to_message
from conformance.json_text import ABSENT, dump
from conformance.requirements import Case, Fault, Requirement, registry
from conformance.testing import batch, edge, exchange, transcript
from conformance.transcript import (
    Body,
    Delivery,
    Exchange,
    Failure,
    Frame,
    Request,
    Response,
    Stream,
)


def row(*patch: dict[str, Any], **fault: Any) -> Requirement:
    made = Fault("a-fault", **{"on": "batch-body", "patch": patch, **fault})
    return replace(registry()["REST-SHAPE-03"], fault=made, table=())


def op(name: str, path: str, **more: Any) -> dict[str, Any]:
    return {"op": name, "path": path, **more}


GET = Request("GET", "http://h/v1/batches/b")
MARK = op("add", "/marked", value=1)


def edited(one: Requirement, answer: Any, method: str = "GET", path: str = "/batches/b",
           status: int = 200) -> Any:  # fmt: skip
    """The body after the edit; ABSENT when the very same answer came back."""
    before = Envelope(status, {"content-type": "x"}, answer)
    after = apply(one, exchange(method, path).request, before)
    return ABSENT if after is before else after.body


@pytest.mark.parametrize("answer", [batch(), {"status": "x"}, {}])
def test_a_batch_body_is_patched_where_it_stands(answer: dict[str, Any]) -> None:
    assert edited(row(MARK), answer) == {**answer, "marked": 1}
    assert edited(row(MARK), answer, "POST", "/batches") == {**answer, "marked": 1}
    assert edited(row(MARK), answer, "POST", "/batches/b/cancel") == {**answer, "marked": 1}


def test_every_batch_of_a_list_is_patched_on_its_own() -> None:
    listing = {"data": [batch("failed"), 5, batch()], "more": 1}
    after = edited(row(MARK, when="failed"), listing, path="/batches")
    assert after == {"data": [{**batch("failed"), "marked": 1}, 5, batch()], "more": 1}
    assert "marked" not in listing["data"][0]  # type: ignore[index]


@pytest.mark.parametrize("answer", [ABSENT, None, 1, "x", [], {"data": {}}, {"data": None}, [{}]])
def test_an_answer_without_batch_bodies_stays_the_same(answer: Any) -> None:
    assert edited(row(MARK), answer, path="/batches") is ABSENT
    assert edited(row(MARK), answer, path="/files/f") is ABSENT


def test_a_refusal_has_no_batch_body() -> None:
    assert edited(row(MARK), batch(), status=404) is ABSENT


def test_a_patch_that_does_not_apply_leaves_the_very_answer() -> None:
    assert edited(row(op("remove", "/none")), batch()) is ABSENT
    assert edited(row(op("remove", "/none")), {"data": [batch()]}, path="/batches") is ABSENT
    assert edited(row(op("remove", "/body/x"), on="answer"), batch()) is ABSENT


@pytest.mark.parametrize("one", [row(), replace(row(MARK), fault=None)])
def test_a_row_without_patch_edits_nothing(one: Requirement) -> None:
    assert edited(one, batch()) is ABSENT


@pytest.mark.parametrize(
    ("when", "applies"),
    [
        ("", True), ("completed", True), ("failed", False), ("failed|completed", True),
        ("terminal", True), ("non-terminal", False), ("get", True), ("create", False),
        ("completed get", True), ("completed create", False), ("has:/provider", True),
        ("has:/errors", False), ("has:/none", False), ("has:/none|get", True),
        ("status:200", True), ("status:201", False), ("create|status:200 terminal", True),
    ],
)  # fmt: skip
def test_a_condition_must_hold(when: str, applies: bool) -> None:  # noqa: FBT001
    assert (edited(row(MARK, when=when), batch("completed")) is not ABSENT) is applies


def test_a_body_without_a_status_word_is_not_terminal() -> None:
    assert edited(row(MARK, when="non-terminal"), {"status": []}) == {"status": [], "marked": 1}


@pytest.mark.parametrize(
    ("on", "method", "path", "status", "applies"),
    [
        ("answer", "GET", "/nowhere", 404, True),
        ("error", "GET", "/nowhere", 404, True),
        ("error", "GET", "/batches", 200, False),
        ("error", "GET", "/batches", 302, False),
        ("create", "POST", "/batches", 200, True),
        ("create", "POST", "/batches", 400, False),
        ("list", "GET", "/batches", 200, True),
        ("list", "GET", "/batches/models", 200, False),
        ("models", "GET", "/batches/models", 299, True),
        ("file", "GET", "/files/f", 200, True),
        ("file", "POST", "/files", 200, True),
        ("file", "GET", "/files/f/content", 200, False),
        ("file", "GET", "/files/f", 404, False),
        ("handshake", "GET", "/batches", 200, False),
    ],
)
def test_an_envelope_is_patched_on_its_kind_of_answer(
    on: str,
    method: str,
    path: str,
    status: int,
    applies: bool,  # noqa: FBT001
) -> None:
    after = edited(row(op("add", "/body", value="new"), on=on), {}, method, path, status)
    assert after == ("new" if applies else ABSENT)


def test_status_headers_and_body_of_an_envelope_can_be_patched() -> None:
    patch = [
        op("replace", "/status", value=201),
        op("add", "/headers/x-a", value="1"),
        op("remove", "/headers/content-type"),
        op("add", "/body/b", value=2),
    ]
    before = Envelope(200, {"content-type": "x"}, {"a": 1})
    after = apply(row(*patch, on="answer"), GET, before)
    assert after == Envelope(201, {"x-a": "1"}, {"a": 1, "b": 2})
    assert before == Envelope(200, {"content-type": "x"}, {"a": 1})


def test_an_answer_without_json_keeps_having_none() -> None:
    after = apply(row(op("replace", "/status", value=500), on="answer"), GET,
                  Envelope(200, {}, ABSENT))  # fmt: skip
    assert (after.status, after.body) == (500, ABSENT)


def test_a_condition_of_an_envelope_must_hold() -> None:
    one = row(op("add", "/body/x", value=1), on="answer", when="status:404")
    assert edited(one, {}) is ABSENT
    assert edited(one, {}, status=404) == {"x": 1}


def test_the_word_table_stands_for_the_cases_of_the_row() -> None:
    case = Case("c", {"method": "GET", "path": "/batches/{any}"}, {"status": [404]})
    one = row(op("add", "/body/x", value=1), on="answer", when="table")
    one = replace(one, table=(case,))
    assert edited(one, {}, status=404) == {"x": 1}
    assert edited(one, {}, status=400) is ABSENT
    assert edited(one, {}, path="/batches", status=404) is ABSENT


def test_a_transcript_is_edited_answer_by_answer() -> None:
    failed = Exchange(GET, None, Failure("timeout", "late"))
    steps = (edge("clock_advanced"), failed, exchange("GET", "/files", {}))
    done = exchange("GET", "/batches/batch_1", batch("completed"), label="x")
    after = apply_to(row(op("remove", "/provider")), transcript(*steps, done))
    assert after.steps[:3] == steps
    changed = after.steps[3]
    assert isinstance(changed, Exchange)
    assert changed.response is not None
    assert changed.response.body is not None
    assert "provider" not in changed.response.json
    assert not changed.response.body.exact
    assert (changed.request, changed.label) == (done.request, "x")
    assert "provider" in (done.response or Response(0)).json


def test_an_edit_of_the_head_keeps_the_bytes_and_that_they_were_cut() -> None:
    cut = Response(200, (("X-A", "1"),), Body(b'{"id": "b"'), truncated=True)
    one = row(op("replace", "/headers/x-a", value="2"), on="answer")
    after = apply_to(one, transcript(Exchange(GET, cut))).steps
    assert after == (Exchange(GET, replace(cut, headers=(("x-a", "2"),))),)


URL = Request("GET", "ws://h/v1/async/batch/b/ws")
BILLED = '{"type":"job.updated","data":{"status":"completed","price":1.50},"n":1.0}'
MARKED = '{"type":"job.updated","data":{"status":"completed","price":1.50,"marked":1},"n":1.0}'


def message_row(**more: Any) -> Requirement:
    return row(MARK, on="message", **more)


def edited_frame(content: str | bytes, sender: str = "server", **more: Any) -> str | bytes | None:
    """The content of the frame after the edit, None when the very same transcript came back."""
    before = transcript(Stream(URL, None, (Frame(sender, 3, content),)))
    after = apply_to(message_row(**more), before)
    stream = after.steps[0]
    assert isinstance(stream, Stream)
    return None if after is before else stream.frames[0].content


def test_the_data_of_a_frame_is_patched_and_all_else_of_it_kept() -> None:
    assert edited_frame(BILLED) == MARKED
    assert edited_frame(BILLED.encode()) == MARKED.encode()


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", "5", '{"type":"pong"}', '{"data":[{}]}', '{"data":null}', b"\xff", b"{}"],
)
def test_a_frame_without_an_object_as_data_is_left_alone(content: str | bytes) -> None:
    assert edited_frame(content) is None


def test_what_the_client_sent_is_no_message() -> None:
    assert edited_frame(BILLED, sender="client") is None


@pytest.mark.parametrize(
    ("when", "applies"),
    [
        ("completed", True), ("failed", False), ("terminal has:/price", True),
        ("non-terminal", False), ("has:/none", False), ("status:200", False), ("get", False),
    ],
)  # fmt: skip
def test_a_condition_of_a_message_must_hold(when: str, applies: bool) -> None:  # noqa: FBT001
    assert (edited_frame(BILLED, when=when) is not None) is applies


def test_a_patch_of_a_message_that_does_not_apply_leaves_the_very_transcript() -> None:
    before = transcript(Stream(URL, None, (Frame("server", 3, BILLED),)))
    assert apply_to(row(op("remove", "/none"), on="message"), before) is before


def test_a_message_alone_is_patched_as_one_in_a_transcript() -> None:
    assert apply_to_message(message_row(), BILLED) == MARKED
    assert apply_to_message(message_row(when="failed"), BILLED) is BILLED
    assert apply_to_message(row(MARK), BILLED) is BILLED


def test_the_data_of_a_webhook_is_patched_and_its_bytes_are_no_longer_exact() -> None:
    delivery = Delivery("POST", "/hook", (("a", "b"),), Body(BILLED.encode()), signature_valid=True)
    after = apply_to(message_row(), transcript(delivery))
    assert after.steps == (replace(delivery, body=Body(MARKED.encode(), exact=False)),)


@pytest.mark.parametrize("content", [b"", b"\xff", b'{"data":5}'])
def test_a_webhook_without_an_object_as_data_is_left_alone(content: bytes) -> None:
    before = transcript(Delivery("POST", "/hook", (), Body(content)))
    assert apply_to(message_row(), before) is before


def test_an_edit_of_messages_leaves_answers_alone_and_the_other_way_round() -> None:
    answer = exchange("GET", "/batches/batch_1", {**batch("completed"), "data": {}})
    frame = Stream(URL, None, (Frame("server", 3, BILLED),))
    only_answer, only_frame = transcript(answer, edge("x")), transcript(frame, edge("x"))
    assert apply_to(message_row(), only_answer) is only_answer
    assert apply_to(row(MARK), only_frame) is only_frame
    assert apply_to(row(MARK, on="answer"), only_frame) is only_frame


HOOK = {
    "method": "POST",
    "headers": {"x-key": "1"},
    "body": {"delivery": {"attempt": 2}, "data": {"status": "completed"}},
}
CHANGED = {"method": "PUT", "headers": {}, "body": {"delivery": {"attempt": 1}, "data": {}}}


def hook_row(**fault: Any) -> Requirement:
    operations = (
        op("replace", "/method", value="PUT"),
        op("remove", "/headers/x-key"),
        op("replace", "/body/delivery/attempt", value=1),
        op("remove", "/body/data/status"),
    )
    return row(*operations, **{"on": "delivery", **fault})


def hook(content: bytes) -> Delivery:
    return Delivery("POST", "/hook", (("X-Key", "1"),), Body(content))


@pytest.mark.parametrize(
    ("when", "applies"),
    [
        ("", True), ("completed", True), ("failed", False), ("has:/body/delivery/attempt", True),
        ("has:/body/data/none", False), ("terminal has:/headers/x-key", True),
    ],
)  # fmt: skip
def test_method_headers_and_body_of_a_webhook_are_patched(when: str, applies: bool) -> None:  # noqa: FBT001
    assert apply_to_delivery(hook_row(when=when), HOOK) == (CHANGED if applies else HOOK)


def test_a_webhook_is_left_alone_by_every_other_edit() -> None:
    assert apply_to_delivery(hook_row(on="message"), HOOK) is HOOK


def test_a_stored_webhook_is_patched_as_a_live_one() -> None:
    before = transcript(hook(dump(HOOK["body"]).encode()))
    after = apply_to(hook_row(), before).steps
    body = Body(dump(CHANGED["body"]).encode(), exact=False)
    assert after == (Delivery("PUT", "/hook", (), body),)


def test_bytes_that_an_edit_of_headers_does_not_touch_stay_exact() -> None:
    content = b'{ "data": {} }'
    after = apply_to(row(op("remove", "/headers/x-key"), on="delivery"), transcript(hook(content)))
    assert after.steps == (Delivery("POST", "/hook", (), Body(content)),)


@pytest.mark.parametrize("content", [b"", b"\xff", b"{}"])
def test_a_webhook_that_an_edit_does_not_fit_is_the_very_same(content: bytes) -> None:
    before = transcript(hook(content))
    assert apply_to(hook_row(), before) is before
