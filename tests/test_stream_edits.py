"""Edits of whole frames, of the answer to a handshake, and of how a stream ended."""

import json
from dataclasses import replace

import pytest

from conformance.edits import apply_to, apply_to_message
from conformance.requirements import Fault, registry
from conformance.stream_edits import apply_to_frame
from conformance.testing import closed, frame, message_data, said, stream, transcript

MARK = {"op": "add", "path": "/marked", "value": 1}
STREAM = stream(
    frame("job.snapshot", message_data("in_progress")),
    said("ping"),
    frame("pong"),
    frame("job.updated", message_data("completed")),
    close=closed(9),
)


def row(on, when="", patch=MARK):
    return replace(registry()["WS-FRAME-01"], fault=Fault("x", on=on, when=when, patch=(patch,)))


def marked(one):
    changed = apply_to(one, transcript(STREAM)).steps[0]
    return [index for index, each in enumerate(changed.frames) if "marked" in each.content]


@pytest.mark.parametrize(
    ("when", "frames"),
    [
        ("", [0, 2, 3]),
        ("snapshot", [0]),
        ("updated|pong", [2, 3]),
        ("completed", [3]),
        ("has:/data/id", [0, 3]),
        ("snapshot completed", []),
        ("deleted", []),
    ],
)
def test_an_edit_lands_in_the_frames_of_the_server_that_it_speaks_of(when, frames):
    assert marked(row("frame", when)) == frames


@pytest.mark.parametrize("text", ["{", "7", '{"type":"batch.completed","data":{}}'])
def test_what_is_no_frame_stays_as_it_is(text):
    assert apply_to_frame(row("frame"), text) is text


def test_a_frame_is_edited_live_as_well():
    assert json.loads(apply_to_message(row("frame"), '{"type":"pong"}')) == {
        "type": "pong",
        "marked": 1,
    }


def test_an_edit_of_something_else_leaves_frames_alone():
    assert apply_to(row("list"), transcript(STREAM)).steps[0] is STREAM


def test_a_refused_handshake_leaves_no_frames():
    refuse = {"op": "replace", "path": "/status", "value": 503}
    changed = apply_to(row("handshake", "status:101", refuse), transcript(STREAM)).steps[0]
    assert (changed.response.status, changed.frames, changed.close) == (503, (), None)
    assert apply_to(row("handshake", "status:404", refuse), transcript(STREAM)).steps[0] is STREAM


def test_a_header_of_an_accepted_handshake_leaves_the_frames():
    add = {"op": "add", "path": "/headers/x-new", "value": "1"}
    changed = apply_to(row("handshake", "", add), transcript(STREAM)).steps[0]
    assert (changed.response.header("x-new"), changed.frames) == ("1", STREAM.frames)


@pytest.mark.parametrize(("when", "code"), [("", 1006), ("server", 1006), ("client", 1000)])
def test_a_close_is_edited_where_its_side_closed(when, code):
    lose = {"op": "replace", "path": "/code", "value": 1006}
    changed = apply_to(row("close", when, lose), transcript(STREAM)).steps[0]
    assert (changed.close.code, changed.close.by) == (code, "server")
