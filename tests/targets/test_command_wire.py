"""The lines of an adapter process, without a process."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.adapters.greeting import BadHello
from conformance.resources import schemas_dir
from conformance.targets.command_wire import (
    BadLine,
    Ledger,
    Lines,
    OtherProtocol,
    Tail,
    hello_of,
    outcome_of,
    request_line,
)

EXAMPLES = schemas_dir() / "examples/adapter-message"
HELLO = json.loads((EXAMPLES / "valid/answer-hello.json").read_text("utf-8"))["result"]


def read(answer: Any, *asked: str) -> tuple[int, dict[str, Any]]:
    ledger = Ledger()
    for what in asked or ("getBatch",):
        ledger.enter(what)
    return ledger.read(answer if isinstance(answer, bytes) else json.dumps(answer).encode())


def refusal(answer: Any) -> str:
    with pytest.raises(BadLine) as caught:
        read(answer)
    return str(caught.value)


def test_a_request_is_one_line_of_json() -> None:
    line = request_line(3, "call", {"client": "a", "args": {"batch_id": "ü\n"}})
    assert line == b'{"id":3,"op":"call","client":"a","args":{"batch_id":"\xc3\xbc\\n"}}\n'


def test_requests_are_numbered_and_answers_find_them_in_any_order() -> None:
    ledger = Ledger()
    assert [ledger.enter("open"), ledger.enter("call")] == [0, 1]
    assert ledger.read(b'{"id":1,"result":{}}') == (1, {"id": 1, "result": {}})
    assert ledger.open == {0: "open"}
    assert ledger.enter("close") == 2


@pytest.mark.parametrize(
    "line",
    [b"noise", b"", b"[1]", b"\xef\xbb\xbf{}", b'{"id":0,"result":NaN}', b'{"a":"\xff"}', b"{}{}"],
)
def test_a_line_that_is_no_json_object_is_shown(line: bytes) -> None:
    shown = line.decode("utf-8", "replace")
    assert refusal(line) == (
        f"a line on stdout that is no JSON object (prints belong on stderr): {shown!r}"
    )


def test_a_long_line_is_shown_in_part() -> None:
    assert refusal(b"x" * 300).endswith(f": '{'x' * 200}…'")


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ({"result": {}}, "an answer without the number of its request as id: "),
        ({"id": "0", "result": {}}, "an answer without the number of its request as id: "),
        ({"id": False, "result": {}}, "an answer without the number of its request as id: "),
        ({"id": 7, "result": {}}, "an answer to request 7, which was never asked: "),
        ({"id": -1, "result": {}}, "an answer to request -1, which was never asked: "),
        ({"id": 0}, "an answer needs either result or error: "),
        ({"id": 0, "result": {}, "error": {"kind": "other"}}, "an answer needs either result or "),
        ({"id": 0, "error": "no"}, "an error needs a text as kind: "),
        ({"id": 0, "error": {"message": "no"}}, "an error needs a text as kind: "),
        ({"id": 0, "error": {"kind": "other", "message": 3}}, "the message of an error has to be"),
        ({"id": 0, "error": {"kind": "http", "headers": {}}}, "the headers of an error have to be"),
        ({"id": 0, "error": {"kind": "http", "headers": [["a"]]}}, "the headers of an error have"),
    ],
)
def test_an_answer_of_another_form_is_shown(answer: Any, why: str) -> None:
    text = refusal(answer)
    assert text.startswith(why)
    assert text.endswith(json.dumps(answer))


def test_a_request_is_answered_once() -> None:
    ledger = Ledger()
    ledger.enter("getBatch")
    ledger.read(b'{"id":0,"result":{}}')
    with pytest.raises(BadLine, match="request 0, which has been answered already"):
        ledger.read(b'{"id":0,"result":{}}')


def test_a_value_keeps_its_digits_and_what_came_with_it() -> None:
    _, answer = read(b'{"id":0,"result":{"value":9007199254740993,"type":"int","raw":{},"x":1}}')
    assert outcome_of("call", answer) == {"value": 9007199254740993, "type": "int", "raw": {}}


@pytest.mark.parametrize("op", ["open", "close", "exit"])
def test_other_results_only_have_to_be_objects(op: str) -> None:
    assert outcome_of(op, {"result": {"any": 1}}) == {"value": {}, "type": ""}
    with pytest.raises(BadLine, match=f"the result of {op} has to be an object, not 'ok'"):
        outcome_of(op, {"result": "ok"})


@pytest.mark.parametrize("result", [{"value": 1}, {"type": "int"}, {"value": 1, "type": 2}])
def test_a_call_returns_value_and_type(result: Any) -> None:
    with pytest.raises(BadLine, match="the result of call needs value, and a text as type: "):
        outcome_of("call", {"result": result})


def test_an_error_is_an_outcome() -> None:
    answer = {"error": {"kind": "http", "message": "no"}}
    assert outcome_of("call", answer) == {"error": {"kind": "other", "message": "no"}}


def test_a_hello_becomes_flat() -> None:
    hello, notes = hello_of({"result": {**HELLO, "notes": ["a checkout"]}})
    assert hello == {
        "sdk": "@acme/sdk",
        "version": "2.0.5",
        "language": "typescript",
        "runtime": "node v20.20.2",
        "methods": {"createBatch": "createBatch", "getBatch": "getBatch"},
        "options": ["base_url", "api_key", "timeout"],
        "concurrency": 8,
        "timeout_default": 60,
    }
    assert notes == ["a checkout"]


@pytest.mark.parametrize(
    ("chosen", "text"),
    [(2, "2"), (None, "none"), ("1", "'1'"), (True, "True"), ([1], r"\[1\]")],
)
def test_another_protocol_is_named(chosen: Any, text: str) -> None:
    with pytest.raises(OtherProtocol, match=f"^hello chose protocol {text}$"):
        hello_of({"result": {**HELLO, "protocol": chosen}})


def test_a_refused_protocol_and_any_other_error_differ() -> None:
    with pytest.raises(OtherProtocol, match="an error of kind protocol: speaks 2"):
        hello_of({"error": {"kind": "protocol", "message": "speaks 2"}})
    with pytest.raises(BadHello, match="an error of kind other: no SDK"):
        hello_of({"error": {"kind": "other", "message": "no SDK"}})


@pytest.mark.parametrize(
    ("name", "value"),
    [("adapter", None), ("adapter", {"name": "n"}), ("sdk", "acme"), ("notes", "n"), ("sdk", {})],
)
def test_a_hello_of_another_form_is_refused(name: str, value: Any) -> None:
    with pytest.raises(BadHello, match=r"^hello has no "):
        hello_of({"result": {**HELLO, name: value}})
    with pytest.raises(BadHello, match="the result of hello has to be an object"):
        hello_of({"result": []})


def understood(answer: dict[str, Any]) -> bool:
    """Whether an answer is taken without a complaint, by what its result looks like."""
    result = answer.get("result", {})
    is_hello = isinstance(result, dict) and ("protocol" in result or "methods" in result)
    try:
        ledger = Ledger()
        for _ in range(answer["id"] + 1):
            ledger.enter("x")
        _, read_back = ledger.read(json.dumps(answer).encode())
        if is_hello:
            hello_of(read_back)
        else:
            outcome_of("call" if result else "open", read_back)
    except (BadLine, BadHello, OtherProtocol):
        return False
    return True


# What the schema asks of an adapter and the suite bears with: it makes these errors kind other.
LENIENT = {"http-without-status", "unknown-kind", "unsupported-without-reason"}


@pytest.mark.parametrize(
    "path", sorted(EXAMPLES.glob("*/*.json")), ids=lambda path: f"{path.parent.name}/{path.stem}"
)
def test_the_suite_reads_answers_as_the_schema_does(path: Path) -> None:
    example = json.loads(path.read_text("utf-8"))
    is_valid = path.parent.name == "valid"
    answer = example if is_valid else example["instance"]
    if "op" not in answer:
        assert understood(answer) == (is_valid or path.stem in LENIENT)


@given(st.lists(st.binary(max_size=8).filter(lambda one: b"\n" not in one)), st.integers(1, 9))
def test_lines_come_out_whole_however_they_are_cut(whole: list[bytes], size: int) -> None:
    text = b"".join(line + b"\n" for line in whole)
    lines = Lines(8)
    chunks = [text[start : start + size] for start in range(0, len(text), size)]
    assert [line for chunk in chunks for line in lines.feed(chunk)] == whole
    assert lines.rest == b""


def test_a_line_may_be_as_long_as_the_limit_and_no_longer() -> None:
    lines = Lines(8)
    assert lines.feed(b"1234") == []
    assert lines.feed(b"5678\n") == [b"12345678"]
    lines.feed(b"1234")
    with pytest.raises(BadLine, match=r"^a line on stdout longer than 8 bytes: 123456789$"):
        lines.feed(b"56789")


def test_the_tail_has_the_last_lines_and_the_unfinished_one() -> None:
    tail = Tail(2)
    for chunk in (b"a\nb", b"b\r\nc\n", b"\xff"):
        tail.feed(chunk)
    assert tail.lines == ("c", "\ufffd")


def test_the_tail_of_an_endless_text_is_short() -> None:
    tail = Tail(3)
    for _ in range(100):
        tail.feed(b"x" * 1000)
    assert [len(line) for line in tail.lines] == [2000]
    tail.feed(b"\n" + b"y\n" * 1000)
    assert tail.lines == ("y", "y", "y")
    tail.feed(b"z" * 5000 + b"\n")
    assert [len(line) for line in tail.lines] == [1, 1, 2000]
