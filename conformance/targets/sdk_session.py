"""The session in which one scenario calls an SDK: clients, their recorders, and the record."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from conformance.json_text import dump, parse, plain
from conformance.targets.limits import ScenarioStopped
from conformance.targets.recorder import ClosedPort, Endpoint, Script
from conformance.targets.sdk_caller import Outcome, SdkHost
from conformance.targets.session import Session
from conformance.transcript import Call, Edge

# The variables in which SDKs look for a key, each unset.
NO_KEYS: Mapping[str, str | None] = dict.fromkeys(
    ("AI_STATS_API_KEY", "PHASEO_API_KEY", "OPENAI_API_KEY")
)


class AdapterBroke(Exception):
    """An adapter did something that no SDK is to blame for."""


@dataclass(frozen=True)
class Setup:
    """How a client is built: the path of its base URL, and its other settings.

    Without a key it is left to `env`: variables that are set for this client, or unset (None).
    """

    base: str = "/v1"
    has_key: bool = True
    timeout_s: float | None = None
    env: Mapping[str, str | None] | None = None


PLAIN = Setup()


class _Ticks:
    """The times of one client: a call begins after all that came before it, be it by a tick.

    So what happens on the wire belongs to the call in whose time it began.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._last_ms = -1

    def now_ms(self) -> int:
        """The time, never before what was last seen."""
        self._last_ms = max(self._session.now_ms(), self._last_ms)
        return self._last_ms

    def next_ms(self) -> int:
        """The time, after what was last seen."""
        self._last_ms = max(self._session.now_ms(), self._last_ms + 1)
        return self._last_ms


class SdkClient:
    """One client of the SDK. Every call becomes a step."""

    def __init__(
        self, sdk: "SdkSession", name: str, ticks: _Ticks, endpoint: Endpoint | None
    ) -> None:
        self.name = name
        self.ticks = ticks
        self.opened: Outcome = {}
        self._sdk = sdk
        self._endpoint = endpoint

    @property
    def origins(self) -> list[str]:
        """Where its recorder listens: the origin of its base URL, and that of the other host."""
        return [self._endpoint.origin, self._endpoint.other_origin] if self._endpoint else []

    @property
    def is_open(self) -> bool:
        """Whether the SDK has built it."""
        return "error" not in self.opened

    def answer(self, script: Script) -> None:
        """Let the recorder answer by this script from now on."""
        if self._endpoint is None:
            raise ValueError(f"{self.name} has no recorder")
        self._endpoint.script = script

    async def call(self, method: str, *, label: str | None = None, **args: Any) -> Outcome:
        """Call a method by its contract name; what is not in `args` is not given.

        ScenarioStopped where the client could not be built.
        """
        if not self.is_open:
            error = self.opened["error"]
            raise ScenarioStopped(f"the SDK builds no client: {error.get('message') or error}")
        if self._endpoint is not None:
            self._endpoint.label = label
        began_ms = self.ticks.next_ms()
        outcome = await self._sdk.host.call(self.name, method, plain(args))
        self._sdk.look_at(outcome, f"{self.name} {method}")
        ended_ms = self.ticks.now_ms()
        shown, native = self._sdk.shown, self._sdk.methods.get(method)
        self._sdk.session.steps.append(
            Call(method, shown(args), shown(outcome), self.name, native, began_ms, ended_ms, label)
        )
        return outcome


class SdkSession:
    """One scenario's talk with an SDK, put on record in the session that it is made of."""

    def __init__(self, session: Session, host: SdkHost) -> None:
        self.session = session
        self.host = host
        self.methods: Mapping[str, str] = {}
        self.concurrency = 1
        # What happened when the adapter broke for the first time.
        self.trouble: str | None = None
        self._opened = 0

    @property
    def key(self) -> str:
        """The key that clients are given."""
        return self.session.keys["a"]

    async def start(self) -> None:
        """Hear what the SDK offers; the first step of the transcript."""
        hello = dict(await self.host.hello())
        self.methods = hello["methods"]
        self.concurrency = int(hello.get("concurrency") or 1)
        self.session.steps.insert(0, Edge("sdk_hello", self.shown(hello)))

    async def starts(self) -> None:
        """Start the adapter anew with each interpreter, and put on record what came of it."""
        for start in await self.host.starts():
            self.session.steps.append(Edge("sdk_start", self.shown(start), self.session.now_ms()))

    def look_at(self, outcome: Outcome, what: str) -> None:
        """Remember it when the adapter broke, of which nothing can be said of the SDK."""
        error = outcome.get("error", {})
        if error.get("by") == "suite":
            self.trouble = self.trouble or f"{what}: {error.get('message')}"

    def offered(self, *methods: str) -> list[str]:
        """Those of the methods that the SDK has."""
        return [one for one in methods if one in self.methods]

    def shown(self, value: Any) -> Any:
        """A JSON value as the record has it: exact numbers, secrets as markers."""
        return parse(self.session.redactor.text(dump(value)))

    @asynccontextmanager
    async def client(self, script: Script, setup: Setup = PLAIN) -> AsyncIterator[SdkClient]:
        """A client whose base URL is a recorder of its own, which answers by `script`."""
        ticks = _Ticks(self.session)
        endpoint = Endpoint(self.session, script, ticks)
        client = SdkClient(self, self._new_name(), ticks, endpoint)
        try:
            await endpoint.start()
            async with self._open(client, endpoint.origin + setup.base, setup):
                yield client
        finally:
            await endpoint.close()
        if endpoint.crash is not None:
            raise endpoint.crash

    @asynccontextmanager
    async def client_at(self, url: str) -> AsyncIterator[SdkClient]:
        """A client of any base URL, at which nothing is recorded."""
        client = SdkClient(self, self._new_name(), _Ticks(self.session), None)
        async with self._open(client, url, PLAIN):
            yield client

    @asynccontextmanager
    async def client_of_nobody(self) -> AsyncIterator[SdkClient]:
        """A client whose base URL is a port at which nobody listens."""
        port = ClosedPort()
        try:
            async with self.client_at(port.origin + PLAIN.base) as client:
                yield client
        finally:
            port.close()

    def _new_name(self) -> str:
        self._opened += 1
        return f"{self.session.scenario}-{self._opened}"

    @asynccontextmanager
    async def _open(self, client: SdkClient, url: str, setup: Setup) -> AsyncIterator[None]:
        settings: dict[str, Any] = {"base_url": url}
        settings["api_key"] = self.key if setup.has_key else None
        if setup.timeout_s is not None:
            settings["timeout"] = setup.timeout_s
        begun_ms = client.ticks.now_ms()
        client.opened = await self.host.open(client.name, settings, setup.env)
        self.look_at(client.opened, f"{client.name} open")
        detail = {
            "client": client.name,
            "base_url": url,
            "origins": client.origins,
            "settings": settings,
            "env": setup.env,
            "outcome": client.opened,
        }
        self._remark("sdk_open", detail, client, begun_ms)
        try:
            yield
        finally:
            outcome = await self.host.close(client.name) if client.is_open else None
            self._remark("sdk_close", {"client": client.name, "outcome": outcome}, client)

    def _remark(
        self, action: str, detail: Any, client: SdkClient, begun_ms: int | None = None
    ) -> None:
        edge = Edge(action, self.shown(detail), client.ticks.now_ms(), begun_ms)
        self.session.steps.append(edge)
