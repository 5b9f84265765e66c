"""Whether somebody else is at work in a workspace, told by two lists of its batches."""

from typing import Any

import pytest

from conformance.targets.others import moved_between, others_in
from conformance.testing import exchange


def listed(*items: Any, status: int = 200) -> Any:
    return exchange("GET", "/batches", {"object": "list", "data": list(items)}, status=status)


def test_batches_made_here_are_known_by_their_id_and_by_their_file() -> None:
    items = [
        {"id": "batch_1", "status": "completed"},
        {"id": "batch_2", "status": "failed", "input_file_id": "file-1"},
        {"id": "batch_3", "status": "in_progress", "input_file_id": "file-9"},
        {"id": 5},
        "odd",
    ]
    assert others_in(listed(*items), {"batch_1"}, {"file-1"}) == {"batch_3": "in_progress"}


@pytest.mark.parametrize(
    "shown", [listed(status=429), exchange("GET", "/batches", {"data": 5}), exchange("GET", "/b")]
)
def test_what_is_no_list_shows_nobody(shown: Any) -> None:
    assert others_in(shown, set(), set()) is None


@pytest.mark.parametrize(
    ("before", "after", "moved"),
    [
        ({"x": "completed"}, {"x": "completed"}, None),
        ({"x": "completed", "y": "failed"}, {"x": "completed"}, None),
        ({}, {"x": "completed"}, "x"),
        ({"x": "in_progress"}, {"x": "completed"}, "x"),
        (None, {"x": "completed"}, None),
        ({}, None, None),
    ],
    ids=["as it was", "out of the page", "new", "moved on", "not shown", "no longer shown"],
)
def test_a_batch_that_is_new_or_has_moved_on_is_work_of_others(
    before: Any, after: Any, moved: str | None
) -> None:
    assert moved_between(before, after) == moved
