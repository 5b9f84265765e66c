import pytest

from conformance.mock.billing import Estimate
from conformance.mock.gateway import Gateway
from conformance.mock.input_rows import InputRow
from conformance.mock.validation import CreateRequest

ROW_ESTIMATE = 3 * 1_000 + 1_024 * 2_000
ROW_COST = 3 * 1_000 + 25 * 2_000


def summary(batch, *names):
    return tuple(batch["billing"][name] for name in names)


def test_a_hold_is_taken_at_create_and_shown(caller, make_row):
    before = caller.wallet()
    batch = caller.created(make_row("a"), make_row("b"))
    assert summary(batch, "state", "reserved_nanos") == ("estimated", 2 * ROW_ESTIMATE)
    assert caller.wallet() == {
        "balance_nanos": before["balance_nanos"],
        "reserved_nanos": 2 * ROW_ESTIMATE,
        "available_nanos": before["balance_nanos"] - 2 * ROW_ESTIMATE,
    }


def test_a_completed_batch_is_charged_what_it_used(caller):
    before = caller.wallet()["balance_nanos"]
    batch = caller.finished("complete")
    assert summary(batch, "billed", "charged", "reason", "state", "cost_nanos") == (
        True, True, "charged:released_and_charged_actual", "settled", 2 * ROW_COST,
    )  # fmt: skip
    assert sum(line["line_nanos"] for line in batch["pricing_lines"]) == 2 * ROW_COST
    assert caller.wallet() == {
        "balance_nanos": before - 2 * ROW_COST,
        "reserved_nanos": 0,
        "available_nanos": before - 2 * ROW_COST,
    }


def test_a_cost_equal_to_the_hold_is_captured(caller, make_row):
    batch = caller.finished("complete", make_row(max_output_tokens=10))
    assert summary(batch, "reason", "reservation_status") == ("charged:captured", "captured")
    assert summary(batch, "cost_nanos") == summary(batch, "reserved_nanos") == (23_000,)


def test_reads_after_the_settlement_change_nothing(caller):
    batch = caller.finished("complete")
    wallet = caller.wallet()
    caller.home.clock.advance(60_000)
    again = [caller.get(f"/batches/{batch['id']}").body for _ in range(3)]
    assert [body["billing"] for body in again] == [batch["billing"]] * 3
    assert [body["finalized_at"] for body in again] == [batch["finalized_at"]] * 3
    assert caller.get("/batches").body["data"][0]["billing"] == batch["billing"]
    assert caller.wallet() == wallet


def test_a_free_model_needs_no_hold_and_no_credit(make_caller, make_row):
    poor = make_caller().other("no_funds")
    created = poor.created(make_row(model="mock-free"))
    assert summary(created, "state", "reservation_status", "reserved_nanos") == (
        "pending", "skip_zero_cost", 0,
    )  # fmt: skip
    batch = poor.polled_to_end(created["id"])
    assert summary(batch, "billed", "charged", "reason", "cost_nanos") == (
        True, False, "zero_cost:zero_cost", 0,
    )  # fmt: skip
    assert [line["line_nanos"] for line in batch["pricing_lines"]] == [0, 0]


def test_good_rows_of_a_partial_success_are_charged(caller):
    batch = caller.finished("partial")
    assert batch["request_counts"] == {"total": 2, "completed": 1, "failed": 1}
    assert summary(batch, "reason", "cost_nanos") == (
        "charged_partial_success:released_and_charged_actual", ROW_COST,
    )  # fmt: skip
    assert batch["billing"]["pricing_breakdown"]["failed_requests"] == 1


@pytest.mark.parametrize("life", ["failed", "expired", "cancelled"])
def test_a_void_gives_the_whole_hold_back(caller, life):
    before = caller.wallet()
    batch = caller.finished(life)
    assert batch["status"] == life
    assert summary(batch, "billed", "charged", "reason", "state", "cost_nanos") == (
        True, False, "released_released", "void", 0,
    )  # fmt: skip
    (line,) = batch["pricing_lines"]
    assert (line["dimension"], line["total_nanos"]) == ("batch_requests", 0)
    assert batch["billing"]["pricing_breakdown"] is None
    assert caller.wallet() == before


@pytest.mark.parametrize("life", ["failed", "expired", "cancelled"])
def test_a_void_without_a_hold_is_named_by_its_status(caller, make_row, life):
    batch = caller.finished(life, make_row("a", "mock-free"), make_row("b", "mock-free"))
    assert summary(batch, "reason", "reservation_status") == (life, life)


def test_an_expired_partial_success_is_charged_but_void(caller):
    batch = caller.finished("expired_partial")
    assert summary(batch, "charged", "state", "cost_nanos") == (True, "void", ROW_COST)


def test_a_free_partial_expiry_is_named_by_its_status(caller, make_row):
    rows = (make_row("a", "mock-free"), make_row("b", "mock-free"))
    batch = caller.finished("expired_partial", *rows)
    assert summary(batch, "charged", "reason") == (False, "partial_success_expired:zero_cost")


@pytest.mark.parametrize(
    ("life", "reason"), [("all_failed", "missing_output_file"), ("no_usage", "missing_usage")]
)
def test_a_batch_that_cannot_be_billed_keeps_its_hold(caller, life, reason):
    batch = caller.finished(life)
    assert summary(batch, "billed", "charged", "reason", "state") == (
        False, False, reason, "estimated",
    )  # fmt: skip
    assert batch["pricing_lines"] == []
    assert caller.wallet()["reserved_nanos"] == 2 * ROW_ESTIMATE


def test_a_settlement_that_broke_off_is_made_by_the_next_read(caller):
    caller.workspace.failing["settle"] += 1
    broken = caller.finished("complete")
    assert summary(broken, "billed", "reason") == (False, "settlement_failed")
    mended = caller.get(f"/batches/{broken['id']}").body
    assert summary(mended, "billed", "cost_nanos") == (True, 2 * ROW_COST)


def test_a_release_that_fails_is_tried_again(caller):
    caller.workspace.failing["release"] += 1
    broken = caller.finished("failed")
    assert summary(broken, "billed", "reason", "cost_nanos") == (False, "release_failed", 0)
    assert caller.wallet()["reserved_nanos"] == 2 * ROW_ESTIMATE
    mended = caller.get(f"/batches/{broken['id']}").body
    assert summary(mended, "billed", "reason") == (True, "released_released")
    assert caller.wallet()["reserved_nanos"] == 0


def test_a_cost_that_the_wallet_does_not_have_is_not_taken(caller):
    batch = caller.created()
    caller.workspace.wallet.balance_nanos = 1
    body = caller.polled_to_end(batch["id"])
    assert summary(body, "billed", "charged", "reason") == (
        False, False, "charged:insufficient_balance",
    )  # fmt: skip
    assert caller.wallet()["balance_nanos"] == 1


class SamplesTwoRows(Gateway):
    def estimation_sample(self):
        return 2


def test_the_estimate_of_more_rows_than_are_sampled_is_scaled(caller, make_row):
    assert caller.gateway.estimation_sample() == 50_000
    caller.gateway = SamplesTwoRows(caller.gateway.estate)
    batch = caller.created(*(make_row(name, max_tokens=1) for name in "abc"))
    names = ("estimation_truncated", "estimation_sample_size", "estimation_total_rows")
    assert summary(batch, *names) == (True, 2, 3)
    assert summary(batch, "estimated_nanos") == (3 * 5_000,)


def test_the_first_fifty_thousand_rows_stand_for_all(caller):
    body = {"model": "mock-mini", "input": "four", "max_output_tokens": 1}
    rows = [InputRow(number, {"body": body}) for number in range(50_001)]
    request = CreateRequest({}, "/v1/responses", "file-1", None, None)
    found = [caller.gateway.estimate(request, rows[:count]) for count in (50_000, 50_001)]
    assert found == [Estimate(150_000_000), Estimate(150_003_000, 50_000, 50_001)]
