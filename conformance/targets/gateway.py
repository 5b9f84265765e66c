"""A gateway at a URL: capabilities from keys and spend limit, one client, cleanup at the end."""

import asyncio
import ssl
from dataclasses import replace
from typing import Any
from urllib.parse import quote, urlsplit

import httpx

from conformance.errors import ConfigError
from conformance.json_text import at
from conformance.redact import Redactor
from conformance.routes import TERMINAL
from conformance.targets.calls import came
from conformance.targets.credit import Figures, figures_of
from conformance.targets.gateway_options import (
    KEY_VARIABLES,
    GatewayOptions,
    capabilities_of,
    checked_credits_url,
    checked_url,
    checked_webhook_bind,
    checked_webhook_url,
    is_loopback,
)
from conformance.targets.limits import MANAGED, EventLimits
from conformance.targets.receiver import Receivers
from conformance.targets.session import Budget, Polling, Session, status_of
from conformance.targets.wire import Outgoing, Wire
from conformance.targets.ws_wire import WsWire

__all__ = [
    "KEY_VARIABLES", "GatewayOptions", "GatewayTarget", "capabilities_of", "checked_credits_url",
    "checked_url", "checked_webhook_bind", "checked_webhook_url", "client_settings",
    "is_loopback",
]  # fmt: skip

# The keys whose workspace the credits key shows.
_OF_THE_CREDITS_KEY = frozenset({"a", "same"})
_CLEAN_UP_S = 60.0


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


def ws_wire_of(options: GatewayOptions) -> WsWire:
    """How streams of a gateway are opened: trust and proxies are those of its calls."""
    trusted = None
    if options.url.startswith("https://"):
        trusted = _trusting(options.ca_bundle) if options.ca_bundle else httpx.create_ssl_context()
    return WsWire(not is_loopback(options.url), trusted, options.headers, _event_limits(options))


def _event_limits(options: GatewayOptions) -> EventLimits:
    wait_s = 15.0 if is_loopback(options.url) else 60.0
    return EventLimits(
        open_s=options.timeout_s,
        # Who does not wait for a batch does not wait for its events either.
        wait_s=min(wait_s, options.settlement_deadline_s),
        stream_s=options.settlement_deadline_s + 600.0,
        close_s=min(10.0, options.timeout_s),
    )


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
        self._credits = self._wallet_wire()
        self._ws_wire = ws_wire_of(options)
        self._receivers = self._receivers_of(options)
        self._sessions: list[Session] = []
        self.left_over: list[str] = []
        self.notes: list[str] = []

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
            read_wallet=self._read_wallet if self._credits is not None else None,
            wallets=_OF_THE_CREDITS_KEY,
            unsettled=self._unsettled,
            prices=self.options.prices or None,
            existing=self.options.existing,
            ws_wire=self._ws_wire,
            receivers=self._receivers,
            webhooks="none" if self.options.profile in MANAGED else "inline",
            notes=self.notes,
        )
        if self.options.retry_waits:
            session.remark("webhook_retry_waits", seconds=list(self.options.retry_waits))
        self._sessions.append(session)
        return session

    def _receivers_of(self, options: GatewayOptions) -> Receivers | None:
        if "webhook" not in self.capabilities:
            return None
        port = options.webhook_port if options.webhook_url else 0
        limits, bind = _event_limits(options), options.webhook_bind
        return Receivers(limits, options.webhook_url, port, self._knock, bind)

    async def _close_receivers(self) -> None:
        if self._receivers is None:
            return
        await self._receivers.close()
        if self._receivers.unheard is not None:
            where = f"port {self.options.webhook_port} of {self.options.webhook_bind}"
            self.notes.append(
                f"nothing came from --webhook-url {self._receivers.unheard} to {where}, so missing "
                "webhooks are no finding: see whether the gateway reaches it"
            )

    async def _knock(self, url: str) -> str:
        """Call an address as anybody may, without key and headers, and say what came of it."""
        settings = client_settings(replace(self.options, url=url))
        async with httpx.AsyncClient(**settings) as client:
            wire = Wire(client, self.options.timeout_s)
            return came(await wire.send(Outgoing("POST", url, content=b"{}"), self._redactor, 0.0))

    def _wallet_wire(self) -> Wire | None:
        """The way to the balance: its host gets no headers that are meant for the gateway."""
        url = self.options.credits_url
        if url is None or "wallet" not in self.capabilities:
            return None
        at_home = urlsplit(url)[:2] == urlsplit(self.options.url)[:2]
        if at_home:
            return self._wire
        client = httpx.AsyncClient(**client_settings(replace(self.options, url=url)))
        return Wire(client, self.options.timeout_s * 4)

    async def _read_wallet(self, _key: str) -> Figures:
        assert self._credits is not None  # noqa: S101 - offered with the wallet alone
        bearer = f"Bearer {self.options.keys['credits']}"
        url = self.options.credits_url or ""
        outgoing = Outgoing("GET", url, (("authorization", bearer),))
        return figures_of(await self._credits.send(outgoing, self._redactor, 0.0))

    def _ended(self, *, billed: bool = False) -> set[str]:
        """The batches that were seen to end, and to be billed."""
        return {
            str(at(exchange.response.json, "/id"))
            for session in self._sessions
            for _, exchange in session.transcript().exchanges
            if exchange.response is not None
            and (status_of(exchange) or "") in TERMINAL
            and (not billed or at(exchange.response.json, "/billing/billed") is True)
        }

    def _unsettled(self) -> list[str]:
        """The batches of the credits key's workspace, made here and not seen to be billed."""
        billed = self._ended(billed=True)
        made = [batch for session in self._sessions for batch in session.created.items()]
        return [one for one, key in made if key in _OF_THE_CREDITS_KEY and one not in billed]

    def _not_ended(self) -> dict[str, str]:
        """The batches that were made here and not seen to end, with the names of their keys."""
        made: dict[str, str] = {}
        for session in self._sessions:
            made |= session.created
        ended = self._ended()
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
        # Connections of calls that an interrupt cut short may never come back to their pool.
        await self._wire.client.aclose()
        self._wire.client = httpx.AsyncClient(**client_settings(self.options))
        try:
            async with asyncio.timeout(_CLEAN_UP_S):
                await asyncio.gather(*(self._cancel(*one) for one in waiting.items()))
        except TimeoutError:
            pass
        finally:
            await self._wire.client.aclose()
            if self._credits is not None:
                await self._credits.client.aclose()
            await self._close_receivers()
