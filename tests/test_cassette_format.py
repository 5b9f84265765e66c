"""The form of a cassette: every transcript comes back from its data, which keeps to the schema."""

import json
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.cassette_format import Cassette, Header, from_data, to_data
from conformance.resources import schemas_dir
from conformance.transcript import (
    Body,
    Call,
    Close,
    Delivery,
    Edge,
    Exchange,
    Failure,
    Frame,
    Part,
    Request,
    Response,
    Stream,
    Transcript,
    Wallet,
)

DIGEST = "sha256:" + "0" * 64
TARGET = {"kind": "mock", "name": "m", "url": None}
HEADER = Header(TARGET, "ai-stats", "0.1.0", DIGEST, ("files", "create"))
STARTED = "2026-11-24T12:00:00.000Z"

TEXT = st.text(max_size=8)
NAMES = st.text("abcdefgh_", min_size=1, max_size=8)
TIMES = st.integers(0, 10**9)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**18), 10**18) | TEXT,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXT, inner, max_size=2),
    max_leaves=4,
)
DETAIL = st.dictionaries(TEXT, JSON, max_size=2)
HEADERS = st.lists(st.tuples(st.text(min_size=1, max_size=5), TEXT), max_size=2).map(tuple)
CONTENT = st.binary(max_size=12) | TEXT.map(str.encode)
PARTS = st.lists(st.builds(Part, TEXT, CONTENT, st.none() | TEXT, st.none() | TEXT),
                 min_size=1, max_size=2).map(tuple)  # fmt: skip
BODIES = st.builds(Body, CONTENT, exact=st.booleans()) | st.builds(
    Body, st.just(b""), PARTS, st.booleans()
)
URLS = TEXT.map(lambda text: f"http://h/{text}")
STATUSES = st.integers(100, 999)
RESPONSES = st.builds(Response, STATUSES, HEADERS, st.none() | BODIES, st.booleans())
FAILURES = st.builds(
    Failure, st.sampled_from(["connect", "timeout", "tls", "protocol", "too-large"]), TEXT
)
SENDERS = st.sampled_from(["client", "server"])
SENT = st.builds(Request, st.sampled_from(["GET", "POST"]), URLS, HEADERS, st.none() | BODIES)
ERRORS = st.fixed_dictionaries(
    {"kind": st.sampled_from(["http", "argument", "other"]), "type": TEXT, "message": TEXT}
)
OUTCOMES = st.fixed_dictionaries({"value": JSON}, optional={"type": TEXT, "raw": JSON}) | (
    st.fixed_dictionaries({"error": ERRORS}, optional={"argument_after": DETAIL})
)
STEPS = st.one_of(
    st.builds(Exchange, SENT, RESPONSES, st.none() | FAILURES, TIMES, TIMES, st.none() | TEXT),
    st.builds(Exchange, SENT, st.none(), FAILURES, TIMES, TIMES),
    st.builds(
        Stream,
        st.builds(Request, st.just("GET"), URLS, HEADERS),
        st.none() | st.builds(Response, STATUSES, HEADERS, st.none() | BODIES),
        st.lists(st.builds(Frame, SENDERS, TIMES, TEXT | st.binary(max_size=8)), max_size=2).map(
            tuple
        ),
        st.none() | st.builds(Close, TIMES, st.none() | st.integers(0, 4999), TEXT, SENDERS),
        TIMES,
        st.none() | TEXT,
        st.none() | FAILURES,
    ),
    st.builds(
        Delivery, st.just("POST"), TEXT.map(lambda text: f"/{text}"), HEADERS, BODIES, TIMES,
        st.sampled_from([{}, {"status": 200}, {"dropped": True}]), st.none() | st.booleans(),
    ),
    st.builds(Wallet, st.text(min_size=1, max_size=4), st.integers(), st.integers(),
              st.none() | st.integers(), TIMES),
    st.builds(Call, st.text(min_size=1, max_size=4), DETAIL, OUTCOMES, TEXT, st.none() | TEXT,
              TIMES, TIMES, st.none() | TEXT),
    st.builds(Edge, NAMES, DETAIL, TIMES, st.none() | TIMES),
)  # fmt: skip
TRANSCRIPTS = st.builds(
    Transcript, NAMES, st.lists(STEPS, max_size=4).map(tuple), TEXT, st.just(STARTED),
    st.booleans(), st.none() | TEXT, st.booleans(),
)  # fmt: skip


@pytest.fixture(scope="module")
def validator() -> Any:
    schema = json.loads((schemas_dir() / "cassette.schema.json").read_text("utf-8"))
    return jsonschema_rs.Draft202012Validator(schema)


@given(transcript=TRANSCRIPTS)
@settings(max_examples=60)
def test_every_transcript_comes_back_from_its_data(transcript: Transcript, validator: Any) -> None:
    data = json.loads(json.dumps(to_data(transcript, HEADER)))
    assert [error.message for error in validator.iter_errors(data)] == []
    assert from_data(data) == Cassette(
        transcript, TARGET, "ai-stats", "0.1.0", DIGEST, ("create", "files")
    )


def test_what_an_older_file_leaves_out_is_filled_in() -> None:
    data = to_data(Transcript("s", (), "", STARTED), HEADER)
    del data["failure"], data["crashed"]
    made = from_data(data).transcript
    assert (made.failure, made.crashed) == (None, False)


def test_a_delivery_without_a_body_has_an_empty_one() -> None:
    step = Delivery("POST", "/hook", (), Body(b"x"))
    data = to_data(Transcript("s", (step,), "", STARTED), HEADER)
    data["steps"][0]["delivery"]["body"] = None
    assert from_data(data).transcript.steps == (Delivery("POST", "/hook", (), Body()),)


def test_bytes_that_are_no_text_are_kept_as_base64() -> None:
    steps = (Exchange(Request("GET", "http://h/"), Response(200, (), Body(b"\xff"))),)
    [step] = to_data(Transcript("s", steps, "", STARTED), HEADER)["steps"]
    assert step["response"]["body"] == {"base64": "/w=="}
