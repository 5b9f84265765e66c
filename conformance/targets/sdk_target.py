"""An SDK as the target: an adapter that calls it, and the gateway behind it where one is wanted."""

from dataclasses import replace

from conformance.capabilities import Capabilities
from conformance.targets import Target
from conformance.targets.hosting import RunningHost
from conformance.targets.session import Session


def with_sdk(gateway: Capabilities, host: RunningHost) -> Capabilities:
    """What an SDK and its gateway offer together."""
    option = host.name.partition(" ")[0]
    words = {"sdk": option, **({"sdk-process": option} if host.has_processes else {})}
    return replace(gateway, offered={**gateway.offered, **words})


class AdapterTarget:
    """An adapter, and the gateway of the scenarios that need one: the embedded mock, or a live one.

    The name of the target is that of the SDK once it is known.
    """

    kind = "adapter"
    url: str | None = None

    def __init__(self, host: RunningHost, gateway: Target) -> None:
        self.host = host
        self.gateway = gateway
        self.name = host.name
        self.shared = gateway.shared
        self.capabilities = with_sdk(gateway.capabilities, host)
        self.left_over = gateway.left_over
        self.notes: list[str] = []

    async def introduce(self) -> None:
        """Hear the adapter's hello; raises AdapterError and ConfigError."""
        hello = await self.host.hello()
        self.name = f"{hello['sdk']} {hello['version']} ({hello['runtime']})"

    async def open(self, scenario: str) -> Session:
        """A session of the gateway, with who calls the SDK."""
        session = await self.gateway.open(scenario)
        session.sdk_host = self.host
        return session

    async def close(self) -> None:
        """End the adapter, then the gateway's part."""
        try:
            await self.host.exit()
        finally:
            await self.gateway.close()
            self.left_over = self.gateway.left_over
            self.notes += [*self.host.notes, *self.gateway.notes]
