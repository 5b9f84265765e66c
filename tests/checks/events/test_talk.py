"""What the client says on a stream, and which frames answer it."""

from typing import Any

import pytest

from conformance.checks.events._talk import kind_of, said
from conformance.event_views import streams
from conformance.testing import closed, frame, observed, stream
from conformance.testing import said as says
from conformance.transcript import Frame

JSON_PING = '{"type":"ping"}'


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        ("ping", "ping"),
        ("refresh", "refresh"),
        (JSON_PING, "ping as json"),
        ('{ "type" : "refresh" }', "refresh as json"),
        ("PING", "like one"),
        ("ping\n", "like one"),
        ('"ping"', "like one"),
        ('{"type":"PING"}', "like one"),
        ('{"type":"ping","id":1}', "like one"),
        (b"ping", "like one"),
        ("{}", "other"),
        ('{"type":5}', "other"),
        ('{"type":[]}', "other"),
        ("[", "other"),
        (b"\xff\x00", "other"),
    ],
)
def test_a_message_of_the_client_has_a_kind(content: Any, kind: str) -> None:
    assert kind_of(content) == kind


def kinds(*frames: Frame, until: int = 9000) -> list[tuple[str, str | None]]:
    (one,) = streams(observed(stream(*frames, close=closed(until, by="client"))))
    return [(each.kind, each.pong and each.pong.pointer) for each in said(one)]


def test_each_ping_takes_the_first_free_pong_and_bare_pings_choose_first() -> None:
    pong = frame("pong", at_ms=3)
    assert kinds(says("ping", 1), says("ping", 2), pong, pong) == [
        ("ping", "/frames/2"),
        ("ping", "/frames/3"),
    ]
    assert kinds(says(JSON_PING, 1), says("ping", 2), pong) == [
        ("ping as json", None),
        ("ping", "/frames/2"),
    ]


def test_a_pong_before_the_ping_or_much_later_is_none_of_its_own() -> None:
    late = frame("pong", at_ms=4000)
    assert kinds(frame("pong"), says("ping", 1), late) == [("ping", None)]


def test_replies_come_before_the_next_word_and_within_a_second() -> None:
    frames = [
        frame("a"), says("x", 10), frame("b", at_ms=20), says("ping", 30), frame("c", at_ms=40),
        says("y", 50), frame("pong", at_ms=60), frame("d", at_ms=1200),
    ]  # fmt: skip
    (one,) = streams(observed(stream(*frames)))
    first, _, last = said(one)
    assert [reply.type for reply in first.replies] == ["b", "c"]
    assert [reply.type for reply in last.replies] == ["pong"]
    assert (first.is_after_snapshot, first.is_dealt_with, last.is_dealt_with) == (True, True, False)
    assert last.was_watched


def test_what_is_said_last_was_watched_only_if_the_stream_was_kept() -> None:
    (left,) = streams(observed(stream(says("x", 10), close=closed(500, by="client"))))
    assert [(one.was_watched, one.is_after_snapshot) for one in said(left)] == [(False, False)]
