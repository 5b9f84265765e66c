"""The query options of a stream, read as leniently as the contract asks."""

import math
import re
from dataclasses import dataclass

MIN_INTERVAL_MS = 1_000
DEFAULT_INTERVAL_MS = 2_500
MAX_INTERVAL_MS = 10_000

_DECIMAL = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)
_RADIX = re.compile(r"0(x[0-9a-f]+|o[0-7]+|b[01]+)", re.IGNORECASE)
_OFF = frozenset({"0", "false", "no", "off"})


@dataclass(frozen=True, slots=True)
class StreamOptions:
    """How often a stream looks at its batch, and whether the end of the batch ends it."""

    interval_ms: int = DEFAULT_INTERVAL_MS
    close_on_terminal: bool = True


def whole_number(written: str) -> int | None:
    """The number of a text, fractions cut; None where it says no finite number."""
    text = written.strip()
    if _RADIX.fullmatch(text):
        return int(text, 0)
    value = float(text) if _DECIMAL.fullmatch(text) else math.inf
    return int(value) if math.isfinite(value) else None


def is_off(written: str) -> bool:
    """Whether a text is one of the four spellings of no."""
    return written.strip().lower() in _OFF
