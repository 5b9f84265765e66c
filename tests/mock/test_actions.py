import pytest

from conformance.mock.actions import ACTIONS, BadAction


@pytest.fixture
def act(caller):
    def acting(name, **wanted):
        return ACTIONS[name](caller.gateway, caller.home, wanted)

    return acting


def test_time_passes_by_the_millisecond(act):
    assert act("clock_advanced", by_ms=1_000) == {
        "by_ms": 1_000,
        "gateway_now": "2026-07-09T09:00:01.412Z",
    }


def test_a_life_is_given_to_one_batch_or_to_all_to_come(act, caller):
    first = caller.created()["id"]
    act("life_scripted", batch=first, life=[{"status": "expired", "failed": 1, "seconds": 7}])
    act("life_scripted", batch=None, life="failed")
    second = caller.created()["id"]
    assert [caller.polled_to_end(one)["status"] for one in (first, second)] == ["expired", "failed"]


def test_a_held_batch_is_moved_by_steps_alone(act, caller):
    one, other = caller.created()["id"], caller.created()["id"]
    act("provider_hold", batch=one, hold=True)
    statuses = [caller.get(f"/batches/{batch}").body["status"] for batch in (one, other)]
    assert statuses == ["validating", "in_progress"]
    assert act("provider_step", batch=one, steps=3)["status"] == "completed"
    assert caller.get(f"/batches/{one}").body["status"] == "completed"


def test_all_batches_can_be_held_and_let_go(act, caller):
    batch_id = caller.created()["id"]
    seen = []
    for hold in (True, False):
        act("provider_hold", hold=hold)
        seen.append(caller.get(f"/batches/{batch_id}").body["status"])
    assert seen == ["validating", "in_progress"]


def test_the_next_error_is_given_once(act, caller):
    batch_id = caller.created()["id"]
    act("provider_next_error", match="get", status=429, headers={"Retry-After": 7})
    answers = [caller.get(f"/batches/{batch_id}") for _ in range(2)]
    assert [answer.status for answer in answers] == [429, 200]
    assert answers[0].headers["retry-after"] == "7"


def test_what_the_provider_saw_is_told_once(act, caller):
    batch_id = caller.created()["id"]
    act("provider_saw")
    caller.get(f"/batches/{batch_id}")
    seen = act("provider_saw")["requests"]
    assert [(one["method"], one["path"]) for one in seen] == [("GET", f"/v1/batches/{batch_id}")]
    assert act("provider_saw") == {"requests": []}


def test_switch_key_and_store_can_be_spoilt_and_mended(act, caller):
    batch_id = caller.created()["id"]
    statuses = []
    for name, spoilt, mended in (
        ("batch_switch", {"enabled": False}, {"enabled": True}),
        ("provider_key_removed", {"removed": True}, {"removed": False}),
    ):
        act(name, **spoilt)
        statuses.append(caller.get(f"/batches/{batch_id}").status)
        act(name, **mended)
    act("database_next_call_fails", operation="get")
    statuses.append(caller.get(f"/batches/{batch_id}").status)
    assert statuses == [501, 502, 404]
    assert caller.get(f"/batches/{batch_id}").status == 200


def test_a_stored_batch_can_change_hands_or_vanish(act, caller):
    batch_id = caller.created()["id"]
    act("stored_provider_changed", batch=batch_id, provider="mistral")
    foreign = caller.get(f"/batches/{batch_id}").status
    act("stored_batch_deleted", batch=batch_id)
    assert (foreign, caller.get(f"/batches/{batch_id}").status) == (501, 404)


def test_the_scheduled_job_serves_all_workspaces(act, caller):
    other = caller.other("b")
    batch_id = other.created()["id"]
    for _ in range(3):
        act("scheduled_job_tick")
    (item,) = other.get("/batches").body["data"]
    assert (item["id"], item["billing"]["billed"]) == (batch_id, True)


def test_lives_in_a_row_are_lived_in_turn_and_then_the_usual_one(act, caller):
    act("life_scripted", lives=["failed", [{"status": "expired", "failed": 1}]])
    made = [caller.created()["id"] for _ in range(3)]
    ends = [caller.polled_to_end(one)["status"] for one in made]
    assert ends == ["failed", "expired", "completed"]


def test_own_prices_are_estimated_charged_and_told_for_one_workspace_alone(act, caller, make_row):
    own = [{"meter": "output_text_tokens", "price_per_unit": "0.000004"}]
    card = act("prices_changed", model="mock-mini", prices=own)["prices"]
    told = [one for one in card if one["model"] == "mock-mini"]
    assert [one["price_per_unit"] for one in told] == ["0.000001000", "0.000004"]
    rows = [make_row(max_output_tokens=10)]
    bills = []
    for holder in (caller, caller.other("b")):
        body = holder.polled_to_end(holder.created(*rows)["id"])
        bills.append([body["billing"][name] for name in ("reserved_nanos", "cost_nanos")])
    assert bills == [[43_000, 43_000], [23_000, 23_000]]


def test_prices_that_change_later_leave_a_bill_as_it_is(act, caller):
    batch = caller.finished("complete")
    own = [{"meter": "output_text_tokens", "price_per_unit": "1"}]
    act("prices_changed", model="mock-mini", prices=own)
    assert caller.get(f"/batches/{batch['id']}").body["billing"] == batch["billing"]


def test_the_stored_hold_can_be_lost_while_the_wallet_keeps_it(act, caller):
    batch = caller.created()
    reserved = caller.wallet()["reserved_nanos"]
    act("stored_hold_fields_removed", batch=batch["id"])
    bill = caller.get("/batches").body["data"][0]["billing"]
    assert (bill["reservation_id"], bill["reservation_status"], bill["state"]) == (
        None, None, "pending",
    )  # fmt: skip
    caller.polled_to_end(batch["id"])
    assert caller.wallet()["reserved_nanos"] == reserved > 0


def test_the_set_has_its_own_wait_for_receivers(act, caller):
    assert caller.home.receiver_wait_s is None
    assert act("receiver_wait_changed", wait_ms=40) == {"wait_ms": 40}
    assert caller.home.receiver_wait_s == 0.04


class Line:
    def __init__(self):
        self.passed_ms = 0

    def take_for_passed(self, by_ms):
        self.passed_ms += by_ms

    def tally(self):
        return {"port": 7, "due_in_ms": 1_000 - self.passed_ms}


def test_streams_tell_what_they_said_and_take_time_for_passed(act, caller):
    assert act("streams_told") == {"streams": []}
    caller.home.hub.lines[Line()] = None
    assert act("streams_told") == {"streams": [{"port": 7, "due_in_ms": 1_000}]}
    assert act("streams_told", passed_ms=400) == {"streams": [{"port": 7, "due_in_ms": 600}]}


def test_where_no_receiver_is_waited_for_none_is_given_up(act):
    assert act("receivers_given_up") == {"attempts": 0}


def test_the_wallet_is_that_of_the_key(act):
    balances = {key: act("wallet", key=key)["balance_nanos"] for key in ("a", "b", "no_funds")}
    assert balances == {"a": 100_000_000_000, "b": 5_000_000_000, "no_funds": 0}


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("clock_advanced", {"by_ms": -1}),
        ("clock_advanced", {"by_ms": True}),
        ("life_scripted", {"life": "nonsense"}),
        ("life_scripted", {"life": "slow", "batch": "nope"}),
        ("life_scripted", {"lives": ["complete", "nonsense"]}),
        ("provider_hold", {"hold": "yes"}),
        ("provider_step", {"batch": "nope"}),
        ("provider_next_error", {"match": "everything"}),
        ("stored_provider_changed", {"batch": "nope", "provider": "x"}),
        ("database_next_call_fails", {"operation": "nothing"}),
        ("prices_changed", {"model": "nobody-sells-this", "prices": []}),
        ("prices_changed", {"model": "mock-mini", "prices": []}),
        ("prices_changed", {"model": "mock-mini", "prices": [], "key": "z"}),
        ("stored_hold_fields_removed", {"batch": "nope"}),
        ("receiver_wait_changed", {"wait_ms": -1}),
        ("streams_told", {"passed_ms": -1}),
        ("webhook_endpoint_made", {"url": "https://x.example/", "secret": " "}),
        ("webhook_endpoint_made", {"url": None, "secret": "s"}),
        ("webhook_endpoint_made", {"url": "https://x.example/", "secret": "s", "active": 1}),
        ("webhook_secret_lost", {"endpoint": "whe_0"}),
        ("wallet", {"key": "z"}),
    ],
)
def test_a_call_that_makes_no_sense_is_refused(act, name, wanted):
    with pytest.raises(BadAction):
        act(name, **wanted)


def test_a_batch_gets_another_id_at_the_provider(act, caller):
    batch_id = caller.created()["id"]
    viewer = caller.watch(batch_id)
    act("stored_native_id_changed", batch=batch_id, native_id="batch_n")
    caller.get("/batches")
    assert viewer.frames[0]["data"]["native_id"] == batch_id
    assert caller.get(f"/batches/{batch_id}").body["native_batch_id"] == "batch_n"
    assert viewer.frames[-1]["data"]["native_id"] == "batch_n"
    assert caller.get("/batches/batch_n").status == 404
