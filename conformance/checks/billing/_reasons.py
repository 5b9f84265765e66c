"""The grammar of `reason`: families as regular expressions, one set for each profile."""

import re
from functools import cache, lru_cache
from typing import Any

_W = (
    "(held|captured|released|insufficient_funds|insufficient_balance"
    "|reserved_balance_mismatch|unknown)"
)
_FAULT = (
    "missing_output_file|missing_model|price_card_missing|missing_usage"
    "|unpriced_successful_responses|missing_successful_output_rows|release_failed"
    "|settlement_failed"
)
_STUCK = "(held|released|insufficient_funds|insufficient_balance|reserved_balance_mismatch|unknown)"
_ENDED = "(failed|expired|cancelled)"
# In reading order: where families overlap the first one counts.
_AI_STATS = {
    "paid": "charged(_partial_success)?"
    "(:(captured|released_and_charged_actual|charged_reservation_not_found))?",
    "free": f"(partial_success_)?zero_cost(:(zero_cost|released_{_W}))?",
    "void": f"{_ENDED}|released_{_W}|partial_success_{_ENDED}(:(zero_cost|released_{_W}))?",
    "unsettled": f"{_FAULT}|charged(_partial_success)?:{_STUCK}",
}
_PHASEO = {
    "paid": "charged(_partial_success)?(:(captured|already_captured))?",
    "free": "(partial_success_)?zero_cost(:(zero_cost|released_released))?",
    "void": f"released_released|(partial_success_)?{_ENDED}(:(zero_cost|released_released))?",
    "unsettled": f"{_FAULT}|successful_output_count_mismatch|unexpected_zero_cost"
    "|settlement_not_applied:(released_)?[a-z_]+",
}
_NAMED = re.compile(f"(?:partial_success_)?{_ENDED}(?::.*)?")
WALLET_WORD = re.compile(_W)
# What a later read says in place of the reason of the settlement.
VIEWS = frozenset({"already_billed", "stale_terminal_status"})


@cache
def _families(profile: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    texts = _PHASEO if profile == "phaseo" else _AI_STATS
    return tuple((name, re.compile(text)) for name, text in texts.items())


def family(reason: Any, profile: str) -> str | None:
    """The word paid, free, void or unsettled; None for any other reason."""
    return _family(reason, profile) if isinstance(reason, str) else None


@lru_cache(maxsize=512)
def _family(reason: str, profile: str) -> str | None:
    return next((name for name, rule in _families(profile) if rule.fullmatch(reason)), None)


def is_unsettled(reason: Any, profile: str) -> bool:
    """Whether the reason says that no bill could be made yet."""
    return family(reason, profile) == "unsettled"


def status_named(reason: str) -> str | None:
    """The status that a void reason names, None when it names none."""
    found = _NAMED.fullmatch(reason)
    return found[1] if found else None


def suffix(reason: str) -> str | None:
    """What stands behind the colon."""
    return reason.partition(":")[2] or None
