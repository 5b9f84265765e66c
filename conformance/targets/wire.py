"""One HTTP call as an Exchange: bounded body, no redirect followed, a failure is a value.

The only module that knows the HTTP client library.
"""

import asyncio
import ssl
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

import httpx

from conformance.redact import Redactor
from conformance.transcript import Body, Exchange, Failure, Headers, Part, Request, Response, Step

MAX_BODY_BYTES = 20 * 1024 * 1024
# Of a body past the limit only the beginning is kept: cassettes stay small enough to be read.
_KEPT_BYTES = 64 * 1024
_MAX_ATTEMPTS = 4
_LONGEST_WAIT_S = 60.0


class Record(Protocol):
    """Where steps are written down: a session."""

    redactor: Redactor
    steps: list[Step]

    def now_ms(self) -> int:
        """The time since the scenario began."""


@dataclass(frozen=True)
class Outgoing:
    """A request to be sent: headers hold real secrets."""

    method: str
    url: str
    headers: Headers = field(default=(), repr=False)
    content: bytes | None = None
    parts: tuple[Part, ...] = ()
    label: str | None = None


@dataclass
class Wire:
    """Sends requests of one target and records them."""

    client: httpx.AsyncClient
    total_timeout_s: float = 120.0
    extra_headers: Mapping[str, str] = field(default_factory=dict, repr=False)

    async def send(self, outgoing: Outgoing, redactor: Redactor, start: float) -> Exchange:
        """The exchange, redacted; a 429 is waited out as its Retry-After says, at most thrice."""
        attempt = 0
        while True:
            attempt += 1
            exchange = await self._once(outgoing, redactor, start)
            wait_s = retry_wait_s(exchange.response, attempt)
            if wait_s is None:
                return exchange
            await asyncio.sleep(wait_s)

    async def _once(self, outgoing: Outgoing, redactor: Redactor, start: float) -> Exchange:
        at_ms = _elapsed_ms(start)
        response: Response | None = None
        failure: Failure | None = None
        sent = _as_sent(outgoing, self.extra_headers, redactor)
        try:
            async with asyncio.timeout(self.total_timeout_s):
                response = await self._answer(outgoing, redactor)
        except TimeoutError:
            failure = Failure("timeout", f"no whole answer within {self.total_timeout_s:g} s")
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
            # A target may hand out an address that nobody can send a request to.
            failure = _failure(error, redactor)
        return Exchange(sent, response, failure, at_ms, _elapsed_ms(start), outgoing.label)

    async def _answer(self, outgoing: Outgoing, redactor: Redactor) -> Response:
        headers = [*self.extra_headers.items(), *outgoing.headers]
        request = self.client.build_request(
            outgoing.method,
            outgoing.url,
            headers=headers,
            content=outgoing.content,
            files=_files(outgoing),
        )
        answer = await self.client.send(request, stream=True, follow_redirects=False)
        try:
            content, truncated = await _bounded(answer)
        finally:
            await answer.aclose()
        pairs = redactor.headers(tuple(answer.headers.multi_items()))
        content = redactor.content(content)
        if truncated:
            # Far below the first cut, which may have left a piece of a secret.
            content = content[:_KEPT_BYTES]
        return Response(answer.status_code, pairs, Body(content), truncated)


def _elapsed_ms(start: float) -> int:
    return round((time.monotonic() - start) * 1000)


def _files(outgoing: Outgoing) -> list[tuple[str, tuple[str | None, bytes, str | None]]] | None:
    files = [(p.name, (p.filename, p.content, p.content_type)) for p in outgoing.parts]
    return files or None


def _as_sent(outgoing: Outgoing, extra: Mapping[str, str], redactor: Redactor) -> Request:
    body = None
    if outgoing.parts:
        parts = tuple(
            Part(p.name, redactor.content(p.content), p.filename, p.content_type)
            for p in outgoing.parts
        )
        body = Body(parts=parts)
    elif outgoing.content is not None:
        body = Body(redactor.content(outgoing.content))
    url = redactor.text(outgoing.url)
    headers = tuple((name, f"{{{{header:{name}}}}}") for name in extra)
    return Request(outgoing.method, url, headers + redactor.headers(outgoing.headers), body)


async def _bounded(answer: httpx.Response) -> tuple[bytes, bool]:
    """The decoded body up to the limit, and whether there was more."""
    chunks = []
    size = 0
    async for chunk in answer.aiter_bytes():
        size += len(chunk)
        chunks.append(chunk)
        if size > MAX_BODY_BYTES:
            return b"".join(chunks)[:MAX_BODY_BYTES], True
    return b"".join(chunks), False


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _failure(error: Exception, redactor: Redactor) -> Failure:
    kind = "protocol"
    if isinstance(error, httpx.ConnectError):
        kind = "tls" if any(isinstance(one, ssl.SSLError) for one in _causes(error)) else "connect"
    elif isinstance(error, httpx.TimeoutException):
        kind = "timeout"
    text = redactor.text(str(error)) or type(error).__name__
    return Failure(kind, text)


def retry_wait_s(response: Response | None, attempt: int) -> float | None:
    """How long to wait before the next attempt, None when there is to be none."""
    if response is None or response.status != 429 or attempt == _MAX_ATTEMPTS:
        return None
    asked = response.header("retry-after")
    if asked is None:
        return None
    wait_s = float(asked) if asked.isascii() and asked.isdigit() else 2.0**attempt
    return wait_s if wait_s <= _LONGEST_WAIT_S else None
