from typing import Any

from conformance.sdk_trail import Trail, leads_on
from conformance.testing_sdk import OTHER, OWN, wire

GET = wire("GET /b", answer={})
MODELS = wire("GET /models", answer={})
POST = wire("POST /b", {}, answer={})
AWAY = wire("POST /b", {}, status=302, to=f"{OTHER}/x")
THERE = wire("GET /x", answer={}, origin=OTHER)
CUT = wire("POST /b", {}, status=0)


def trail(*sent: Any, method: str = "POST", meant: Any = None) -> Trail:
    return Trail(list(enumerate(sent, 1)), method, lambda exchange: exchange is meant)


def numbers(sent: Any) -> list[int]:
    return [number for number, _ in sent]


def test_what_has_the_method_is_the_main_request() -> None:
    found = trail(MODELS, POST, GET)
    assert (numbers([found.main]), numbers(found.extras), numbers(found.attempts)) == (
        [2], [1, 3], [2],
    )  # fmt: skip


def test_what_is_meant_comes_before_what_has_the_method() -> None:
    assert numbers([trail(MODELS, GET, MODELS, method="GET", meant=GET).main]) == [2]
    assert numbers([trail(MODELS, GET, method="GET").main]) == [2]
    assert numbers([trail(MODELS, method="PUT").main]) == [1]


def test_repeats_are_attempts_and_the_last_decides() -> None:
    found = trail(CUT, CUT, POST)
    assert (numbers(found.attempts), numbers([found.final]), found.extras) == ([1, 2, 3], [3], [])
    assert numbers([found.main]) == [1]


def test_where_a_redirect_leads_decides() -> None:
    found = trail(AWAY, THERE)
    assert (numbers([found.main]), numbers([found.final]), found.extras) == ([1], [2], [])
    assert [(one[0], two[0]) for one, two in found.followed] == [(1, 2)]


def test_a_redirect_without_a_place_leads_nowhere() -> None:
    assert leads_on(AWAY)
    assert not leads_on(wire("GET /", status=302))
    assert not leads_on(wire("GET /", status=200, to=OWN))
    assert not leads_on(CUT)


def test_nothing_sent_leaves_nothing() -> None:
    found = trail()
    assert (found.main, found.final, found.attempts, found.extras, found.answer(9)) == (
        None, None, [], [], None,
    )  # fmt: skip


def test_an_answer_counts_when_it_came_whole_and_in_time() -> None:
    assert trail(POST).answer(0) is POST.response
    assert trail(POST).answer(-1) is None
    assert trail(CUT).answer(0) is None
