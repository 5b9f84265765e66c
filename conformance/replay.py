"""Replay of a cassette to httpx code of a user's own tests: respx routes behind a transport."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

import httpx
import respx

from conformance.cassette_format import Cassette
from conformance.cassettes import load
from conformance.errors import CassetteError
from conformance.transcript import Exchange, Request, Response

_NOT_REPLAYED = frozenset({"content-length", "content-encoding", "transfer-encoding", "connection"})


def _answer(response: Response) -> httpx.Response:
    headers = [(n, v) for n, v in response.headers if n.lower() not in _NOT_REPLAYED]
    content = response.body.content if response.body else b""
    return httpx.Response(response.status, headers=headers, content=content)


def _in_turn(exchanges: list[Exchange], where: str) -> Callable[[httpx.Request], httpx.Response]:
    left = list(exchanges)

    def answer(_request: httpx.Request) -> httpx.Response:
        if not left:
            raise CassetteError(f"{where}: the cassette has no further answer to it")
        exchange = left.pop(0)
        if exchange.response is None:
            message = exchange.failure.message if exchange.failure else "no answer"
            raise httpx.TransportError(f"{where}: as recorded: {message}")
        return _answer(exchange.response)

    return answer


_Key = tuple[str, str, tuple[tuple[str, str], ...]]


def _key(request: Request) -> _Key:
    """What a route is known by: method, decoded path, and the query whatever its order."""
    return request.method, unquote(request.path), tuple(sorted(request.query))


@dataclass(frozen=True)
class Replay:
    """A cassette that answers: each call gets the next recorded answer of its method and path."""

    cassette: Cassette
    path: Path

    @classmethod
    def load(cls, path: Path) -> "Replay":
        """Read the cassette; raises CassetteError."""
        return cls(load(path), path)

    def router(self) -> respx.Router:
        """Routes for every method, path and query of the cassette; anything else is refused."""
        by_route: dict[_Key, list[Exchange]] = defaultdict(list)
        for _, exchange in self.cassette.transcript.exchanges:
            by_route[_key(exchange.request)].append(exchange)
        router = respx.Router(assert_all_called=False)
        for (method, path, query), exchanges in by_route.items():
            where = f"{self.path}: {method} {path}"
            params = httpx.QueryParams(query)
            route = router.route(method=method, path=path, params__eq=params)
            route.mock(side_effect=_in_turn(exchanges, where))
        return router

    def transport(self) -> httpx.MockTransport:
        """A transport for any httpx client, sync or async."""
        return httpx.MockTransport(self.router().handler)

    def client(self, base_url: str = "http://cassette.test/v1") -> httpx.Client:
        """An httpx client that gets the recorded answers, whatever its host."""
        return httpx.Client(base_url=base_url, transport=self.transport())
