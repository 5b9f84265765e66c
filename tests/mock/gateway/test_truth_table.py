"""The rows of the truth table: what the read that settles says, and what the wallet lost."""

import pytest

from conformance.mock.actions import ACTIONS

ESTIMATE = 3 * 1_000 + 1_024 * 2_000
COST = 3 * 1_000 + 25 * 2_000
EXACT = 3 * 1_000 + 10 * 2_000


@pytest.fixture
def act(caller):
    def acting(name, **wanted):
        return ACTIONS[name](caller.gateway, caller.home, wanted)

    return acting


@pytest.fixture
def rows(make_row):
    def made(model="mock-mini", **body):
        return [make_row(name, model, **body) for name in ("a", "b")]

    return made


def ending(status, completed=0, failed=0, **life):
    frame = {"status": status, "completed": completed, "failed": failed}
    return {"frames": [frame], **life}


def told(body):
    """Reason, billed, charged, cost, and the amounts of the lines: metered, or of a summary."""
    bill = body["billing"]
    amounts = [line.get("line_nanos", line.get("total_nanos")) for line in body["pricing_lines"]]
    kinds = {"summary" if "total_nanos" in line else "metered" for line in body["pricing_lines"]}
    assert bill["total_nanos"] == bill["cost_nanos"]
    return bill["reason"], bill["billed"], bill["charged"], bill["cost_nanos"], kinds, sum(amounts)


def settled(caller, act, life, rows):
    act("life_scripted", lives=[life])
    batch_id = caller.created(*rows)["id"]
    return caller.get(f"/batches/{batch_id}").body


def moved(caller, before):
    wallet = caller.wallet()
    taken = before["balance_nanos"] - wallet["balance_nanos"]
    return taken, wallet["reserved_nanos"] - before["reserved_nanos"]


PAID = (True, True)
FREE = (True, False)
STUCK = (False, False)
ACTUAL = "released_and_charged_actual"


@pytest.mark.parametrize(
    ("life", "body", "wanted", "taken"),
    [
        pytest.param(
            ending("completed", 2),
            {"max_output_tokens": 10},
            ("charged:captured", *PAID, 2 * EXACT, {"metered"}, 2 * EXACT),
            (2 * EXACT, 0),
            id="3-cost-is-the-hold",
        ),
        pytest.param(
            ending("completed", 2),
            {},
            (f"charged:{ACTUAL}", *PAID, 2 * COST, {"metered"}, 2 * COST),
            (2 * COST, 0),
            id="4-cost-is-not-the-hold",
        ),
        pytest.param(
            ending("completed", 1, 1),
            {},
            (f"charged_partial_success:{ACTUAL}", *PAID, COST, {"metered"}, COST),
            (COST, 0),
            id="5-good-and-bad-rows",
        ),
        pytest.param(
            ending("completed", 2),
            {"model": "mock-free"},
            ("zero_cost:zero_cost", *FREE, 0, {"metered"}, 0),
            (0, 0),
            id="6-free",
        ),
        pytest.param(
            ending("completed", 1, 1),
            {"model": "mock-free"},
            ("partial_success_zero_cost:zero_cost", *FREE, 0, {"metered"}, 0),
            (0, 0),
            id="6-free-partial",
        ),
        pytest.param(
            ending("failed"),
            {},
            ("released_released", *FREE, 0, {"summary"}, 0),
            (0, 0),
            id="7-failed-with-a-hold",
        ),
        pytest.param(
            ending("expired", 0, 2),
            {"model": "mock-free"},
            ("expired", *FREE, 0, {"summary"}, 0),
            (0, 0),
            id="7-expired-without-a-hold",
        ),
        pytest.param(
            ending("cancelled", 2),
            {},
            ("released_released", *FREE, 0, {"summary"}, 0),
            (0, 0),
            id="8-good-rows-only",
        ),
        pytest.param(
            ending("cancelled", 1, 1),
            {},
            (f"charged_partial_success:{ACTUAL}", *PAID, COST, {"metered"}, COST),
            (COST, 0),
            id="9-cut-short-with-both",
        ),
        pytest.param(
            ending("cancelled", 1, 1),
            {"model": "mock-free"},
            ("partial_success_cancelled:zero_cost", *FREE, 0, {"metered"}, 0),
            (0, 0),
            id="10-cut-short-with-both-free",
        ),
        pytest.param(
            ending("completed", 0, 2),
            {},
            ("missing_output_file", *STUCK, None, set(), 0),
            (0, 2 * ESTIMATE),
            id="11-no-output-file",
        ),
        pytest.param(
            ending("completed", 2, usage=False),
            {},
            ("missing_usage", *STUCK, None, set(), 0),
            (0, 2 * ESTIMATE),
            id="11-no-usage",
        ),
        pytest.param(
            ending("completed", 2, model=None),
            {},
            ("missing_model", *STUCK, None, set(), 0),
            (0, 2 * ESTIMATE),
            id="11-no-model",
        ),
        pytest.param(
            ending("completed", 2, model="mock-unheard-of"),
            {},
            ("price_card_missing", *STUCK, None, set(), 0),
            (0, 2 * ESTIMATE),
            id="11-no-price",
        ),
    ],
)
def test_the_read_that_settles_says_its_row(caller, act, rows, life, body, wanted, taken):
    before = caller.wallet()
    batch = settled(caller, act, life, rows(**body))
    assert (told(batch), moved(caller, before)) == (wanted, taken)


def test_a_running_batch_has_no_bill(caller, act, rows):
    before = caller.wallet()
    batch = settled(caller, act, ending("in_progress", 1), rows())
    assert told(batch) == (None, False, False, None, set(), 0)
    assert moved(caller, before) == (0, 2 * ESTIMATE)


def test_output_without_a_good_row_leaves_the_bill_open(caller, act, rows):
    act("life_scripted", lives=[ending("completed", 2)])
    batch_id = caller.created(*rows())["id"]
    act("provider_step", batch=batch_id)
    output = caller.home.provider.batches[batch_id].output_file_id
    caller.home.provider.files[output] = caller.home.provider.store("x", "batch_output", b"{}\n")
    batch = caller.get(f"/batches/{batch_id}").body
    assert told(batch) == ("missing_successful_output_rows", *STUCK, None, set(), 0)


@pytest.mark.parametrize(
    ("body", "price", "reason", "status", "taken"),
    [
        ({}, None, "charged", "charged_without_reservation", 2 * COST),
        ({"model": "mock-free"}, None, "zero_cost", "zero_cost", 0),
    ],
)
def test_without_the_stored_hold_the_reason_is_bare(
    caller, act, rows, body, price, reason, status, taken
):
    before = caller.wallet()
    batch_id = caller.created(*rows(**body))["id"]
    act("stored_hold_fields_removed", batch=batch_id)
    bill = caller.polled_to_end(batch_id)["billing"]
    names = ("reservation_id", "estimated_nanos", "reserved_nanos", "estimated_user_cost")
    assert [bill[name] for name in names] == [None] * 4
    assert (bill["reason"], bill["reservation_status"]) == (reason, status)
    assert before["balance_nanos"] - caller.wallet()["balance_nanos"] == taken


def test_a_free_outcome_of_a_held_batch_gives_the_hold_back(caller, act, rows):
    before = caller.wallet()
    batch_id = caller.created(*rows())["id"]
    free = [{"meter": f"{kind}_text_tokens", "price_per_unit": "0"} for kind in ("input", "output")]
    act("prices_changed", model="mock-mini", prices=free)
    batch = caller.polled_to_end(batch_id)
    assert told(batch) == ("zero_cost:released_released", *FREE, 0, {"metered"}, 0)
    assert moved(caller, before) == (0, 0)


def test_a_cost_above_hold_and_credit_is_told_and_not_taken(make_caller, make_row):
    caller = make_caller(balance_nanos=ESTIMATE)
    batch_id = caller.created(make_row())["id"]
    dear = [{"meter": "output_text_tokens", "price_per_unit": "0.001"}]
    ACTIONS["prices_changed"](caller.gateway, caller.home, {"model": "mock-mini", "prices": dear})
    cost = 3 * 1_000 + 25 * 1_000_000
    for _ in range(2):
        batch = caller.polled_to_end(batch_id)
        assert told(batch) == ("charged:insufficient_balance", *STUCK, cost, {"metered"}, cost)
        assert batch["billing"]["reservation_status"] == "held"
    assert caller.wallet() == {
        "balance_nanos": ESTIMATE, "reserved_nanos": ESTIMATE, "available_nanos": 0,
    }  # fmt: skip
    caller.workspace.wallet.balance_nanos += cost
    assert told(caller.polled_to_end(batch_id))[:3] == (f"charged:{ACTUAL}", *PAID)


@pytest.mark.parametrize(
    ("life", "operation", "body", "first", "then"),
    [
        (ending("completed", 2), "settle", {}, "settlement_failed", f"charged:{ACTUAL}"),
        (ending("expired", 0, 2), "release", {}, "release_failed", "released_released"),
    ],
)
def test_what_broke_off_is_made_by_the_next_read(
    caller, act, rows, life, operation, body, first, then
):
    act("life_scripted", lives=[life])
    batch_id = caller.created(*rows(**body))["id"]
    act("database_next_call_fails", operation=operation)
    reserved = []
    for reason, billed in ((first, False), (then, True), (then, True)):
        bill = caller.get(f"/batches/{batch_id}").body["billing"]
        assert (bill["reason"], bill["billed"]) == (reason, billed)
        reserved.append(caller.wallet()["reserved_nanos"])
    assert reserved == [2 * ESTIMATE, 0, 0]


def test_a_release_that_fails_is_the_status_of_the_hold(caller, act):
    act("life_scripted", lives=[ending("failed")])
    batch_id = caller.created()["id"]
    act("database_next_call_fails", operation="release")
    batch = caller.get(f"/batches/{batch_id}").body
    assert told(batch) == ("release_failed", *STUCK, 0, {"summary"}, 0)
    assert batch["billing"]["reservation_status"] == "release_failed"


def test_a_refused_create_has_the_bill_of_a_void(caller, act):
    before = caller.wallet()
    act("provider_next_error", match="create", status=400)
    answer = caller.create()
    bill = answer.body["billing"]
    assert (answer.status, len(bill)) == (400, 14)
    assert (bill["reason"], bill["reservation_status"]) == ("upstream_create_failed", "released")
    assert (bill["estimated_nanos"], bill["cost_nanos"], bill["state"]) == (ESTIMATE, 0, "void")
    assert moved(caller, before) == (0, 0)


def test_a_create_beyond_the_credit_is_refused_and_holds_nothing(make_caller, make_row):
    caller = make_caller(balance_nanos=ESTIMATE - 1)
    answer = caller.create(make_row())
    assert (answer.status, answer.body["required_nanos"]) == (402, ESTIMATE)
    assert caller.wallet()["reserved_nanos"] == 0
