"""The table of options: every row can be an option of pytest, of a verb, and a variable."""

from pathlib import Path

from conformance.options import BY_NAME, OPTIONS

USING = Path(__file__).parents[1] / "docs" / "using.md"


def test_names_are_lower_case_words_and_stand_once() -> None:
    names = [option.name for option in OPTIONS]
    assert sorted(set(names)) == sorted(names) == sorted(BY_NAME)
    assert all(name.replace("-", "").isalpha() and name.islower() for name in names)


def test_an_option_has_a_destination_and_a_variable() -> None:
    option = BY_NAME["max-spend"]
    assert (option.dest, option.variable) == ("conformance_max_spend", "CONFORMANCE_MAX_SPEND")


def test_every_kind_is_known_and_numbers_say_what_they_count() -> None:
    kinds = {"text", "many", "flag", "number", "whole", "usd", "waits"}
    assert {option.kind for option in OPTIONS} <= kinds
    counting = [option for option in OPTIONS if option.kind in {"number", "whole", "usd", "waits"}]
    assert all(option.metavar for option in counting)


def test_numbers_have_room_between_their_bounds_and_a_default_there() -> None:
    numbers = [option for option in OPTIONS if option.kind in {"number", "whole"}]
    assert all((one.least or 0) <= one.default <= one.most for one in numbers)
    assert [one.name for one in OPTIONS if one.least is not None] == ["examine"]


def test_the_table_for_users_has_every_option() -> None:
    text = USING.read_text("utf-8")
    missing = [one.name for one in OPTIONS if f"| `--{one.name}" not in text]
    assert [name for name in missing if not BY_NAME[name].long_only] == []


def test_help_is_one_clause_without_a_full_stop() -> None:
    wrong = [o.name for o in OPTIONS if not o.help or o.help.endswith(".") or "\n" in o.help]
    assert wrong == []
