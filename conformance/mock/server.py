"""The mock as a real server on a real socket, in a thread of its own."""

import logging
import time
from collections.abc import Iterable
from typing import Self

from conformance.mock.app import MockApp
from conformance.mock.dispatcher import RECEIVER_WAIT_S
from conformance.mock.estate import Estate
from conformance.mock.faults import gateway_class
from conformance.serving import LOOPBACK, Served, Serving


def _is_a_mistake(record: logging.LogRecord) -> bool:
    """Whether uvicorn tells of a mistake; it takes every refused upgrade for one."""
    return record.getMessage() != "ASGI callable returned without completing handshake."


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


class MockServer(Served):
    """Serves the mock gateway on the loopback interface, from `start` until `stop`.

    `app` is the ASGI application, for tests that want no sockets. A receiver of webhooks has
    `receiver_wait_s` of real time for its answer; after that the attempt counts as timed out.
    """

    def __init__(
        self,
        host: str = LOOPBACK,
        port: int = 0,
        faults: Iterable[str] = (),
        receiver_wait_s: float = RECEIVER_WAIT_S,
    ) -> None:
        names = tuple(faults)
        gateway_class(names)
        self._estate = Estate(_now_ms)
        self._default = self._estate.open_set(faults=names)
        self.app = MockApp(self._estate, self._default, receiver_wait_s).starlette()
        self._serving = Serving(self.app, "the mock", host, port)

    def start(self) -> Self:
        """Listen and serve; raises PortInUse when the address is taken."""
        logging.getLogger("uvicorn.error").addFilter(_is_a_mistake)
        return super().start()

    @property
    def port(self) -> int:
        """The port that is listened on."""
        return self._serving.port

    @property
    def credits_url(self) -> str:
        """Where the balance of a key's workspace is shown."""
        return f"{self.url}/credits"

    @property
    def control_url(self) -> str:
        """The base of the control API."""
        return f"http://{self._serving.authority}/_mock"

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
