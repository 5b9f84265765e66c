"""Money as the checks compute with it: whole nano-dollars and exact decimals, never floats."""

import re
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Any

from conformance.json_text import ABSENT, at
from conformance.money_views import bill_of
from conformance.routes import TERMINAL, canonical_status

NANOS_PER_USD = 1_000_000_000
NANOS_PER_CENT = 10_000_000
_NINE_DIGITS = re.compile(r"[0-9]{1,40}\.[0-9]{9}")
_LARGEST_EXPONENT = 60
_LONG_FORM = {"reservation_id", "reservation_status", "cost_nanos"}


def whole(value: Any) -> int | None:
    """A JSON number without a fraction as int; None for anything else, true and false too."""
    if isinstance(value, Decimal) and abs(value.adjusted()) < _LARGEST_EXPONENT:
        value = int(value) if value == value.to_integral_value() else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def exact(value: Any) -> Fraction | None:
    """A JSON number of sane size as a fraction; None for anything else."""
    if isinstance(value, Decimal) and (
        not value.is_finite() or abs(value.adjusted()) > _LARGEST_EXPONENT
    ):
        return Fraction(0) if value == 0 else None
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    return Fraction(value)


def usd_text(nanos: int) -> str:
    """The nine-digit decimal text of an amount."""
    sign = "-" if nanos < 0 else ""
    dollars, rest = divmod(abs(nanos), NANOS_PER_USD)
    return f"{sign}{dollars}.{rest:09d}"


def text_nanos(text: Any) -> int | None:
    """The nanos of a decimal text with exactly nine digits; None for anything else."""
    if not isinstance(text, str) or not _NINE_DIGITS.fullmatch(text):
        return None
    return int(text.replace(".", ""))


def moment(value: Any) -> datetime | None:
    """An ISO 8601 date-time with its zone; None for anything else."""
    if not isinstance(value, str) or "T" not in value.upper():
        return None
    try:
        found = datetime.fromisoformat(value.upper())
    except ValueError:
        return None
    return found if found.tzinfo else None


def amount(line: Any) -> int | None:
    """The amount of a pricing line: of a metered line line_nanos, of a summary total_nanos."""
    key = "line_nanos" if isinstance(line, dict) and "line_nanos" in line else "total_nanos"
    return whole(at(line, f"/{key}"))


def is_above_zero(nanos: int | None) -> bool:
    """Whether an amount is stated and above zero."""
    return nanos is not None and nanos > 0


@dataclass(frozen=True)
class Bill:
    """What a batch object, or the data of a message, says about money."""

    value: dict[str, Any]

    @cached_property
    def block(self) -> dict[str, Any] | None:
        """The billing block, None when there is none or it is no object."""
        return bill_of(self.value)

    def get(self, key: str) -> Any:
        """A member of the block, ABSENT also where it is null."""
        found = at(self.value, f"/billing/{key}")
        return ABSENT if found is None else found

    def flag(self, key: str) -> bool | None:
        """A boolean of the block, None when it is anything else."""
        found = self.get(key)
        return found if isinstance(found, bool) else None

    def nanos(self, key: str) -> int | None:
        """A whole number of the block."""
        return whole(self.get(key))

    def text(self, key: str) -> str | None:
        """A text of the block."""
        found = self.get(key)
        return found if isinstance(found, str) else None

    @property
    def reason(self) -> str | None:
        """The member `reason`."""
        return self.text("reason")

    @property
    def cost_nanos(self) -> int | None:
        """The cost, None when none is stated."""
        return self.nanos("cost_nanos")

    @property
    def is_long(self) -> bool:
        """Whether the block has what only the long form has."""
        return self.block is not None and self.block.keys() >= _LONG_FORM

    @cached_property
    def lines(self) -> list[Any] | None:
        """The pricing lines, None when there is no array."""
        found = self.value.get("pricing_lines")
        return found if isinstance(found, list) else None

    @cached_property
    def total_nanos(self) -> int | None:
        """The sum of the lines, None when there are none or one cannot be read."""
        amounts = [amount(line) for line in self.lines] if self.lines is not None else [None]
        read = [one for one in amounts if one is not None]
        return sum(read) if len(read) == len(amounts) else None

    @property
    def dearest(self) -> tuple[str, int] | None:
        """The first line above zero, with its pointer."""
        for index, line in enumerate(self.lines or ()):
            nanos = amount(line)
            if nanos is not None and nanos > 0:
                return f"/pricing_lines/{index}", nanos
        return None

    @property
    def status(self) -> str | None:
        """The status word, `canceled` read as `cancelled`."""
        return canonical_status(self.value.get("status"))

    @property
    def is_terminal(self) -> bool:
        """Whether the batch has ended."""
        return self.status in TERMINAL

    @property
    def is_cut_short(self) -> bool:
        """Whether it ended in another way than by completing."""
        return self.is_terminal and self.status != "completed"

    def count(self, name: str) -> int | None:
        """One of the request counts."""
        return whole(at(self.value, f"/request_counts/{name}"))

    @property
    def states_no_cost(self) -> bool:
        """Whether the cost is absent, null or 0."""
        cost = self.get("cost_nanos")
        return cost is ABSENT or whole(cost) == 0
