"""The ASGI application that answers as a recording does."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, HTTPConnection, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket

from conformance.replay.frames import PlayedStream, at_once, recorded_pause
from conformance.replay.links import led_to
from conformance.replay.matching import NOT_RECORDED, NOT_REPLAYED, Recorded, Turns, Wanted
from conformance.replay.sending import Sender, Tell
from conformance.transcript import Failure, Stream, Transcript
from conformance.transcript import Response as RecordedResponse

METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
NO_ANSWER = 504


@dataclass(frozen=True)
class ReplayOptions:
    """How a recording is replayed.

    `strict` wants the calls in the recorded order and no more often; `paced` keeps the recorded
    time between frames and deliveries; `rewrite_urls` leads links to the replaying server.
    Deliveries go to `deliver_to`, with `deliver_at_once` all at the start.
    """

    strict: bool = False
    paced: bool = False
    rewrite_urls: bool = False
    deliver_to: str | None = None
    deliver_at_once: bool = False


class CutOff(Response):
    """Stands for a recorded failure: the connection ends before the answer is complete."""

    def __init__(self, failure: Failure | None) -> None:
        said = f"{failure.kind}: {failure.message}" if failure else "no answer was recorded"
        super().__init__(f"as recorded, {said}", NO_ANSWER)

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        """Send the head, and not the body that it announces."""
        head = {"type": "http.response.start", "status": NO_ANSWER, "headers": self.raw_headers}
        await send(head)
        await send({"type": "http.response.body", "body": b"", "more_body": True})


def _wanted(connection: HTTPConnection, method: str, *, upgrade: bool = False) -> Wanted:
    scope = connection.scope
    query = tuple(connection.query_params.multi_items())
    return Wanted(method, scope["raw_path"].decode("latin-1"), query, upgrade)


def _header(name: str, value: str) -> tuple[bytes, bytes]:
    return name.encode("latin-1", "replace"), value.encode("latin-1", "replace")


class ReplayApp:
    """The ASGI side of one recording; `turns` knows what was asked for."""

    def __init__(self, transcript: Transcript, options: ReplayOptions, tell: Tell) -> None:
        self.turns = Turns(transcript, strict=options.strict)
        self._options = options
        self._pause = recorded_pause if options.paced else at_once
        self._sender: Sender | None = None
        if options.deliver_to is not None:
            self._sender = Sender(transcript, options.deliver_to, pause=self._pause, tell=tell)

    def starlette(self) -> Starlette:
        """The application to serve."""
        app = Starlette(
            routes=[
                Route("/{rest:path}", self._on_call, methods=METHODS),
                WebSocketRoute("/{rest:path}", self._on_upgrade),
            ],
            lifespan=self._lifespan,
        )
        app.router.redirect_slashes = False
        return app

    @asynccontextmanager
    async def _lifespan(self, _app: Starlette) -> AsyncIterator[None]:
        sender = self._sender
        if sender is None:
            yield
            return
        running = asyncio.create_task(sender.run())
        if self._options.deliver_at_once:
            sender.reached_all()
        else:
            sender.reached(0)
        yield
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    def _found(self, wanted: Wanted) -> Recorded | None:
        found = self.turns.answering(wanted)
        if found is not None and self._sender is not None:
            self._sender.reached(found.number)
        return found

    async def _on_call(self, request: Request) -> Response:
        with suppress(ClientDisconnect):
            async for _ in request.stream():
                pass
        wanted = _wanted(request, request.method)
        found = self._found(wanted)
        if found is None:
            return self._not_recorded(wanted)
        if found.step.response is None:
            return CutOff(found.step.failure)
        return self._answer(found.step.response, request)

    async def _on_upgrade(self, socket: WebSocket) -> None:
        wanted = _wanted(socket, "GET", upgrade=True)
        found = self._found(wanted)
        if found is None:
            await socket.send_denial_response(self._not_recorded(wanted))
        elif isinstance(found.step, Stream):
            await self._play(socket, found.step)

    async def _play(self, socket: WebSocket, stream: Stream) -> None:
        response = stream.response
        if response is None and not stream.frames:
            failure = stream.failure or Failure("protocol", "no answer was recorded")
            text = f"as recorded, {failure.kind}: {failure.message}"
            await socket.send_denial_response(Response(text, NO_ANSWER))
        elif response is not None and response.status != 101:
            await socket.send_denial_response(self._answer(response, socket))
        else:
            change = self._changed(socket)
            strict = self._options.strict
            played = PlayedStream(socket, stream, strict=strict, pause=self._pause, change=change)
            await played.serve()

    def _answer(self, recorded: RecordedResponse, connection: HTTPConnection) -> Response:
        content = recorded.body.content if recorded.body else b""
        response = Response(self._changed(connection)(content), recorded.status)
        own = [pair for pair in response.raw_headers if pair[0] == b"content-length"]
        kept = [(n, v) for n, v in recorded.headers if n.lower() not in NOT_REPLAYED]
        response.raw_headers = [*(_header(name.lower(), value) for name, value in kept), *own]
        return response

    def _changed(self, connection: HTTPConnection) -> Any:
        authority = connection.headers.get("host")
        if not self._options.rewrite_urls or authority is None:
            return bytes
        return lambda content: led_to(authority, content)

    def _not_recorded(self, wanted: Wanted) -> Response:
        return JSONResponse(self.turns.refusal(wanted), NOT_RECORDED)
