"""What a settlement takes from the wallet: each fault against the gateway as it should be."""

import pytest

from conformance.mock.money_text import NANOS_PER_CENT
from conformance.mock.prices import with_prices


def taken(caller, act):
    before = caller.wallet()
    act()
    after = caller.wallet()
    return {key: before[key] - after[key] for key in ("balance_nanos", "reserved_nanos")}


def settled(caller, life="complete"):
    """The body of a batch that ended, and what the wallet lost from create to end."""
    found = []
    lost = taken(caller, lambda: found.append(caller.finished(life)))
    return found[0], lost


def test_a_settled_batch_takes_its_cost_once_without_a_fault(caller):
    batch, lost = settled(caller)
    reads = (lambda: caller.get(f"/batches/{batch['id']}"), lambda: caller.get("/batches"))
    again = [taken(caller, act) for act in (*reads, lambda: caller.gateway.sweep(caller.workspace))]
    assert lost == {"balance_nanos": batch["billing"]["cost_nanos"], "reserved_nanos": 0}
    assert again == [{"balance_nanos": 0, "reserved_nanos": 0}] * 3


def test_billed_on_every_read(make_caller):
    caller = make_caller("billed-on-every-read")
    batch, lost = settled(caller)
    again = taken(caller, lambda: caller.get(f"/batches/{batch['id']}"))
    cost = batch["billing"]["cost_nanos"]
    assert (lost["balance_nanos"], again["balance_nanos"]) == (cost, cost)


def test_billed_on_every_read_takes_nothing_for_a_void(make_caller):
    caller = make_caller("billed-on-every-read")
    batch, _ = settled(caller, "failed")
    assert taken(caller, lambda: caller.get(f"/batches/{batch['id']}"))["balance_nanos"] == 0


def test_list_charges_again(make_caller):
    caller = make_caller("list-charges-again")
    batch, _ = settled(caller)
    again = taken(caller, lambda: caller.get("/batches"))
    assert again["balance_nanos"] == batch["billing"]["cost_nanos"]


def test_hold_released_on_every_read(make_caller):
    caller = make_caller("hold-released-on-every-read")
    batch, _ = settled(caller)
    again = taken(caller, lambda: caller.get(f"/batches/{batch['id']}"))
    assert again == {"balance_nanos": 0, "reserved_nanos": batch["billing"]["reserved_nanos"]}


@pytest.mark.parametrize("first", ["poll", "job"])
def test_settled_by_poll_and_sweep(make_caller, first):
    caller = make_caller("settled-by-poll-and-sweep")
    batch_id = caller.created()["id"]
    before = caller.wallet()["balance_nanos"]
    for _ in range(3):
        caller.home.provider.step(batch_id)
    meet = [
        lambda: caller.get(f"/batches/{batch_id}"),
        lambda: caller.gateway.sweep(caller.workspace),
    ]
    for act in (meet if first == "poll" else meet[::-1]) * 2:
        act()
    cost = caller.get(f"/batches/{batch_id}").body["billing"]["cost_nanos"]
    assert before - caller.wallet()["balance_nanos"] == 2 * cost > 0


def test_a_sweep_that_comes_later_settles_nothing_more(make_caller):
    caller = make_caller("settled-by-poll-and-sweep")
    batch, lost = settled(caller)
    caller.home.clock.advance(1)
    again = taken(caller, lambda: caller.gateway.sweep(caller.workspace))
    assert (lost["balance_nanos"], again["balance_nanos"]) == (batch["billing"]["cost_nanos"], 0)


def test_charged_before_a_settlement_that_breaks(make_caller):
    caller = make_caller("charged-before-a-settlement-that-breaks")
    caller.workspace.failing["settle"] = 1
    batch, lost = settled(caller)
    again = taken(caller, lambda: caller.get(f"/batches/{batch['id']}"))
    cost = caller.get(f"/batches/{batch['id']}").body["billing"]["cost_nanos"]
    assert batch["billing"]["reason"] == "settlement_failed"
    assert (lost["balance_nanos"], again["balance_nanos"]) == (cost, cost)


def test_wallet_charged_although_unsettled(make_caller):
    caller = make_caller("wallet-charged-although-unsettled")
    batch, lost = settled(caller, "no_usage")
    again = taken(caller, lambda: caller.get(f"/batches/{batch['id']}"))
    assert (batch["billing"]["charged"], again["balance_nanos"]) == (False, 0)
    assert lost["balance_nanos"] == batch["billing"]["estimated_nanos"] > 0


def test_wallet_charged_in_whole_cents(make_caller):
    batch, lost = settled(make_caller("wallet-charged-in-whole-cents"))
    assert 0 < batch["billing"]["cost_nanos"] < NANOS_PER_CENT
    assert lost == {"balance_nanos": NANOS_PER_CENT, "reserved_nanos": 0}


def test_wallet_charged_the_estimate(make_caller):
    batch, lost = settled(make_caller("wallet-charged-the-estimate"))
    held = batch["billing"]["reserved_nanos"]
    assert lost == {"balance_nanos": held, "reserved_nanos": 0}
    assert held > batch["billing"]["cost_nanos"]


def test_wallet_never_charged(make_caller):
    batch, lost = settled(make_caller("wallet-never-charged"))
    assert (batch["billing"]["charged"], lost["balance_nanos"]) == (True, 0)


def test_any_cost_captured(make_caller):
    batch, _ = settled(make_caller("any-cost-captured"))
    assert batch["billing"]["reason"] == "charged:captured"
    assert batch["billing"]["cost_nanos"] != batch["billing"]["reserved_nanos"]


def test_failed_batch_charged(make_caller):
    batch, lost = settled(make_caller("failed-batch-charged"), "failed")
    cost = batch["billing"]["cost_nanos"]
    assert (batch["billing"]["charged"], cost) == (True, batch["billing"]["estimated_nanos"])
    assert lost == {"balance_nanos": cost, "reserved_nanos": 0}


def test_rows_of_a_cut_short_batch_charged(caller, make_caller):
    faulty = make_caller("rows-of-a-cut-short-batch-charged")
    bills = [one.finished("cancelled")["billing"] for one in (caller, faulty)]
    assert [bill["charged"] for bill in bills] == [False, True]
    assert bills[0]["cost_nanos"] == 0 < bills[1]["cost_nanos"]


def test_usage_guessed_where_missing(make_caller):
    batch, lost = settled(make_caller("usage-guessed-where-missing"), "no_usage")
    # Of the second row of mock-mini 10 tokens at 1000 nanos and 25 at 2000 are guessed.
    assert (batch["billing"]["charged"], batch["billing"]["cost_nanos"]) == (True, 113_000)
    assert lost["balance_nanos"] == 113_000


def test_bill_made_anew_at_a_newer_price(make_caller):
    caller = make_caller("bill-made-anew-at-a-newer-price")
    first, lost = settled(caller)
    reads = [caller.get(f"/batches/{first['id']}").body for _ in range(2)]
    costs = [body["billing"]["cost_nanos"] for body in (first, reads[0])]
    assert costs == [lost["balance_nanos"], 2 * lost["balance_nanos"]]
    assert reads[0]["billing"]["finalized_at"] == first["billing"]["finalized_at"]
    assert reads[0]["pricing_lines"] != first["pricing_lines"]


def test_row_without_usage_left_out(make_caller):
    batch, lost = settled(make_caller("row-without-usage-left-out"), "no_usage")
    assert (batch["billing"]["charged"], lost["balance_nanos"]) == (True, 53_000)
    unsettled, lost = settled(make_caller(), "no_usage")
    assert (unsettled["billing"]["reason"], lost["balance_nanos"]) == ("missing_usage", 0)


def test_wallet_charged_in_whole_micro_dollars(make_caller, make_row):
    caller = make_caller("wallet-charged-in-whole-micro-dollars")
    found = []
    row = make_row("a", "mock-fine")
    lost = taken(caller, lambda: found.append(caller.finished("complete", row)))
    assert (found[0]["billing"]["cost_nanos"], lost["balance_nanos"]) == (3863, 3000)


def test_late_settlement_forgets_the_work(make_caller):
    caller = make_caller("late-settlement-forgets-the-work")
    caller.workspace.failing["settle"] = 1
    batch, _ = settled(caller)
    late = caller.get(f"/batches/{batch['id']}").body["billing"]
    assert (batch["billing"]["reason"], late["billed"], late["cost_nanos"]) == (
        "settlement_failed",
        True,
        0,
    )


def test_bill_made_anew_on_every_read(make_caller):
    caller = make_caller("bill-made-anew-on-every-read")
    batch, _ = settled(caller)
    prices = [{"meter": "output_text_tokens", "unit_size": 1, "price_per_unit": "1"}]
    models = caller.workspace.models
    models["mock-mini"] = with_prices(models["mock-mini"], prices)
    lost = taken(caller, lambda: caller.get(f"/batches/{batch['id']}"))
    later = caller.get(f"/batches/{batch['id']}").body
    assert later["billing"]["cost_nanos"] > batch["billing"]["cost_nanos"]
    assert lost["balance_nanos"] == 0
