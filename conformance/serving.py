"""An ASGI application on a real socket, in a thread of its own."""

import asyncio
import socket
import threading
import time
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

import uvicorn

from conformance.errors import PortInUse

LOOPBACK = "127.0.0.1"
_START_TIMEOUT_S = 10.0
_POLL_S = 0.002
_TICK_S = 0.1


class _Server(uvicorn.Server):
    """Leaves its loop at once when told to, instead of at the next tick."""

    async def main_loop(self) -> None:
        """Serve until `leave`; the ticks keep the Date header of the answers right."""
        self._loop = asyncio.get_running_loop()
        self._left = asyncio.Event()
        ticks = 0
        while not await self.on_tick(ticks):
            ticks += 1
            with suppress(TimeoutError):
                await asyncio.wait_for(self._left.wait(), _TICK_S)

    def leave(self) -> None:
        """End `main_loop`, from whatever thread."""
        self.should_exit = True
        self._loop.call_soon_threadsafe(self._left.set)


def _listening_socket(who: str, host: str, port: int) -> socket.socket:
    # Named as TCP, or asyncio leaves Nagle's delay on: 40 ms for every answer.
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((host, port))
        sock.listen(128)
    except OSError as error:
        sock.close()
        raise PortInUse(
            f"{who} cannot listen on {host}:{port} ({error.strerror}); choose another --port"
        ) from error
    return sock


class Serving:
    """Serves an application from `start` until `stop`; `who` names it where the port is taken."""

    def __init__(self, app: Any, who: str, host: str = LOOPBACK, port: int = 0, **more: Any):
        self._app = app
        self._who = who
        self._host = host
        self._wanted_port = port
        self._more: dict[str, Any] = {"lifespan": "off", "log_level": "error", **more}
        self._socket: socket.socket | None = None
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Listen and serve; raises PortInUse when the address is taken."""
        self._socket = _listening_socket(self._who, self._host, self._wanted_port)
        config = uvicorn.Config(
            self._app,
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=1,
            server_header=False,
            ws="websockets-sansio",
            ws_ping_interval=None,
            ws_per_message_deflate=False,
            **self._more,
        )
        self._server = _Server(config)
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [self._socket]}, daemon=True
        )
        self._thread.start()
        self._wait_until_started()

    def _wait_until_started(self) -> None:
        deadline = time.monotonic() + _START_TIMEOUT_S
        while self._server is not None and not self._server.started:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{self._who} did not start within 10 s")
            time.sleep(_POLL_S)

    @property
    def port(self) -> int:
        """The port that is listened on."""
        if self._socket is None:
            raise RuntimeError(f"{self._who} was not started")
        port: int = self._socket.getsockname()[1]
        return port

    @property
    def authority(self) -> str:
        """Host and port."""
        return f"{self._host}:{self.port}"

    def stop(self) -> None:
        """Stop serving and free the port; harmless when it is not running."""
        if self._server is not None and self._thread is not None:
            self._server.leave()
            self._thread.join(timeout=5)
        if self._socket is not None:
            self._socket.close()
        self._server = self._thread = self._socket = None


class Served:
    """What `_serving` serves from `start` until `stop`, also as a context."""

    _serving: Serving

    def start(self) -> Self:
        """Listen and serve; raises PortInUse when the address is taken."""
        self._serving.start()
        return self

    @property
    def url(self) -> str:
        """The API base, with `/v1`."""
        return f"http://{self._serving.authority}/v1"

    def stop(self) -> None:
        """Stop serving and free the port; harmless when it is not running."""
        self._serving.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
