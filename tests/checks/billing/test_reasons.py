"""The families of reasons, in both profiles."""

import pytest

from conformance.checks.billing._reasons import family, is_unsettled, status_named, suffix


@pytest.mark.parametrize(
    ("reason", "ai_stats", "phaseo"),
    [
        ("charged", "paid", "paid"),
        ("charged:captured", "paid", "paid"),
        ("charged:held", "unsettled", None),
        ("zero_cost:released_released", "free", "free"),
        ("released_held", "void", None),
        ("partial_success_expired", "void", "void"),
        ("settlement_not_applied:released_x", None, "unsettled"),
        ("already_billed", None, None),
        ("charged:", None, None),
    ],
)
def test_a_reason_has_the_family_of_its_profile(
    reason: str, ai_stats: str | None, phaseo: str | None
) -> None:
    assert (family(reason, "ai-stats"), family(reason, "phaseo")) == (ai_stats, phaseo)
    assert is_unsettled(reason, "ai-stats") is (ai_stats == "unsettled")


def test_a_reason_is_taken_apart() -> None:
    assert suffix("charged:captured") == "captured"
    assert suffix("charged") is None
    assert status_named("partial_success_failed:zero_cost") == "failed"
    assert status_named("released_released") is None
