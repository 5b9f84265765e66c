"""A gateway at a URL: capabilities from keys and spend limit, one client, cleanup at the end."""

import asyncio
import ipaddress
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlsplit

import httpx

from conformance.capabilities import Capabilities, allows
from conformance.errors import ConfigError
from conformance.json_text import at
from conformance.redact import Redactor
from conformance.routes import BASE, TERMINAL
from conformance.targets.session import Budget, Polling, ScenarioStopped, Session, Work, status_of
from conformance.targets.wire import Outgoing, Wire

# Key name in a session → environment variable that holds it.
KEY_VARIABLES: Mapping[str, str] = {
    "a": "AI_STATS_API_KEY",
    "b": "AI_STATS_API_KEY_B",
    "same": "AI_STATS_API_KEY_SAME",
    "no_funds": "AI_STATS_API_KEY_NO_FUNDS",
    "credits": "AI_STATS_API_KEY_CREDITS",
}


_CLEAN_UP_S = 60.0


def is_loopback(url: str) -> bool:
    """Whether the host of a URL is this machine."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def checked_url(url: str) -> str:
    """The base URL without trailing slash; raises ConfigError for one that cannot be right."""
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise ConfigError(f"--gateway-url {url}: expected http(s)://HOST[:PORT]{BASE}")
    if parts.username or parts.password:
        raise ConfigError(
            "--gateway-url: no user or password in the URL; keys come from the environment"
        )
    if parts.query or parts.fragment:
        raise ConfigError(f"--gateway-url {url}: no query or fragment, please; it ends in {BASE}")
    base = url.rstrip("/")
    if not base.endswith(BASE):
        raise ConfigError(
            f"--gateway-url {url}: the contract's paths lie below {BASE}; try {base}{BASE}"
        )
    return base


@dataclass(frozen=True)
class GatewayOptions:
    """How to reach and use a gateway; `keys` hold real secrets by session name."""

    url: str
    keys: Mapping[str, str] = field(default_factory=dict, repr=False)
    spend: str = "none"
    timeout_s: float = 30.0
    concurrency: int = 8
    settlement_deadline_s: float = 300.0
    ca_bundle: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    credits_url: str | None = None
    work: Work = field(default_factory=Work)
    max_spend_nanos: int | None = None
    # What a batch can cost at most, None when no price is known.
    batch_nanos: int | None = None


def capabilities_of(options: GatewayOptions) -> Capabilities:
    """What a gateway offers, judged by the keys given and by the spend limit."""
    offered = {"files": "every gateway has the file routes"}
    for word, key in (
        ("second-key", "b"),
        ("same-workspace-key", "same"),
        ("no-funds", "no_funds"),
    ):
        if key in options.keys:
            offered[word] = KEY_VARIABLES[key]
    if options.credits_url and "credits" in options.keys:
        offered["wallet"] = "--credits-url"
    for word, cost in (("create", "create"), ("cancel", "create"), ("terminal", "settle")):
        if allows(options.spend, cost):
            offered[word] = f"--spend {options.spend}"
    return Capabilities(offered)


def _trusting(bundle: str) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=bundle)
    except OSError as error:
        raise ConfigError(f"--ca-bundle {bundle}: no certificates in PEM form: {error}") from error


def client_settings(options: GatewayOptions) -> dict[str, Any]:
    """Arguments for an httpx client; a proxy of the environment is used, but never for loopback."""
    verify: ssl.SSLContext | bool = True
    if is_loopback(options.url) and options.url.startswith("http://"):
        verify = False
    elif options.ca_bundle:
        verify = _trusting(options.ca_bundle)
    limits = httpx.Limits(
        max_connections=options.concurrency, max_keepalive_connections=options.concurrency
    )
    timeout = httpx.Timeout(options.timeout_s, connect=min(10.0, options.timeout_s), pool=None)
    return {
        "verify": verify,
        "limits": limits,
        "timeout": timeout,
        "trust_env": not is_loopback(options.url),
    }


class GatewayTarget:
    """A live gateway. One workspace is shared by all scenarios."""

    kind = "gateway"
    shared = True

    def __init__(self, options: GatewayOptions) -> None:
        self.options = options
        self.url: str | None = options.url
        self.name = urlsplit(options.url).netloc
        self.capabilities = capabilities_of(options)
        secrets = {f"key:{name}": key for name, key in options.keys.items()}
        secrets |= {f"header:{name}": value for name, value in options.headers.items()}
        self._redactor = Redactor(secrets)
        client = httpx.AsyncClient(**client_settings(options))
        self._wire = Wire(client, options.timeout_s * 4, options.headers)
        self._budget = Budget(options.max_spend_nanos, options.batch_nanos)
        self._sessions: list[Session] = []
        self.left_over: list[str] = []

    async def open(self, scenario: str) -> Session:
        """A session in the one workspace."""
        fast = is_loopback(self.options.url)
        polling = Polling(
            first_s=0.02 if fast else 2.0,
            longest_s=0.5 if fast else 60.0,
            deadline_s=self.options.settlement_deadline_s,
        )
        session = Session(
            scenario,
            self.options.url,
            self._wire,
            self.options.keys,
            self._redactor,
            work=self.options.work,
            polling=polling,
            budget=self._budget,
            read_wallet=self._read_wallet if "wallet" in self.capabilities else None,
        )
        self._sessions.append(session)
        return session

    async def _read_wallet(self, of: str) -> tuple[int, int, int | None]:
        if of not in {"a", "same"}:
            raise ScenarioStopped(f"--credits-url shows one workspace, not that of key {of}")
        key = self.options.keys["credits"]
        outgoing = Outgoing(
            "GET", self.options.credits_url or "", (("authorization", f"Bearer {key}"),)
        )
        exchange = await self._wire.send(outgoing, self._redactor, 0.0)
        found = exchange.response.json if exchange.response else None
        numbers = [
            at(found, f"/credits/{name}_nanos") for name in ("balance", "reserved", "available")
        ]
        if not all(isinstance(number, int) for number in numbers[:2]):
            raise ScenarioStopped(
                "--credits-url: the answer has no credits.balance_nanos and reserved_nanos"
            )
        available = numbers[2] if isinstance(numbers[2], int) else None
        return numbers[0], numbers[1], available

    def _not_ended(self) -> dict[str, str]:
        """The batches that were made here and not seen to end, with the names of their keys."""
        made: dict[str, str] = {}
        ended = set()
        for session in self._sessions:
            made |= session.created
            ended |= {
                str(at(exchange.response.json, "/id"))
                for _, exchange in session.transcript().exchanges
                if exchange.response is not None and (status_of(exchange) or "") in TERMINAL
            }
        return {batch_id: key for batch_id, key in made.items() if batch_id not in ended}

    async def _cancel(self, batch_id: str, key_name: str) -> None:
        """Cancel one batch outside of the record; what neither can be nor has ended is left over.

        A batch that a list alone has read may have ended unnoticed.
        """
        headers = (("authorization", f"Bearer {self.options.keys[key_name]}"),)
        url = f"{self.options.url}/batches/{quote(batch_id, safe='')}"
        exchange = await self._wire.send(
            Outgoing("POST", f"{url}/cancel", headers), self._redactor, 0.0
        )
        if exchange.response is not None and not exchange.response.ok:
            exchange = await self._wire.send(Outgoing("GET", url, headers), self._redactor, 0.0)
            if (status_of(exchange) or "") not in TERMINAL:
                return
        if exchange.response is not None and exchange.response.ok:
            self.left_over.remove(batch_id)

    async def close(self) -> None:
        """Cancel every batch that was made here and not seen to end; close all connections."""
        waiting = self._not_ended()
        self.left_over = list(waiting)
        try:
            async with asyncio.timeout(_CLEAN_UP_S):
                await asyncio.gather(*(self._cancel(*one) for one in waiting.items()))
        except TimeoutError:
            pass
        finally:
            await self._wire.client.aclose()
