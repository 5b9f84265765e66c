"""Bills: by the price card, of free work, and of every way in which a batch can end."""

from typing import Any
from urllib.parse import quote

from conformance.json_text import at
from conformance.scenarios import scenario
from conformance.scenarios.cancel import created
from conformance.targets.session import ScenarioStopped, Session
from conformance.transcript import Exchange

# What the bodies of any batch show, from create to its bill.
EVERY_BILL = (
    "BILL-LINE-01", "BILL-LINE-02", "BILL-LINE-04", "BILL-LINE-05", "BILL-LINE-07",
    "BILL-LINE-08", "BILL-LINE-09", "BILL-LINE-10", "BILL-LINE-11", "BILL-LINE-12",
    "BILL-REASON-01", "BILL-REASON-02", "BILL-REASON-10", "BILL-REASON-11", "BILL-RES-04",
    "BILL-RES-05", "BILL-RES-06", "BILL-RES-09", "BILL-SHAPE-01", "BILL-SHAPE-02",
    "BILL-SHAPE-03", "BILL-SHAPE-04", "BILL-SHAPE-06", "BILL-SHAPE-07", "BILL-SHAPE-08",
    "BILL-STATE-01", "BILL-STATE-02", "BILL-STATE-03", "BILL-STATE-07", "BILL-STATE-08",
    "BILL-STATE-10", "BILL-STATE-11", "BILL-SUM-01", "BILL-SUM-02", "BILL-SUM-03", "BILL-SUM-05",
    "BILL-SUM-06", "BILL-SUM-07", "BILL-SUM-08", "BILL-SUM-10", "BILL-TRUTH-04",
)  # fmt: skip
# What a charged batch shows beside, when it is read again; the last two only where it is told.
PAID_AND_READ_AGAIN = (
    "BILL-REASON-03", "BILL-STABLE-01", "BILL-STABLE-02", "BILL-STABLE-03", "BILL-STABLE-04",
    "BILL-STABLE-05", "BILL-STABLE-06", "BILL-STATE-05", "BILL-STATE-09", "BILL-TRUTH-01",
    "BILL-TRUTH-02", "BILL-TRUTH-03",
    "BILL-REASON-08", "BILL-REASON-09",
)  # fmt: skip

# Beyond what any model takes, so that the provider refuses the row and runs the others.
_TOO_HOT = 5
_DEADLINE_MS = 900_000

# A price in decimal text is cut after nine digits, one with an exponent is rounded. With them the
# rows fall on quarters of a nano, and the bill on more than half a cent.
_OWN_PRICES = (
    {"meter": "input_text_tokens", "unit_size": 1_000_000, "price_per_unit": "0.0422500009"},
    {"meter": "output_text_tokens", "unit_size": 1_000, "price_per_unit": "2.499999999999e-1"},
)
# What those prices are raised to once the bill is made.
_NEWER_PRICES = tuple({**one, "price_per_unit": "0.5"} for one in _OWN_PRICES)

# One life for each batch of `bills_of_every_end`, all of them over at the first read.
_PAID_ENDS: tuple[dict[str, Any], ...] = (
    {"frames": [{"status": "completed", "completed": 2}]},
    {"frames": [{"status": "cancelled", "completed": 2}]},
    {"frames": [{"status": "completed", "failed": 2}]},
    {"frames": [{"status": "completed", "completed": 2}], "usage": False},
    {"frames": [{"status": "expired", "completed": 1, "failed": 1}]},
)
_FREE_ENDS: tuple[dict[str, Any], ...] = (
    {"frames": [{"status": "completed", "completed": 1, "failed": 1}]},
    {"frames": [{"status": "cancelled", "completed": 1, "failed": 1}]},
)


def _row(session: Session, custom_id: str, model: str, tokens: int, **more: Any) -> bytes:
    """A row of a text of about so many tokens, for an answer of at most seventeen."""
    body = session.work.good_body("one " * tokens, 17)
    return session.row(custom_id, **{**body, "model": model, **more})


def _rows_of_both_models(session: Session) -> bytes:
    """Rows that fall on parts of a nano where the second model says so, and one in vain."""
    first = session.work.model
    second = session.work.second_model or first
    rows = [_row(session, f"first-{tokens}", first, tokens) for tokens in (5, 8)]
    # Two of them use the same.
    for number, tokens in enumerate((7, 9, 18, 18), 1):
        rows.append(_row(session, f"second-{number}", second, tokens))
    return b"".join(rows) + _row(session, "too-hot", first, 5, temperature=_TOO_HOT)


async def _change_prices(session: Session, prices: tuple[dict[str, Any], ...]) -> None:
    """Give the second model these prices, where that can be done."""
    model = session.work.second_model
    if session.control is not None and model is not None:
        outcome = await session.act("prices_changed", model=model, prices=list(prices))
        session.prices = outcome["prices"]


def _note_prices(session: Session) -> None:
    """Record the price card where it is known; say so where one is given that lacks the model."""
    if session.prices is not None:
        try:
            session.price_card()
        except ScenarioStopped as stopped:
            session.tell(f"{stopped}: bills of its batches are not compared")


async def _read_output(session: Session, ended: Exchange) -> None:
    file_id = at(ended.response.json, "/output_file_id") if ended.response else None
    if isinstance(file_id, str) and file_id:
        await session.content(file_id)


async def _read_requests(session: Session, settled: Exchange) -> None:
    """List the costs of the rows where the gateway is of the kind that has such a list."""
    shown = settled.response.json if settled.response else None
    batch_id = at(shown, "/id")
    if isinstance(at(shown, "/usage/cost_nanos"), int) and isinstance(batch_id, str):
        path = f"/batches/{quote(batch_id, safe='')}/requests"
        await session.call("GET", path, query="limit=100")


@scenario(
    *EVERY_BILL, *PAID_AND_READ_AGAIN,
    "BILL-LINE-06", "BILL-LINE-13", "BILL-RES-08", "BILL-SHAPE-09", "BILL-SUM-09",
    needs=("create", "terminal"),
    cost="settle",
)  # fmt: skip
async def bill_by_the_price_card(session: Session) -> None:
    """Rows of two models with parts of a nano, one in vain: a bill read before and after a rise"""
    await _change_prices(session, _OWN_PRICES)
    _note_prices(session)
    batch_id = await created(session, await session.file(_rows_of_both_models(session)))
    ended = await session.poll_until(batch_id)
    await _read_output(session, ended)
    if ended.response and at(ended.response.json, "/billing/billed") is True:
        await _change_prices(session, _NEWER_PRICES)
    await _read_requests(session, await session.get(batch_id))
    await session.list("limit=100")


@scenario(
    *EVERY_BILL,
    "BILL-LINE-06", "BILL-REASON-04", "BILL-TRUTH-08",
    needs=("create", "terminal"),
    cost="settle",
)  # fmt: skip
async def bill_of_free_work(session: Session) -> None:
    """A completed batch of a model that costs nothing"""
    model = session.work.free_model
    if model is None:
        raise ScenarioStopped("no free model was named")
    if any(one.get("model") == model for one in session.prices or ()):
        _note_prices(session)
    batch_id = await created(session, await session.file(session.rows(2, model=model)))
    await _read_output(session, await session.poll_until(batch_id))


async def _ended(session: Session, file_id: str, fails: str | None = None) -> Exchange:
    """The read that finds a new batch at its end, while the store fails at an operation."""
    batch_id = await created(session, file_id)
    if fails is not None:
        await session.act("database_next_call_fails", operation=fails)
    return await session.get(batch_id)


@scenario(
    *EVERY_BILL, *PAID_AND_READ_AGAIN,
    "BILL-LINE-03", "BILL-LINE-06", "BILL-REASON-04", "BILL-REASON-05", "BILL-REASON-06",
    "BILL-REASON-07", "BILL-RES-08", "BILL-RES-10", "BILL-STATE-04", "BILL-TRUTH-05",
    "BILL-TRUTH-06", "BILL-TRUTH-08",
    needs=("create", "terminal", "outcome-control", "operator-control", "clock"),
    cost="settle",
    batches=7,
)  # fmt: skip
async def bills_of_every_end(session: Session) -> None:
    """Settled late, released late, without output or usage, cut short with rows done, and free"""
    _note_prices(session)
    session.remark("settlement_deadline", within_ms=_DEADLINE_MS)
    free_model = session.work.free_model or session.work.model
    paid = await session.file()
    free = await session.file(session.rows(2, model=free_model))
    await session.act("life_scripted", lives=[*_PAID_ENDS, *_FREE_ENDS])
    unsettled = await _ended(session, paid, "settle")
    unreleased = await _ended(session, paid, "release")
    await _ended(session, paid)
    unusable = await _ended(session, paid)
    await _read_output(session, unusable)
    await _read_output(session, await _ended(session, paid))
    for _ in _FREE_ENDS:
        await _ended(session, free)
    await session.list("limit=100")
    await session.act("clock_advanced", by_ms=_DEADLINE_MS + 1)
    for read in (unsettled, unreleased, unusable):
        await session.get(str(at(read.response.json, "/id") if read.response else None))
    await _read_output(session, unsettled)
