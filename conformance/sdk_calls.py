"""Clients, calls and stream URLs of an SDK, as checks see them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from conformance.addresses import Address, address_of, all_decoded
from conformance.json_text import ABSENT
from conformance.sdk_trail import Sent, Trail
from conformance.transcript import Call, Exchange, Response
from conformance.views import Observed

# What a method of the contract does.
OPERATIONS: Mapping[str, str] = {
    "createBatch": "create",
    "batches.create": "create",
    "getBatch": "get",
    "batches.get": "get",
    "cancelBatch": "cancel",
    "batches.cancel": "cancel",
    "listBatches": "list",
    "batches.list": "list",
    "listBatchModels": "models",
    "batches.listModels": "models",
    "getAsyncJobWebSocketUrl": "url",
    "batches.websocketUrl": "url",
    "verifyAsyncWebhookSignature": "verify",
    "computeAsyncWebhookSignature": "compute",
}
ON_THE_WIRE = ("create", "get", "cancel", "list", "models")
_METHODS = {"create": "POST", "cancel": "POST"}
_PLAIN_ID = re.compile(r"(?!\.{1,2}$)[A-Za-z0-9._~-]+")
_LOOPBACK = re.compile(r"127\.0\.0\.1|localhost|\[::1\]")


def is_plain_id(value: Any) -> bool:
    """Whether an id looks the same in a path as it does anywhere."""
    return isinstance(value, str) and _PLAIN_ID.fullmatch(value) is not None


def key_in(text: str) -> bool:
    """Whether a key stands in a text."""
    return "{{key:" in text


@dataclass(frozen=True)
class SdkClient:
    """A client as it was opened; `detail` is what the record says of it."""

    number: int
    detail: Mapping[str, Any]

    @cached_property
    def name(self) -> str:
        """Its name, which its calls bear."""
        return str(self.detail.get("client", ""))

    @property
    def base_url(self) -> str:
        """The base URL that it was given."""
        return str(self.detail.get("base_url", ""))

    @cached_property
    def base(self) -> Address | None:
        """The base URL, taken apart."""
        return address_of(self.base_url)

    @cached_property
    def origins(self) -> tuple[str, ...]:
        """The origins at which what it sends is recorded."""
        found = self.detail.get("origins")
        return tuple(map(str, found)) if isinstance(found, list | tuple) else ()

    @property
    def is_alone(self) -> bool:
        """Whether nobody listens at its base URL."""
        is_here = self.base is not None and _LOOPBACK.fullmatch(self.base.host)
        return not self.origins and bool(is_here)

    def _member(self, name: str) -> Mapping[str, Any]:
        found = self.detail.get(name)
        return found if isinstance(found, Mapping) else {}

    @cached_property
    def key(self) -> str | None:
        """The key that it was given, as a marker."""
        found = self._member("settings").get("api_key")
        return found if isinstance(found, str) else None

    @property
    def timeout_s(self) -> float | None:
        """The time-out that it was given."""
        found = self._member("settings").get("timeout")
        is_number = isinstance(found, int | float) or hasattr(found, "is_finite")
        return float(found) if is_number and not isinstance(found, bool) else None  # type: ignore[arg-type]

    @property
    def variables(self) -> Mapping[str, Any] | None:
        """The variables of its environment that were set or unset; None where none were touched."""
        found = self.detail.get("env")
        return found if isinstance(found, Mapping) else None

    @property
    def keys_around(self) -> list[str]:
        """The keys in its environment."""
        values = (self.variables or {}).values()
        return [one for one in values if isinstance(one, str) and key_in(one)]

    @cached_property
    def error(self) -> Mapping[str, Any] | None:
        """Why it could not be built, None when it could."""
        found = self._member("outcome").get("error")
        return found if isinstance(found, Mapping) else None


NOBODY = SdkClient(0, {})


@dataclass(frozen=True)
class SdkCall:
    """One call: its arguments, what went over the wire, its result or error."""

    number: int
    call: Call
    client: SdkClient
    sent: tuple[Sent, ...]
    hello: Mapping[str, Any]
    observed: Observed

    @cached_property
    def operation(self) -> str:
        """What it does: create, get, cancel, list, models, url, verify or compute."""
        return OPERATIONS.get(self.call.method, "")

    def arg(self, name: str) -> Any:
        """An argument, ABSENT when it was not given."""
        return self.call.arguments.get(name, ABSENT)

    @property
    def value(self) -> Any:
        """What it returned, ABSENT when it failed."""
        return self.call.outcome.get("value", ABSENT) if self.error is None else ABSENT

    @cached_property
    def error(self) -> Mapping[str, Any] | None:
        """The error that reached the caller."""
        found = self.call.outcome.get("error")
        return found if isinstance(found, dict) else None

    @cached_property
    def kind(self) -> str:
        """The kind of its error, empty without one."""
        return str((self.error or {}).get("kind", ""))

    @property
    def shown(self) -> Any:
        """What came of it, for a report."""
        if self.error is None:
            return self.value
        return f"{self.kind} error {self.error.get('type', '')}: {self.error.get('message', '')}"

    @cached_property
    def is_unsupported(self) -> bool:
        """Whether the adapter says that the SDK has no such method."""
        return self.kind == "unsupported"

    @cached_property
    def is_adapters(self) -> bool:
        """Whether the adapter broke, so that nothing is said of the SDK."""
        return (self.error or {}).get("by") == "suite" or self.kind == "protocol"

    def of(self, *operations: str) -> bool:
        """Whether it is one of these operations, and something is said of the SDK."""
        return self.operation in operations and self._is_said

    @cached_property
    def _is_said(self) -> bool:
        return not self.is_adapters and not self.is_unsupported

    @property
    def took_ms(self) -> int:
        """How long it took."""
        return self.call.ended_at_ms - self.call.at_ms

    @property
    def batch_id(self) -> Any:
        """The id that it was given, ABSENT without one."""
        return self.arg("batch_id")

    @property
    def prefix(self) -> tuple[str, ...]:
        """The segments of the base path."""
        return self.client.base.prefix if self.client.base else ()

    @property
    def has_plain_base(self) -> bool:
        """Whether the base URL needs no mending: no slash at its end, no query."""
        base = self.client.base
        return base is not None and not base.path.endswith("/") and base.query is None

    @cached_property
    def expected(self) -> list[str | None]:
        """The decoded segments of the path that it ought to ask for."""
        tail = {
            "create": [],
            "list": [],
            "models": ["models"],
            "get": [self.batch_id],
            "cancel": [self.batch_id, "cancel"],
        }
        return [*all_decoded(self.prefix), "batches", *tail.get(self.operation, [])]

    @property
    def method(self) -> str:
        """The HTTP method that it ought to use."""
        return _METHODS.get(self.operation, "GET")

    def is_meant(self, exchange: Exchange) -> bool:
        """Whether an exchange has the method and the path that it ought to have."""
        place = address_of(exchange.request.url)
        is_there = place is not None and all_decoded(place.segments) == self.expected
        return is_there and exchange.request.method == self.method

    @cached_property
    def trail(self) -> Trail:
        """What it left on the wire, put in order."""
        return Trail(self.sent, self.method, self.is_meant)

    @cached_property
    def answer(self) -> Response | None:
        """The answer that decided, where one came whole and before the call ended."""
        return self.trail.answer(self.call.ended_at_ms)

    @property
    def is_ordinary(self) -> bool:
        """Whether nothing about it is odd: a good argument, a key, somebody who listens."""
        arguments = dict(self.call.arguments)
        given = {"create": "request", "get": "batch_id", "cancel": "batch_id"}.get(self.operation)
        main = arguments.pop(given, ABSENT) if given else None
        is_good = {"create": isinstance(main, dict), None: True}.get(
            given if given is None else self.operation, is_plain_id(main)
        )
        has_key = self.client.key is not None or bool(self.client.keys_around)
        return is_good and has_key and bool(self.client.origins) and self.client.error is None


@dataclass(frozen=True)
class SdkUrl:
    """A call of a helper that makes a stream URL, with what the URL is made from."""

    seen_call: SdkCall

    @property
    def number(self) -> int:
        """The number of the call."""
        return self.seen_call.number

    @property
    def base(self) -> Address | None:
        """The base URL of the client."""
        return self.seen_call.client.base

    @property
    def kind(self) -> Any:
        """The kind of job, as it was given or as the method implies."""
        is_of_batches = self.seen_call.call.method == "batches.websocketUrl"
        return "batch" if is_of_batches else self.seen_call.arg("kind")

    @property
    def id(self) -> Any:
        """The id that it was given."""
        is_of_batches = self.seen_call.call.method == "batches.websocketUrl"
        return self.seen_call.arg("batch_id" if is_of_batches else "job_id")

    @cached_property
    def options(self) -> dict[str, Any]:
        """The options that were given; null is not given."""
        found = self.seen_call.arg("options")
        members = found if isinstance(found, dict) else {}
        return {name: value for name, value in members.items() if value is not None}

    @property
    def text(self) -> str | None:
        """The URL, None where something else came."""
        value = self.seen_call.value
        return value if isinstance(value, str) else None

    @cached_property
    def url(self) -> Address | None:
        """The URL, taken apart; None where none came."""
        return address_of(self.text) if self.text is not None else None
