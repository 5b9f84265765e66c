"""The mock as a real server on a real socket, in a thread of its own."""

import asyncio
import socket
import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from types import TracebackType
from typing import Self

import uvicorn

from conformance.errors import PortInUse
from conformance.mock.app import MockApp
from conformance.mock.dispatcher import RECEIVER_WAIT_S
from conformance.mock.estate import Estate
from conformance.mock.faults import gateway_class

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


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


class MockServer:
    """Serves the mock gateway on the loopback interface, from `start` until `stop`.

    `app` is the ASGI application, for tests that want no sockets. A receiver of webhooks has
    `receiver_wait_s` of real time for its answer; after that the attempt counts as timed out.
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        faults: Iterable[str] = (),
        receiver_wait_s: float = RECEIVER_WAIT_S,
    ) -> None:
        self._host = host
        self._wanted_port = port
        names = tuple(faults)
        gateway_class(names)
        self._estate = Estate(_now_ms)
        self._default = self._estate.open_set(faults=names)
        self.app = MockApp(self._estate, self._default, receiver_wait_s).starlette()
        self._socket: socket.socket | None = None
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> Self:
        """Listen and serve; raises PortInUse when the address is taken."""
        self._socket = self._listening_socket()
        config = uvicorn.Config(
            self.app,
            lifespan="off",
            log_config=None,
            log_level="error",
            access_log=False,
            timeout_graceful_shutdown=1,
            server_header=False,
            ws="websockets-sansio",
            ws_ping_interval=None,
            ws_per_message_deflate=False,
        )
        self._server = _Server(config)
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [self._socket]}, daemon=True
        )
        self._thread.start()
        self._wait_until_started()
        return self

    def _listening_socket(self) -> socket.socket:
        # Named as TCP, or asyncio leaves Nagle's delay on: 40 ms for every answer.
        sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind((self._host, self._wanted_port))
            sock.listen(128)
        except OSError as error:
            sock.close()
            place = f"{self._host}:{self._wanted_port}"
            raise PortInUse(
                f"the mock cannot listen on {place} ({error.strerror}); choose another --port"
            ) from error
        return sock

    def _wait_until_started(self) -> None:
        deadline = time.monotonic() + _START_TIMEOUT_S
        while self._server is not None and not self._server.started:
            if time.monotonic() > deadline:
                raise TimeoutError("the mock did not start within 10 s")
            time.sleep(_POLL_S)

    @property
    def port(self) -> int:
        """The port that is listened on."""
        if self._socket is None:
            raise RuntimeError("the mock was not started")
        port: int = self._socket.getsockname()[1]
        return port

    @property
    def url(self) -> str:
        """The API base, with `/v1`."""
        return f"http://{self._host}:{self.port}/v1"

    @property
    def credits_url(self) -> str:
        """Where the balance of a key's workspace is shown."""
        return f"{self.url}/credits"

    @property
    def control_url(self) -> str:
        """The base of the control API."""
        return f"http://{self._host}:{self.port}/_mock"

    @property
    def workspace_id(self) -> str:
        """The id of the set that the default keys open, for the control API."""
        return self._default.id

    def default_keys(self) -> dict[str, str]:
        """Keys that work from the start, by the names of their environment variables."""
        keys = {name: key.token for name, key in self._default.keys.items()}
        return {
            "AI_STATS_API_KEY": keys["a"],
            "AI_STATS_API_KEY_B": keys["b"],
            "AI_STATS_API_KEY_SAME": keys["same"],
            "AI_STATS_API_KEY_NO_FUNDS": keys["no_funds"],
            "AI_STATS_API_KEY_CREDITS": keys["a"],
        }

    def stop(self) -> None:
        """Stop serving and free the port; harmless when it is not running."""
        if self._server is not None and self._thread is not None:
            self._server.leave()
            self._thread.join(timeout=5)
        if self._socket is not None:
            self._socket.close()
        self._server = self._thread = self._socket = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
