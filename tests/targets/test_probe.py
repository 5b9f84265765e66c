"""The first look at a gateway: is it one, and which model is the cheapest."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from conformance.errors import TargetUnreachable
from conformance.targets.gateway import GatewayOptions, GatewayTarget
from conformance.targets.price_file import Card
from conformance.targets.probe import probe
from conformance.targets.session import Work
from conformance.transcript import Transcript, Wallet

LIST = {"object": "list", "data": []}
CHAT = "/v1/chat/completions"


def look(
    url: str, work: Work | None = None, spend: str = "none", prices: Card = ()
) -> tuple[str | None, Work, list[Transcript]]:
    kept: list[Transcript] = []

    async def run() -> tuple[str | None, Work]:
        chosen = work or Work(model="")
        target = GatewayTarget(
            GatewayOptions(url, {"a": "secret-a"}, spend, work=chosen, prices=prices)
        )
        try:
            return await probe(target, kept.append), target.options.work
        finally:
            await target.close()

    return *asyncio.run(run()), kept


@pytest.fixture
def gateway_with(scripted: Callable[..., Any], reply: Callable[..., Any]) -> Callable[..., str]:
    """The URL of a server with this answer to lists and to the list of models."""

    def start(listing: Any, models: Any = None) -> str:
        server = scripted(lambda _m, path: models if path.endswith("/models") else listing)
        return str(server.url)

    return start


def test_a_good_gateway_gives_no_note_and_the_calls_are_kept(
    gateway_with: Callable[..., str], reply: Callable[..., Any]
) -> None:
    note, work, kept = look(gateway_with(reply(body=LIST), reply(body={"data": []})))
    assert (note, work.model) == (None, "gpt-5-mini")  # nothing is created: no doubt about it
    assert [(one.scenario, len(one.steps)) for one in kept] == [("preflight", 2)]


@pytest.mark.parametrize(
    ("answer", "note"),
    [
        ({"body": b"<p>"}, "GET /batches is answered 200 with application/json, not JSON: is the"),
        ({"status": 429}, "GET /batches is answered 429: what this gateway throttles is not"),
        ({"status": 404, "body": {"x": 1}}, "GET /batches is answered 404: is the URL right?"),
        (
            {"status": 501, "body": {"reason": "batch_api_temporarily_disabled"}},
            "the batch API is switched off here (501): little can be judged",
        ),
    ],
    ids=["no-json", "throttled", "404", "switched-off"],
)
def test_what_is_odd_is_said(
    answer: dict[str, Any], note: str, gateway_with: Callable[..., str], reply: Callable[..., Any]
) -> None:
    found, _, _ = look(gateway_with(reply(**answer), reply(body={})))
    assert (found or "").startswith(note)


@pytest.mark.parametrize(
    ("balance", "notes", "readings"),
    [
        ({"credits": {"balance_nanos": 5, "reserved_nanos": 0}}, [], 1),
        (
            {},
            [
                "--credits-url: the answer has no whole number credits.balance_nanos: is the URL "
                "right?; what needs the wallet stays untested"
            ],
            0,
        ),
    ],
)
def test_a_balance_that_cannot_be_read_is_told_at_once(
    balance: Any,
    notes: list[str],
    readings: int,
    scripted: Callable[..., Any],
    reply: Callable[..., Any],
) -> None:
    server = scripted(lambda _m, path: reply(body=balance if path.endswith("credits") else LIST))
    keys = {"a": "secret-a", "credits": "secret-c"}
    kept: list[Transcript] = []

    async def run() -> list[str]:
        options = GatewayOptions(server.url, keys, credits_url=f"{server.url}/credits")
        target = GatewayTarget(options)
        await probe(target, kept.append)
        await target.close()
        return target.notes

    assert asyncio.run(run()) == notes
    assert [len(list(one.of(Wallet))) for one in kept] == [readings]


@pytest.mark.parametrize("status", [401, 502, 503, 504])
def test_a_gateway_that_cannot_be_used_raises_and_the_call_is_kept(
    status: int, gateway_with: Callable[..., str], reply: Callable[..., Any]
) -> None:
    kept: list[Transcript] = []
    target = GatewayTarget(GatewayOptions(gateway_with(reply(status=status)), {"a": "secret-a"}))

    async def run() -> None:
        try:
            await probe(target, kept.append)
        finally:
            await target.close()

    with pytest.raises(TargetUnreachable, match=str(status)):
        asyncio.run(run())
    assert [one.scenario for one in kept] == ["preflight"]


MODELS = [
    {"model": "dear", "pricing": {"input": "0.5"}},
    {"model": "free", "pricing": {"input": "0"}},
    {"model": "cheap", "pricing": {"input": "0.1", "currency": "USD"}, "providers": [CHAT]},
    {"model": None},
    "odd",
]


def test_the_cheapest_model_that_costs_something_is_taken_with_an_endpoint_of_its_own(
    gateway_with: Callable[..., str], reply: Callable[..., Any]
) -> None:
    _, work, _ = look(gateway_with(reply(body=LIST), reply(body={"data": MODELS})))
    assert (work.model, work.endpoint) == ("cheap", CHAT)


@pytest.mark.parametrize("unit_size", [1_000_000, "1000000"])
def test_a_price_of_a_million_is_compared_with_that_of_one(
    unit_size: Any, gateway_with: Callable[..., str], reply: Callable[..., Any]
) -> None:
    listed = [
        {"model": "dear", "pricing": {"lines": [{"unit_size": 1, "unit_price_usd": "0.001"}]}},
        {"model": "cheap", "pricing": {"lines": [{"unit_size": unit_size, "unit_price_usd": "4"}]}},
        {"model": "odd", "pricing": {"lines": [{"unit_size": 0, "unit_price_usd": "2"}]}},
    ]
    _, work, _ = look(gateway_with(reply(body=LIST), reply(body={"data": listed})))
    assert work.model == "cheap"


@pytest.mark.parametrize(
    ("names", "taken"),
    [(["free"], "free"), (["cheap"], "cheap"), (["elsewhere"], None), ([], None)],
)
def test_a_free_model_is_one_that_the_prices_have_at_nought_and_the_gateway_lists(
    names: list[str],
    taken: str | None,
    gateway_with: Callable[..., str],
    reply: Callable[..., Any],
) -> None:
    prices = tuple({"model": one, "price_per_unit": "0"} for one in [*names])
    url = gateway_with(reply(body=LIST), reply(body={"data": MODELS}))
    assert look(url, prices=prices)[1].free_model == taken


def test_a_free_model_that_has_not_the_endpoint_of_the_run_is_none(
    gateway_with: Callable[..., str], reply: Callable[..., Any]
) -> None:
    vectors = {"model": "vectors", "supported_params_detail": VECTORS}
    url = gateway_with(reply(body=LIST), reply(body={"data": [vectors, *MODELS]}))
    prices = ({"model": "vectors", "price_per_unit": "0"},)
    assert look(url, Work(model="cheap"), prices=prices)[1].free_model is None


EVERYWHERE = {"endpoint": {"values": ["/v1/responses", CHAT, "/v1/embeddings"]}}
VECTORS = {"endpoint": {"values": ["/v1/embeddings"]}}


def test_a_model_with_both_documented_endpoints_is_taken_before_a_cheaper_one(
    gateway_with: Callable[..., str], reply: Callable[..., Any]
) -> None:
    listed = [
        {"model": "vectors", "pricing": {"input": "0.01"}, "supported_params_detail": VECTORS},
        *MODELS,
        {"model": "both", "pricing": {"input": "0.9"}, "supported_params_detail": EVERYWHERE},
    ]
    _, work, _ = look(gateway_with(reply(body=LIST), reply(body={"data": listed})))
    assert (work.model, work.endpoint) == ("both", "/v1/responses")


@pytest.mark.parametrize(
    ("model", "models", "note"),
    [
        ("cheap", MODELS, None),
        ("mine", [], None),
        ("mine", MODELS, "--model mine: GET /batches/models does not list it, so that good creat"),
        ("", [], "gpt-5-mini is taken, and GET /batches/models does not list it, so that good "),
    ],
)
def test_a_model_that_is_not_listed_is_used_and_said_where_batches_are_made(
    model: str,
    models: list[Any],
    note: str | None,
    gateway_with: Callable[..., str],
    reply: Callable[..., Any],
) -> None:
    url = gateway_with(reply(body=LIST), reply(body={"data": models}))
    found, work, _ = look(url, Work(model=model), "create")
    assert work.model == (model or "gpt-5-mini")
    assert found == note if note is None else (found or "").startswith(note)
    assert look(url, Work(model=model))[0] is None
