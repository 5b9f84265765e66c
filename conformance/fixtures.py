"""What the pytest fixtures of the plugin hand out."""

import asyncio
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from conformance.cassette_format import Cassette
from conformance.checks import judge
from conformance.config import Config
from conformance.errors import ConfigError
from conformance.mock.server import MockServer
from conformance.replay.in_httpx import HttpxReplay, InHttpx, can_be_served, uses_httpx
from conformance.replay.server import ReplayOptions, ReplayServer, chosen
from conformance.requirements import DEFAULT_PROFILE, registry
from conformance.targets.factory import gateway_options, sdk_host
from conformance.targets.gateway import GatewayOptions, client_settings
from conformance.targets.hosting import RunningHost
from conformance.transcript import Transcript
from conformance.verdicts import Finding


@contextmanager
def gateway_client(config: Config) -> Iterator[httpx.Client]:
    """A client of the gateway under test with its key set, or of a mock started for it.

    Raises UsageError for options that cannot be used.
    """
    if config["gateway-url"] is not None:
        with _client(gateway_options(config)) as client:
            yield client
        return
    with MockServer() as server:
        keys = {"a": server.default_keys()["AI_STATS_API_KEY"]}
        with _client(GatewayOptions(server.url, keys)) as client:
            yield client


def _client(options: GatewayOptions) -> httpx.Client:
    headers = {**options.headers, "authorization": f"Bearer {options.keys['a']}"}
    return httpx.Client(base_url=options.url, headers=headers, **client_settings(options))


def judge_broken(
    observed: Iterable[Transcript | Cassette], profile: str = DEFAULT_PROFILE
) -> dict[str, tuple[Finding, ...]]:
    """The findings of every requirement that the transcripts break, by id."""
    transcripts = [one.transcript if isinstance(one, Cassette) else one for one in observed]
    rows = [row for row in registry().masters(profile) if not registry().is_pending(row)]
    judgements = judge(transcripts, rows, profile)
    return {one: found.broken for one, found in judgements.items() if found.broken}


@dataclass
class SdkReplay:
    """A recording that is served to an SDK below `url`; the SDK takes any key."""

    served: HttpxReplay | ReplayServer
    _host: RunningHost | None
    _runner: asyncio.Runner
    _client: str

    @property
    def url(self) -> str:
        """The base URL for a client of the SDK."""
        return self.served.url

    @property
    def by(self) -> str:
        """The word respx or server: how it gets to the SDK."""
        return "server" if isinstance(self.served, ReplayServer) else "respx"

    @property
    def left(self) -> list[dict[str, Any]]:
        """The recorded calls that nobody has made yet."""
        return self.served.left

    def call(self, method: str, /, **args: Any) -> dict[str, Any]:
        """The outcome of calling the SDK of --adapter or --adapter-cmd, as adapters tell it.

        Raises ConfigError without one, AdapterError for one that does not start.
        """
        if self._host is None:
            raise ConfigError("there is no SDK to call: give --adapter or --adapter-cmd")
        return self._runner.run(self._called(self._host, method, args))

    async def _called(self, host: RunningHost, method: str, args: dict[str, Any]) -> dict[str, Any]:
        opened = await host.open(self._client, {"base_url": self.url, "api_key": "sk_replay"})
        if "error" in opened:
            return opened
        try:
            return await host.call(self._client, method, args)
        finally:
            await host.close(self._client)


class SdkReplays:
    """Serves recordings to the SDK under test, until it is left.

    Raises ConfigError for an adapter that cannot be loaded.
    """

    def __init__(self, config: Config) -> None:
        self._host = sdk_host(config)
        # What runs elsewhere needs a server.
        self._is_here = config["adapter"] is not None
        self._runner = asyncio.Runner()
        self._open = ExitStack()
        self._httpx: InHttpx | None = None
        self._count = 0

    def __enter__(self) -> Self:
        self._open.enter_context(self._runner)
        if self._host is not None:
            self._open.callback(lambda host: self._runner.run(host.exit()), self._host)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._open.close()

    def serve(
        self,
        path: str | Path,
        scenario: str | None = None,
        *,
        sdk: str | None = None,
        strict: bool = False,
        rewrite_urls: bool = False,
    ) -> SdkReplay:
        """Serve a recording: by respx where the SDK is here and uses httpx, else by a server.

        The SDK is the distribution `sdk`, that of --adapter when none is named. Raises
        CassetteError and AdapterError.
        """
        cassette = chosen(Path(path), scenario)
        served: HttpxReplay | ReplayServer
        if can_be_served(cassette) and self._uses_httpx(sdk):
            inside = self._in_httpx()
            served = inside.serve(cassette, strict=strict, rewrite_urls=rewrite_urls)
        else:
            options = ReplayOptions(strict=strict, rewrite_urls=rewrite_urls)
            served = self._open.enter_context(ReplayServer(cassette, options))
        self._count += 1
        return SdkReplay(served, self._host, self._runner, f"replay-{self._count}")

    def _uses_httpx(self, sdk: str | None) -> bool:
        if sdk is not None:
            return uses_httpx(sdk)
        if self._host is None or not self._is_here:
            return False
        return uses_httpx(self._runner.run(self._host.hello())["sdk"])

    def _in_httpx(self) -> InHttpx:
        if self._httpx is None:
            self._httpx = self._open.enter_context(InHttpx())
        return self._httpx
