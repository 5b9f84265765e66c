"""What a bill gives as its reason: each fault against the gateway as it should be."""

import pytest


def told(body, *names):
    return tuple(body["billing"][name] for name in names)


def free(caller, make_row):
    return caller.finished("complete", make_row("a", "mock-free"), make_row("b", "mock-free"))


@pytest.mark.parametrize(
    ("name", "life", "right", "wrong"),
    [
        (
            "reason-without-its-suffix",
            "complete",
            "charged:released_and_charged_actual",
            "charged",
        ),
        (
            "void-reason-is-the-status-despite-a-hold",
            "failed",
            "released_released",
            "failed",
        ),
        (
            "partial-success-left-out-of-the-reason",
            "partial",
            "charged_partial_success:released_and_charged_actual",
            "charged:released_and_charged_actual",
        ),
        (
            "good-rows-called-a-partial-success",
            "complete",
            "charged:released_and_charged_actual",
            "charged_partial_success:released_and_charged_actual",
        ),
        (
            "cancelled-rows-unbilled",
            "expired_partial",
            "charged_partial_success:released_and_charged_actual",
            "released_released",
        ),
    ],
)
def test_a_reason_is_another_word(caller, make_caller, name, life, right, wrong):
    bodies = (caller.finished(life), make_caller(name).finished(life))
    assert [body["billing"]["reason"] for body in bodies] == [right, wrong]


def test_partial_success_left_out_of_the_reason_of_free_work(make_caller, make_row):
    caller = make_caller("partial-success-left-out-of-the-reason")
    rows = make_row("a", "mock-free"), make_row("b", "mock-free")
    assert told(caller.finished("partial", *rows), "reason") == ("zero_cost:zero_cost",)


def test_captured_without_being_applied(make_caller):
    caller = make_caller("captured-without-being-applied")
    before = caller.wallet()
    batch = caller.finished("complete")
    assert told(batch, "reason", "charged") == ("charged:released_and_charged_actual", False)
    assert batch["billing"]["cost_nanos"] > 0
    assert caller.wallet() == before


def test_zero_cost_with_tokens(make_caller):
    caller = make_caller("zero-cost-with-tokens")
    before = caller.wallet()
    batch = caller.finished("complete")
    shown = told(batch, "reason", "billed", "charged", "cost_nanos")
    assert shown == ("zero_cost:released_released", True, False, 0)
    assert all(line["line_nanos"] > 0 for line in batch["pricing_lines"])
    assert (len(batch["pricing_lines"]), caller.wallet()) == (2, before)


def test_charged_at_zero_cost(caller, make_caller, make_row):
    batches = [free(one, make_row) for one in (caller, make_caller("charged-at-zero-cost"))]
    assert [told(one, "charged", "cost_nanos") for one in batches] == [(False, 0), (True, 0)]


def test_cancelled_rows_unbilled_takes_nothing_for_the_rows_done(make_caller):
    caller = make_caller("cancelled-rows-unbilled")
    before = caller.wallet()
    batch = caller.finished("expired_partial")
    counts = batch["request_counts"]
    assert (counts["completed"], counts["failed"]) == (1, 1)
    assert (told(batch, "charged", "cost_nanos"), caller.wallet()) == ((False, 0), before)


def test_cancelled_rows_unbilled_leaves_completed_batches_alone(caller, make_caller):
    bills = [
        one.finished("complete")["billing"]["cost_nanos"]
        for one in (caller, make_caller("cancelled-rows-unbilled"))
    ]
    assert bills[0] == bills[1] > 0


def test_early_read_pins_zero_cost(make_caller):
    caller = make_caller("early-read-pins-zero-cost")
    before = caller.wallet()
    batch = caller.finished("complete")
    again = caller.get(f"/batches/{batch['id']}").body
    shown = ("zero_cost:released_released", True, False, 0)
    assert [told(one, "reason", "billed", "charged", "cost_nanos") for one in (batch, again)] == [
        shown,
        shown,
    ]
    assert (batch["output_file_id"] is not None, caller.wallet()) == (True, before)


def test_billed_while_it_runs(make_caller):
    caller = make_caller("billed-while-it-runs")
    running = caller.get(f"/batches/{caller.created()['id']}").body
    assert (running["status"], *told(running, "billed", "cost_nanos")) == ("in_progress", True, 0)


def test_charged_although_unsettled(make_caller):
    caller = make_caller("charged-although-unsettled")
    before = caller.wallet()["balance_nanos"]
    batch = caller.finished("no_usage")
    caller.get(f"/batches/{batch['id']}")
    assert told(batch, "reason", "billed", "charged") == ("missing_usage", False, True)
    taken = before - caller.wallet()["balance_nanos"]
    assert taken == batch["billing"]["estimated_nanos"] > 0
