"""What a body shows of its bill: each fault against the gateway as it should be."""

from datetime import datetime, timedelta

import pytest


def both_reads(caller, life="complete"):
    first = caller.finished(life)
    return first, caller.get(f"/batches/{first['id']}").body


def read_and_listed(caller, life="complete"):
    return caller.finished(life), caller.get("/batches").body["data"][0]


def billing(body, *names):
    return {name: body["billing"][name] for name in names}


def test_reads_and_lists_of_a_settled_batch_agree_without_a_fault(caller):
    first, second = both_reads(caller)
    listed = caller.get("/batches").body["data"][0]
    assert (second["billing"], listed["billing"]) == (first["billing"], first["billing"])
    assert second["pricing_lines"] == listed["pricing_lines"] == first["pricing_lines"]


def test_estimate_shown_as_settled(make_caller):
    batch = make_caller("estimate-shown-as-settled").created()
    held = batch["billing"]["reserved_nanos"]
    assert held > 0
    assert billing(batch, "state", "cost_nanos") == {"state": "settled", "cost_nanos": held}
    assert [line["total_nanos"] for line in batch["pricing_lines"]] == [held]


def test_an_estimate_shown_as_settled_gives_way_to_the_bill(make_caller, caller):
    shown = make_caller("estimate-shown-as-settled").finished("complete")
    assert shown["billing"]["cost_nanos"] == caller.finished("complete")["billing"]["cost_nanos"]


def test_bill_vanishes_on_a_later_read(make_caller):
    first, second = both_reads(make_caller("bill-vanishes-on-a-later-read"))
    assert first.keys() - second.keys() == {"billing", "pricing_lines"}


def test_list_items_without_bills(make_caller):
    read, listed = read_and_listed(make_caller("list-items-without-bills"))
    assert read.keys() - listed.keys() == {"billing", "pricing_lines"}


def test_no_bill_until_it_is_settled(make_caller):
    caller = make_caller("no-bill-until-it-is-settled")
    caller.workspace.failing["settle"] = 1
    first, second = both_reads(caller)
    assert second.keys() - first.keys() == {"billing", "finalized_at"}
    assert second["billing"]["billed"] is True


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("billed-forgotten-on-a-later-read", (False, False, None)),
        ("repeat-view-not-billed", (False, False, "already_billed")),
        ("second-read-says-free", (True, False, "zero_cost")),
        ("second-read-says-already-billed", (True, False, "already_billed")),
    ],
)
def test_a_later_read_says_otherwise(make_caller, name, shown):
    first, second = both_reads(make_caller(name))
    names = ("billed", "charged", "reason")
    assert (first["billing"]["billed"], first["billing"]["charged"]) == (True, True)
    assert tuple(second["billing"][name] for name in names) == shown
    assert second["billing"]["cost_nanos"] == first["billing"]["cost_nanos"]


def test_second_read_says_already_billed_at_the_time_of_the_read(make_caller):
    caller = make_caller("second-read-says-already-billed")
    first = caller.finished("complete")
    caller.home.clock.advance(5_000)
    second = caller.get(f"/batches/{first['id']}").body
    times = [datetime.fromisoformat(b["billing"]["finalized_at"]) for b in (first, second)]
    assert times[1] - times[0] == timedelta(seconds=5)


def test_settled_state_lost_on_a_later_read(make_caller):
    reads = both_reads(make_caller("settled-state-lost-on-a-later-read"))
    assert [body["billing"]["state"] for body in reads] == ["settled", "estimated"]


def test_finalized_at_moves_backwards(make_caller):
    reads = both_reads(make_caller("finalized-at-moves-backwards"))
    times = [datetime.fromisoformat(body["billing"]["finalized_at"]) for body in reads]
    assert times[0] - times[1] == timedelta(hours=1)
    assert reads[1]["finalized_at"] == reads[1]["billing"]["finalized_at"]


def test_lines_summed_up_in_the_list(make_caller):
    read, listed = read_and_listed(make_caller("lines-summed-up-in-the-list"))
    assert [line["dimension"] for line in listed["pricing_lines"]] == ["batch_requests"]
    assert listed["pricing_lines"][0]["total_nanos"] == read["billing"]["cost_nanos"]
    assert len(read["pricing_lines"]) == 2


def test_lines_summed_up_in_the_list_stay_as_they_are_in_the_store(make_caller):
    caller = make_caller("lines-summed-up-in-the-list")
    read, _ = read_and_listed(caller)
    assert caller.get(f"/batches/{read['id']}").body["pricing_lines"] == read["pricing_lines"]


def test_list_forgets_the_breakdown(make_caller):
    read, listed = read_and_listed(make_caller("list-forgets-the-breakdown"))
    assert read["billing"]["pricing_breakdown"] is not None
    assert listed["billing"] == read["billing"] | {"pricing_breakdown": None}


def test_list_derives_billed_from_stored_text(make_caller):
    read, listed = read_and_listed(make_caller("list-derives-billed-from-stored-text"), "no_usage")
    shown = [billing(body, "billed", "reason") for body in (read, listed)]
    assert shown == [{"billed": told, "reason": "missing_usage"} for told in (False, True)]
