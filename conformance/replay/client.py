"""Replay of a cassette to httpx code of a user's own tests, behind a transport."""

from dataclasses import dataclass
from pathlib import Path

import httpx
import respx

from conformance.cassette_format import Cassette
from conformance.cassettes import load
from conformance.errors import CassetteError
from conformance.replay.matching import NOT_REPLAYED, Recorded, Turns, Wanted
from conformance.transcript import Request, Response


def _answer(response: Response) -> httpx.Response:
    headers = [(n, v) for n, v in response.headers if n.lower() not in NOT_REPLAYED]
    content = response.body.content if response.body else b""
    return httpx.Response(response.status, headers=headers, content=content)


def answer_of(found: Recorded, where: str) -> httpx.Response:
    """The recorded answer; raises httpx.TransportError where none came."""
    step = found.step
    if step.response is None:
        message = step.failure.message if step.failure else "no answer"
        raise httpx.TransportError(f"{where}: as recorded: {message}")
    return _answer(step.response)


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
        """A router that begins anew; what was not recorded at all it does not know."""
        turns = Turns(self.cassette.transcript)

        def answer(request: httpx.Request) -> httpx.Response | None:
            wanted = Wanted.of(Request(request.method, str(request.url)))
            if turns.last(wanted) is None:
                return None
            where = f"{self.path}: {wanted.method} {wanted.place}"
            found = turns.take(wanted)
            if found is None:
                raise CassetteError(f"{where}: the cassette has no further answer to it")
            return answer_of(found, where)

        router = respx.Router(assert_all_called=False)
        router.route().mock(side_effect=answer)
        return router

    def transport(self) -> httpx.MockTransport:
        """A transport for any httpx client, sync or async."""
        return httpx.MockTransport(self.router().handler)

    def client(self, base_url: str = "http://cassette.test/v1") -> httpx.Client:
        """An httpx client that gets the recorded answers, whatever its host."""
        return httpx.Client(base_url=base_url, transport=self.transport())
