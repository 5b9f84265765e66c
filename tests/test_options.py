"""The table of options: every row can be an option of pytest, of a verb, and a variable."""

from conformance.options import BY_NAME, OPTIONS


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


def test_help_is_one_clause_without_a_full_stop() -> None:
    wrong = [o.name for o in OPTIONS if not o.help or o.help.endswith(".") or "\n" in o.help]
    assert wrong == []
