"""The words of `when`: where an edit applies."""

import pytest

from conformance.fault_words import word_holds

DOCUMENT = {"status": "canceled", "error": None, "webhook": {"url": "x"}}


@pytest.mark.parametrize(
    ("word", "holds"),
    [
        ("cancelled", True),
        ("completed", False),
        ("completed|cancelled", True),
        ("terminal", True),
        ("non-terminal", False),
        ("get", True),
        ("create|list", False),
        ("status:200", True),
        ("status:404", False),
        ("has:/webhook/url", True),
        ("has:/error", False),
        ("has:/nothing", False),
    ],
)
def test_a_word_holds_of_a_status_an_operation_or_a_member(word, holds):
    assert word_holds(word, "get", DOCUMENT, 200) is holds
