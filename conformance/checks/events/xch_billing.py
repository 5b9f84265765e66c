"""Agreement of channels about money: state of the bill and of the hold."""

from collections.abc import Sequence

from conformance.checks import Findings, check
from conformance.checks.events._clock import millis
from conformance.checks.events._moment import STALE_MS, same_record
from conformance.checks.events._story import Reading, one_of, polls, reading
from conformance.event_views import Message
from conformance.routes import TERMINAL

_CLOSED = frozenset({"settled", "void"})


def _state(one: Reading) -> str | None:
    return one.text("/billing/state")


def _finalized_ms(one: Reading) -> int | None:
    return millis(one.get("/finalized_at"))


def _must_know(here: Reading, there: Sequence[Reading]) -> bool:
    """Whether a message must show the closed bill that polls show: it is later, or of one time."""
    closed = [one for one in there if _state(one) in _CLOSED]
    if any(one.end_ms + STALE_MS < here.begin_ms for one in closed):
        return True
    # A clock may stand still: of one time may be bills before and after a settlement.
    finalized = _finalized_ms(here)
    of_one_time = [one for one in there if _finalized_ms(one) == finalized is not None]
    return bool(of_one_time) and all(
        one in closed and one.begin_ms <= here.end_ms for one in of_one_time
    )


def _bills(here: Reading, there: Sequence[Reading]) -> list[Reading]:
    """The polls of the ended batch that must show the state of the message's bill."""
    closed = [one for one in there if _state(one) in _CLOSED]
    if _state(here) in _CLOSED:
        return closed or [one for one in there if here.precedes(one)]
    return closed if _must_know(here, there) else []


@check("XCH-15")
def closed_bill_has_one_state(message: Message) -> Findings:
    """Once the bill is settled or void, its state is the same on stream and poll."""
    here = reading(message)
    there = [one for one in polls(message) if one.status in TERMINAL and _state(one) is not None]
    if message.channel != "stream" or not message.is_terminal or _state(here) is None:
        return
    bills = _bills(here, there)
    if bills:
        yield one_of(_state(here), [_state(one) for one in bills], "/billing/state")


def _is_settling(one: Reading) -> bool:
    """Whether it shows an ended batch whose hold may not have been dealt with as yet."""
    return one.is_final and _finalized_ms(one) is None


@check("XCH-19")
def hold_is_told_alike(message: Message) -> Findings:
    """reservation_id and reservation_status agree in a message, and with the poll's bill."""
    here = reading(message)
    for name in ("/reservation_id", "/reservation_status"):
        told = [here.given(place) for place in (name, f"/billing{name}")]
        told = [one for one in told if one is not None]
        if len(told) > 1:
            yield one_of(told[0], told[1:], name)
        there = polls(message) if name == "/reservation_id" else _settled_alike(message)
        shown = [one.given(f"/billing{name}") for one in there]
        shown = [one for one in shown if one is not None]
        if told and shown:
            yield one_of(told[0], shown, name)


def _settled_alike(message: Message) -> list[Reading]:
    """The polls of the same record, unless one of them or the message is being settled."""
    there = same_record(message)
    unsure = any(_is_settling(one) for one in (reading(message), *there))
    return [] if unsure else there
