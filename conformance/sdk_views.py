"""What a transcript shows of an SDK: its calls with what went over the wire, and stream URLs."""

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from conformance.sdk_calls import NOBODY, SdkCall, SdkClient, SdkUrl
from conformance.sdk_trail import Sent
from conformance.transcript import Call, Transcript
from conformance.views import Observed, made_once


def hello_of(transcript: Transcript) -> Mapping[str, Any]:
    """What the adapter says of its SDK; empty without an SDK."""
    return next((edge.detail for _, edge in transcript.edges("sdk_hello")), {})


def declared(hello: Mapping[str, Any]) -> Mapping[str, Any]:
    """The methods that the adapter declares, with their native spellings."""
    methods = hello.get("methods")
    return methods if isinstance(methods, Mapping) else {}


@made_once
def clients(observed: Observed) -> Iterable[SdkClient]:
    """Every client that was opened, or could not be."""
    opened = observed.transcript.edges("sdk_open")
    return [SdkClient(number, edge.detail) for number, edge in opened]


@made_once
def all_calls(observed: Observed) -> Iterable[SdkCall]:
    """Every call; one that ran beside others of its client has no exchanges of its own."""
    calls = list(observed.transcript.of(Call))
    if not calls:
        return
    known = {client.name: client for client in clients(observed)}
    sent = _by_client(observed)
    hello = hello_of(observed.transcript)
    alone = {number for number, _ in _alone(calls)}
    for number, call in calls:
        client = known.get(call.client, NOBODY)
        own = _within(sent[call.client], call) if number in alone else ()
        yield SdkCall(number, call, client, own, hello, observed)


@made_once
def calls(observed: Observed) -> Iterable[SdkCall]:
    """The calls during which their client did nothing else."""
    alone = {number for number, _ in _alone(list(observed.transcript.of(Call)))}
    return [one for one in all_calls(observed) if one.number in alone]


@made_once
def urls(observed: Observed) -> Iterable[SdkUrl]:
    """The calls of helpers that make stream URLs."""
    return [SdkUrl(one) for one in all_calls(observed) if one.of("url")]


def made_by(client: SdkClient, observed: Observed) -> list[SdkCall]:
    """The calls of a client that say something of the SDK, in order."""
    made = [one for one in all_calls(observed) if one.client.name == client.name]
    return [one for one in made if not one.is_adapters and not one.is_unsupported]


def sent_by(client: SdkClient, observed: Observed) -> list[Sent]:
    """What a client sent in all, in order."""
    return _by_client(observed)[client.name]


def _by_client(observed: Observed) -> Mapping[str, list[Sent]]:
    owners = {origin: one.name for one in clients(observed) for origin in one.origins}
    found: dict[str, list[Sent]] = defaultdict(list)
    for number, exchange in observed.transcript.exchanges:
        owner = owners.get(origin_of(exchange.request.url))
        if owner is not None:
            found[owner].append((number, exchange))
    for sent in found.values():
        sent.sort(key=lambda one: (one[1].at_ms, one[0]))
    return found


def origin_of(url: str) -> str:
    """Scheme and authority of a URL, as they are written."""
    scheme, found, rest = url.partition("://")
    return f"{scheme}{found}{re.split('[/?#]', rest, maxsplit=1)[0]}"


def _within(sent: list[Sent], call: Call) -> tuple[Sent, ...]:
    first = bisect_right(sent, call.at_ms - 1, key=lambda one: one[1].at_ms)
    last = bisect_right(sent, call.ended_at_ms, key=lambda one: one[1].at_ms)
    return tuple(sent[first:last])


def _alone(calls: list[tuple[int, Call]]) -> Iterator[tuple[int, Call]]:
    """The calls that no other call of their client overlaps."""
    by_client: dict[str, list[tuple[int, Call]]] = defaultdict(list)
    for number, call in sorted(calls, key=lambda one: (one[1].at_ms, one[0])):
        by_client[call.client].append((number, call))
    for ordered in by_client.values():
        until, latest = -1, [one[1].at_ms for one in ordered[1:]] + [None]
        for (number, call), following in zip(ordered, latest, strict=True):
            is_free = following is None or following > call.ended_at_ms
            if call.at_ms > until and is_free:
                yield number, call
            until = max(until, call.ended_at_ms)
