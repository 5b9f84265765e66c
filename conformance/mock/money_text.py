"""Nano-dollars as the texts and the one number that the wire shows."""

NANOS_PER_USD = 1_000_000_000
NANOS_PER_CENT = 10_000_000


def usd_9(nanos: int) -> str:
    """US dollars with exactly nine digits, nothing rounded."""
    return f"{nanos // NANOS_PER_USD}.{nanos % NANOS_PER_USD:09d}"


def usd_2(nanos: int) -> str:
    """US dollars with two digits, rounded to the nearest cent, half up."""
    cents = (2 * nanos + NANOS_PER_CENT) // (2 * NANOS_PER_CENT)
    return f"{cents // 100}.{cents % 100:02d}"


def usd_number(nanos: int) -> int | float:
    """US dollars as a JSON number; exact to the nano below 2^53 nanos."""
    return nanos / NANOS_PER_USD if nanos else 0
