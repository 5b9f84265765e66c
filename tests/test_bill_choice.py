"""Which bill is meant, and the transcript that it is judged by."""

from typing import Any

import pytest

from conformance.bill_choice import Candidate, chosen, of_bodies, of_cassettes
from conformance.cassette_format import Cassette
from conformance.json_text import dump
from conformance.loose_bodies import bodies_of, decoded
from conformance.redact import Redactor
from conformance.testing import batch, edge, exchange, transcript, upload
from conformance.transcript import Delivery, Exchange, Step

BILL = {"billed": True}
CARD = edge("price_card", prices=[{"meter": "m"}])
READ = exchange("GET", "/batches/batch_1", batch("completed", billing=BILL))


def loose(*values: Any) -> list[Candidate]:
    text = decoded("t", "\n".join(map(dump, values)).encode())
    return list(of_bodies(bodies_of("t", text).bodies, Redactor({})))


def recorded(*steps: Step) -> list[Candidate]:
    cassette = Cassette(transcript(*steps), {}, "phaseo", "0", "sha256:0")
    return list(of_cassettes([("run.json", cassette)]))


@pytest.mark.parametrize(
    ("value", "has"),
    [
        ({"status": "completed"}, False),
        ({"status": "completed", "billing": None, "pricing_lines": []}, False),
        ({"status": "completed", "billing": {}}, True),
        ({"status": "completed", "billing": "free"}, True),
        ({"status": "completed", "pricing_lines": [1]}, True),
        ({"status": "completed", "pricing_lines": 5}, True),
    ],
)
def test_whatever_is_said_of_money_is_a_bill(value: dict[str, Any], has: bool) -> None:  # noqa: FBT001
    assert [one.has_bill for one in loose(value)] == [has]


def test_what_has_ended_is_preferred_and_the_last_of_it_taken() -> None:
    ended, running = batch("failed", id="b1"), batch("in_progress", id="b3")
    message = {"data": batch("completed", id="b4")}
    found = loose(message, ended, {**ended, "id": "b2"}, running, message)
    best = chosen(found)
    assert best is not None
    assert (best.id, best.locate("/status")) == ("b2", "t:3 /status")
    assert chosen([]) is None


def test_a_batch_that_was_read_goes_before_those_that_a_list_shows_beside() -> None:
    ended = batch("failed", billing=BILL)
    read, other = {**ended, "id": "b1"}, {**ended, "id": "b2"}
    found = loose(read, {"data": [read, other]})
    best = chosen(found)
    assert best is not None
    assert (best.id, best.locate("/status")) == ("b1", "t:2 /data/0/status")


def test_a_bill_is_judged_with_its_files_and_prices() -> None:
    steps = [
        exchange("GET", "/batches/other", batch()),
        upload(b"{}", {"id": "file_1"}),
        CARD,
        READ,
        exchange("GET", "/files/file_out/content", b"{}"),
        edge("clock_advanced"),
    ]
    best = recorded(*steps)[-1]
    shown, number = best.transcript([])
    assert shown.steps[:2] == (steps[1], CARD)
    assert (number, shown.steps[3:]) == (3, (steps[4],))
    assert (best.profile, best.locate("/id")) == ("phaseo", "run.json: step 4 /id")


def test_prices_given_come_after_those_recorded() -> None:
    shown, number = recorded(CARD, READ)[0].transcript([{"meter": "n"}])
    assert shown.steps[:2] == (CARD, edge("price_card", prices=[{"meter": "n"}]))
    assert number == 3


@pytest.mark.parametrize(
    ("value", "prefix", "kind"),
    [
        (batch(), "", Exchange),
        ({"data": [batch()]}, "/data/0", Exchange),
        ({"data": batch()}, "/data", Delivery),
    ],
)
def test_each_kind_is_shown_as_what_it_is(value: Any, prefix: str, kind: type) -> None:
    found = loose(value)[0]
    shown, number = found.transcript([])
    assert (found.prefix, found.value, number) == (prefix, batch(), 1)
    assert isinstance(shown.steps[0], kind)


def test_messages_and_list_items_of_a_cassette_are_candidates() -> None:
    listed = exchange("GET", "/batches", {"object": "list", "data": [batch(id="b2")]})
    told = exchange("POST", "/batches", batch(id="b1"))
    assert [(one.kind, one.id) for one in recorded(told, listed)] == [
        ("body", "b1"), ("item", "b2"),
    ]  # fmt: skip
