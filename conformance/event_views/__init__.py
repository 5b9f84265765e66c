"""What a transcript shows of lifecycle events: one function for each input of the registry.

| input      | function    | view          | one for each                                        |
|------------|-------------|---------------|-----------------------------------------------------|
| handshake  | handshakes  | `Handshake`   | answered call of a stream address, refused ones too |
| stream     | streams     | `OpenStream`  | stream of a batch that was opened                   |
| frame      | frames      | `ServerFrame` | frame that the server sent on such a stream         |
| message    | messages    | `Message`     | `data` of a snapshot, an update or a delivery       |
| delivery   | calls       | `WebhookCall` | webhook delivery that arrived, no followed redirect |
| deliveries | deliveries  | `Deliveries`  | batch with a webhook, also without any delivery     |

Every view has `number` (its step), `pointer` (its place in that step) and `observed` (all else
that the transcript shows). A stream is a step of its own that begins when it is asked for, so
what came before what across channels is told by `at_ms`, not by the numbers of steps.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

from conformance.event_views.messages import Message, creation_of
from conformance.event_views.redirects import second_legs
from conformance.event_views.streams import Handshake, OpenStream, ServerFrame
from conformance.event_views.webhooks import Deliveries, WebhookCall
from conformance.routes import Route
from conformance.transcript import Delivery, Exchange, Request, Response, Stream
from conformance.views import Observed, Seen, made_once

__all__ = [
    "Deliveries",
    "Handshake",
    "Message",
    "OpenStream",
    "ServerFrame",
    "WebhookCall",
    "calls",
    "creation_of",
    "deliveries",
    "frames",
    "handshakes",
    "messages",
    "streams",
    "upgrades_at",
]

_PATH = re.compile(r"/v1/async/([^/]*)/([^/]*)/ws$")


@made_once
def handshakes(observed: Observed) -> Iterable[Handshake]:
    """Every answered call of a stream address; one that was only throttled is none."""
    found = [*_plain_calls(observed), *_upgrades(observed)]
    return sorted(found, key=lambda one: one.number)


def _plain_calls(observed: Observed) -> Iterator[Handshake]:
    for seen in observed.seen:
        path = _PATH.search(seen.request.path)
        if path and seen.request.method == "GET":
            yield Handshake(observed, seen, unquote(path[1]), unquote(path[2]))


def _upgrades(observed: Observed) -> Iterator[Handshake]:
    for number, stream in observed.transcript.of(Stream):
        path = _PATH.search(stream.request.path)
        if path:
            yield from _upgrade(observed, number, stream, unquote(path[1]), unquote(path[2]))


def upgrades_at(observed: Observed, url: str, batch_id: str) -> Iterator[Handshake]:
    """The answered upgrades of a URL that is said to be the stream of a batch, whatever its path.

    What the client added as a query does not matter.
    """
    for number, stream in observed.transcript.of(Stream):
        asked = stream.request.url
        if url in {asked, asked.partition("?")[0]}:
            yield from _upgrade(observed, number, stream, "batch", batch_id)


def _upgrade(
    observed: Observed, number: int, stream: Stream, kind: str, name: str
) -> Iterator[Handshake]:
    response = _answer(stream)
    if response and response.status != 429 and not response.truncated:
        request = _with_upgrade(stream.request)
        exchange = Exchange(request, response, None, stream.at_ms, stream.at_ms, stream.label)
        seen = Seen(number, exchange, Route("stream", name), response)
        yield Handshake(observed, seen, kind, name, stream)


def _answer(stream: Stream) -> Response | None:
    """The answer of the handshake; who sent frames has opened the stream."""
    if stream.response is None and any(frame.sender == "server" for frame in stream.frames):
        return Response(101)
    return stream.response


def _with_upgrade(request: Request) -> Request:
    if request.header("upgrade") is not None:
        return request
    return replace(request, headers=(*request.headers, ("upgrade", "websocket")))


@made_once
def streams(observed: Observed) -> Iterable[OpenStream]:
    """Every stream of a batch that was opened."""
    return [
        OpenStream(one, one.stream)
        for one in handshakes(observed)
        if one.stream is not None and one.opened and one.kind.lower() == "batch"
    ]


@made_once
def frames(observed: Observed) -> Iterable[ServerFrame]:
    """Every frame that the server sent on such a stream."""
    return [frame for stream in streams(observed) for frame in stream.frames]


@made_once
def calls(observed: Observed) -> Iterable[WebhookCall]:
    """Every webhook delivery that arrived, those apart that only followed a redirect."""
    legs = second_legs(observed.transcript)
    return [
        WebhookCall(observed, number, step)
        for number, step in observed.transcript.of(Delivery)
        if number not in legs
    ]


@made_once
def messages(observed: Observed) -> Iterable[Message]:
    """What snapshots, updates and deliveries tell of their batches, in the order of the steps."""
    told = [one for stream in streams(observed) for one in stream.messages]
    told += [call.message for call in calls(observed) if call.message is not None]
    return sorted(told, key=lambda one: one.number)


@made_once
def deliveries(observed: Observed) -> Iterator[Deliveries]:
    """What arrived for each batch that was created with a webhook or that a delivery names."""
    arrived: dict[str, list[WebhookCall]] = {
        create.batch_id: []
        for create in observed.creates
        if create.batch_id is not None and _has_webhook(create.sent)
    }
    for call in calls(observed):
        if call.batch_id is not None:
            arrived.setdefault(call.batch_id, []).append(call)
    for batch_id, found in arrived.items():
        yield Deliveries(observed, batch_id, tuple(found), creation_of(observed, batch_id))


def _has_webhook(sent: Any) -> bool:
    return isinstance(sent, dict) and isinstance(sent.get("webhook"), dict)
