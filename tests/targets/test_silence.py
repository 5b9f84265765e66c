"""Silence that the target itself tells of: no wait is waited out, and nobody slow is cut short."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from conformance.targets.silence import Silence

WAIT_S = 60.0
WAIT_MS = 60_000


@dataclass
class Timeline:
    """A time that moves by skipping alone."""

    doings: int = 0
    under_way: int = 0
    at_ms: int = 0

    def now_ms(self) -> int:
        return self.at_ms

    def skip_to(self, at_ms: int) -> None:
        self.at_ms = max(self.at_ms, at_ms)


@dataclass(eq=False)
class Talk:
    """A stream with this much sent and come."""

    port: int | None = 1
    counts: tuple[int, int] = (0, 1)
    ended: bool = False


def tally(port: int = 1, heard: int = 0, said: int = 1, **more: Any) -> dict[str, Any]:
    return {"port": port, "heard": heard, "said": said, "closed": False, "due_in_ms": None, **more}


@dataclass
class Target:
    """Tells each of these answers once, the last one from then on; `then` is done beforehand."""

    answers: list[list[dict[str, Any]]]
    then: Callable[[], None] = lambda: None
    asked: list[Mapping[str, Any]] = field(default_factory=list)

    async def told(self, wanted: Mapping[str, Any]) -> Mapping[str, Any]:
        self.asked.append(wanted)
        self.then()
        return {"streams": self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]}


def wait(
    target: Target,
    *talks: Talk,
    timeline: Timeline | None = None,
    is_done: bool = False,
    seconds: float = WAIT_S,
) -> tuple[Timeline, bool]:
    """The time after a wait, and whether it came to an end within some real seconds."""
    timeline = timeline or Timeline()
    silence = Silence(target.told, timeline)
    for talk in talks:
        silence.join(talk)

    async def go() -> bool:
        try:
            async with asyncio.timeout(0.2 if seconds == WAIT_S else 5):
                await silence.wait(lambda: is_done, asyncio.Event(), seconds)
        except TimeoutError:
            return False
        return True

    return timeline, asyncio.run(go())


def test_when_all_has_come_the_wait_is_over_at_once() -> None:
    target = Target([[tally(), tally(2, 3, 4)]])
    timeline, is_over = wait(target, Talk(), Talk(2, (3, 4)))
    assert (timeline.at_ms, is_over, target.asked) == (WAIT_MS, True, [{}])


def test_what_is_there_needs_no_question() -> None:
    target = Target([[tally()]])
    timeline, is_over = wait(target, Talk(), is_done=True)
    assert (timeline.at_ms, is_over, target.asked) == (0, True, [])


@pytest.mark.parametrize(
    "other",
    [tally(2, said=2), tally(2, heard=1), tally(2, closed=True)],
    ids=["more was said", "less was heard", "the close is to come"],
)
def test_while_anything_is_under_way_it_is_waited_for(other: dict[str, Any]) -> None:
    timeline, is_over = wait(Target([[tally(), other]]), Talk(), Talk(2))
    assert (timeline.at_ms, is_over) == (0, False)


def test_what_has_ended_says_nothing() -> None:
    timeline, is_over = wait(Target([[tally()]]), Talk(), Talk(2, ended=True))
    assert (timeline.at_ms, is_over) == (WAIT_MS, True)


def test_while_the_scenario_does_something_nothing_is_certain() -> None:
    target = Target([[tally()]])
    timeline, is_over = wait(target, Talk(), timeline=Timeline(under_way=1))
    assert (timeline.at_ms, is_over, target.asked) == (0, False, [])


def test_what_was_done_during_the_question_makes_it_void() -> None:
    timeline = Timeline()

    def act() -> None:
        timeline.doings += len(target.asked) == 1

    target = Target([[tally()]], act)
    _, is_over = wait(target, Talk(), timeline=timeline)
    assert (timeline.at_ms, is_over, target.asked) == (WAIT_MS, True, [{}, {}])


def test_time_goes_on_to_what_is_due_and_no_further() -> None:
    target = Target([[tally(due_in_ms=1_000)], [], [tally(said=2)]])
    timeline, is_over = wait(target, Talk())
    assert (timeline.at_ms, is_over) == (1_000, False)
    assert target.asked[:2] == [{}, {"passed_ms": 1_000}]


def test_what_is_due_behind_the_wait_does_not_lengthen_it() -> None:
    target = Target([[tally(due_in_ms=WAIT_MS + 1)]])
    timeline, is_over = wait(target, Talk())
    assert (timeline.at_ms, is_over, target.asked) == (WAIT_MS, True, [{}, {"passed_ms": WAIT_MS}])


def test_a_stream_that_the_target_does_not_know_has_the_time_of_the_wait() -> None:
    timeline, is_over = wait(Target([[tally()]]), Talk(), Talk(2))
    assert (timeline.at_ms, is_over) == (0, False)
    timeline, is_over = wait(Target([[tally()]]), Talk(), Talk(2), seconds=0)
    assert (timeline.at_ms, is_over) == (0, True)


def test_who_has_left_does_not_matter() -> None:
    timeline, target, gone = Timeline(), Target([[tally()]]), Talk(2)
    silence = Silence(target.told, timeline)
    silence.join(Talk())
    silence.join(gone)
    silence.leave(gone)
    asyncio.run(silence.wait(lambda: False, asyncio.Event(), WAIT_S))
    assert timeline.at_ms == WAIT_MS
