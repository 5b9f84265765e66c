"""Routes and sockets: from ASGI to calls of the gateway and back."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from conformance.mock.control import Control
from conformance.mock.dispatcher import RECEIVER_WAIT_S, Dispatcher
from conformance.mock.estate import Estate
from conformance.mock.exchange import Answer, Call, Part
from conformance.mock.faults import gateway_class
from conformance.mock.gateway import Gateway
from conformance.mock.stream_socket import StreamSocket
from conformance.mock.workspace import WorkspaceSet

METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
_MAX_FILE_BYTES = 256 * 1024 * 1024


class MockApp:
    """The ASGI side of one estate; `default` is the set of callers that name no other."""

    def __init__(
        self, estate: Estate, default: WorkspaceSet, receiver_wait_s: float = RECEIVER_WAIT_S
    ) -> None:
        self._estate = estate
        self._default = default
        self._dispatcher = Dispatcher(estate.outbox, receiver_wait_s)
        self._control = Control(estate, default.faults)
        self._gateway = cache(self._new_gateway)

    def _new_gateway(self, faults: tuple[str, ...], profile: str) -> Gateway:
        return gateway_class(faults, profile)(self._estate)

    def starlette(self) -> Starlette:
        """The application to serve."""
        app = Starlette(
            routes=[
                Route("/_mock/{rest:path}", self._on_control, methods=METHODS),
                Route("/_sets/{set_id}/v1/{rest:path}", self._on_call, methods=METHODS),
                Route("/v1/{rest:path}", self._on_call, methods=METHODS),
                WebSocketRoute("/_sets/{set_id}/v1/{rest:path}", self._on_upgrade),
                WebSocketRoute("/v1/{rest:path}", self._on_upgrade),
            ]
        )
        app.router.redirect_slashes = False
        return app

    async def _on_control(self, request: Request) -> Response:
        call = await _call(request, "/_mock")
        answer = self._control.answer(call)
        await self._dispatcher.send_all()
        return _response(request, answer)

    async def _on_call(self, request: Request) -> Response:
        set_id = request.path_params.get("set_id")
        try:
            call = await _call(request, _prefix(set_id))
        except ClientDisconnect:
            # Nobody is there any more to read the answer.
            return Response(status_code=400)
        home = self._home(set_id, call)
        answer = self._gateway(home.faults, home.profile).answer(call, home)
        await self._dispatcher.send_all()
        return _response(request, answer)

    async def _on_upgrade(self, socket: WebSocket) -> None:
        set_id = socket.path_params.get("set_id")
        call = Call("GET", **_target(socket.scope, _prefix(set_id)))
        home = self._home(set_id, call)
        gateway = self._gateway(home.faults, home.profile)
        outcome = gateway.answer_upgrade(call, home)
        await self._dispatcher.send_all()
        if isinstance(outcome, Answer):
            response = Response(outcome.payload(), outcome.status, outcome.headers)
            await socket.send_denial_response(response)
        else:
            await StreamSocket(socket, gateway, outcome).serve()

    def _home(self, set_id: str | None, call: Call) -> WorkspaceSet:
        named = self._estate.sets.get(set_id or "")
        return named or self._estate.home_of(call) or self._default


def _prefix(set_id: str | None) -> str:
    return f"/_sets/{set_id}/v1" if set_id else "/v1"


def _target(scope: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    """The members of a call that stand in the head of a request; the base is always http."""
    headers = {key.decode("latin-1"): value.decode("latin-1") for key, value in scope["headers"]}
    scheme = scope["scheme"].replace("ws", "http")
    return {
        "path": scope["raw_path"].decode("latin-1").removeprefix(prefix),
        "query": scope["query_string"].decode("latin-1"),
        "headers": headers,
        "base": f"{scheme}://{headers.get('host', '127.0.0.1')}{prefix}",
    }


async def _call(request: Request, prefix: str) -> Call:
    target = _target(request.scope, prefix)
    multipart = target["headers"].get("content-type", "").startswith("multipart/form-data")
    parts = await _parts(request) if multipart and target["path"] == "/files" else None
    body = b"" if parts is not None else await request.body()
    return Call(request.method, **target, body=body, parts=parts)


async def _parts(request: Request) -> tuple[Part, ...]:
    try:
        async with request.form(max_part_size=_MAX_FILE_BYTES) as form:
            return tuple([await _part(name, value) for name, value in form.multi_items()])
    except HTTPException:
        return ()


async def _part(name: str, value: Any) -> Part:
    if isinstance(value, UploadFile):
        return Part(name, await value.read(), value.filename, value.content_type)
    return Part(name, str(value).encode())


def _response(request: Request, answer: Answer) -> Response:
    payload = b"" if request.method == "HEAD" else answer.payload()
    return Response(payload, answer.status, answer.headers)
