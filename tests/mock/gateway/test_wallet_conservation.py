"""Credit is neither made nor lost: in any order of calls, and whatever refuses a create."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.mock.actions import ACTIONS
from conformance.mock.estate import Estate
from conformance.mock.exchange import Call, Part
from conformance.mock.gateway import Gateway
from conformance.mock.lives import LIFE_NAMES

START_NANOS = 20_000_000
LIVES = st.sampled_from(LIFE_NAMES)
MODELS = st.sampled_from(["mock-mini", "mock-fine", "mock-free"])
PRICES = st.sampled_from(["0", "0.000000001", "0.0000025", "0.01"])
STEPS = st.one_of(
    st.tuples(st.just("create"), LIVES, MODELS),
    st.tuples(st.sampled_from(["get", "cancel", "move", "finish"]), st.integers(0, 3)),
    st.tuples(st.sampled_from(["tick", "list"])),
    st.tuples(st.just("fail"), st.sampled_from(["settle", "release", "create", "hold"])),
    st.tuples(st.just("price"), PRICES),
)


class Shop:
    """One workspace and what a customer, the provider and the operator do to it."""

    def __init__(self):
        estate = Estate(lambda: 1_783_587_600_412, seed="test")
        self.gateway = Gateway(estate)
        self.home = estate.open_set(START_NANOS)
        self.workspace = self.home.workspace("a")
        self.made = []

    def call(self, method, path, **more):
        headers = {"authorization": f"Bearer {self.home.keys['a'].token}"}
        return self.gateway.answer(Call(method, path, "", headers, **more), self.home)

    def act(self, name, **wanted):
        ACTIONS[name](self.gateway, self.home, wanted)

    def create(self, life, model):
        body = {"model": model, "input": "hello there", "max_output_tokens": 40}
        row = {"method": "POST", "url": "/v1/responses", "body": body}
        lines = [json.dumps({"custom_id": name, **row}).encode() for name in "ab"]
        parts = (Part("file", b"\n".join(lines), "in.jsonl"), Part("purpose", b"batch"))
        file_id = self.call("POST", "/files", parts=parts).body["id"]
        request = {
            "input_file_id": file_id,
            "endpoint": "/v1/responses",
            "metadata": {"mock_life": life},
        }
        answer = self.call("POST", "/batches", body=json.dumps(request).encode())
        if answer.status == 200:
            self.made.append(answer.body["id"])

    def batch(self, number):
        return self.made[number % len(self.made)] if self.made else "batch_unknown"

    def get(self, number):
        self.call("GET", f"/batches/{self.batch(number)}")

    def cancel(self, number):
        self.call("POST", f"/batches/{self.batch(number)}/cancel")

    def move(self, number):
        if self.made:
            self.act("provider_step", batch=self.batch(number))

    def finish(self, number):
        for _ in range(4):
            self.get(number)

    def tick(self):
        self.act("scheduled_job_tick")

    def list(self):
        self.call("GET", "/batches")

    def fail(self, operation):
        self.act("database_next_call_fails", operation=operation)

    def price(self, text):
        prices = [{"meter": "output_text_tokens", "price_per_unit": text, "unit_size": 1}]
        self.act("prices_changed", model="mock-mini", prices=prices)

    def is_in_balance(self):
        batches = self.workspace.batches.values()
        charged = sum(one.bill.cost_nanos for one in batches if one.bill and one.bill.charged)
        held = sum(one.hold.reserved_nanos for one in batches if one.hold.is_held)
        wallet = self.workspace.wallet
        return (wallet.balance_nanos + charged, wallet.reserved_nanos) == (START_NANOS, held)


@settings(deadline=None, max_examples=60)
@given(LIVES, st.lists(STEPS, max_size=25))
def test_balance_and_charges_add_up_and_open_holds_are_what_is_reserved(first, steps):
    shop = Shop()
    for name, *arguments in [("create", first, "mock-mini"), *steps]:
        getattr(shop, name)(*arguments)
        assert shop.is_in_balance(), (name, arguments)


@settings(deadline=None, max_examples=40)
@given(LIVES, MODELS, st.lists(st.sampled_from(["get", "cancel", "tick", "move"]), max_size=12))
def test_a_bill_once_made_is_kept_by_everything_that_follows(life, model, following):
    shop = Shop()
    shop.create(life, model)
    shop.finish(0)
    stored = shop.workspace.batches[shop.made[0]]
    settled, bill, wallet = stored.is_settled, stored.bill, shop.workspace.wallet.as_json()
    for name in following if settled else ():
        getattr(shop, name)(*([] if name == "tick" else [0]))
    if settled:
        assert (stored.bill, shop.workspace.wallet.as_json()) == (bill, wallet)


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("provider_next_error", {"match": "create", "status": 400}),
        ("provider_next_error", {"match": "create", "status": 429}),
        ("provider_next_error", {"match": "create", "status": 500}),
        ("provider_next_error", {"match": "create", "hangup": True}),
        ("provider_next_error", {"match": "create", "status": 200, "body": []}),
        ("provider_next_error", {"match": "create", "status": 200, "body": {"id": ""}}),
        ("provider_next_error", {"match": "content", "status": 500}),
        ("provider_next_error", {"match": "content", "hangup": True}),
        ("database_next_call_fails", {"operation": "create"}),
        ("database_next_call_fails", {"operation": "hold"}),
        ("provider_key_removed", {}),
        ("batch_switch", {"enabled": False}),
    ],
)
def test_a_create_that_fails_outside_leaves_the_wallet_as_it_was(caller, make_row, name, wanted):
    before = caller.wallet()
    file_id = caller.upload(make_row())
    ACTIONS[name](caller.gateway, caller.home, wanted)
    answer = caller.post("/batches", {"endpoint": "/v1/responses", "input_file_id": file_id})
    assert answer.status >= 400
    assert caller.wallet() == before


def test_a_failing_cancel_of_an_unstored_batch_still_gives_the_hold_back(caller):
    before = caller.wallet()
    caller.workspace.failing["create"] += 1
    ACTIONS["provider_next_error"](caller.gateway, caller.home, {"match": "cancel", "hangup": True})
    assert caller.create().status == 502
    assert caller.wallet() == before


@pytest.mark.parametrize(
    "bad",
    [
        {"body": {"model": "nobody-sells-this", "input": "hi"}},
        {"body": {"input": "hi"}},
        {"body": "text"},
        {"url": "/v1/unknown"},
    ],
)
def test_a_bad_row_behind_good_ones_leaves_the_wallet_as_it_was(caller, make_row, bad):
    before = caller.wallet()
    answer = caller.create(make_row("a"), {**make_row("b"), **bad})
    assert (answer.status, caller.wallet()) == (400, before)
