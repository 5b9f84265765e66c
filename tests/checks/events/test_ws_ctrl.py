"""Messages of the client."""

from typing import Any

import pytest

from conformance.testing import batch, closed, exchange, frame, message_data, said, stream
from conformance.transcript import Frame, Stream

SNAPSHOT = frame("job.snapshot", message_data())
NEWS = message_data("in_progress")
CHANGED = exchange("GET", "/batches/batch_1", batch("in_progress"), at_ms=1000)
PATH = "/async/batch/batch_1/ws?interval_ms=10000"
OPEN = f"{PATH}&close_on_terminal=false"
FORMS = {"WS-CTRL-01": "ping", "WS-CTRL-02": '{"type":"ping"}'}
LOOKS = {"WS-CTRL-03": "refresh", "WS-CTRL-04": '{"type":"refresh"}'}


def talk(*frames: Frame, until: int = 9000, path: str = PATH, by: str = "client") -> Stream:
    return stream(SNAPSHOT, *frames, path=path, close=closed(until, by=by))


@pytest.mark.parametrize(("requirement", "text"), FORMS.items())
def test_each_form_of_ping_is_answered(requirement: str, text: str, found: Any) -> None:
    pong = frame("pong", at_ms=2000)
    assert found(requirement, talk(said(text, 1000), pong)) == (1, [])
    assert found(requirement, talk(said(text, 1000))) == (1, ["/frames/1"])
    assert found(requirement, talk(pong, said(text, 2500))) == (1, ["/frames/2"])
    assert found(requirement, talk(said(text, 1000), until=3000)) == (0, [])
    assert found(requirement, talk(said("hello", 1000))) == (0, [])


@pytest.mark.parametrize(("requirement", "text"), LOOKS.items())
def test_each_form_of_refresh_brings_what_is_stored(
    requirement: str, text: str, found: Any
) -> None:
    update = frame("job.updated", NEWS, 2200)
    assert found(requirement, CHANGED, talk(said(text, 2100), update)) == (1, [])
    assert found(requirement, CHANGED, talk(said(text, 2100))) == (1, ["/frames/1"])


@pytest.mark.parametrize(
    "frames",
    [
        (said("refresh", 500),),
        (said("refresh", 1500),),
        (frame("job.updated", NEWS, 1100), said("refresh", 2100)),
    ],
    ids=["before", "cached", "told"],
)
def test_a_refresh_without_a_change_that_it_must_find_is_not_judged(
    frames: tuple[Frame, ...], found: Any
) -> None:
    assert found("WS-CTRL-03", CHANGED, talk(*frames)) == (0, [])


SHUT = [*FORMS.items(), *LOOKS.items()]


@pytest.mark.parametrize(("requirement", "text"), SHUT)
@pytest.mark.parametrize("code", [1000, 1003, 1006, 1011])
def test_a_message_that_ends_the_stream_is_not_answered(
    requirement: str, text: str, code: int, found: Any
) -> None:
    shut = stream(SNAPSHOT, said(text, 2100), path=PATH, close=closed(2110, code))
    assert found(requirement, CHANGED, shut) == (1, ["/frames/1"])
    leaving = stream(SNAPSHOT, said(text, 2100), path=PATH, close=closed(2110, 1012))
    assert found(requirement, CHANGED, leaving) == (0, [])


def test_of_several_refreshes_the_last_is_judged(found: Any) -> None:
    asked = talk(said("refresh", 2100), said("refresh", 2200))
    assert found("WS-CTRL-03", CHANGED, asked) == (1, ["/frames/2"])


def test_an_update_of_a_short_interval_says_nothing_of_a_refresh(found: Any) -> None:
    update = frame("job.updated", NEWS, 2200)
    short = talk(said("refresh", 2100), update, path="/async/batch/batch_1/ws")
    assert found("WS-CTRL-03", CHANGED, short) == (0, [])


def test_an_idle_refresh_is_quiet(found: Any) -> None:
    assert found("WS-CTRL-05", talk(said("refresh", 100))) == (1, [])
    assert found("WS-CTRL-05", talk(said("refresh", 100), frame("job.updated", NEWS, 200))) == (
        0,
        [],
    )
    assert found("WS-CTRL-05", CHANGED, talk(said("refresh", 900))) == (0, [])


@pytest.mark.parametrize("kind", ["job.updated", "job.unchanged"])
def test_an_idle_refresh_that_is_answered_is_found(kind: str, found: Any) -> None:
    again = frame(kind, message_data(), 200)
    assert found("WS-CTRL-05", talk(said("refresh", 100), again)) == (1, ["/frames/2"])


def test_an_idle_refresh_gets_neither_pong_nor_an_update_without_data(found: Any) -> None:
    bare, pong = frame("job.updated", at_ms=200), frame("pong", at_ms=200)
    assert found("WS-CTRL-05", talk(said("refresh", 100), bare)) == (1, ["/frames/2"])
    assert found("WS-CTRL-05", talk(said("refresh", 100), pong)) == (1, ["/frames/2"])
    pinged = talk(said("ping", 90), said("refresh", 100), pong)
    assert found("WS-CTRL-05", pinged) == (1, [])


def test_a_refresh_sends_updates_and_no_second_snapshot(found: Any) -> None:
    first, second = frame("job.updated", NEWS, 200), frame("job.snapshot", NEWS, 200)
    assert found("WS-CTRL-06", talk(said("refresh", 100), first)) == (1, [])
    assert found("WS-CTRL-06", talk(said("refresh", 100), second)) == (1, ["/frames/2/type"])
    assert found("WS-CTRL-06", stream(said("refresh"), SNAPSHOT)) == (0, [])


@pytest.mark.parametrize(("pongs", "broken"), [(5, []), (4, ["/frames"]), (6, ["/frames"])])
def test_five_pings_get_five_pongs(pongs: int, broken: list[str], found: Any) -> None:
    answers = [frame("pong", at_ms=200)] * pongs
    assert found("WS-CTRL-07", talk(*[said("ping", 100)] * 5, *answers)) == (1, broken)


def test_pongs_for_other_forms_of_ping_are_allowed(found: Any) -> None:
    pings = [said("ping", 100), said("ping", 100), said('{"type":"ping"}', 100)]
    for pongs in (2, 3):
        answers = [frame("pong", at_ms=200)] * pongs
        assert found("WS-CTRL-07", talk(*pings, *answers)) == (1, [])
    assert found("WS-CTRL-07", talk(frame("pong", at_ms=5))) == (1, ["/frames"])
    assert found("WS-CTRL-07", talk(said("ping", 100), frame("pong", at_ms=200))) == (0, [])


OTHERS = ["hello", "{}", "x" * 65_536, b"\x00\xff", "5", "["]


@pytest.mark.parametrize("content", OTHERS, ids=range(len(OTHERS)))
def test_anything_else_is_ignored(content: str | bytes, found: Any) -> None:
    assert found("WS-CTRL-08", talk(said(content, 100))) == (1, [])
    after = (said("ping", 110), frame("pong", at_ms=120))
    assert found("WS-CTRL-08", talk(said(content, 100), *after, until=200)) == (1, [])
    for reply in ("error", "pong", "job.updated"):
        answered = talk(said(content, 100), frame(reply, message_data(), 200))
        assert found("WS-CTRL-08", answered) == (1, ["/frames/2"])
    shut = talk(said(content, 100), until=200, by="server")
    assert found("WS-CTRL-08", shut) == (1, ["/frames/1"])


def test_a_close_at_the_end_of_the_batch_is_not_for_what_was_said(found: Any) -> None:
    end = frame("job.updated", message_data("completed"), 150)
    assert found("WS-CTRL-08", talk(said("hello", 100), end, until=200, by="server")) == (0, [])
    assert found("WS-CTRL-08", talk(said("ping", 100), said("PING", 100))) == (0, [])


@pytest.mark.parametrize("like", [" ping", '{"type":"ping","id":4}', b"ping"])
def test_a_pong_may_be_for_what_was_like_a_ping(like: str | bytes, found: Any) -> None:
    pong = frame("pong", at_ms=120)
    assert found("WS-CTRL-08", talk(said(like, 100), said("hello", 110), pong)) == (1, [])
    late = talk(said(like, 100), said("hello", 4000), frame("pong", at_ms=4100))
    assert found("WS-CTRL-08", late) == (1, ["/frames/3"])


@pytest.mark.parametrize("content", ["PING", " ping", "ping\n"])
def test_messages_match_exactly(content: str, found: Any) -> None:
    assert found("WS-CTRL-09", talk(said(content, 100))) == (1, [])
    answered = talk(said(content, 100), frame("pong", at_ms=200))
    assert found("WS-CTRL-09", answered) == (1, ["/frames/2"])
    pinged = talk(said(content, 100), said("ping", 110), frame("pong", at_ms=200))
    assert found("WS-CTRL-09", pinged) == (1, [])


def test_messages_work_after_the_end_while_closing_is_off(found: Any) -> None:
    end = frame("job.updated", message_data("completed"), 50)
    asked = (end, said("ping", 100), frame("pong", at_ms=150), said("refresh", 200))
    assert found("WS-CTRL-10", talk(*asked, path=OPEN)) == (2, [])
    silent = talk(end, said("ping", 100), path=OPEN)
    assert found("WS-CTRL-10", silent) == (1, ["/frames/2"])
    for word in ("refresh", "ping"):
        shut = talk(end, said(word, 100), until=110, path=OPEN, by="server")
        assert found("WS-CTRL-10", shut) == (1, ["/frames/2"])
    assert found("WS-CTRL-10", talk(*asked), talk(said("ping", 9), path=OPEN)) == (0, [])


def read(at_ms: int, **members: Any) -> Any:
    body = batch("completed", **members)
    return exchange("GET", "/batches/batch_1", body, at_ms=at_ms)


def test_messages_change_neither_the_job_nor_its_bill(found: Any) -> None:
    paid, more = ({"billed": True, "cost_nanos": cost} for cost in (5, 6))
    spoken = talk(said("refresh", 50), said("hello", 60), path=OPEN)
    moved = read(100, last_polled_at="2026-07-09T10:00:00.000Z", billing=paid)
    assert found("WS-CTRL-11", read(10, billing=paid), spoken, moved) == (1, [])
    charged = read(100, billing=more)
    assert found("WS-CTRL-11", read(10, billing=paid), spoken, charged) == (
        1,
        ["/billing/cost_nanos"],
    )
    renamed = read(100, metadata={})
    assert found("WS-CTRL-11", read(10), spoken, renamed) == (1, ["/metadata"])
    assert found("WS-CTRL-11", read(70), spoken, renamed) == (0, [])
