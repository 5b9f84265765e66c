"""Data of messages: whose it is, how far the batch is, where its links lead."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote, urlsplit

from conformance.checks import Findings, check
from conformance.checks.billing._money import whole
from conformance.checks.events._own import is_gone, owners, workspace_of
from conformance.event_views import Message, OpenStream, ServerFrame, messages
from conformance.json_text import ABSENT, at, same
from conformance.verdicts import broken, holds
from conformance.views import Observed, Seen

_CAN_CANCEL = {
    "ai-stats": frozenset({"openai"}),
    "phaseo": frozenset(
        {"openai", "anthropic", "google-ai-studio", "mistral", "x-ai", "groq", "together"}
    ),
}
_DONE = ("completed", "failed")
_COUNTS = ("total", *_DONE)
_ABSOLUTE = re.compile(r"https?://[^/?#\s]+/\S*", re.IGNORECASE)
_STREAM_URL = re.compile(r"wss?://[^/?#\s]+(/[^?#\s]*)", re.IGNORECASE)


def _given(message: Message, pointer: str) -> Any:
    value = message.get(pointer)
    return ABSENT if value is None else value


@check("WS-FRAME-08")
def id_is_that_of_the_address(frame: ServerFrame) -> Findings:
    """The id in the data is the id in the address of the stream."""
    if frame.message is not None:
        wanted = frame.stream.batch_id
        seen = frame.message.get("/id")
        yield holds(seen == wanted, seen=seen, expected=wanted, pointer="/data/id")


def _count(counts: Any, name: str) -> int | None:
    value = whole(at(counts, f"/{name}"))
    return value if value is not None and value >= 0 else None


def percent(counts: Any) -> int | None:
    """Finished rows in percent, halves rounded up; None where the counts cannot be read."""
    total, completed, failed = (_count(counts, name) for name in _COUNTS)
    is_without_total = isinstance(counts, dict) and counts.get("total") is None
    if counts in (None, ABSENT) or is_without_total or total == 0:
        return 0
    if total is None or completed is None or failed is None:
        return None
    return min((200 * (completed + failed) + total) // (2 * total), 100)


@check("WS-FRAME-17")
def progress_follows_the_counts(message: Message) -> Findings:
    """Before completion the progress of a frame is that of its counts."""
    wanted = percent(message.get("/request_counts"))
    seen = _given(message, "/progress")
    if message.frame is None or message.status in {None, "completed"} or seen is ABSENT:
        return
    if wanted is not None:
        yield holds(same(seen, wanted), seen=seen, expected=wanted, pointer="/progress")


@check("WS-FRAME-20")
def counts_add_up_and_grow(stream: OpenStream) -> Findings:
    """Finished rows never exceed the total, and neither of their counts goes down."""
    before: dict[str, int] = {}
    for message in stream.messages:
        counts = message.get("/request_counts")
        now = {name: _count(counts, name) for name in _COUNTS}
        known = {name: count for name, count in now.items() if count is not None}
        total, done = known.pop("total", None), sum(known.get(name, 0) for name in _DONE)
        if not known:
            continue
        fits = total is None or done <= total
        grows = all(count >= before.get(name, 0) for name, count in known.items())
        before |= known
        yield holds(
            fits and grows,
            seen=counts,
            expected="counts that add up and do not go down",
            pointer=f"{message.pointer}/request_counts",
            step=stream.number,
        )


def _host(url: Any) -> str | None:
    try:
        return urlsplit(url).hostname if isinstance(url, str) else None
    except ValueError:
        return None


def _names_its_receiver(message: Message, sent: Any, profile: str) -> bool:
    """Whether the receiver is named; what was made of its URL may lack parts, its host not."""
    if profile == "phaseo":
        named = message.get("/webhook/endpoint_id")
        return isinstance(named, str) and named != ""
    url, wanted = message.get("/webhook/url"), _host(at(sent, "/url"))
    return isinstance(url, str) and url != "" and wanted in {None, _host(url)}


def _shows_its_webhook(message: Message, sent: Any, profile: str) -> bool:
    events = message.get("/webhook/events")
    named = isinstance(events, list) and events and all(isinstance(one, str) for one in events)
    return bool(named) and _names_its_receiver(message, sent, profile)


@check("WS-FRAME-27")
def webhook_is_shown(observed: Observed, profile: str) -> Findings:
    """The frames of a batch that was created with a webhook show where it goes, and its events."""
    for message in messages(observed):
        sent = at(message.creation.sent, "/webhook") if message.creation else None
        if message.frame is not None and isinstance(sent, dict):
            yield holds(
                _shows_its_webhook(message, sent, profile),
                seen=message.get("/webhook"),
                expected="a webhook with its address and its events",
                pointer=f"{message.pointer}/webhook",
                step=message.number,
            )


def _is_open(message: Message) -> bool:
    """Whether the batch can be cancelled by its status, finalizing excepted."""
    polled = message.get("/polled_status")
    if message.status == "in_progress":
        return isinstance(polled, str) and polled.lower() != "finalizing"
    return message.status == "pending" and polled != "finalizing"


@check("WS-FRAME-31")
def open_batch_has_its_cancel_url(message: Message, profile: str) -> Findings:
    """While it can be cancelled, cancel_url is an absolute URL that ends in the cancel route."""
    can = _CAN_CANCEL.get(profile, _CAN_CANCEL["ai-stats"])
    provider = message.get("/provider")
    is_able = isinstance(provider, str) and provider in can
    if not _is_open(message) or not is_able or message.id is None:
        return
    seen = message.get("/cancel_url")
    end = f"/v1/batches/{message.id}/cancel"
    is_absolute = isinstance(seen, str) and _ABSOLUTE.fullmatch(seen) is not None
    yield holds(
        is_absolute and unquote(seen).endswith(end),
        seen=seen,
        expected=f"an absolute URL that ends in {end}",
        pointer="/cancel_url",
    )


def _reads(observed: Observed, batch_id: str) -> Iterator[Seen]:
    """The GETs by the workspace that has the batch, of whatever URL, while it is there."""
    owner, since = owners(observed).get(batch_id, (None, None))
    for seen in observed.seen:
        caller = workspace_of(seen)
        later = since is not None and seen.exchange.at_ms >= since.exchange.ended_at_ms
        gone = is_gone(observed, batch_id, seen.exchange.ended_at_ms)
        if seen.request.method == "GET" and caller == owner is not None and later and not gone:
            yield seen


def _is_about_the_batch(seen: Seen) -> bool:
    """Whether the answer says whether the batch is there, not whether the gateway works."""
    return seen.response.ok or seen.status in {404, 405, 410}


def _first_links(observed: Observed) -> Iterator[tuple[Message, Any]]:
    """The polling URLs of each batch, each with the message that showed it first."""
    shown = set()
    for message in messages(observed):
        url = _given(message, "/polling_url")
        known = (message.id, url if isinstance(url, str) else repr(url))
        if url is not ABSENT and message.id is not None and known not in shown:
            shown.add(known)
            yield message, url


@check("WS-FRAME-32")
def polling_url_leads_to_the_batch(observed: Observed) -> Findings:
    """polling_url is absolute, and a GET of it as it stands returns the same batch."""
    for message, url in _first_links(observed):
        place, number = f"{message.pointer}/polling_url", message.number
        if not isinstance(url, str) or not _ABSOLUTE.fullmatch(url):
            yield broken(url, "an absolute URL", place, number)
            continue
        for seen in _reads(observed, message.id or ""):
            if seen.request.url == url and _is_about_the_batch(seen):
                yield holds(
                    at(seen.json, "/id") == message.id,
                    seen=f"HTTP {seen.status} {at(seen.json, '/id') or ''}".rstrip(),
                    expected=f"the batch {message.id} at its polling_url",
                    pointer=place,
                    step=number,
                )


def _path(url: Any) -> str | None:
    """The decoded path of an absolute ws or wss URL without query and fragment."""
    found = _STREAM_URL.fullmatch(url) if isinstance(url, str) else None
    return unquote(found[1]) if found else None


@check("WS-FRAME-33")
def websocket_url_is_that_of_the_stream(frame: ServerFrame) -> Findings:
    """websocket_url is absolute, has the path of the stream's own address, and no query."""
    url = _given(frame.message, "/websocket_url") if frame.message else ABSENT
    if url is ABSENT:
        return
    asked = unquote(frame.stream.handshake.seen.request.path)
    base, _, _ = asked.rpartition("/async/")
    wanted = f"{base}/async/batch/{frame.stream.batch_id}/ws"
    yield holds(
        _path(url) in {wanted, asked},
        seen=url,
        expected=f"an address of {wanted}",
        pointer="/data/websocket_url",
    )
