"""Webhooks that misbehave, beside good ones: each is a finding of its own, soon, and no crash."""

import asyncio
import gzip
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

import pytest

from conformance.checks import judge
from conformance.mock.server import MockServer
from conformance.requirements import registry
from conformance.targets.hook_server import Answer
from conformance.targets.mock import MockTarget
from conformance.targets.receiver import Hook
from conformance.targets.session import Session
from conformance.transcript import Delivery, Headers, Transcript

ROWS = [row for row in registry().masters("ai-stats") if row.id.startswith(("HOOK", "XCH"))]
SIGNED = frozenset({"x-ai-stats-timestamp", "x-ai-stats-signature"})
EVENTS = ["job.created", "job.completed"]
_OF_THE_CLIENT = frozenset({"host", "content-length", "connection", "accept", "accept-encoding"})
Make = Callable[[Headers, bytes], tuple[Headers, bytes]]
Send = Callable[[Session, Hook, str], Any]
Lived = Callable[[Send], Transcript]


@pytest.fixture
def lived() -> Lived:
    """The transcript of a batch with a webhook, with more sent to its receiver after the create."""

    def run(send: Send) -> Transcript:
        async def go(server: MockServer) -> Transcript:
            target = MockTarget(server=server)
            try:
                session = await target.open("a_test")
                hook = await session.receiver()
                batch_id = await session.batch(webhook=hook.webhook(events=EVENTS))
                await send(session, hook, batch_id)
                await session.poll_until(batch_id)
                await hook.deliveries(3, 1.0)
                await session.get(batch_id)
                return session.transcript()
            finally:
                await target.close()

        with MockServer(receiver_wait_s=5.0) as server:
            return asyncio.run(asyncio.wait_for(go(server), 10))

    return run


def again(make: Make) -> Send:
    """Send what was delivered once more, as `make` bends it."""

    async def send(_session: Session, hook: Hook, _batch_id: str) -> None:
        (first,) = await hook.deliveries()
        kept = tuple(one for one in first.headers if one[0].lower() not in _OF_THE_CLIENT)
        headers, content = make(kept, first.body.content)
        place = urlsplit(hook.url)
        reader, writer = await asyncio.open_connection(place.hostname, place.port)
        lines = [f"POST {place.path} HTTP/1.1", "host: h", *map(": ".join, headers)]
        writer.write("\r\n".join([*lines, "", ""]).encode() + content)
        with suppress(ConnectionError):
            await writer.drain()
            writer.write_eof()
            await reader.read()
        writer.close()
        await hook.deliveries(2)

    return send


def sized(headers: Headers, size: int) -> Headers:
    return (*headers, ("content-length", str(size)))


def as_it_was(headers: Headers, content: bytes) -> tuple[Headers, bytes]:
    return sized(headers, len(content)), content


def unsigned(headers: Headers, content: bytes) -> tuple[Headers, bytes]:
    return as_it_was(tuple(one for one in headers if one[0].lower() not in SIGNED), content)


def said_too_short(headers: Headers, content: bytes) -> tuple[Headers, bytes]:
    return sized(headers, len(content) - 5), content


def said_too_long(headers: Headers, content: bytes) -> tuple[Headers, bytes]:
    return sized(headers, len(content) + 5), content


def in_chunks(headers: Headers, content: bytes) -> tuple[Headers, bytes]:
    chunks = b"%x\r\n%s\r\n0\r\n\r\n" % (len(content), content)
    return (*headers, ("transfer-encoding", "chunked")), chunks


def in_bad_chunks(headers: Headers, content: bytes) -> tuple[Headers, bytes]:
    return (*headers, ("transfer-encoding", "chunked")), b"zz\r\n" + content


def zipped(headers: Headers, content: bytes) -> tuple[Headers, bytes]:
    small = gzip.compress(content)
    return (*sized(headers, len(small)), ("content-encoding", "gzip")), small


def of_20_mb(headers: Headers, _content: bytes) -> tuple[Headers, bytes]:
    return sized(headers, 20 * 2**20), b"x" * (20 * 2**20)


REPEATED = {"HOOK-RETRY-01", "HOOK-RETRY-11", "HOOK-RETRY-13"}
NO_EVENT = {"HOOK-BODY-01", "HOOK-BODY-06", "HOOK-BODY-09", "HOOK-BODY-20"}


@pytest.mark.parametrize(
    ("make", "answered", "valid", "fell"),
    [
        (as_it_was, {"status": 200}, True, REPEATED),
        (in_chunks, {"status": 200}, True, REPEATED),
        (unsigned, {"status": 200}, False, {*REPEATED, "HOOK-HEAD-07"}),
        (said_too_short, {"status": 200}, False, {*NO_EVENT, "HOOK-SIGN-01"}),
        (said_too_long, {"dropped": True}, None, {*REPEATED, "HOOK-RETRY-03", "HOOK-RETRY-16"}),
        (in_bad_chunks, {"dropped": True}, None, NO_EVENT),
        (zipped, {"status": 200}, False, {*NO_EVENT, "HOOK-SIGN-01"}),
        (of_20_mb, {"status": 413}, None, NO_EVENT),
    ],
)
def test_a_webhook_that_misbehaves_is_found_out(
    make: Make, answered: Any, *, valid: bool | None, fell: set[str], lived: Lived
) -> None:
    transcript = lived(again(make))
    deliveries = [step for _, step in transcript.of(Delivery)]
    assert [one.answered for one in deliveries] == [{"status": 200}, answered, {"status": 200}]
    assert [one.signature_valid for one in deliveries] == [True, valid, True]
    assert max(len(one.body.content) for one in deliveries) <= 65_536
    found = judge([transcript], ROWS, "ai-stats")
    assert [one.crash for one in found.values() if one.crash] == []
    assert {one for one, judgement in found.items() if judgement.broken} == fell


async def redirected(session: Session, hook: Hook, batch_id: str) -> None:
    """From now on what comes is sent on to another receiver."""
    other = await session.receiver(secret=None)
    hook.answer_with(Answer(302, (("location", other.url),)))


@pytest.mark.parametrize(
    ("profile", "row_id", "holds"),
    [("ai-stats", "HOOK-RETRY-23", False), ("phaseo", "HOOK-RETRY-24", True)],
)
def test_a_redirect_is_seen_to_be_followed_or_not(
    profile: str, row_id: str, *, holds: bool, lived: Lived
) -> None:
    found = judge([lived(redirected)], [registry()[row_id]], profile)[row_id]
    assert (found.judged, not found.broken) == (1, holds)
