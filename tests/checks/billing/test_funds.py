"""Funds: refused creates, and those that should have been."""

from typing import Any

import pytest

from conformance.testing import batch, exchange, refused
from conformance.transcript import Wallet

LABEL = "BILL-FUNDS-02/without-credit"
SHORT = {"required_nanos": 500, "reservation_status": "insufficient_balance"}
NO = refused(402, "insufficient_funds", "batch_reservation_insufficient_credits", **SHORT)


def create(answer: Any, status: int, label: str | None = LABEL) -> Any:
    return exchange("POST", "/batches", answer, status=status, key="no_funds", label=label)


def test_a_refusal_for_lack_of_credit_holds_every_row(found: Any) -> None:
    purse = Wallet("no_funds", 100, 0)
    steps = [purse, create(NO, 402), purse]
    assert found("BILL-FUNDS-01", *steps) == (3, [])
    for number in ("02", "03", "05", "07"):
        assert found(f"BILL-FUNDS-{number}", *steps) == (1, [])


def test_a_batch_made_without_credit_is_found(found: Any) -> None:
    made = create(batch("validating"), 200)
    assert found("BILL-FUNDS-01", made) == (1, [""])
    assert found("BILL-FUNDS-02", made)[1] != []


def test_a_new_batch_in_the_list_is_found(found: Any) -> None:
    lists = [
        exchange("GET", "/batches", {"data": data}, key="no_funds") for data in ([], [batch()])
    ]
    assert found("BILL-FUNDS-01", lists[0], create(NO, 402), lists[1]) == (2, ["/data/0/id"])


def test_asking_for_less_than_there_is_is_found(found: Any) -> None:
    steps = [Wallet("no_funds", 500, 0), create(NO, 402)]
    assert found("BILL-FUNDS-05", *steps) == (1, ["/required_nanos"])


def test_what_cannot_be_priced_is_refused(found: Any) -> None:
    label = "BILL-FUNDS-06/no-price"
    assert found("BILL-FUNDS-06", create(refused(500), 500, label)) == (1, [])
    assert found("BILL-FUNDS-06", create(batch(), 200, label)) == (1, [""])


@pytest.mark.parametrize("billing", [{"charged": True}, {"cost_nanos": 1}])
def test_a_refusal_that_charges_is_found(billing: Any, found: Any) -> None:
    assert found("BILL-FUNDS-07", create({"billing": billing}, 400, None)) == (1, ["/billing"])


@pytest.mark.parametrize("answer", [b"no", [], 7, {"billing": [], "error": []}, {"error": {}}])
def test_an_answer_of_any_kind_is_judged(answer: Any, found: Any) -> None:
    for number in ("01", "05", "06", "07"):
        assert found(f"BILL-FUNDS-{number}", create(answer, 402))[1] == []


@pytest.mark.parametrize("name", ["id", "batch_id", "native_batch_id"])
def test_a_refusal_that_names_a_batch_is_found(name: str, found: Any) -> None:
    assert found("BILL-FUNDS-01", create({**NO, name: None}, 402)) == (1, [])
    assert found("BILL-FUNDS-01", create({**NO, name: "batch_1"}, 402)) == (1, [""])


@pytest.mark.parametrize(
    ("reason", "judged"), [("insufficient_balance", 1), ("daily_limit_exceeded", 0)]
)
def test_a_refusal_for_another_limit_may_ask_for_less(reason: str, judged: int, found: Any) -> None:
    error = {"type": "insufficient_funds", "reason": reason, "reserved_nanos": 500}
    steps = [Wallet("no_funds", 900, 0), create({"error": error}, 402)]
    broken = ["/error/reserved_nanos"] * judged
    assert found("BILL-FUNDS-05", *steps, profile="phaseo") == (judged, broken)


@pytest.mark.parametrize(
    ("billing", "broken"),
    [({"cost_usd": 0.5}, 1), ({"total_nanos": 1}, 1), ({"cost_usd": 1e-25, "total_nanos": 0}, 0)],
)
def test_a_cost_of_a_refusal_may_be_worded_otherwise(billing: Any, broken: int, found: Any) -> None:
    answer = create({"billing": billing}, 400, None)
    assert found("BILL-FUNDS-07", answer) == (1, ["/billing"] * broken)
