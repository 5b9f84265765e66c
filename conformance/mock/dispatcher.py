"""Sends what the gateway wants webhooks to hear, and reports back what came of it."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import cache
from weakref import WeakValueDictionary

import httpx

from conformance.mock.outbox import Errand, HookAnswer, HookRequest, Outbox
from conformance.mock.urls import is_placeholder_host

RECEIVER_WAIT_S = 2.0
# Enough for any preview, also when a long secret has to be taken out of it.
_READ_BYTES = 8192
# How much of the wait for a receiver is spent on the turn of another delivery to it.
_PATIENCE = 0.25


class Dispatcher:
    """Carries out errands: those of one batch in their turn, those of several side by side."""

    def __init__(self, outbox: Outbox, receiver_wait_s: float) -> None:
        self._outbox = outbox
        self._wait_s = receiver_wait_s
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def send_all(self) -> None:
        """Make every attempt that waits in the outbox, and wait until each is recorded."""
        await asyncio.gather(*map(self._carry_out, self._outbox.take()))

    async def _carry_out(self, errand: Errand) -> None:
        own_s = errand.workspace.home.receiver_wait_s
        wait_s = self._wait_s if own_s is None else own_s
        async with self._turn(errand.batch.id, wait_s):
            request = errand.rules.prepared(errand)
            if request is not None:
                answer = await send(request, errand.workspace.home.patience.at_most(wait_s))
                errand.rules.record_attempt(errand, request, answer)

    @asynccontextmanager
    async def _turn(self, batch_id: str, wait_s: float) -> AsyncIterator[None]:
        lock = self._turns.setdefault(batch_id, asyncio.Lock())
        # A receiver may read the batch before it answers: such a call must not wait for it.
        is_taken = await _taken(lock, wait_s * _PATIENCE)
        try:
            yield
        finally:
            if is_taken:
                lock.release()


async def _taken(lock: asyncio.Lock, within_s: float) -> bool:
    try:
        async with asyncio.timeout(within_s):
            return await lock.acquire()
    except TimeoutError:
        return False


async def send(request: HookRequest, wait: AbstractAsyncContextManager[None]) -> HookAnswer:
    """Send one request over the network within a wait; whatever goes wrong is an answer too."""
    response: httpx.Response | None = None
    data, failure = bytearray(), ""
    try:
        async with wait, _exchange(request) as response:
            async for chunk in response.aiter_raw():
                data += chunk
                if len(data) >= _READ_BYTES:
                    break
    except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError) as error:
        failure = _failure(error)
    if response is None:
        return HookAnswer(failure=failure)
    # The status counts, also when the body was cut off or never ended.
    return HookAnswer(response.status_code, data[:_READ_BYTES].decode(errors="replace"))


@asynccontextmanager
async def _exchange(request: HookRequest) -> AsyncIterator[httpx.Response]:
    url = httpx.URL(request.url)
    if is_placeholder_host(url.host):
        raise httpx.ConnectError("names for documentation and tests lead nowhere")
    may_need_tls = url.scheme == "https" or request.follow_redirects
    async with (
        httpx.AsyncClient(
            verify=_tls(trusting=may_need_tls),
            trust_env=False,
            timeout=None,  # noqa: S113 - the caller's time limit holds for the whole exchange
            follow_redirects=request.follow_redirects,
            headers={"accept-encoding": "identity", "connection": "close"},
        ) as client,
        client.stream(
            request.method,
            url,
            headers=dict(request.headers),
            content=request.body,
            # A user and password of the URL must not become a header.
            auth=httpx.Auth(),
        ) as response,
    ):
        yield response


@cache
def _tls(*, trusting: bool) -> ssl.SSLContext:
    # Reading the certificates takes long, and plain http, the usual case, needs none.
    return httpx.create_ssl_context() if trusting else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _failure(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "timeout"
    if isinstance(error, httpx.TooManyRedirects):
        return "redirects"
    never_there = isinstance(error, (httpx.ConnectError, httpx.InvalidURL, UnicodeError))
    return "connect" if never_there else "lost"
