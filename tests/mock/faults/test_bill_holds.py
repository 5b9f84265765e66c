"""What is set aside, given back and refused: each fault against the gateway as it should be."""

import pytest

from conformance.mock.actions import ACTIONS
from conformance.mock.provider import ScriptedError

UNTOUCHED = {"balance_nanos": 0, "reserved_nanos": 0}


def acted(caller, act):
    """What an act answers, and what it moved in the wallet."""
    before = caller.wallet()
    answer = act()
    after = caller.wallet()
    return answer, {key: after[key] - before[key] for key in UNTOUCHED}


def refused(caller):
    """A create that the provider refuses."""
    error = {"message": "no", "type": "invalid_request_error"}
    caller.home.provider.scripted_errors.append(ScriptedError("create", 400, {"error": error}))
    return acted(caller, caller.create)


def told(answer, *names):
    return tuple(answer.body["billing"][name] for name in names)


def test_holds_are_taken_and_given_back_without_a_fault(caller):
    batch, held = acted(caller, caller.created)
    _, void = acted(caller, lambda: caller.finished("failed"))
    assert held == {"balance_nanos": 0, "reserved_nanos": batch["billing"]["reserved_nanos"]}
    assert (void, refused(caller)[1]) == (UNTOUCHED, UNTOUCHED)


@pytest.mark.parametrize(
    ("name", "parts_of_ten"),
    [("reserved-with-a-margin", (0, 11)), ("nothing-reserved", (0, 0)),
     ("credit-taken-at-create", (-10, 0))],
)  # fmt: skip
def test_a_create_moves_another_amount_than_it_shows(make_caller, name, parts_of_ten):
    caller = make_caller(name)
    batch, moved = acted(caller, caller.created)
    shown = batch["billing"]["reserved_nanos"]
    wanted = [shown * part // 10 for part in parts_of_ten]
    assert ([moved["balance_nanos"], moved["reserved_nanos"]], shown > 0) == (wanted, True)


@pytest.mark.parametrize(
    "name", ["reserved-with-a-margin", "nothing-reserved", "credit-taken-at-create"]
)
def test_what_a_create_moved_comes_back(make_caller, name):
    caller = make_caller(name)
    _, void = acted(caller, lambda: caller.finished("failed"))
    _, refusal = refused(caller)
    batch, paid = acted(caller, lambda: caller.finished("complete"))
    assert (void, refusal) == (UNTOUCHED, UNTOUCHED)
    assert paid == {"balance_nanos": -batch["billing"]["cost_nanos"], "reserved_nanos": 0}


def test_estimate_with_a_margin(caller, make_caller):
    held = [
        one.created()["billing"]["reserved_nanos"]
        for one in (caller, make_caller("estimate-with-a-margin"))
    ]
    assert held[1] * 10 == held[0] * 11


@pytest.mark.parametrize("life", ["complete", "failed"])
def test_hold_never_released(make_caller, life):
    caller = make_caller("hold-never-released")
    batch, moved = acted(caller, lambda: caller.finished(life))
    assert moved["reserved_nanos"] == batch["billing"]["reserved_nanos"] > 0
    assert batch["billing"]["reservation_status"] != "held"


def test_void_keeps_its_hold(make_caller):
    caller = make_caller("void-keeps-its-hold")
    batch, moved = acted(caller, lambda: caller.finished("failed"))
    assert batch["billing"]["reason"] == "released_released"
    assert moved == {"balance_nanos": 0, "reserved_nanos": batch["billing"]["reserved_nanos"]}


def test_void_keeps_its_hold_and_a_paid_batch_does_not(make_caller):
    caller = make_caller("void-keeps-its-hold")
    assert acted(caller, lambda: caller.finished("complete"))[1]["reserved_nanos"] == 0


def test_void_gives_back_too_little(make_caller):
    caller = make_caller("void-gives-back-too-little")
    batch, moved = acted(caller, lambda: caller.finished("failed"))
    fee_nanos = batch["billing"]["reserved_nanos"] // 10
    assert moved == {"balance_nanos": -fee_nanos, "reserved_nanos": 0}
    assert fee_nanos > 0


def test_hold_leaked_when_the_provider_refuses(make_caller):
    answer, moved = refused(make_caller("hold-leaked-when-the-provider-refuses"))
    status, held = told(answer, "reservation_status", "reserved_nanos")
    assert (answer.status, status) == (400, "released")
    assert moved == {"balance_nanos": 0, "reserved_nanos": held}


def test_refused_create_charged(make_caller):
    answer, moved = refused(make_caller("refused-create-charged"))
    charged, cost, held = told(answer, "charged", "cost_nanos", "reserved_nanos")
    assert (answer.status, charged, cost) == (400, True, held)
    assert moved == {"balance_nanos": -held, "reserved_nanos": 0}


def test_available_credit_without_regard_to_holds(make_caller):
    caller = make_caller("available-credit-without-regard-to-holds")
    caller.created()
    figures = caller.get("/credits").body["credits"]
    assert figures["reserved_nanos"] > 0
    assert figures["available_nanos"] == figures["balance_nanos"]


def test_the_balance_read_by_the_control_shows_it_too(make_caller):
    caller = make_caller("available-credit-without-regard-to-holds")
    caller.created()
    shown = ACTIONS["wallet"](caller.gateway, caller.home, {})
    assert shown == caller.get("/credits").body["credits"]


def test_accepted_without_credit(make_caller):
    poor = make_caller("accepted-without-credit").other("no_funds")
    answer, moved = acted(poor, poor.create)
    assert answer.status == 200
    assert moved == {"balance_nanos": 0, "reserved_nanos": told(answer, "reserved_nanos")[0]}


def test_hold_taken_although_refused(make_caller):
    poor = make_caller("hold-taken-although-refused").other("no_funds")
    answer, moved = acted(poor, poor.create)
    assert answer.status == 402
    assert moved == {"balance_nanos": 0, "reserved_nanos": answer.body["required_nanos"]}


def test_submitted_before_the_credit_is_checked(make_caller):
    poor = make_caller("submitted-before-the-credit-is-checked").other("no_funds")
    answer, moved = acted(poor, poor.create)
    listed = [item["id"] for item in poor.get("/batches").body["data"]]
    assert (answer.status, moved) == (402, UNTOUCHED)
    assert listed == list(poor.home.provider.batches)
    assert len(listed) == 1


def test_unpriced_model_is_free(make_caller, make_row):
    caller = make_caller("unpriced-model-is-free")
    answer, moved = acted(caller, lambda: caller.create(make_row(model="nobody-sells-it")))
    assert (answer.status, moved) == (200, UNTOUCHED)
    assert told(answer, "estimated_nanos") == (0,)


def test_hold_taken_before_pricing(make_caller, make_row):
    caller = make_caller("hold-taken-before-pricing")
    answer, moved = acted(caller, lambda: caller.create(make_row(model="nobody-sells-it")))
    assert (answer.status, moved) == (400, {"balance_nanos": 0, "reserved_nanos": 1_000_000})


def test_no_hold_for_anybody(make_caller):
    caller = make_caller("no-hold-for-anybody")
    batch, held = acted(caller, caller.created)
    assert (held, batch["billing"]["reserved_nanos"]) == (UNTOUCHED, None)


def test_repeated_cancel_releases_again(make_caller):
    caller = make_caller("repeated-cancel-releases-again")
    batch = caller.finished("cancelled")
    path = f"/batches/{batch['id']}/cancel"
    _, moved = acted(caller, lambda: caller.post(path))
    held = batch["billing"]["reserved_nanos"]
    assert moved == {"balance_nanos": 0, "reserved_nanos": -held}


def test_hold_leaked_when_a_refusal_is_worded_anew(make_caller):
    answer, moved = refused(make_caller("hold-leaked-when-a-refusal-is-worded-anew"))
    assert (answer.status, moved["balance_nanos"], moved["reserved_nanos"] > 0) == (502, 0, True)
