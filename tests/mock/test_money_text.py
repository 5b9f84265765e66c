import pytest

from conformance.mock.money_text import usd_2, usd_9, usd_number


def test_nine_digits_are_exact():
    assert usd_9(12_000_000_127) == "12.000000127"


@pytest.mark.parametrize(
    ("nanos", "text"),
    [(0, "0.00"), (4_999_999, "0.00"), (5_000_000, "0.01"), (1_994_999_999, "1.99")],
)
def test_two_digits_are_rounded_to_the_nearest_cent(nanos, text):
    assert usd_2(nanos) == text


def test_the_number_is_exact_to_the_nano():
    assert (repr(usd_number(127_000)), repr(usd_number(0))) == ("0.000127", "0")
