"""Routes and sockets: from ASGI to calls of the gateway and back."""

from functools import cache
from typing import Any

from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from conformance.mock.control import Control
from conformance.mock.estate import Estate
from conformance.mock.exchange import Answer, Call, Part
from conformance.mock.faults import gateway_class
from conformance.mock.gateway import Gateway
from conformance.mock.workspace import WorkspaceSet

METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
_MAX_FILE_BYTES = 256 * 1024 * 1024


class MockApp:
    """The ASGI side of one estate; `default` is the set of callers that name no other."""

    def __init__(self, estate: Estate, default: WorkspaceSet) -> None:
        self._estate = estate
        self._default = default
        self._control = Control(estate, default.faults)
        self._gateway = cache(self._new_gateway)

    def _new_gateway(self, faults: tuple[str, ...]) -> Gateway:
        return gateway_class(faults)(self._estate)

    def starlette(self) -> Starlette:
        """The application to serve."""
        app = Starlette(
            routes=[
                Route("/_mock/{rest:path}", self._on_control, methods=METHODS),
                Route("/_sets/{set_id}/v1/{rest:path}", self._on_call, methods=METHODS),
                Route("/v1/{rest:path}", self._on_call, methods=METHODS),
            ]
        )
        app.router.redirect_slashes = False
        return app

    async def _on_control(self, request: Request) -> Response:
        call = await _call(request, "/_mock")
        return _response(request, self._control.answer(call))

    async def _on_call(self, request: Request) -> Response:
        set_id = request.path_params.get("set_id")
        try:
            call = await _call(request, f"/_sets/{set_id}/v1" if set_id else "/v1")
        except ClientDisconnect:
            # Nobody is there any more to read the answer.
            return Response(status_code=400)
        named = self._estate.sets.get(set_id or "")
        home = named or self._estate.home_of(call) or self._default
        return _response(request, self._gateway(home.faults).answer(call, home))


async def _call(request: Request, prefix: str) -> Call:
    scope = request.scope
    path = scope["raw_path"].decode("latin-1").removeprefix(prefix)
    headers = {key.decode("latin-1"): value.decode("latin-1") for key, value in scope["headers"]}
    base = f"{scope['scheme']}://{headers.get('host', '127.0.0.1')}{prefix}"
    multipart = headers.get("content-type", "").startswith("multipart/form-data")
    parts = await _parts(request) if multipart and path == "/files" else None
    return Call(
        method=request.method,
        path=path,
        query=scope["query_string"].decode("latin-1"),
        headers=headers,
        body=b"" if parts is not None else await request.body(),
        parts=parts,
        base=base,
    )


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
