"""Batches that the gateway has already, made by whomever: read, never changed, at no cost.

They are read while no other scenario is on: a read brings a batch up to date, which others would
take for the gateway's own doing.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from conformance.json_text import at
from conformance.routes import TERMINAL, is_batch_id, is_file_id
from conformance.scenarios import scenario
from conformance.scenarios.create import EVERY_BODY
from conformance.scenarios.lifecycle import COMPLETED, READ_AFTER_THE_END
from conformance.scenarios.money import EVERY_BILL, PAID_AND_READ_AGAIN
from conformance.tables import EARLIER
from conformance.targets.session import Session, status_of
from conformance.transcript import Exchange
from conformance.views import json_lines

_LISTED = (
    "REST-LIST-01", "REST-LIST-02", "REST-LIST-04", "REST-LIST-11", "REST-LIST-12",
    "REST-LIST-14", "REST-LIST-15",
)  # fmt: skip
_READ = (
    *EVERY_BODY, *COMPLETED, READ_AFTER_THE_END, "REST-ECHO-18", "REST-ECHO-19", "REST-GET-01",
    "REST-GET-08", "REST-SHAPE-23", "REST-STATE-05", "REST-STATE-07", "REST-STATE-08",
    "REST-STATE-12",
)  # fmt: skip
# Whatever a bill can be, and under phaseo what goes with it.
_BILLED = (
    *EVERY_BILL, *PAID_AND_READ_AGAIN, "BILL-LINE-03", "BILL-REASON-04", "BILL-REASON-05",
    "BILL-RES-10", "BILL-TRUTH-06", "BILL-TRUTH-08", "BILL-SHAPE-10", "BILL-STATE-06",
    "BILL-SUM-04",
)  # fmt: skip
# What the state of a webhook shows, and that an end stays the end.
_TOLD = (
    "HOOK-REG-25", "HOOK-REG-27", "HOOK-REG-28", "HOOK-REG-29", "HOOK-REG-31", "HOOK-RETRY-17",
    "HOOK-RETRY-19", "HOOK-RETRY-20", "HOOK-RETRY-25", "XCH-09", "XCH-22",
)  # fmt: skip
_RESULTS = (
    "REST-FILES-07", "REST-FILES-08", "REST-FILES-09", "REST-FILES-10", "REST-FILES-12",
    "BILL-LINE-06", "BILL-LINE-13", "BILL-TRUTH-07",
)  # fmt: skip
_FILES = ("output_file_id", "error_file_id", "input_file_id")


@scenario(*_LISTED, *_READ, *_BILLED, *_TOLD, needs=("examine",), alone=True)
async def examine_the_newest(session: Session) -> None:
    """The newest batches of the list, each read twice, one of them by the alias too"""
    newest = session.existing.newest
    if newest:
        listed = await session.list(f"limit={newest}")
        ids = list(_ids(listed))[:newest]
        for batch_id in ids:
            session.remark(EARLIER, batch=batch_id)
            await session.get(batch_id)
            await session.get(batch_id)
        for batch_id in ids[:1]:
            await session.get(batch_id, prefix="/batch")


def _ids(listed: Exchange) -> Iterator[str]:
    """The ids of a list that can be asked for."""
    data = at(listed.response.json, "/data") if listed.response else None
    for item in data if isinstance(data, list) else ():
        batch_id = at(item, "/id")
        if is_batch_id(batch_id):
            yield batch_id


@scenario(*_READ, *_BILLED, *_TOLD, *_RESULTS, needs=("batch-id",), alone=True)
async def read_the_named(session: Session) -> None:
    """The batches that the user names, each read twice, those that have ended with their files"""
    for batch_id in session.existing.named:
        session.remark(EARLIER, batch=batch_id)
        first = await session.get(batch_id)
        if first.response is None or not first.response.ok:
            session.tell(f"--batch-id {batch_id}: {_came(first)}")
            continue
        if status_of(first) in TERMINAL:
            contents = {name: await _content(session, first, name) for name in _FILES}
            _say_prices(session, contents)
        await session.get(batch_id)
        await session.get(batch_id, prefix="/batch")


def _came(exchange: Exchange) -> str:
    if exchange.response is None:
        return f"no answer ({exchange.failure.kind})" if exchange.failure else "no answer"
    said = [at(exchange.response.json, pointer) for pointer in ("/error", "/reason")]
    words = [word for word in said if isinstance(word, str) and word.isprintable()]
    return f"HTTP {exchange.response.status} {', '.join(words)}".strip()[:200]


async def _content(session: Session, shown: Exchange, name: str) -> list[Any]:
    """The rows of a file that the batch names, none where it cannot be read as a whole."""
    file_id = at(shown.response.json, f"/{name}") if shown.response else None
    if not is_file_id(file_id):
        return []
    answer = (await session.content(str(file_id))).response
    if answer is None or not answer.ok or answer.truncated or answer.body is None:
        return []
    return json_lines(answer.body.content)


def _say_prices(session: Session, contents: dict[str, list[Any]]) -> None:
    """Record the prices that hold for this batch, none unless they cover all of its rows.

    A model without a price in the user's file is no model without a price.
    """
    prices = session.prices or ()
    priced = {one.get("model") for one in prices}
    # A provider may answer with the dated name of the model that was asked for.
    asked = set(_texts(contents["input_file_id"], "/body/model"))
    served = set(_texts(contents["output_file_id"], "/response/body/model"))
    covered = any(models and models <= priced for models in (asked, served))
    session.remark("price_card", prices=[dict(one) for one in prices] if covered else [])


def _texts(rows: Iterable[Any], pointer: str) -> Iterator[str]:
    values = (at(row, pointer) for row in rows)
    return (value for value in values if isinstance(value, str))
