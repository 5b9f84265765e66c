"""Numbers and texts of money, read without floats."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from conformance.checks.billing._money import Bill, exact, moment, text_nanos, usd_text, whole


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (7, 7),
        (Decimal("7.0"), 7),
        (Decimal("7.5"), None),
        (Decimal("1e999999"), None),
        (Decimal("0e999999"), 0),
        (True, None),
        ("7", None),
        (None, None),
    ],
)
def test_a_whole_number_is_one_however_it_is_written(value: Any, number: int | None) -> None:
    assert whole(value) == number


def test_a_number_is_exact_or_none() -> None:
    assert exact(Decimal("0.1")) == Fraction(1, 10)
    assert exact(Decimal("0e999999")) == 0
    assert [exact(one) for one in (Decimal("NaN"), True, "1", None)] == [None] * 4


def test_a_number_out_of_all_bounds_is_one_that_equals_no_amount() -> None:
    most, least = Fraction(10**60), Fraction(1, 10**60)
    assert [exact(Decimal(one)) for one in ("1e999999999", "-1e99", "1e-999999999")] == [
        most,
        -most,
        least,
    ]
    assert exact(10**400) == most
    assert [whole(one) for one in (10**60, Decimal("1e60"), Decimal("1e-60"))] == [None] * 3
    assert exact(Decimal("0." + "3" * 1_000_000)) == Fraction(int("3" * 120), 10**120)


def test_money_text_has_nine_digits() -> None:
    assert usd_text(1_000_000_001) == "1.000000001"
    assert text_nanos("1.000000001") == 1_000_000_001
    assert [text_nanos(one) for one in ("1.0", "-1.000000000", "1" * 99, 1)] == [None] * 4


def test_a_moment_has_a_zone() -> None:
    first, second = moment("2026-07-09T10:05:00Z"), moment("2026-07-09T12:05:00+02:00")
    assert first is not None
    assert first == second
    assert [moment(one) for one in ("2026-07-09T10:05:00", "yesterday", 7)] == [None] * 3


@pytest.mark.parametrize("billing", [None, [], "x", 7, ABSENT := object()])
def test_a_body_without_a_block_has_no_bill(billing: Any) -> None:
    bill = Bill({} if billing is ABSENT else {"billing": billing, "pricing_lines": billing})
    assert (bill.block, bill.reason, bill.cost_nanos, bill.flag("billed")) == (None,) * 4
