"""The answer of the credit balance, read as three figures in nano-dollars. Pure."""

from decimal import Decimal
from typing import Any

from conformance.json_text import ABSENT, at
from conformance.targets.limits import ScenarioStopped
from conformance.transcript import Exchange, Response

Figures = tuple[int, int, int | None]

_LARGEST_EXPONENT = 40


def figures_of(exchange: Exchange) -> Figures:
    """Balance, reserved and, where stated, available, of `{"credits": {…}}` or of its inside.

    Raises ScenarioStopped with one line when the answer does not show them.
    """
    if exchange.response is None:
        why = f": {exchange.failure.message}" if exchange.failure else ""
        raise ScenarioStopped(f"--credits-url cannot be reached{why}")
    found = _credits(exchange.response)
    balance, reserved, available = (
        _whole(at(found, f"/{name}_nanos")) for name in ("balance", "reserved", "available")
    )
    if balance is None or reserved is None:
        lacking = "balance_nanos" if balance is None else "reserved_nanos"
        raise ScenarioStopped(
            f"--credits-url: the answer has no whole number credits.{lacking}: is the URL right?"
        )
    return balance, reserved, available


def _credits(response: Response) -> Any:
    if response.status in {401, 403}:
        raise ScenarioStopped(
            f"--credits-url is answered {response.status}: may AI_STATS_API_KEY_CREDITS read it?"
        )
    if not response.ok or response.truncated:
        without_end = " without end" if response.truncated else ""
        raise ScenarioStopped(f"--credits-url is answered {response.status}{without_end}")
    if response.json is ABSENT:
        kind = response.header("content-type") or "no content type"
        raise ScenarioStopped(f"--credits-url is answered with {kind:.80}, not JSON")
    nested = at(response.json, "/credits")
    return response.json if nested is ABSENT else nested


def _whole(value: Any) -> int | None:
    if isinstance(value, Decimal) and value.is_finite() and value.adjusted() < _LARGEST_EXPONENT:
        value = int(value) if value == value.to_integral_value() else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None
