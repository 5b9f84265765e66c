"""The first calls to a gateway: is it there, is the key good, which model is the cheapest."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Any

from conformance.errors import TargetUnreachable
from conformance.json_text import ABSENT, at
from conformance.targets import Target
from conformance.targets.gateway import GatewayTarget
from conformance.targets.price_file import free_models
from conformance.targets.sdk_target import AdapterTarget
from conformance.targets.session import ScenarioStopped, Session, Work
from conformance.transcript import Exchange, Transcript

_MEND = {
    "connect": "is the host right and is it up?",
    "timeout": "a longer --timeout, or is it down?",
    "tls": "does it speak https, and is it trusted? --ca-bundle FILE adds an authority",
    "protocol": "does the address speak HTTP?",
}
_LARGEST_EXPONENT = 30
_USUAL_MODEL = "gpt-5-mini"
_NOT_LISTED = "GET /batches/models does not list it, so that good creates may be refused"
_ENDPOINTS = ("/v1/responses", "/v1/chat/completions", "/v1/embeddings")


async def probe(target: Target, keep: Callable[[Transcript], None]) -> str | None:
    """Look at a live gateway or an SDK first of all; a line for the user when something is odd.

    Raises AdapterError for an SDK that cannot be called, and TargetUnreachable with cause and
    mend. The calls are kept as scenario `preflight`.
    """
    if isinstance(target, AdapterTarget):
        await target.introduce()
        return await probe(target.gateway, keep)
    if not isinstance(target, GatewayTarget):
        return None
    session = await target.open("preflight")
    try:
        note = _opinion(await session.list("limit=1"), target.options.url)
        work, doubt = await _work(session, free_models(target.options.prices))
        target.options = replace(target.options, work=work)
        await _look_at_the_wallet(session)
    finally:
        keep(replace(session.transcript(), title="First look at the gateway"))
    return note or (doubt if "create" in target.capabilities else None)


async def _look_at_the_wallet(session: Session) -> None:
    """Tell early when the balance cannot be read; whatever needs it says so later too."""
    if session.shows_wallet("a"):
        try:
            await session.wallet("a")
        except ScenarioStopped as stopped:
            session.tell(f"{stopped}; what needs the wallet stays untested")


def _opinion(exchange: Exchange, url: str) -> str | None:
    if exchange.failure is not None:
        failure = exchange.failure
        mend = _MEND.get(failure.kind, "")
        raise TargetUnreachable(
            f"{url} cannot be reached: {failure.message} ({failure.kind}); {mend}"
        )
    response = exchange.response
    assert response is not None  # noqa: S101 - an exchange has a failure or a response
    reason = at(response.json, "/reason")
    if response.status in {502, 503, 504}:
        raise TargetUnreachable(f"{url} is not up: GET /batches is answered {response.status}")
    if response.status == 401:
        raise TargetUnreachable(
            f"{url} refuses AI_STATS_API_KEY (401 {reason or ''}): is it a key of this gateway?"
        )
    if response.status == 429:
        return "GET /batches is answered 429: what this gateway throttles is not judged"
    if response.truncated:
        return f"GET /batches is answered {response.status} without end: is the URL right?"
    if response.json is ABSENT:
        kind = response.header("content-type") or "no content type"
        return (
            f"GET /batches is answered {response.status} with {kind}, not JSON: is the URL right?"
        )
    if reason == "batch_api_temporarily_disabled":
        return "the batch API is switched off here (501): little can be judged"
    if not response.ok:
        return f"GET /batches is answered {response.status}: is the URL right?"
    return None


async def _work(session: Session, free: Sequence[str]) -> tuple[Work, str | None]:
    """Models and endpoint of the run, as given, else the cheapest that is listed; and a doubt."""
    exchange = await session.call("GET", "/batches/models")
    data = at(exchange.response.json, "/data") if exchange.response else ABSENT
    models = [item for item in data if isinstance(item, dict)] if isinstance(data, list) else []
    named = [item for item in models if isinstance(item.get("model"), str)]
    work, doubt = _chosen(session.work, named)
    return replace(work, free_model=_free(free, named, work.endpoint)), doubt


def _chosen(work: Work, named: list[dict[str, Any]]) -> tuple[Work, str | None]:
    if work.model:
        unknown = named and work.model not in [item["model"] for item in named]
        return work, f"--model {work.model}: {_NOT_LISTED}" if unknown else None
    if not named:
        work = replace(work, model=_USUAL_MODEL)
        return work, f"{_USUAL_MODEL} is taken, and {_NOT_LISTED}; --model chooses another"
    cheapest = min(named, key=lambda item: (_lacking(item), *_price(item)))
    work = replace(work, model=cheapest["model"], endpoint=_endpoint(cheapest, work.endpoint))
    return work, None


def _free(free: Sequence[str], named: list[dict[str, Any]], endpoint: str) -> str | None:
    """The first listed model that --prices has at nought and the endpoint of the run takes."""
    fit = (item["model"] for item in named if endpoint in (_named_endpoints(item) or [endpoint]))
    return next((model for model in fit if model in free), None)


def _named_endpoints(item: dict[str, Any]) -> list[str]:
    offered = str(item.get("supported_params_detail", "")) + str(item.get("providers", ""))
    return [endpoint for endpoint in _ENDPOINTS if endpoint in offered]


def _lacking(item: dict[str, Any]) -> int:
    """How many of the two documented endpoints a model is not known to have, 1 if unclear."""
    named = _named_endpoints(item)
    return sum(one not in named for one in _ENDPOINTS[:2]) if named else 1


def _price(item: dict[str, Any]) -> tuple[int, Decimal]:
    """Paid models first, the cheapest in front: a batch that costs nothing shows no money rule."""
    prices = list(_numbers(item.get("pricing")))
    total = sum(prices, Decimal(0))
    return (0 if total > 0 else 1, total)


def _numbers(value: Any, unit: Decimal = Decimal(1)) -> Iterator[Decimal]:
    """The prices of one unit: a number beside a unit_size is for so many."""
    if isinstance(value, dict):
        unit = _number(value.get("unit_size")) or unit
        for key, member in value.items():
            if key not in {"unit_size", "currency"}:
                yield from _numbers(member, unit)
    elif isinstance(value, list):
        for item in value:
            yield from _numbers(item, unit)
    elif (number := _number(value)) is not None:
        yield number / unit


def _number(value: Any) -> Decimal | None:
    if not isinstance(value, int | Decimal | str) or isinstance(value, bool):
        return None
    try:
        number = Decimal(value)
    except InvalidOperation:
        return None
    return number if number.is_finite() and number.adjusted() < _LARGEST_EXPONENT else None


def _endpoint(item: dict[str, Any], default: str) -> str:
    named = _named_endpoints(item)
    return default if default in named or not named else named[0]
