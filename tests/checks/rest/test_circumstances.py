from typing import Any

import pytest

from conformance.checks.rest import _circumstances as around
from conformance.testing import batch, edge, exchange, observed, refused
from conformance.transcript import Step, Wallet
from conformance.views import Observed, Seen


def got(**more: Any) -> Step:
    return exchange("GET", "/batches/batch_1", batch(), **more)


def last(seen_of: Observed) -> Seen:
    return seen_of.seen[-1]


@pytest.mark.parametrize(
    ("key", "name"), [("a", "a"), ("same", "a"), ("b", "b"), ("no_funds", "no_funds"), (None, None)]
)
def test_two_keys_of_one_workspace_mean_the_same(key: str | None, name: str | None) -> None:
    assert around.workspace_of(last(observed(got(key=key)))) == name


@pytest.mark.parametrize("match", ["get", "/v1/batches/"])
def test_a_failure_is_armed_when_it_is_the_step_before(match: str) -> None:
    failing = edge("provider_next_error", match=match, status=500)
    shown = observed(failing, got(), got())
    assert around.armed(shown, 2, "get") == failing
    assert around.armed(shown, 2, "create") is None
    assert around.armed(shown, 3, "get") is None
    assert around.armed(shown, 1, "get") is None


@pytest.mark.parametrize("match", [[], {}, None, 7])
def test_a_match_that_is_no_word_arms_nothing(match: Any) -> None:
    shown = observed(edge("provider_next_error", match=match), got())
    assert around.armed(shown, 2, "get") is None


@pytest.mark.parametrize(
    ("before", "disturbed"),
    [
        (edge("stored_batch_deleted", batch="batch_1"), True),
        (edge("stored_batch_deleted", batch="batch_2"), False),
        (edge("stored_provider_changed", batch="batch_1", provider="x"), True),
        (edge("provider_key_removed", removed=True), True),
        (edge("batch_switch", enabled=False), True),
        (edge("batch_switch", enabled=True), False),
        (edge("database_next_call_fails", operation="get"), True),
        (edge("clock_advanced", by_ms=1), False),
    ],
)
def test_who_interferes_from_outside_disturbs(before: Step, disturbed: Any) -> None:
    shown = observed(before, got())
    assert around.is_disturbed(shown, last(shown)) is disturbed


def test_own_reads_are_plain_gets_of_the_maker_after_the_create() -> None:
    created = exchange("POST", "/batches", batch(), sent={}, at_ms=1)
    with_query = exchange("GET", "/batches/batch_1?x=1", batch(), at_ms=2)
    shown = observed(got(at_ms=0), created, got(at_ms=2), with_query, got(key="b", at_ms=2))
    reads = around.own_reads(shown, shown.creates[0])
    assert [seen.number for seen in reads] == [3]


@pytest.mark.parametrize(
    ("statuses", "denied"),
    [
        ([404], True),
        ([501], True),
        ([401], False),
        ([500], False),
        ([500, 502], True),
        ([500, 200], False),
    ],
)
def test_one_failure_may_be_the_providers_but_not_all(statuses: list[int], denied: Any) -> None:
    reads = observed(*(got(status=status) for status in statuses)).seen
    assert around.is_denied(reads[0], reads) is denied


def reserved(*steps: Step) -> tuple[int, int] | None:
    shown = observed(*steps)
    create = next(seen for seen in shown.seen if seen.operation == "create")
    return around.reserved_around(shown, create)


def test_what_is_held_is_compared_across_one_call_alone() -> None:
    before, after = Wallet("a", 9, 1), Wallet("same", 9, 2)
    failed = exchange("POST", "/batches", refused(500), status=500, sent={})
    listed = exchange("GET", "/batches", {"data": []})
    assert reserved(before, listed, failed, listed, after) == (1, 2)
    assert reserved(before, got(), failed, after) is None
    assert reserved(before, failed, edge("scheduled_job_tick"), after) is None
    assert reserved(before, failed, Wallet("b", 9, 2)) is None
    assert reserved(failed, after) is None


def test_provider_bodies_are_those_of_creates() -> None:
    requests = [
        {"method": "POST", "path": "/v1/batches", "body": {"a": 1}},
        {"method": "POST", "path": "/v1/batches/x/cancel", "body": {"a": 2}},
        {"method": "POST", "path": "/v1/batches", "body": None},
        "nothing",
    ]
    shown = observed(edge("provider_saw", requests=requests), edge("provider_saw", body={"a": 3}))
    assert list(around.provider_bodies(shown)) == [(1, {"a": 1}), (2, {"a": 3})]
    assert around.provider_cancels(shown, 0) == ["/v1/batches/x/cancel"]
    assert around.provider_cancels(shown, 1) is None
