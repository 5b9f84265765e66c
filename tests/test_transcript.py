"""Transcripts: what was seen can be looked up, whatever it was."""

import pickle
from typing import Any

import pytest

from conformance.json_text import ABSENT
from conformance.transcript import (
    Body,
    Edge,
    Exchange,
    Part,
    Request,
    Response,
    Transcript,
    Wallet,
)

GET = Request("GET", "http://h:1/v1/batches/a%2Fb?limit=1&after=&q=%C3%A9#x")


@pytest.mark.parametrize(
    "content", [b"", b"{", b"\xff", b'"\xc3"', b"NaN", b"[" * 100_000, b"9" * 5000]
)
def test_a_body_that_is_not_json_has_no_json(content: bytes) -> None:
    assert Body(content).json is ABSENT


def test_a_body_shows_bytes_as_text_and_json() -> None:
    assert Body(b'{"a":1}').json == {"a": 1}
    assert Body(b"a\xff").text == "a\ufffd"


def test_the_first_part_of_a_name_is_found() -> None:
    form = Body(parts=(Part("file", b"1"), Part("file", b"2")))
    assert form.part("file") == Part("file", b"1")
    assert form.part("purpose") is None


def test_a_request_shows_the_pieces_of_its_url() -> None:
    assert GET.path == "/v1/batches/a%2Fb"
    assert GET.query == (("limit", "1"), ("after", ""), ("q", "é"))
    assert GET.origin == "http://h:1"


@pytest.mark.parametrize("url", ["http://[", "http://[::1/v1/batches", "http://]x[/v1"])
def test_a_url_that_cannot_be_taken_apart_has_no_pieces(url: str) -> None:
    request = Request("GET", url)
    assert (request.path, request.query, request.origin) == ("", (), "://")


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ("Bearer {{key:a}}", "a"),
        ("Bearer {{key:no_funds}}", "no_funds"),
        ("bearer {{key:a}}", None),
        ("Bearer {{key:a}} ", None),
        ("Bearer xyz", None),
        ("", None),
    ],
)
def test_the_credential_is_the_name_of_the_key(value: str, name: str | None) -> None:
    assert Request("GET", "http://h/", (("AUTHORIZATION", value),)).credential == name


def test_without_a_header_there_is_no_credential() -> None:
    assert GET.credential is None
    assert GET.header("authorization") is None


@pytest.mark.parametrize("made", [GET, Response(200)])
def test_without_a_body_there_is_no_json(made: Any) -> None:
    assert made.json is ABSENT


@pytest.mark.parametrize("made", [Request("PUT", "http://h/", (), Body(b"1")),
                                  Response(200, (), Body(b"1"))])  # fmt: skip
def test_the_json_of_a_message_is_that_of_its_body(made: Any) -> None:
    assert made.json == 1


def test_the_first_header_of_a_name_counts_whatever_its_case() -> None:
    answer = Response(200, (("X-A", "1"), ("x-a", "2")))
    assert answer.header("x-A") == "1"
    assert answer.header("x-b") is None


def test_ok_means_two_hundreds() -> None:
    assert [status for status in (199, 200, 299, 300, 999) if Response(status).ok] == [200, 299]


def test_steps_are_numbered_from_one() -> None:
    call, moved = Exchange(GET), Edge("clock_advanced", {"by": 1})
    seen = Transcript("s", (moved, call, Edge("other"), Wallet("a", 1, 0)))
    assert seen.exchanges == ((2, call),)
    assert list(seen.of(Wallet)) == [(4, Wallet("a", 1, 0))]
    assert seen.edges("clock_advanced") == [(1, moved)]


def test_a_looked_at_body_still_has_no_json_in_another_process() -> None:
    body = Body(b"nothing")
    assert body.json is ABSENT
    assert pickle.loads(pickle.dumps(body)).json is ABSENT


def test_a_transcript_of_an_sdk_begins_with_its_hello() -> None:
    assert Transcript("s", (Edge("sdk_hello"),)).is_of_sdk
    assert not Transcript("s", (Edge("clock_advanced"),)).is_of_sdk
