"""What options say of a live gateway: whether they can be right, and what it offers."""

import pytest

from conformance.errors import ConfigError
from conformance.targets.gateway_options import (
    GatewayOptions,
    capabilities_of,
    checked_url,
    checked_webhook_bind,
    checked_webhook_url,
    is_loopback,
)
from conformance.targets.limits import Existing


@pytest.mark.parametrize(
    ("url", "loopback"),
    [
        ("http://127.0.0.1:1/v1", True),
        ("http://localhost/v1", True),
        ("http://[::1]:1/v1", True),
        ("http://127.8.9.1/v1", True),
        ("http://127.0.0.1.evil.test/v1", False),
        ("http://localhost.evil.test/v1", False),
        ("http://10.0.0.1/v1", False),
        ("https://gateway.test/v1", False),
    ],
)
def test_only_this_machine_is_loopback(url: str, *, loopback: bool) -> None:
    assert is_loopback(url) is loopback


@pytest.mark.parametrize(
    ("url", "cause"),
    [
        ("gateway.test/v1", "expected http"),
        ("ftp://gateway.test/v1", "expected http"),
        ("https:///v1", "expected http"),
        ("https://gateway.test", "try https://gateway.test/v1"),
        ("https://key@gateway.test/v1", "no user or password"),
        ("https://u:secret@gateway.test/v1", "no user or password"),
        ("http://127.0.0.1:99999/v1", "expected http"),
        ("http://127.0.0.1:0/v1", "expected http"),
        ("http://127.0.0.1:port/v1", "expected http"),
        ("http://[::1/v1", "expected http"),
        ("https://gateway.test/v1?x=1", "no query or fragment"),
        ("https://gateway.test/v1#top", "no query or fragment"),
    ],
)
def test_an_address_that_cannot_be_right_is_refused_without_showing_a_password(
    url: str, cause: str
) -> None:
    with pytest.raises(ConfigError, match=cause) as found:
        checked_url(url)
    assert "secret" not in str(found.value)


def test_a_slash_at_the_end_is_forgiven() -> None:
    assert checked_url("https://gateway.test/v1/") == "https://gateway.test/v1"


@pytest.mark.parametrize(
    ("spend", "words"),
    [
        ("none", {"files", "stream", "events"}),
        ("create", {"files", "stream", "events", "create", "cancel"}),
        ("settle", {"files", "stream", "events", "create", "cancel", "terminal"}),
    ],
)
def test_the_spend_limit_says_what_is_offered(spend: str, words: set[str]) -> None:
    assert set(capabilities_of(GatewayOptions("https://g/v1", {"a": "x"}, spend)).offered) == words


def test_keys_say_what_is_offered() -> None:
    keys = dict.fromkeys(("a", "b", "same", "no_funds", "credits"), "x")
    options = GatewayOptions("https://g/v1", keys, credits_url="https://g/v1/credits")
    assert dict(capabilities_of(options).offered) == {
        "files": "every gateway has the file routes",
        "stream": "every gateway has the stream route",
        "events": "every gateway has the stream route",
        "second-key": "AI_STATS_API_KEY_B",
        "same-workspace-key": "AI_STATS_API_KEY_SAME",
        "no-funds": "AI_STATS_API_KEY_NO_FUNDS",
        "wallet": "--credits-url",
    }


def test_prices_and_earlier_batches_are_offered_where_they_were_given() -> None:
    card = ({"meter": "requests", "unit_size": 1, "price_per_unit": "1", "model": "m"},)
    options = GatewayOptions("https://g/v1", prices=card, existing=Existing(("b1",), 3))
    assert dict(capabilities_of(options).offered) == {
        "files": "every gateway has the file routes",
        "stream": "every gateway has the stream route",
        "events": "every gateway has the stream route",
        "price-card": "--prices",
        "batch-id": "--batch-id",
        "examine": "--examine 3",
    }


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (GatewayOptions("https://g/v1"), None),
        (GatewayOptions("http://127.0.0.1:1/v1"), "the gateway is on this machine"),
        (GatewayOptions("https://g/v1", webhook_url="https://t/x"), "--webhook-url"),
        (GatewayOptions("http://localhost/v1", webhook_url="https://t/x"), "--webhook-url"),
        (GatewayOptions("http://127.0.0.1:1/v1", profile="phaseo"), None),
        (GatewayOptions("https://g/v1", webhook_url="https://t/x", profile="phaseo"), None),
    ],
)
def test_webhooks_need_a_way_to_this_machine(options: GatewayOptions, why: str | None) -> None:
    assert capabilities_of(options).offered.get("webhook") == why


def test_where_endpoints_are_managed_no_address_is_asked_for() -> None:
    managed = capabilities_of(GatewayOptions("https://g/v1", profile="phaseo"))
    assert dict(managed.mend) == {"webhook": "in this profile a webhook needs a managed endpoint"}
    assert dict(capabilities_of(GatewayOptions("https://g/v1")).mend) == {}


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        (None, None),
        ("https://t.example/x/", "https://t.example/x"),
        ("http://localhost:8799", "http://localhost:8799"),
    ],
)
def test_an_address_of_a_tunnel_is_taken_without_its_last_slash(
    url: str | None, shown: str | None
) -> None:
    assert checked_webhook_url(url) == shown


@pytest.mark.parametrize(
    ("url", "cause"),
    [
        ("t.example", "expected https"),
        ("http://t.example", "gateways refuse plain http there; give https"),
        ("https://u:secret@t.example", "no user or password"),
        ("https://t.example/?a=1", "no query or fragment"),
    ],
)
def test_an_address_that_no_webhook_can_be_sent_to_is_refused(url: str, cause: str) -> None:
    with pytest.raises(ConfigError, match=cause) as found:
        checked_webhook_url(url)
    assert "secret" not in str(found.value)


def test_plain_http_is_for_a_gateway_in_a_container_that_calls_out() -> None:
    url = "http://host.docker.internal:8799"
    assert checked_webhook_url(url, "172.17.0.1") == url
    with pytest.raises(ConfigError, match=r"or --webhook-bind for a gateway in a container$"):
        checked_webhook_url(url, "127.0.0.1")


@pytest.mark.parametrize(
    ("address", "url", "cause"),
    [
        ("localhost", "https://t/x", "expected an IP address of this machine, or 0.0.0.0"),
        ("", None, "expected an IP address"),
        ("0.0.0.0", None, "say with --webhook-url how the gateway calls it"),
        ("::1", None, "say with --webhook-url"),
    ],
)
def test_an_address_to_listen_at_that_cannot_be_right_is_refused(
    address: str, url: str | None, cause: str
) -> None:
    with pytest.raises(ConfigError, match=rf"^--webhook-bind {address}: {cause}"):
        checked_webhook_bind(address, url)


def test_loopback_needs_no_further_word() -> None:
    assert checked_webhook_bind("127.0.0.1", None) == "127.0.0.1"
    assert checked_webhook_bind("0.0.0.0", "https://t/x") == "0.0.0.0"
