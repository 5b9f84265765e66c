"""Money as the checks compute with it: whole nano-dollars and exact decimals, never floats."""

import re
from datetime import datetime
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal
from fractions import Fraction
from typing import Any

from conformance.json_text import ABSENT, at
from conformance.money_views import bill_of
from conformance.views import WithStatus

NANOS_PER_USD = 1_000_000_000
NANOS_PER_CENT = 10_000_000
_NINE_DIGITS = re.compile(r"[0-9]{1,40}\.[0-9]{9}")
_LONG_FORM = {"reservation_id", "reservation_status", "cost_nanos"}
# Money has far fewer digits; what is larger or finer is cut here and equals no amount.
_DIGITS = 60
_BOUND = 10**_DIGITS
_ROUNDED = Context(prec=2 * _DIGITS, Emax=MAX_EMAX, Emin=MIN_EMIN, traps=[])


def whole(value: Any) -> int | None:
    """A JSON number without a fraction as int; None for anything else, true and false too.

    A number of more than 60 digits is None as well: no amount may be that large.
    """
    if isinstance(value, Decimal):
        value = int(value) if _is_sane(value) and value == value.to_integral_value() else None
    # JSON numbers come as int or Decimal themselves; a bool is neither.
    return value if type(value) is int and -_BOUND < value < _BOUND else None


def _is_sane(value: Decimal) -> bool:
    return not value or (value.is_finite() and abs(value.adjusted()) < _DIGITS)


def exact(value: Any) -> int | Fraction | None:
    """A JSON number as it stands; None for anything else.

    Beyond 60 digits before the point, or zeros behind it, it is the nearest number within.
    """
    if type(value) is int:
        cut: int = max(min(value, _BOUND), -_BOUND)
        return cut
    if isinstance(value, Decimal) and value.is_finite():
        if _is_sane(value):
            return Fraction(_ROUNDED.plus(value)) if value else Fraction(0)
        bound = Fraction(_BOUND) if value.adjusted() > 0 else Fraction(1, _BOUND)
        return -bound if value < 0 else bound
    return None


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
    if not isinstance(line, dict):
        return None
    stated = line.get("line_nanos")
    return whole(line.get("total_nanos") if stated is None else stated)


def is_metered(line: Any) -> bool:
    """Whether a pricing line states line_nanos, as a summary line does not."""
    return isinstance(line, dict) and line.get("line_nanos") is not None


def are_dollars_of(usd: int | Fraction, nanos: int) -> bool:
    """Whether an amount in dollars is less than half a nano away from one in nanos."""
    off = 2 * (usd.numerator * NANOS_PER_USD - nanos * usd.denominator)
    return -usd.denominator < off < usd.denominator


def is_above_zero(nanos: int | None) -> bool:
    """Whether an amount is stated and above zero."""
    return nanos is not None and nanos > 0


class Bill(WithStatus):
    """What a batch object, or the data of a message, says about money."""

    def __init__(self, value: dict[str, Any]) -> None:
        self.value = value
        # The billing block, None when there is none or it is no object.
        self.block = bill_of(value)

    def get(self, key: str) -> Any:
        """A member of the block, ABSENT also where it is null."""
        found = self.block.get(key) if self.block else None
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

    @property
    def lines(self) -> list[Any] | None:
        """The pricing lines, None when there is no array."""
        found = self.value.get("pricing_lines")
        return found if isinstance(found, list) else None

    @property
    def total_nanos(self) -> int | None:
        """The sum of the lines, None when there are none or one cannot be read."""
        lines = self.lines
        amounts = [amount(line) for line in lines] if lines is not None else [None]
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
    def is_cut_short(self) -> bool:
        """Whether it ended in another way than by completing."""
        return self.is_terminal and self.status != "completed"

    def count(self, name: str) -> int | None:
        """One of the request counts."""
        return whole(at(self.value, f"/request_counts/{name}"))

    def is_readable(self, key: str) -> bool:
        """Whether a member is absent, null or a whole number: else it is the shape's affair."""
        found = self.get(key)
        return found is ABSENT or whole(found) is not None

    @property
    def states_no_cost(self) -> bool:
        """Whether the cost is absent, null or 0."""
        cost = self.get("cost_nanos")
        return cost is ABSENT or whole(cost) == 0
