"""What a target offers, and what a user is told about what it lacks."""

from dataclasses import replace

import pytest

from conformance.capabilities import ABOUT_GATEWAY, MEND, SPEND, Capabilities, allows
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


def test_a_target_may_know_a_better_way_to_supply_a_word() -> None:
    row = replace(registry()["REST-SHAPE-03"], needs=("webhook", "wallet"))
    told = Capabilities(mend={"webhook": "there is none"}).why_untested(row)
    assert told == (
        'needs "webhook", "wallet"; to test it: there is none; '
        "give --credits-url and AI_STATS_API_KEY_CREDITS"
    )


def test_every_need_of_a_built_family_has_a_mend_or_is_everywhere() -> None:
    rows = [row for row in registry() if row.is_master and not registry().is_pending(row)]
    words = {word for row in rows for word in row.needs}
    assert words - MEND.keys() == {"files", "stream", "events"}


def test_a_spend_limit_lets_through_what_costs_no_more() -> None:
    allowed = {spend: [cost for cost in ("free", "create", "settle") if allows(spend, cost)]
               for spend in SPEND}  # fmt: skip
    assert allowed == {
        "none": ["free"],
        "create": ["free", "create"],
        "settle": ["free", "create", "settle"],
    }


def test_a_run_of_a_gateway_says_the_same_of_every_row_about_sdks() -> None:
    row = replace(registry()["REST-SHAPE-03"], needs=("sdk", "sdk-process", "webhook"))
    assert OFFERED.why_untested(row) == (
        "about an SDK, and this run calls none; to test it: "
        "give --adapter MODULE:NAME or --adapter-cmd COMMAND"
    )


def test_a_run_of_an_sdk_says_that_it_is_not_about_gateways() -> None:
    sdk = Capabilities({"sdk": "--adapter"})
    row = replace(registry()["REST-SHAPE-03"], needs=("files",))
    assert sdk.why_untested(row) == ABOUT_GATEWAY
    row = replace(row, needs=("sdk", "sdk-process"))
    assert sdk.why_untested(row).startswith('needs "sdk-process"; to test it: give --adapter-cmd')
