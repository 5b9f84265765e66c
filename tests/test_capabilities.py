"""What a target offers, and what a user is told about what it lacks."""

from dataclasses import replace

import pytest

from conformance.capabilities import MEND, SPEND, Capabilities, allows
from conformance.requirements import registry

OFFERED = Capabilities({"files": "every gateway has them", "create": "--spend create"})


def test_a_word_is_offered_or_missing() -> None:
    assert "files" in OFFERED
    assert "wallet" not in OFFERED
    assert OFFERED.missing(["wallet", "files", "clock"]) == ["wallet", "clock"]


@pytest.mark.parametrize(
    ("needs", "reason"),
    [
        (("files",), "nothing that it speaks of was seen in this run"),
        ((), "nothing that it speaks of was seen in this run"),
        (
            ("second-key", "files", "unheard-of"),
            'needs "second-key", "unheard-of"; to test it: '
            "set AI_STATS_API_KEY_B to a key of another workspace",
        ),
        (("unheard-of",), 'needs "unheard-of"'),
    ],
)
def test_the_reason_names_what_is_missing_and_how_to_supply_it(
    needs: tuple[str, ...], reason: str
) -> None:
    row = replace(registry()["REST-SHAPE-03"], needs=needs)
    assert OFFERED.why_untested(row) == reason


def test_every_need_of_a_built_family_has_a_mend_or_is_everywhere() -> None:
    rows = [row for row in registry() if not registry().is_pending(row)]
    words = {word for row in rows for word in row.needs}
    assert words - MEND.keys() <= {"files"}


def test_a_spend_limit_lets_through_what_costs_no_more() -> None:
    allowed = {spend: [cost for cost in ("free", "create", "settle") if allows(spend, cost)]
               for spend in SPEND}  # fmt: skip
    assert allowed == {
        "none": ["free"],
        "create": ["free", "create"],
        "settle": ["free", "create", "settle"],
    }
