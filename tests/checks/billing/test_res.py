"""Reservations: readings around a create, and the words of the block."""

from typing import Any

import pytest

from conformance.testing import batch, edge, exchange, refused
from conformance.transcript import Wallet

CREATED = batch("validating", billing={"reserved_nanos": 500})
CREATE = exchange("POST", "/batches", CREATED)


def wallet(balance: int = 10**9, reserved: int = 0, available: int | None = None) -> Wallet:
    return Wallet("a", balance, reserved, available)


@pytest.mark.parametrize(
    ("after", "broken"),
    [
        (wallet(reserved=500), []),
        (wallet(), ["/reserved_nanos"]),
        (wallet(10**9 - 500, 500), ["/balance_nanos"]),
    ],
)
def test_a_create_holds_what_it_states(after: Wallet, broken: list[str], found: Any) -> None:
    assert found("BILL-RES-01", wallet(), CREATE, after) == (2, broken)


def test_a_create_that_says_nothing_of_a_hold_is_not_judged(found: Any) -> None:
    create = exchange("POST", "/batches", batch("validating"))
    assert found("BILL-RES-01", wallet(), create, wallet()) == (0, [])


def test_a_settlement_takes_the_cost_and_nothing_else(found: Any, settled: Any) -> None:
    read = exchange("GET", "/batches/batch_1", settled())
    fine = [wallet(), CREATE, read, wallet(10**9 - 400000)]
    assert found("BILL-RES-02", *fine) == (2, [])
    assert found("BILL-RES-02", *fine[:3], wallet(10**9, 500))[1] == [
        "/balance_nanos",
        "/reserved_nanos",
    ]


def test_another_batch_in_the_workspace_hides_the_money(found: Any, settled: Any) -> None:
    other = exchange("POST", "/batches", batch("validating", id="batch_2"))
    read = exchange("GET", "/batches/batch_1", settled())
    assert found("BILL-RES-02", wallet(), CREATE, other, read, wallet()) == (0, [])


def test_reading_a_bill_is_free(found: Any, settled: Any) -> None:
    read = exchange("GET", "/batches/batch_1", settled())
    steps = [CREATE, read, wallet(5), read, wallet(4)]
    assert found("BILL-STABLE-07", *steps) == (2, ["/balance_nanos"])


def test_a_create_that_the_provider_refuses_leaves_no_hold(found: Any) -> None:
    armed = edge("provider_next_error", status=400)
    create = exchange("POST", "/batches", refused(400), status=400)
    assert found("BILL-RES-11", wallet(), armed, create, wallet()) == (2, [])
    leaked = found("BILL-RES-11", wallet(), armed, create, wallet(reserved=7))
    assert leaked == (2, ["/reserved_nanos"])


def test_what_is_available_is_the_rest(found: Any) -> None:
    assert found("BILL-RES-07", wallet(10, 4, 6), wallet(10, 4)) == (1, [])
    assert found("BILL-RES-07", wallet(10, 4, 10)) == (1, ["/available_nanos"])


@pytest.mark.parametrize(
    ("requirement", "members", "pointer"),
    [
        ("BILL-RES-04", {"reservation_id": "batch_hold:other"}, "reservation_id"),
        ("BILL-RES-05", {"reservation_status": "lost"}, "reservation_status"),
        ("BILL-RES-06", {"estimated_nanos": 1, "reserved_nanos": 2}, "reserved_nanos"),
        (
            "BILL-RES-09",
            {
                "estimation_truncated": True,
                "estimation_sample_size": 5,
                "estimation_total_rows": 5,
            },
            "estimation_truncated",
        ),
        ("BILL-RES-10", {"reason": "charged:captured", "reserved_nanos": 1}, "reason"),
    ],
)
def test_a_wrong_word_of_the_hold_is_found(
    requirement: str, members: Any, pointer: str, read: Any
) -> None:
    assert read(requirement) == (0, [])
    assert read(requirement, **members) == (1, [f"/billing/{pointer}"])


def test_nothing_is_taken_for_a_batch_without_a_bill(found: Any, settled: Any) -> None:
    unbilled = settled(billed=False, charged=False, reason="missing_usage", cost_nanos=None)
    read = exchange("GET", "/batches/batch_1", unbilled)
    assert found("BILL-RES-02", wallet(), CREATE, read, wallet(reserved=500), read) == (1, [])
    taken = [wallet(), CREATE, read, wallet(10**9 - 1, 500), read]
    assert found("BILL-RES-02", *taken) == (1, ["/balance_nanos"])
    # Without a further read the bill may have come just before the reading.
    assert found("BILL-RES-02", *taken[:4]) == (0, [])


@pytest.mark.parametrize(
    ("status", "broken"), [(None, ["/reserved_nanos"]), ("skip_zero_cost", None)]
)
def test_a_batch_that_cost_something_was_held_for(
    status: str | None, broken: Any, found: Any, settled: Any
) -> None:
    block = {"reserved_nanos": None, "reservation_status": status}
    create = exchange("POST", "/batches", batch("validating", billing=block))
    read = exchange("GET", "/batches/batch_1", settled())
    judged = (0, []) if broken is None else (2, broken)
    assert found("BILL-RES-01", wallet(), create, wallet(), read) == judged


@pytest.mark.parametrize(
    ("members", "after", "broken"),
    [
        ({}, wallet(10**9 - 400000), []),
        ({}, wallet(10**9 - 800000), ["/balance_nanos"]),
        ({}, wallet(10**9 - 400000, 500), ["/reserved_nanos"]),
        ({"reason": "already_billed", "charged": False}, wallet(), ["/balance_nanos"]),
        ({"reason": "stale_terminal_status", "charged": False}, wallet(10**9 - 400000), []),
        ({"charged": 1}, wallet(), []),
    ],
)
def test_without_a_stated_cost_the_lines_tell_it(
    members: Any, after: Wallet, broken: list[str], found: Any, settled: Any
) -> None:
    body = settled(**members)
    body["billing"] = {key: body["billing"][key] for key in ("billed", "charged", "reason")}
    read = exchange("GET", "/batches/batch_1", body)
    assert found("BILL-RES-02", wallet(), CREATE, read, after)[1] == broken


@pytest.mark.parametrize(("billed", "broken"), [(True, ["status"]), (False, [])])
def test_a_skipped_hold_is_none_once_billed(billed: Any, broken: list[str], read: Any) -> None:
    found = read("BILL-RES-05", billed=billed, reservation_status="skip_zero_cost")
    assert found == (1, [f"/billing/reservation_{one}" for one in broken])


@pytest.mark.parametrize(("match", "judged"), [("create", 2), ("content", 0)])
def test_a_refusal_that_the_gateway_words_anew_leaves_no_hold(
    match: str, judged: int, found: Any
) -> None:
    armed = edge("provider_next_error", status=400, match=match)
    create = exchange("POST", "/batches", refused(502), status=502)
    leaked = found("BILL-RES-11", wallet(), armed, create, wallet(reserved=7))
    assert leaked == (judged, ["/reserved_nanos"] * (judged // 2))
