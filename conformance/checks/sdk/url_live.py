"""Stream URLs at a gateway: they address what it names, and they open the stream."""

from collections.abc import Iterator
from typing import Any

from conformance.addresses import Address, address_of, all_decoded
from conformance.checks import Findings, check
from conformance.json_text import NotJson, at, parse
from conformance.sdk_calls import SdkUrl
from conformance.sdk_views import calls, urls
from conformance.transcript import Exchange, Stream
from conformance.verdicts import Finding, holds
from conformance.views import Observed

_OF_ONE_BATCH = ("create", "get", "cancel")
# From `async` on.
_TAIL = 4


def _batches(observed: Observed) -> Iterator[dict[str, Any]]:
    """The batches that calls of the SDK were answered with."""
    for call in calls(observed):
        answer = call.answer if call.of(*_OF_ONE_BATCH) else None
        if answer is not None and answer.ok and isinstance(answer.json, dict):
            yield answer.json
    yield from (body.value for body in observed.bodies)


def _is_of_one_piece(body: dict[str, Any]) -> bool:
    """Whether a batch names itself in its polling_url: what a script answers need not."""
    polling = body.get("polling_url")
    place = address_of(polling) if isinstance(polling, str) else None
    return place is None or all_decoded(place.segments)[-1:] == [body.get("id")]


@check("SDK-URL-14")
def url_is_that_of_the_gateway(one: SdkUrl) -> Findings:
    """The URL without options addresses what the batch's own websocket_url does."""
    if one.kind != "batch" or one.options or one.url is None:
        return
    for body in _batches(one.seen_call.observed):
        named = body.get("websocket_url")
        there = address_of(named) if isinstance(named, str) else None
        if body.get("id") == one.id and there is not None and _is_of_one_piece(body):
            tail = all_decoded(one.url.segments)[-_TAIL:]
            is_there = tail == all_decoded(there.segments)[-_TAIL:]
            yield holds(is_there, seen=one.text, expected=named)
            return


def _is_dialled(url: Address, stream: Stream) -> bool:
    there = address_of(stream.request.url)
    return there is not None and (
        (there.host, there.port, there.segments, sorted(there.pairs))
        == (url.host, url.port, url.segments, sorted(url.pairs))
    )


def _created(observed: Observed, key: str) -> set[Any]:
    """The ids of the batches that were created with a key, by the SDK or beside it."""
    made = [one for one in calls(observed) if one.of("create") and one.error is None]
    own = {at(one.value, "/id") for one in made if one.client.key == key}
    sent = [one for one in observed.creates if key in _credentials(one.seen.exchange)]
    return {one for one in own | {one.batch_id for one in sent} if isinstance(one, str)}


def _credentials(step: Exchange | Stream) -> str:
    return step.request.header("authorization") or ""


@check("SDK-URL-16")
def url_opens_the_stream(observed: Observed) -> Findings:
    """Dialled with the key, the URL of a batch opens its stream."""
    for number, stream in observed.transcript.of(Stream):
        for one in urls(observed):
            key = one.seen_call.client.key
            is_own = key is not None and key in _credentials(stream)
            if key is None or not is_own or one.url is None or not _is_dialled(one.url, stream):
                continue
            if isinstance(one.id, str) and one.id in _created(observed, key):
                yield _opens(one.id, stream, number)


def _opens(batch_id: str, stream: Stream, number: int) -> Finding:
    """Whether the first frame that came is the snapshot of the batch."""
    status = stream.response.status if stream.response else None
    told = [frame.content for frame in stream.frames if frame.sender == "server"][:1]
    first = _message(told[0]) if told else None
    is_snapshot = at(first, "/type") == "job.snapshot" and at(first, "/data/id") == batch_id
    return holds(
        status == 101 and is_snapshot,
        seen=f"status {status}, first frame {str(told[0])[:200] if told else None}",
        expected=f"the snapshot of {batch_id}",
        step=number,
    )


def _message(content: str | bytes) -> Any:
    try:
        return parse(content if isinstance(content, str) else content.decode("utf-8"))
    except (NotJson, UnicodeDecodeError):
        return None
