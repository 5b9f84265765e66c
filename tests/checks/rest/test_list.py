from typing import Any

import pytest

from conformance.checks import judge
from conformance.requirements import registry
from conformance.testing import batch, edge, exchange, refused, transcript
from conformance.transcript import Body, Delivery, Exchange, Step

Expected = tuple[int, list[str]]

NO_STORE = (("content-type", "application/json"), ("Cache-Control", "private, no-store"))
CHANGES = tuple(f"2026-07-09T09:00:0{second}.000Z" for second in range(5))


def found(requirement: str, *steps: Step) -> Expected:
    """How often the check judged, and the pointers of what it found broken."""
    judgement = judge([transcript(*steps)], [registry()[requirement]], "ai-stats")[requirement]
    assert judgement.crash is None
    return judgement.judged, [finding.pointer for finding in judgement.broken]


def item(number: int, status: str = "validating", **members: Any) -> dict[str, Any]:
    return batch(status, id=f"batch_{number}", **members)


def listed(*items: Any, query: str = "limit=100", path: str = "/batches", **more: Any) -> Exchange:
    envelope = {"object": "list", "data": list(items), "has_more": False}
    url = f"{path}?{query}" if query else path
    return exchange("GET", url, {**envelope, **more.pop("envelope", {})}, **more)


def refusal(query: str, status: int = 400, path: str = "/batches") -> Exchange:
    return exchange("GET", f"{path}?{query}", refused(status), status=status)


def created(number: int, **more: Any) -> Exchange:
    return exchange("POST", "/batches", item(number), sent={"endpoint": "/v1/responses"}, **more)


def got(number: int, status: str = "validating", *, key: str = "a", **members: Any) -> Exchange:
    return exchange("GET", f"/batches/batch_{number}", item(number, status, **members), key=key)


THREE = (created(1), created(2), created(3))


@pytest.mark.parametrize(
    ("items", "ends", "expected"),
    [
        ((item(1), item(2)), {"first_id": "batch_1", "last_id": "batch_2"}, (2, [])),
        ((item(1),), {"first_id": "batch_1", "last_id": "batch_2"}, (2, ["/last_id"])),
        ((item(1),), {"last_id": "batch_1"}, (2, ["/first_id"])),
        ((), {"first_id": None}, (2, [])),
        ((), {"first_id": "batch_1", "last_id": None}, (2, ["/first_id"])),
        ((), {"data": None, "first_id": 5}, (0, [])),
        (("batch_1", {}), {}, (0, [])),
    ],
)
def test_the_ends_of_the_list_are_named(items: Any, ends: Any, expected: Expected) -> None:
    assert found("REST-LIST-02", listed(*items, envelope=ends)) == expected


def test_the_model_list_has_no_ends() -> None:
    assert found("REST-LIST-02", listed("a", path="/batches/models", query="")) == (0, [])


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ((*THREE, listed(item(1), item(2), item(3), query="")), (1, [])),
        ((*THREE, listed(item(1), query="")), (1, ["/data"])),
        ((listed(*map(item, range(20)), query=""),), (1, [])),
        ((listed(*map(item, range(21)), query=""),), (1, ["/data"])),
        ((*THREE, listed(query="", envelope={"data": None})), (1, ["/data"])),
        ((*map(created, range(25)), listed(*map(item, range(20)), query="")), (1, [])),
        ((created(1), listed(item(1), query="")), (0, [])),
        ((*THREE, listed(item(1), query="limit=1")), (0, [])),
        ((*THREE, listed(item(1), query="status=failed")), (0, [])),
        ((*THREE, listed(query="", key="b"), listed(query="", key=None)), (0, [])),
        ((listed(item(1), item(2)), listed(item(1), query="", key="same")), (1, ["/data"])),
        ((*THREE, refusal("", 401)), (0, [])),
    ],
)
def test_without_limit_up_to_twenty_are_listed(steps: Any, expected: Expected) -> None:
    assert found("REST-LIST-03", *steps) == expected


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ((*THREE, listed(item(1), item(2), query="limit=2")), (1, [])),
        ((*THREE, listed(item(1), query="limit=2")), (1, ["/data"])),
        ((*THREE, listed(item(1), query="limit=2&status=failed")), (1, [])),
        ((listed(*map(item, range(3)), query="limit=2"),), (1, ["/data"])),
        ((listed(*map(item, range(100)), query="limit=1000"),), (1, [])),
        ((listed(*map(item, range(101)), query="limit=1000"),), (1, ["/data"])),
        ((listed(*map(item, range(101)), query="limit=abc"),), (1, ["/data"])),
        ((listed(item(1), item(2), query="limit=0"),), (1, [])),
        ((*THREE, refusal("limit=2")), (1, ["/data"])),
        ((refusal("limit=1000"), refusal("limit=abc"), refusal("limit=2", 500)), (0, [])),
    ],
)
def test_the_limit_caps_the_list(steps: Any, expected: Expected) -> None:
    assert found("REST-LIST-04", *steps) == expected


def test_odd_limits_are_repaired() -> None:
    two = (item(1), item(2))
    assert found("REST-LIST-05", listed(item(1), query="limit=0")) == (1, [])
    assert found("REST-LIST-05", listed(*two, query="limit=0")) == (1, ["/data/1"])
    assert found("REST-LIST-05", listed(*two, query="limit=2.9")) == (1, [])
    assert found("REST-LIST-05", refusal("limit=-5")) == (1, [""])
    assert found("REST-LIST-05", listed(*two, query="limit=2")) == (0, [])


ENDED = (got(1, "completed"), got(2, "failed"), got(3, "cancelled"))
BOTH = (item(1, "completed"), item(2, "failed"))


@pytest.mark.parametrize(
    "query",
    ["status=completed&status=failed", "status=completed,failed", "statuses=completed,failed"],
)
def test_the_status_filter_takes_many_words(query: str) -> None:
    whole = f"{query}&limit=100"
    assert found("REST-LIST-06", *ENDED, listed(*BOTH, query=whole)) == (4, [])
    every = listed(*BOTH, item(3, "cancelled"), query=query)
    assert found("REST-LIST-06", *ENDED, every) == (3, ["/data/2/status"])
    assert found("REST-LIST-06", *ENDED, listed(BOTH[0], query=whole)) == (3, ["/data"])
    assert found("REST-LIST-06", *ENDED, listed(BOTH[0], query=query)) == (1, [])
    assert found("REST-LIST-06", refusal(query)) == (1, [""])


def test_a_filter_of_one_word_is_no_matter_of_many() -> None:
    assert found("REST-LIST-06", listed(item(1), query="status=failed")) == (0, [])
    assert found("REST-LIST-07", listed(item(1), query="statuses=failed")) == (0, [])
    assert found("REST-LIST-06", listed(item(1), query="status=failed,nonsense")) == (0, [])


@pytest.mark.parametrize(
    ("word", "statuses"),
    [
        ("pending", ["pending", "queued", "validating"]),
        ("queued", ["pending", "queued", "validating"]),
        ("in_progress", ["in_progress", "processing", "finalizing", "cancelling"]),
        ("running", ["in_progress"]),
        ("processing", ["in_progress"]),
        ("completed", ["completed"]),
        ("failed", ["failed"]),
        ("cancelled", ["cancelled", "canceled"]),
        ("canceled", ["cancelled", "canceled"]),
        ("expired", ["expired"]),
    ],
)
def test_a_filter_word_shows_its_statuses(word: str, statuses: list[str]) -> None:
    query = f"status={word}&limit=100"
    for status in statuses:
        seen = (got(1, status), listed(item(1, status), query=query), got(1, status))
        assert found("REST-LIST-07", *seen) == (2, [])
        left_out = (got(1, status), listed(query=query), got(1, status))
        assert found("REST-LIST-07", *left_out) == (1, ["/data"])
    other = "failed" if "failed" not in statuses else "expired"
    shown = listed(item(1, other), query=query)
    assert found("REST-LIST-07", shown) == (1, ["/data/0/status"])


@pytest.mark.parametrize(
    "steps",
    [
        (got(1), listed(query="status=pending&limit=100")),
        (got(1), listed(query="status=pending&limit=100"), got(1, "in_progress")),
        (got(1, "failed"), listed(query="status=failed")),
        (got(1, "failed"), listed(query="status=failed&limit=100", key="b")),
        (listed(item(1), query="status=validating"), listed(item(1), query="status=FAILED")),
        (listed({"status": 5}, "batch_1", {}, query="status=failed"),),
        (refusal("status=failed", 401),),
    ],
)
def test_nothing_is_claimed_of_batches_whose_status_is_not_certain(steps: Any) -> None:
    assert found("REST-LIST-07", *steps) == (0, [])


def test_a_batch_that_calls_itself_pending_may_be_filtered_so() -> None:
    shown = item(1, "finalizing", lifecycle_status="pending")
    query = "status=pending&limit=100"
    assert found("REST-LIST-07", listed(shown, query=query)) == (1, [])
    silent = got(1, "finalizing", lifecycle_status="pending")
    assert found("REST-LIST-07", silent, listed(query=query), silent) == (0, [])


def test_failed_and_expired_are_told_apart() -> None:
    known = (got(1, "failed"), got(2, "expired"))
    apart = listed(item(1, "failed"), query="status=failed")
    assert found("REST-LIST-08", *known, apart) == (1, [])
    mixed = listed(item(1, "failed"), item(2, "expired"), query="status=failed")
    assert found("REST-LIST-08", mixed) == (1, ["/data"])
    swapped = listed(item(1, "failed"), query="status=expired")
    assert found("REST-LIST-08", swapped) == (1, ["/data"])
    assert found("REST-LIST-08", got(1, "failed"), apart) == (0, [])
    assert found("REST-LIST-08", *known, listed(query="status=failed,expired")) == (0, [])


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ((created(1), listed(item(1), query="status=nonsense")), (1, [])),
        ((created(1), listed(query="status=nonsense")), (1, [""])),
        ((created(1), created(2), listed(item(1), query="status=nonsense&limit=9")), (1, [""])),
        ((created(1), created(2), listed(item(1), query="status=nonsense&limit=1")), (1, [])),
        ((created(1), listed({"id": []}, query="status=nonsense&limit=9")), (1, [""])),
        ((refusal("status=nonsense"),), (1, [""])),
        ((listed(query="status=nonsense"),), (1, [])),
        ((listed(query="status=validating"), listed(query="status=Failed,nonsense")), (0, [])),
    ],
)
def test_unknown_filter_words_are_ignored(steps: Any, expected: Expected) -> None:
    assert found("REST-LIST-09", *steps) == expected


HOOK = {"url": "https://example.com/", "delivery": {"total_attempts": 0}}
TRIED = {"url": "https://example.com/", "delivery": {"total_attempts": 1}}


@pytest.mark.parametrize(
    ("read", "shown", "expected"),
    [
        ({}, {"created_at": "2026", "billing": {}, "updated_at": "x", "extra": 1}, (1, [])),
        ({}, {"endpoint": "/v1/embeddings"}, (1, ["/data/0/endpoint"])),
        ({}, {"status": "completed", "lifecycle_status": "completed"}, (1, [])),
        ({}, {"pricing_lines": [{}]}, (1, [])),
        (
            {"output_file_id": "f", "last_polled_at": "1"},
            {"output_file_id": None, "last_polled_at": "1"},
            (1, ["/data/0/output_file_id"]),
        ),
        ({"finalized_at": "1"}, {"finalized_at": "2", "pricing_lines": [{}]}, (0, [])),
        ({"last_polled_at": "2"}, {"last_polled_at": "1", "status": "x"}, (1, ["/data/0/status"])),
        ({"last_polled_at": "1"}, {"last_polled_at": "2", "status": "x"}, (0, [])),
        ({"webhook": HOOK}, {"webhook": {**HOOK, "url": "other"}}, (1, ["/data/0/webhook"])),
        ({"webhook": HOOK}, {"webhook": TRIED}, (1, [])),
        ({"webhook": HOOK}, {"webhook": {}}, (1, ["/data/0/webhook"])),
    ],
)
def test_the_list_shows_what_a_get_showed(read: Any, shown: Any, expected: Expected) -> None:
    steps = (got(1, **read), listed({**item(1), **shown}))
    assert found("REST-LIST-10", *steps) == expected


def test_of_an_ended_batch_only_the_settlement_may_be_swept() -> None:
    ended = (got(1, "completed"), listed(item(1, "completed", pricing_lines=[{}])))
    assert found("REST-LIST-10", *ended) == (1, [])
    restarted = (got(1, "completed"), listed({**item(1, "completed"), "status": "finalizing"}))
    assert found("REST-LIST-10", *restarted) == (1, ["/data/0/status"])


def test_urls_are_compared_below_the_same_prefix_only() -> None:
    shown = item(1, polling_url="http://gateway.test/v1/batch/batch_1")
    assert found("REST-LIST-10", got(1), listed(shown, path="/batch")) == (1, [])
    assert found("REST-LIST-10", got(1), listed(shown)) == (1, ["/data/0/polling_url"])


@pytest.mark.parametrize(
    "between",
    [
        got(1, "in_progress", key="b"),
        exchange("POST", "/batches/batch_1/cancel", item(1, "cancelling")),
        edge("scheduled_job_tick"),
    ],
)
def test_nothing_is_compared_across_another_read_or_sweep(between: Step) -> None:
    assert found("REST-LIST-10", got(1), between, listed(item(1, "finalizing"))) == (0, [])


def test_a_delivery_between_excuses_what_is_told_of_deliveries() -> None:
    told = Delivery("POST", "/h", (), Body(b""))
    steps = (got(1, webhook=HOOK), told, listed(item(1, webhook={**HOOK, "attempts": []})))
    assert found("REST-LIST-10", *steps) == (1, [])
    later = (got(1, webhook=HOOK), listed(item(1, webhook={**HOOK, "attempts": []})))
    assert found("REST-LIST-10", *later) == (1, ["/data/0/webhook"])


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ((2, 1, 0), (2, [])),
        ((1, 1), (1, [])),
        ((0, 1), (1, ["/data/1"])),
        ((2, 0, 1), (2, ["/data/2"])),
        ((1,), (0, [])),
    ],
)
def test_the_newest_change_comes_first(changes: Any, expected: Expected) -> None:
    items = [item(number, updated_at=CHANGES[when]) for number, when in enumerate(changes)]
    assert found("REST-LIST-12", listed(*items)) == expected


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ((got(1, "failed"), created(2), listed(item(1), item(2))), (1, ["/data/1"])),
        ((got(1, "failed"), created(2), listed(item(2), item(1))), (1, [])),
        ((got(2, "failed"), created(1), listed(item(1), item(2))), (1, [])),
        ((created(2), got(1, "failed"), listed(item(1), item(2))), (0, [])),
        ((got(1, "failed"), got(2, "failed"), listed(item(1), item(2))), (0, [])),
        ((got(1, "failed"), got(2), got(2, "failed"), listed(item(1), item(2))), (1, ["/data/1"])),
        ((got(2), got(1, "failed"), got(2, "failed"), listed(item(1), item(2))), (0, [])),
        ((got(1, "failed"), created(2), got(1, "failed"), listed(item(1), item(2))), (0, [])),
        ((created(1), created(2), listed(item(1), item(2))), (0, [])),
        ((got(1, "failed"), created(2), listed({"id": [1]}, item(2))), (0, [])),
        ((listed(item(1, updated_at="now"), item(2, updated_at=5)),), (0, [])),
    ],
)
def test_without_updated_at_the_order_follows_what_the_run_did(
    steps: Any, expected: Expected
) -> None:
    assert found("REST-LIST-12", *steps) == expected


LOOK = edge("provider_saw", requests=[])
ASKED = edge("provider_saw", requests=[{"method": "GET", "path": "/v1/batches/batch_1"}])
MOVED = edge("provider_step", batch="batch_1", status="completed")


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ((LOOK, listed(item(1)), LOOK), (1, [])),
        ((LOOK, listed(item(1)), ASKED), (1, [""])),
        ((LOOK, listed(item(1)), got(1), ASKED), (0, [])),
        ((LOOK, listed(item(1)), edge("scheduled_job_tick"), ASKED), (0, [])),
        ((listed(item(1)), ASKED), (0, [])),
        ((LOOK, listed(item(1)), edge("provider_saw", body=None)), (0, [])),
        ((got(1), MOVED, listed(item(1))), (1, [])),
        ((got(1), MOVED, listed(item(1, "completed"))), (1, ["/data/0/status"])),
        ((got(1), MOVED, edge("scheduled_job_tick"), listed(item(1, "completed"))), (0, [])),
        ((got(1), listed(item(1, "completed"))), (0, [])),
    ],
)
def test_a_list_leaves_the_provider_alone(steps: Any, expected: Expected) -> None:
    assert found("REST-LIST-13", *steps) == expected


def test_the_list_has_one_page() -> None:
    page, first = listed(item(1), query="limit=1"), "limit=1&after=batch_1"
    assert found("REST-LIST-14", page, listed(item(1), query=first)) == (3, [])
    assert found("REST-LIST-14", page, listed(item(2), query=first)) == (3, ["/data"])
    assert found("REST-LIST-14", listed(envelope={"has_more": True})) == (1, ["/has_more"])
    assert found("REST-LIST-14", listed(envelope={"has_more": None})) == (0, [])


@pytest.mark.parametrize("path", ["/batches", "/batches/models"])
def test_lists_are_not_cached(path: str) -> None:
    assert found("REST-LIST-15", listed(path=path, headers=NO_STORE)) == (1, [])
    assert found("REST-LIST-15", listed(path=path)) == (1, [""])
    cached = (("cache-control", "max-age=60"),)
    assert found("REST-LIST-15", listed(path=path, headers=cached)) == (1, [""])


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ((listed(item(1)), listed(item(1), path="/batch")), (1, [])),
        ((listed(item(1)), listed(item(2), item(1), path="/batch")), (1, [])),
        ((listed(item(1)), listed(path="/batch")), (1, [""])),
        ((listed(item(1)), refusal("limit=100", 404, "/batch")), (1, [""])),
        ((listed(item(1), query=""), listed(item(2), path="/batch", query="")), (1, [])),
        ((listed(item(1)), listed(path="/batch", query="limit=5")), (0, [])),
        ((listed(item(1)), listed(path="/batch", key="b")), (0, [])),
        ((listed(item(1), query="status=failed"), listed(query="status=failed")), (0, [])),
    ],
)
def test_the_alias_lists_the_same(steps: Any, expected: Expected) -> None:
    assert found("REST-LIST-16", *steps) == expected
