"""How to reach and use a live gateway, checked before anything is sent, and what it offers."""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urlsplit

from conformance.capabilities import Capabilities, allows
from conformance.errors import ConfigError
from conformance.requirements import DEFAULT_PROFILE
from conformance.routes import BASE
from conformance.targets.hook_server import HOST, is_local
from conformance.targets.limits import MANAGED, Existing, Work
from conformance.targets.price_file import Card

# Key name in a session → environment variable that holds it.
KEY_VARIABLES: Mapping[str, str] = {
    "a": "AI_STATS_API_KEY",
    "b": "AI_STATS_API_KEY_B",
    "same": "AI_STATS_API_KEY_SAME",
    "no_funds": "AI_STATS_API_KEY_NO_FUNDS",
    "credits": "AI_STATS_API_KEY_CREDITS",
}

_NO_ENDPOINT = {"webhook": "in this profile a webhook needs a managed endpoint"}


def is_loopback(url: str) -> bool:
    """Whether the host of a URL is this machine."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _checked_parts(option: str, url: str, expected: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise ConfigError(f"{option} {url}: expected {expected}")
    if parts.username or parts.password:
        raise ConfigError(
            f"{option}: no user or password in the URL; keys come from the environment"
        )
    return parts


def checked_credits_url(url: str | None) -> str | None:
    """The address of the balance as it is; raises ConfigError for one that cannot be right."""
    if url is not None:
        _checked_parts("--credits-url", url, "http(s)://HOST[:PORT]/PATH")
    return url


def checked_webhook_bind(address: str, url: str | None) -> str:
    """Where webhooks are listened for; raises ConfigError for what is no address of a machine."""
    try:
        ipaddress.ip_address(address)
    except ValueError as error:
        raise ConfigError(
            f"--webhook-bind {address}: expected an IP address of this machine, or 0.0.0.0"
        ) from error
    if url is None and address != HOST:
        raise ConfigError(
            f"--webhook-bind {address}: say with --webhook-url how the gateway calls it"
        )
    return address


def checked_webhook_url(url: str | None, bind: str = HOST) -> str | None:
    """Where webhooks are sent to from outside; raises ConfigError for what cannot be right."""
    if url is None:
        return None
    parts = _checked_parts("--webhook-url", url, "https://HOST[:PORT][/PATH]")
    if parts.query or parts.fragment:
        raise ConfigError(f"--webhook-url {url}: no query or fragment, please")
    if parts.scheme == "http" and not is_loopback(url) and is_local(bind):
        raise ConfigError(
            f"--webhook-url {url}: gateways refuse plain http there; give https, "
            "or --webhook-bind for a gateway in a container"
        )
    return url.rstrip("/")


def checked_url(url: str) -> str:
    """The base URL without trailing slash; raises ConfigError for one that cannot be right."""
    parts = _checked_parts("--gateway-url", url, f"http(s)://HOST[:PORT]{BASE}")
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
    prices: Card = ()
    existing: Existing = field(default_factory=Existing)
    # Where a tunnel begins that ends at this port of this machine.
    webhook_url: str | None = None
    webhook_port: int = 0
    webhook_bind: str = HOST
    # The waits between attempts that this deployment states, in seconds.
    retry_waits: tuple[int | float, ...] = ()
    profile: str = DEFAULT_PROFILE


def capabilities_of(options: GatewayOptions) -> Capabilities:
    """What a gateway offers, judged by the keys given and by the spend limit."""
    offered = {
        "files": "every gateway has the file routes",
        "stream": "every gateway has the stream route",
        "events": "every gateway has the stream route",
    }
    for word, key in (
        ("second-key", "b"),
        ("same-workspace-key", "same"),
        ("no-funds", "no_funds"),
    ):
        if key in options.keys:
            offered[word] = KEY_VARIABLES[key]
    if options.credits_url and "credits" in options.keys:
        offered["wallet"] = "--credits-url"
    way = _way_for_webhooks(options)
    if way is not None:
        offered["webhook"] = way
    if options.prices:
        offered["price-card"] = "--prices"
    if options.existing.named:
        offered["batch-id"] = "--batch-id"
    if options.existing.newest:
        offered["examine"] = f"--examine {options.existing.newest}"
    for word, cost in (("create", "create"), ("cancel", "create"), ("terminal", "settle")):
        if allows(options.spend, cost):
            offered[word] = f"--spend {options.spend}"
    return Capabilities(offered, _NO_ENDPOINT if options.profile in MANAGED else {})


def _way_for_webhooks(options: GatewayOptions) -> str | None:
    """How webhooks of the run would get here, None when they would not."""
    if options.profile in MANAGED:
        return None
    if options.webhook_url:
        return "--webhook-url"
    return "the gateway is on this machine" if is_loopback(options.url) else None
