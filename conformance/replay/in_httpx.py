"""Replay of cassettes to whatever httpx client there is in this process, by respx."""

from dataclasses import dataclass, replace
from importlib import metadata
from types import TracebackType
from typing import Any, Self

import httpx
import respx
from respx.mocks import HTTPCoreMocker

from conformance.cassette_format import Cassette
from conformance.replay.client import answer_of
from conformance.replay.links import led_to
from conformance.replay.matching import NOT_RECORDED, Recorded, Turns, Wanted
from conformance.routes import BASE
from conformance.transcript import Body, Exchange, Request, Stream


def uses_httpx(distribution: str) -> bool:
    """Whether a distribution that is installed here declares that it needs httpx."""
    try:
        needed = metadata.requires(distribution) or []
    except metadata.PackageNotFoundError:
        return False
    return any(_is_httpx(one) for one in needed)


def _is_httpx(requirement: str) -> bool:
    wanted, _, marker = requirement.partition(";")
    name = wanted.strip().lower()
    is_it = name.startswith("httpx") and not name[5:6].isalnum() and name[5:6] not in {"-", "_"}
    return is_it and "extra" not in marker


def can_be_served(cassette: Cassette) -> bool:
    """Whether all of a recording are calls that httpx can make: it opens no streams."""
    return not any(isinstance(step, Stream) for step in cassette.transcript.steps)


@dataclass(frozen=True)
class HttpxReplay:
    """One recording below a `url` of its own."""

    url: str
    turns: Turns
    rewrite_urls: bool

    @property
    def left(self) -> list[dict[str, Any]]:
        """The recorded calls that nobody has made yet."""
        return [one.as_json() for one in self.turns.left]

    def answer(self, request: httpx.Request) -> httpx.Response:
        """The next recorded answer, a refusal for what was not recorded."""
        wanted = Wanted.of(Request(request.method, str(request.url)))
        found = self.turns.answering(wanted)
        if found is None:
            return httpx.Response(NOT_RECORDED, json=self.turns.refusal(wanted))
        return answer_of(self._led_here(found), str(wanted))

    def _led_here(self, found: Recorded) -> Recorded:
        step = found.step
        response = step.response
        if not self.rewrite_urls or not isinstance(step, Exchange) or response is None:
            return found
        content = led_to(httpx.URL(self.url).netloc.decode(), _content(response.body))
        answered = replace(response, body=Body(content) if content else None)
        return Recorded(found.number, replace(step, response=answered))


def _content(body: Body | None) -> bytes:
    return body.content if body else b""


class InHttpx:
    """Serves recordings to all httpx clients, until it is left; other hosts stay as they are."""

    def __init__(self) -> None:
        self._served = 0
        self._router = respx.MockRouter(assert_all_called=False, assert_all_mocked=True)
        self._router.route(name="elsewhere").mock(side_effect=_elsewhere)

    def serve(
        self, cassette: Cassette, *, strict: bool = False, rewrite_urls: bool = False
    ) -> HttpxReplay:
        """Serve one more recording, below a host of its own."""
        self._served += 1
        host = f"cassette-{self._served}.test"
        turns = Turns(cassette.transcript, strict=strict)
        replay = HttpxReplay(f"http://{host}{BASE}", turns, rewrite_urls)
        self._router.pop("elsewhere")
        self._router.route(host=host).mock(side_effect=replay.answer)
        self._router.route(name="elsewhere").mock(side_effect=_elsewhere)
        return replay

    def __enter__(self) -> Self:
        self._router.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._router.stop(quiet=True)


def _elsewhere(request: httpx.Request) -> httpx.Request | None:
    """The request itself lets it through; where the user has routes too, they decide."""
    return None if len(HTTPCoreMocker.routers) > 1 else request
