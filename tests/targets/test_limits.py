"""The budget of a run: what it counts and when it says stop."""

import asyncio
from typing import Any

import pytest

from conformance.targets.limits import Budget, ScenarioStopped, Work


def held(nanos: Any) -> dict[str, Any]:
    return {"billing": {"reserved_nanos": nanos}}


def refusal(budget: Budget) -> str | None:
    try:
        budget.check()
    except ScenarioStopped as stopped:
        return str(stopped)
    return None


def test_without_a_limit_nothing_is_refused_whatever_was_held() -> None:
    budget = Budget()
    budget.note(held(10**18))
    budget.note({})
    assert refusal(budget) is None


@pytest.mark.parametrize(("limit", "allowed"), [(0, False), (1, True)])
def test_a_limit_of_nothing_allows_no_batch_at_all(limit: int, *, allowed: bool) -> None:
    assert (refusal(Budget(limit)) is None) is allowed


def test_the_next_batch_is_taken_to_be_as_dear_as_the_dearest_so_far() -> None:
    budget = Budget(1000)
    budget.note(held(300))
    assert refusal(budget) is None
    budget.note(held(100))
    budget.note(held(301))
    assert refusal(budget) == (
        "the run has held 701 nano-dollars and the next batch may hold 301, --max-spend allows 1000"
    )


@pytest.mark.parametrize("shown", [None, "600", True, 1.5])
def test_a_hold_that_is_no_whole_number_counts_as_not_shown(shown: Any) -> None:
    blind, priced = Budget(1000), Budget(1000, batch_nanos=600)
    blind.note(held(shown))
    priced.note(held(shown))
    assert (blind.blind, priced.blind, priced.held_nanos) == (True, False, 600)
    assert "show no hold" in (refusal(blind) or "")


@pytest.mark.parametrize(("limit", "most"), [(None, 3), (10**9, 1)])
def test_only_with_a_limit_creates_wait_for_each_other(limit: int | None, most: int) -> None:
    budget = Budget(limit)
    inside = 0
    seen: list[int] = []

    async def create() -> None:
        nonlocal inside
        async with budget.turn():
            inside += 1
            seen.append(inside)
            await asyncio.sleep(0)
            inside -= 1

    async def work() -> None:
        await asyncio.gather(create(), create(), create())

    asyncio.run(work())
    assert max(seen) == most


@pytest.mark.parametrize(
    ("endpoint", "body"),
    [
        ("/v1/responses", {"input": "hi", "max_output_tokens": 9}),
        (
            "/v1/chat/completions",
            {"messages": [{"role": "user", "content": "hi"}], "max_tokens": 9},
        ),
        ("/v1/embeddings", {"input": "hi"}),
    ],
)
def test_a_good_body_is_one_of_the_endpoint(endpoint: str, body: dict[str, Any]) -> None:
    assert Work(endpoint, "mini").good_body("hi", 9) == {"model": "mini", **body}
