import pytest

from conformance.mock.provider import ScriptedError


def own_batches(caller, make_row, count):
    body = {"endpoint": "responses", "input_file_id": caller.upload(make_row())}
    for _ in range(count):
        caller.post("/batches", body)


def ids(answer):
    return [item["id"] for item in answer.body["data"]]


def test_polling_alone_brings_a_batch_to_its_end(caller):
    batch_id = caller.created()["id"]
    statuses = [caller.get(f"/batches/{batch_id}").body["status"] for _ in range(4)]
    assert statuses == ["in_progress", "finalizing", "completed", "completed"]


def test_a_query_string_changes_nothing(caller):
    batch_id = caller.created()["id"]
    assert caller.get(f"/batches/{batch_id}?x=1").body["id"] == batch_id


def test_a_terminal_status_stays_when_the_provider_flaps(caller):
    batch = caller.finished("flap")
    again = [caller.get(f"/batches/{batch['id']}").body["status"] for _ in range(3)]
    assert again == ["completed"] * 3


def test_a_foreign_batch_is_answered_like_an_unknown_one(caller):
    batch_id = caller.created()["id"]
    other = caller.other("b")
    foreign, unknown = other.get(f"/batches/{batch_id}"), other.get("/batches/nope")
    assert (foreign.status, foreign.body.keys()) == (404, unknown.body.keys())
    assert foreign.body["reason"] == unknown.body["reason"]
    assert other.get("/batches").body["data"] == []
    assert caller.home.provider.batches[batch_id].status == "validating"


def test_two_keys_of_a_workspace_see_the_same(caller):
    batch_id = caller.created()["id"]
    same = caller.other("same")
    assert (same.get(f"/batches/{batch_id}").status, ids(same.get("/batches"))) == (200, [batch_id])


def test_a_batch_of_another_provider_is_not_asked_for(caller):
    batch_id = caller.created()["id"]
    caller.workspace.batches[batch_id].provider = "mistral"
    answer = caller.get(f"/batches/{batch_id}")
    assert (answer.status, answer.body["reason"]) == (501, "batch_status_provider_not_supported")
    assert (answer.body["provider"], answer.body["native_batch_id"]) == ("mistral", batch_id)


@pytest.mark.parametrize("status", [500, 404, 429])
def test_a_provider_failure_is_passed_on_without_gateway_members(caller, status):
    batch_id = caller.created()["id"]
    caller.home.provider.scripted_errors.append(ScriptedError("get", status))
    answer = caller.get(f"/batches/{batch_id}")
    assert (answer.status, answer.body.keys()) == (status, {"error"})
    assert caller.get(f"/batches/{batch_id}").status == 200


def test_an_unreachable_provider_is_a_json_error(caller):
    batch_id = caller.created()["id"]
    caller.home.provider.scripted_errors.append(ScriptedError("get", hangup=True))
    answer = caller.get(f"/batches/{batch_id}")
    assert (answer.status, answer.body["error"]) == (502, "upstream_error")


def test_a_failing_settlement_does_not_spoil_a_read(caller):
    batch = caller.created()
    caller.home.provider.scripted_errors.append(ScriptedError("content", 500))
    body = caller.polled_to_end(batch["id"])
    assert (body["status"], body["billing"]["billed"]) == ("completed", False)
    assert caller.get(f"/batches/{batch['id']}").body["billing"]["billed"] is True


@pytest.mark.parametrize(("operation", "status"), [("get", 404), ("refresh", 502)])
def test_a_store_that_fails_is_told(caller, operation, status):
    batch_id = caller.created()["id"]
    caller.workspace.failing[operation] += 1
    assert caller.get(f"/batches/{batch_id}").status == status


def test_without_a_provider_key_reads_are_refused(caller):
    batch_id = caller.created()["id"]
    caller.home.provider_key_present = False
    error = caller.get(f"/batches/{batch_id}").body["error"]
    assert (error["type"], error["reason"]) == ("upstream_error", "openai_key_missing")


def test_the_scheduled_job_settles_without_a_reader(caller):
    batch_id = caller.created()["id"]
    caller.home.provider.scripted_errors.append(ScriptedError("get", hangup=True))
    for _ in range(4):
        caller.gateway.sweep(caller.workspace)
    (item,) = caller.get("/batches").body["data"]
    assert (item["id"], item["billing"]["charged"]) == (batch_id, True)


def test_the_list_asks_nobody_and_settles_nothing(caller):
    batch_id = caller.created()["id"]
    for _ in range(3):
        caller.home.provider.step(batch_id)
    caller.home.provider.seen.clear()
    (item,) = caller.get("/batches").body["data"]
    assert (item["status"], caller.home.provider.seen) == ("validating", [])


def test_a_list_item_shows_what_the_last_read_showed(caller):
    read = caller.finished("partial")
    (item,) = caller.get("/batches").body["data"]
    assert {name: item[name] for name in read} == read
    assert item["updated_at"] == read["last_polled_at"]


def test_an_empty_list_has_no_first_and_last(caller):
    answer = caller.get("/batches")
    assert answer.body == {
        "object": "list", "data": [], "first_id": None, "last_id": None, "has_more": False,
    }  # fmt: skip
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("query", "length"),
    [
        ("", 20),
        ("limit=", 20),
        ("limit=abc", 20),
        ("limit=0", 1),
        ("limit=-5", 1),
        ("limit=2.9", 2),
    ],
)
def test_limits_are_repaired(caller, make_row, query, length):
    own_batches(caller, make_row, 21)
    body = caller.get(f"/batches?{query}").body
    assert len(body["data"]) == length
    assert (body["first_id"], body["last_id"]) == (body["data"][0]["id"], body["data"][-1]["id"])


def test_no_list_has_more_than_a_hundred_items(caller, make_row):
    own_batches(caller, make_row, 101)
    limits = ("1000", "99999999999999999999")
    assert [len(ids(caller.get(f"/batches?limit={limit}"))) for limit in limits] == [100, 100]


def test_the_newest_change_comes_first(caller):
    first, second = caller.created()["id"], caller.created()["id"]
    assert ids(caller.get("/batches")) == [second, first]
    caller.get(f"/batches/{first}")
    assert ids(caller.get("/batches")) == [first, second]


@pytest.fixture
def by_status(caller):
    lives = ("complete", "failed", "expired", "cancelled")
    found = {batch["status"]: batch["id"] for batch in map(caller.finished, lives)}
    found["validating"] = caller.created()["id"]
    found["finalizing"] = caller.created()["id"]
    for _ in range(2):
        caller.get(f"/batches/{found['finalizing']}")
    return found


@pytest.mark.parametrize(
    ("query", "statuses"),
    [
        ("status=completed", {"completed"}),
        ("status=FAILED", {"failed"}),
        ("status=expired", {"expired"}),
        ("status=canceled", {"cancelled"}),
        ("status=queued", {"validating"}),
        ("status=running", {"finalizing"}),
        ("status=completed&status=failed", {"completed", "failed"}),
        ("status=completed,failed", {"completed", "failed"}),
        ("statuses=completed,%20failed", {"completed", "failed"}),
        ("status=completed,nonsense", {"completed"}),
    ],
)
def test_the_filter_words_choose_statuses(caller, by_status, query, statuses):
    assert set(ids(caller.get(f"/batches?{query}"))) == {by_status[one] for one in statuses}


def test_a_filter_of_unknown_words_is_ignored(caller, by_status):
    assert len(ids(caller.get("/batches?status=nonsense"))) == len(by_status)
