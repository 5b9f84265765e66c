"""The embedded mock gateway: a real server on a free port, a fresh workspace for each scenario."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

import httpx

from conformance.capabilities import Capabilities
from conformance.mock.prices import MODELS, price_card
from conformance.mock.server import MockServer
from conformance.redact import Redactor
from conformance.requirements import DEFAULT_PROFILE
from conformance.targets.limits import MANAGED, EventLimits
from conformance.targets.receiver import Receivers
from conformance.targets.session import Polling, Session, Work
from conformance.targets.wire import Wire
from conformance.targets.ws_wire import WsWire

_OFFERED = (
    "create", "files", "cancel", "terminal", "outcome-control", "clock", "second-key",
    "same-workspace-key", "bad-key", "no-funds", "wallet", "price-card", "provider-control",
    "operator-control", "stream", "webhook", "events",
)  # fmt: skip
# Client and server share one processor: more connections only cost the pool more.
_MOST_AT_ONCE = 2

# What it says it says at once; only what it does not say is waited for.
_EVENTS = EventLimits(open_s=10.0, wait_s=3.0, stream_s=120.0, close_s=3.0)

# A receiver of ours that is to be slow is waited for by an action; a busy machine is no reason.
_RECEIVER_WAIT_S = 5.0

# A life of the mock has at most six states, and each read moves it one on.
_MOST_READS = 20


def mock_capabilities(profile: str = DEFAULT_PROFILE) -> Capabilities:
    """What the mock offers when it keeps the contract of a profile."""
    words = (*_OFFERED, "managed-endpoint") if profile in MANAGED else _OFFERED
    return Capabilities(dict.fromkeys(words, "the mock has it"))


class MockTarget:
    """The mock gateway of this package, with `faults` switched on, as a profile has it.

    A `transport` replaces the sockets: the kill run talks to the ASGI application itself. There
    are no streams then, for a stream lives in the loop of the server.
    """

    kind = "mock"
    name = "conformance mock"
    shared = False

    def __init__(
        self,
        faults: Sequence[str] = (),
        concurrency: int = _MOST_AT_ONCE,
        server: MockServer | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        profile: str = DEFAULT_PROFILE,
    ) -> None:
        self.capabilities = mock_capabilities(profile)
        self._profile = profile
        self._faults = tuple(faults)
        self._own = server is None
        self._server = server or MockServer(receiver_wait_s=_RECEIVER_WAIT_S)
        if self._own:
            self._server.start()
        self.url: str | None = self._server.url
        at_once = min(concurrency, _MOST_AT_ONCE)
        limits = httpx.Limits(max_connections=at_once, max_keepalive_connections=at_once)
        self._client = httpx.AsyncClient(
            verify=False,  # noqa: S501 - loopback, no TLS
            limits=limits,
            timeout=30.0,
            trust_env=False,
            transport=transport,
        )
        self._ws_wire = WsWire(limits=_EVENTS) if transport is None else None
        self._receivers = Receivers(_EVENTS)
        self._workspaces: list[str] = []
        self.left_over: list[str] = []
        self.notes: list[str] = []

    async def open(self, scenario: str) -> Session:
        """A session in a workspace of its own."""
        wanted = {"faults": list(self._faults), "profile": self._profile}
        answer = await self._control("/workspaces", wanted)
        workspace = str(answer["workspace"])
        self._workspaces.append(workspace)
        keys = {**answer["keys"], **answer["bad_keys"]}
        redactor = Redactor({f"key:{name}": key for name, key in keys.items()})

        async def act(action: str, detail: Mapping[str, Any]) -> dict[str, Any]:
            path = f"/workspaces/{quote(workspace, safe='')}/actions"
            return await self._control(path, {"action": action, **detail})

        async def read_wallet(key: str) -> tuple[int, int, int | None]:
            found = await act("wallet", {"key": key})
            return found["balance_nanos"], found["reserved_nanos"], found["available_nanos"]

        return Session(
            scenario,
            str(answer["url"]),
            Wire(self._client),
            keys,
            redactor,
            work=Work(free_model="mock-free", second_model="mock-fine"),
            polling=Polling(most_reads=_MOST_READS),
            control=act,
            read_wallet=read_wallet,
            prices=price_card(MODELS.values()),
            ws_wire=self._ws_wire,
            receivers=self._receivers,
            webhooks="managed" if self._profile in MANAGED else "inline",
            notes=self.notes,
        )

    async def _control(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        answer = await self._client.post(self._server.control_url + path, json=body)
        answer.raise_for_status()
        return dict(answer.json())

    async def close(self) -> None:
        """Forget the workspaces; stop the server when it is ours."""
        try:
            for workspace in self._workspaces:
                path = f"/workspaces/{quote(workspace, safe='')}"
                await self._client.delete(self._server.control_url + path)
            await self._client.aclose()
        finally:
            await self._receivers.close()
            if self._own:
                self._server.stop()
