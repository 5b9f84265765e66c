import pytest

from conformance.mock.provider import ScriptedError


def cancel(caller, batch_id):
    return caller.post(f"/batches/{batch_id}/cancel")


def test_a_cancel_is_followed_by_the_end_at_the_next_read(caller):
    before = caller.wallet()
    batch_id = caller.created()["id"]
    answer = cancel(caller, batch_id)
    assert (answer.status, answer.body["status"]) == (200, "cancelling")
    assert isinstance(answer.body["cancelling_at"], int)
    body = caller.get(f"/batches/{batch_id}").body
    assert (body["status"], body["billing"]["state"]) == ("cancelled", "void")
    assert caller.wallet() == before


def test_a_cancel_that_ends_at_once_is_settled_in_its_answer(caller):
    batch = caller.created(metadata={"mock_life": "cancel_immediate"})
    body = cancel(caller, batch["id"]).body
    assert (body["status"], body["billing"]["reason"]) == ("cancelled", "released_released")
    assert caller.wallet()["reserved_nanos"] == 0


def test_a_slow_cancel_waits_for_the_provider(caller):
    batch_id = caller.created(metadata={"mock_life": "cancel_slow"})["id"]
    cancel(caller, batch_id)
    statuses = [caller.get(f"/batches/{batch_id}").body["status"] for _ in range(3)]
    caller.home.provider.step(batch_id)
    assert [*statuses, caller.get(f"/batches/{batch_id}").body["status"]] == [
        "cancelling", "cancelling", "cancelling", "cancelled",
    ]  # fmt: skip


@pytest.mark.parametrize("life", ["complete", "failed", "expired"])
def test_a_cancel_after_the_end_is_refused_here(caller, life):
    batch = caller.finished(life)
    caller.home.provider.seen.clear()
    answer = cancel(caller, batch["id"])
    assert (answer.status, answer.body["status"]) == (400, batch["status"])
    assert answer.body["reason"] == "batch_cancel_requires_non_terminal_status"
    assert caller.home.provider.seen == []
    assert caller.get(f"/batches/{batch['id']}").body == batch


def test_a_repeated_cancel_gives_the_full_object(caller):
    batch = caller.finished("cancelled")
    caller.home.provider.seen.clear()
    answer = cancel(caller, batch["id"])
    assert (answer.status, answer.body, caller.home.provider.seen) == (200, batch, [])


def test_a_cancel_while_cancelling_is_no_error(caller):
    batch_id = caller.created()["id"]
    assert [cancel(caller, batch_id).body["status"] for _ in range(2)] == ["cancelling"] * 2


def test_a_cancel_while_finalizing_is_refused(caller):
    batch_id = caller.created()["id"]
    for _ in range(2):
        caller.get(f"/batches/{batch_id}")
    answer = cancel(caller, batch_id)
    assert (answer.status, answer.body["status"]) == (400, "finalizing")


@pytest.mark.parametrize("batch_id", ["batch_unknown", "foreign"])
def test_an_unknown_or_foreign_batch_is_404_and_goes_on(caller, batch_id):
    own = caller.created()["id"]
    answer = cancel(caller.other("b"), own if batch_id == "foreign" else batch_id)
    assert (answer.status, answer.body["reason"]) == (404, "batch_not_found_or_not_owned")
    assert caller.home.provider.batches[own].status == "validating"


def test_a_batch_of_another_provider_is_501(caller):
    batch_id = caller.created()["id"]
    caller.workspace.batches[batch_id].provider = "mistral"
    answer = cancel(caller, batch_id)
    assert (answer.status, answer.body["reason"]) == (501, "batch_cancel_provider_not_supported")


def test_a_provider_that_refuses_is_passed_on(caller):
    batch_id = caller.created()["id"]
    caller.home.provider.scripted_errors.append(ScriptedError("cancel", 409))
    answer = cancel(caller, batch_id)
    assert (answer.status, answer.body.keys()) == (409, {"error"})


@pytest.mark.parametrize(("operation", "status"), [("cancel_lookup", 500), ("cancel", 502)])
def test_a_store_that_fails_is_a_json_error(caller, operation, status):
    batch_id = caller.created()["id"]
    caller.workspace.failing[operation] += 1
    answer = cancel(caller, batch_id)
    assert answer.status == status
    assert isinstance(answer.body["error"], str | dict)


def test_an_unreachable_provider_is_a_json_error(caller):
    batch_id = caller.created()["id"]
    caller.home.provider.scripted_errors.append(ScriptedError("cancel", hangup=True))
    answer = cancel(caller, batch_id)
    assert (answer.status, answer.body["reason"]) == (502, "batch_upstream_unreachable")


def test_rows_done_before_the_cancel_have_an_output_file(caller):
    batch = caller.created(*({"custom_id": c, "body": {"model": "mock-mini"}} for c in "abcd"))
    caller.get(f"/batches/{batch['id']}")
    cancel(caller, batch["id"])
    body = caller.get(f"/batches/{batch['id']}").body
    assert body["request_counts"] == {"total": 4, "completed": 2, "failed": 0}
    for name in ("output_file_id", "error_file_id"):
        content = caller.get(f"/files/{body[name]}/content").body
        assert len(content.splitlines()) == 2
