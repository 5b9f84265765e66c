from typing import Any

import pytest

from conformance.checks.rest._listing import certain_groups, group_of, list_reads
from conformance.testing import batch, edge, exchange, observed
from conformance.transcript import Exchange, Step


def listed(query: str = "", *, items: Any = (), **more: Any) -> Exchange:
    return exchange("GET", f"/batches?{query}", {"data": list(items)}, **more)


def got(status: str, **more: Any) -> Exchange:
    return exchange("GET", "/batches/batch_1", batch(status), **more)


@pytest.mark.parametrize(
    ("query", "words", "groups"),
    [
        ("status=completed,%20failed", ["completed", "failed"], {"completed", "failed"}),
        ("status=queued&statuses=running,", ["queued", "running"], {"pending", "in_progress"}),
        ("status=failed&status=nonsense", ["failed", "nonsense"], set()),
        ("status=", [], set()),
        ("limit=5", [], set()),
    ],
)
def test_the_words_of_a_filter_name_groups(query: str, words: list[str], groups: set[str]) -> None:
    [read] = list_reads(observed(listed(query)))
    assert (read.words, read.groups) == (words, groups)


@pytest.mark.parametrize(
    ("query", "cap"),
    [
        ("limit=7", 7),
        ("limit=1000", 100),
        ("limit=99999999999999999999", 100),
        ("limit=0", None),
        ("limit=-1", None),
        ("limit=2.9", None),
        ("limit=5&limit=6", None),
        ("", None),
    ],
)
def test_a_plain_limit_caps_the_list(query: str, cap: int | None) -> None:
    [read] = list_reads(observed(listed(query)))
    assert read.cap == cap


def test_a_page_below_its_limit_has_room() -> None:
    reads = observed(listed("limit=2", items=[1]), listed("limit=1", items=[1]), listed(items=[]))
    assert [read.has_room for read in list_reads(reads)] == [True, False, False]


@pytest.mark.parametrize(
    "steps",
    [
        (listed(key=None),),
        (listed(status=401), listed(status=429), listed(status=500)),
        (edge("batch_switch", enabled=False), listed(status=404)),
        (exchange("GET", "/batches/models", {"data": []}),),
    ],
)
def test_calls_that_say_nothing_of_the_list_are_left_out(steps: tuple[Step, ...]) -> None:
    assert list(list_reads(observed(*steps))) == []


@pytest.mark.parametrize(
    ("body", "groups"),
    [
        ({"status": "validating"}, {"pending"}),
        ({"status": "finalizing"}, {"in_progress"}),
        ({"status": "cancelling", "lifecycle_status": "pending"}, {"in_progress", "pending"}),
        ({"status": "in_progress", "lifecycle_status": "pending"}, {"in_progress"}),
        ({"status": "canceled"}, {"cancelled"}),
        ({"status": ["failed"]}, set()),
        ("failed", set()),
    ],
)
def test_a_status_has_its_group(body: Any, groups: set[str]) -> None:
    assert group_of(body) == groups


@pytest.mark.parametrize(
    ("before", "after", "certain"),
    [
        ([got("failed")], [], {"batch_1": "failed"}),
        ([got("failed", key="same")], [], {"batch_1": "failed"}),
        ([got("in_progress")], [got("finalizing")], {"batch_1": "in_progress"}),
        ([got("in_progress")], [got("completed")], {}),
        ([got("in_progress")], [], {}),
        ([got("failed", key="b")], [], {}),
        ([got("failed"), edge("stored_batch_deleted", batch="batch_1")], [], {}),
        ([], [got("failed")], {}),
    ],
)
def test_a_group_is_certain_when_nothing_can_have_changed_it(
    before: list[Step], after: list[Step], certain: dict[str, str]
) -> None:
    seen = observed(*before, listed("limit=9"), *after)
    [read] = list_reads(seen)
    assert certain_groups(seen, read) == certain
