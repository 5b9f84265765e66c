"""Views of money: messages, blocks, accounts, and parts of a body."""

from conformance.json_text import dump
from conformance.money_views import accounts, blocks, members, messages, request_listings
from conformance.testing import batch, exchange, observed
from conformance.transcript import Body, Delivery, Frame, Request, Stream, Wallet

BILL = {"billed": True}


def test_messages_come_from_frames_of_the_server_and_from_deliveries() -> None:
    text = dump({"data": {"id": "batch_1", "status": "completed"}})
    frames = (Frame("client", 1, text), Frame("server", 2, "{"), Frame("server", 3, text))
    seen = observed(
        Stream(Request("GET", "ws://h/v1/async/batch/batch_1/ws"), None, frames),
        Delivery("POST", "/h", (), Body(text.encode())),
        Delivery("POST", "/h", (), Body(b"\xff")),
    )
    assert [(one.number, one.pointer) for one in messages(seen)] == [
        (1, "/frames/2/data"),
        (2, "/data"),
    ]


def test_blocks_are_those_of_bodies_and_of_refused_creates() -> None:
    seen = observed(
        exchange("GET", "/batches", {"data": [7, batch(billing=BILL)]}),
        exchange("POST", "/batches", {"billing": BILL}, status=400),
        exchange("GET", "/batches/x", {"billing": BILL}, status=404),
    )
    assert [(one.number, one.kind, one.pointer) for one in blocks(seen)] == [
        (1, "rest", "/data/1/billing"),
        (2, "refusal", "/billing"),
    ]


def test_an_account_has_the_readings_around_its_create() -> None:
    get = exchange("GET", "/batches/batch_1", batch())
    create = exchange("POST", "/batches", batch())
    first, second = Wallet("a", 3, 1), Wallet("a", 2, 0)
    account = accounts(observed(first, create, get, second))[0]
    assert account.before is not None
    assert (account.number, account.before.number, account.after) == (2, 1, None)
    assert account.before.available_nanos == 2
    assert [one.number for one in account.readings] == [4]


def test_the_parts_of_a_body_are_what_a_schema_file_speaks_of() -> None:
    body = observed(
        exchange("GET", "/batches/b", batch(billing=None, pricing_lines=[1, 2], webhook={}))
    ).bodies[0]
    assert list(members(body, "billing.schema.json#")) == [("/billing", None)]
    assert list(members(body, "webhook-state.schema.json#")) == [("/webhook", {})]
    lines = [("/pricing_lines/0", 1), ("/pricing_lines/1", 2)]
    assert list(members(body, "pricing-line.schema.json#")) == lines
    assert [place for place, _ in members(body, "batch.schema.json#")] == [""]


def test_a_request_listing_needs_a_billed_batch() -> None:
    page = exchange("GET", "/batches/batch_1/requests", {"data": [{"custom_id": "1"}]})
    read = exchange("GET", "/batches/batch_1", batch("completed", billing=BILL))
    assert request_listings(observed(page)) == []
    listing = request_listings(observed(read, page))[0]
    assert (listing.number, listing.rows, listing.complete) == (2, ({"custom_id": "1"},), True)
