from typing import Any

import pytest

from conformance.json_text import ABSENT, parse
from conformance.testing_sdk import failed, returned, wire

RICH = {
    "id": "b",
    "errors": None,
    "billing": {"cost_nanos": 9007199254740993, "charged": False, "invented": {"deep": [1]}},
    "pricing_lines": [],
    "metadata": {"note": "ü批😀", "nothing": None},
    "webhook": {"url": "https://x.test", "novel": ""},
}


def gives(value: Any, answer: Any = RICH, *, method: str = "getBatch", **more: Any) -> Any:
    sent = wire("GET /v1/batches/b", answer=answer, **more)
    return returned(method, sent, value=value, batch_id="b")


def raises(answer: Any = RICH, kind: str = "parse", **more: Any) -> Any:
    sent = wire("GET /v1/batches/b", answer=answer, **more)
    return failed("getBatch", sent, kind=kind, batch_id="b")


def without(name: str, whole: Any = RICH) -> dict[str, Any]:
    return {key: value for key, value in whole.items() if key != name}


REFUSED = failed("getBatch", wire("GET /v1/batches/b", status=404), kind="http", batch_id="b")
CUT = failed("getBatch", wire("GET /v1/batches/b", status=0), kind="transport", batch_id="b")
BILLING = RICH["billing"]
WEBHOOK = RICH["webhook"]


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (gives(RICH), (1, 0)),
        (gives({**RICH, "added": 1}), (1, 0)),
        (gives(without("errors")), (1, 0)),
        (gives(without("id")), (1, 1)),
        (gives({**RICH, "id": "c"}), (1, 1)),
        (gives({**without("pricing_lines"), "pricingLines": []}), (1, 1)),
        (gives({**RICH, "pricing_lines": {}}), (1, 1)),
        (gives("the batch"), (1, 1)),
        (raises(), (1, 1)),
        (raises(status=201), (0, 0)),
        (raises(kind="timeout"), (0, 0)),
        (gives([1], [1]), (0, 0)),
        (REFUSED, (0, 0)),
        (CUT, (0, 0)),
    ],
)
def test_every_member_reaches_the_caller(call: Any, expected: Any, count: Any) -> None:
    assert count("RESULT-01", call) == expected


@pytest.mark.parametrize(
    ("value", "broken"),
    [
        (RICH, 0),
        (without("id"), 0),
        ({**RICH, "billing": without("invented", BILLING)}, 1),
        ({**RICH, "billing": {**BILLING, "invented": {"deep": []}}}, 1),
        ({**RICH, "webhook": without("novel", WEBHOOK)}, 1),
        ({**RICH, "metadata": {}}, 1),
    ],
)
def test_unknown_members_are_kept(value: Any, broken: int, count: Any) -> None:
    assert count("RESULT-02", gives(value)) == (1, broken)


def test_an_answer_of_known_members_says_nothing_of_others(count: Any) -> None:
    assert count("RESULT-02", gives({"id": "b"}, {"id": "b"}), raises(), REFUSED) == (0, 0)


@pytest.mark.parametrize(
    ("value", "broken"),
    [
        (RICH, 0),
        (without("errors"), 1),
        ({**RICH, "errors": []}, 1),
        ({**RICH, "metadata": {"note": "ü批😀"}}, 1),
        ({**RICH, "output_file_id": None}, 1),
        ({**RICH, "billing": {**BILLING, "added": None}}, 1),
    ],
)
def test_null_and_absent_stay_apart(value: Any, broken: int, count: Any) -> None:
    assert count("RESULT-03", gives(value)) == (1, broken)
    assert count("RESULT-03", raises(), gives("text")) == (0, 0)


def raw(call: Any, value: Any) -> Any:
    call.call.outcome["raw"] = value
    return call


@pytest.mark.parametrize(
    ("call", "broken"),
    [
        (gives(RICH), 0),
        (gives({**RICH, "output_file_id": None}), 1),
        (raw(gives({**RICH, "output_file_id": None}), RICH), 0),
        (raw(gives({**RICH, "output_file_id": None}), without("errors")), 1),
    ],
)
def test_sent_members_can_be_told(call: Any, broken: int, count: Any) -> None:
    assert count("RESULT-04", call, profile="openai") == (1, broken)
    assert count("RESULT-04", raises(), profile="openai") == (0, 0)


EMPTY = {"a": 0, "b": False, "c": "", "d": [], "e": {}, "f": [{"g": 0}], "h": parse("0.0")}


@pytest.mark.parametrize(
    ("value", "broken"),
    [
        (EMPTY, 0),
        (without("a", EMPTY), 1),
        ({**EMPTY, "a": None}, 1),
        ({**EMPTY, "a": False}, 1),
        ({**EMPTY, "b": 0}, 1),
        ({**EMPTY, "c": None}, 1),
        ({**EMPTY, "d": None}, 1),
        ({**EMPTY, "e": []}, 1),
        ({**EMPTY, "f": [{}]}, 1),
    ],
)
def test_empty_values_come_back(value: Any, broken: int, count: Any) -> None:
    assert count("RESULT-05", gives(value, EMPTY)) == (1, broken)
    assert count("RESULT-05", gives({"a": 1}, {"a": 1})) == (0, 0)


@pytest.mark.parametrize(
    ("value", "broken"),
    [
        (9007199254740993, 0),
        ("9007199254740993", 0),
        (9007199254740992, 1),
        ("9007199254740992", 1),
        (parse("9.007199254740992e15"), 1),
    ],
)
def test_large_integers_are_exact(value: Any, broken: int, count: Any) -> None:
    assert count("RESULT-06", gives({"a": value}, {"a": 9007199254740993})) == (1, broken)


def test_integers_that_any_language_keeps_are_not_large(count: Any) -> None:
    assert count("RESULT-06", gives({"a": 0}, {"a": 2**53})) == (0, 0)
    assert count("RESULT-06", gives({}, {"a": 2**53 + 1})) == (1, 0)


@pytest.mark.parametrize(
    ("value", "broken"),
    [
        ("0.30000000000000004", 0),
        ("3.0000000000000004e-1", 0),
        ("0.3", 1),
        ('"0.30000000000000004"', 1),
    ],
)
def test_decimals_keep_their_double(value: str, broken: int, count: Any) -> None:
    answer = b'{"a": 0.30000000000000004}'
    assert count("RESULT-07", gives({"a": parse(value)}, answer)) == (1, broken)
    assert count("RESULT-07", gives({"a": 1}, {"a": 1})) == (0, 0)


@pytest.mark.parametrize("status", [200, 201, 202])
def test_every_2xx_is_a_success(status: int, count: Any) -> None:
    assert count("RESULT-08", gives(RICH, status=status)) == (1, 0)
    assert count("RESULT-08", raises(status=status, kind="http")) == (1, 1)
    assert count("RESULT-08", raises(b"text", status=status), REFUSED, CUT) == (0, 0)


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (gives(None, ABSENT, status=204), (1, 0)),
        (gives(None, b"", status=200), (1, 0)),
        (gives({}, ABSENT, status=204), (1, 1)),
        (gives("", ABSENT), (1, 1)),
        (raises(ABSENT), (1, 1)),
        (gives(RICH), (0, 0)),
        (REFUSED, (0, 0)),
    ],
)
def test_nothing_gives_null(call: Any, expected: Any, count: Any) -> None:
    assert count("RESULT-09", call) == expected


@pytest.mark.parametrize("body", [b'{"id": ', b"all is well", b"<html></html>", b"{'a': 1}"])
def test_what_is_no_json_is_an_error(body: bytes, count: Any) -> None:
    assert count("RESULT-10", raises(body)) == (1, 0)
    assert count("RESULT-10", gives(body.decode(), body)) == (1, 1)


@pytest.mark.parametrize(
    "body", [b"", b"  ", b'{"a": 1, "a": 2}', b'{"a": "\xe4"}', b"\xef\xbb\xbf{}"]
)
def test_what_readers_differ_about_is_no_defect(body: bytes, count: Any) -> None:
    assert count("RESULT-10", gives("text", body)) == (0, 0)


@pytest.mark.parametrize("body", [[1], None, "x", 7, True])
def test_what_is_no_object_is_an_error(body: Any, count: Any) -> None:
    assert count("RESULT-11", raises(body)) == (1, 0)
    assert count("RESULT-11", gives(body, body)) == (1, 1)
    assert count("RESULT-11", gives(body, body, method="listBatches"), gives(RICH)) == (0, 0)


def test_text_is_utf8(count: Any) -> None:
    answer = {"a": ["ü批😀"], "b": "plain"}
    assert count("RESULT-13", gives(answer, answer)) == (1, 0)
    assert count("RESULT-13", gives({"a": ["Ã¼"], "b": "plain"}, answer)) == (1, 1)
    assert count("RESULT-13", gives({"b": ""}, answer)) == (1, 0)
    assert count("RESULT-13", gives({"b": ""}, {"b": "plain"})) == (0, 0)


def test_a_byte_order_mark_is_tolerated(count: Any) -> None:
    body = b'\xef\xbb\xbf{"id": "b"}'
    assert count("RESULT-15", gives({"id": "b"}, body)) == (1, 0)
    assert count("RESULT-15", gives(body.decode(), body), raises(body)) == (2, 2)
    assert count("RESULT-15", gives(RICH), gives("x", b"\xef\xbb\xbftext")) == (0, 0)


ROWS = [f"RESULT-{number:02d}" for number in (*range(1, 12), 13, 15)]


@pytest.mark.parametrize("row", ROWS)
def test_an_answer_that_came_too_late_says_nothing(row: str, count: Any) -> None:
    late = wire("GET /v1/batches/b", answer=RICH)
    call = failed("getBatch", late, kind="timeout", batch_id="b")
    assert count(row, call, CUT, REFUSED, profile="openai") == (0, 0)
