import pytest

from conformance.mock.stream_options import is_off, whole_number


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("1500", 1500),
        (" 1500\t", 1500),
        ("1999.9", 1999),
        ("-5", -5),
        ("+7", 7),
        (".5", 0),
        ("3.", 3),
        ("1e4", 10_000),
        ("1E-400", 0),
        ("0x7d0", 2000),
        ("0B11", 3),
        ("0o17", 15),
        ("", None),
        ("abc", None),
        ("NaN", None),
        ("Infinity", None),
        ("1e999", None),
        ("1_000", None),
        ("-0x10", None),
        ("٣", None),
        ("1500ms", None),
    ],
)
def test_numbers_are_read_as_the_reference_reads_them(written, number):
    assert whole_number(written) == number


def test_four_words_switch_off_in_any_case_and_with_blanks_around():
    off = ["0", "false", "no", "off", " FALSE ", "Off"]
    on = ["", "1", "true", "maybe", "2", "00", "f"]
    assert [is_off(word) for word in [*off, *on]] == [True] * len(off) + [False] * len(on)
