"""Webhook deliveries as a transcript shows them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from conformance.event_views.messages import Message, creation_of, envelope, text_or_none
from conformance.event_views.redirects import PREFIXES
from conformance.json_text import at
from conformance.transcript import Delivery
from conformance.views import BatchBody, Create, Observed


@dataclass(frozen=True)
class WebhookCall:
    """One webhook delivery that arrived."""

    observed: Observed = field(repr=False)
    number: int
    delivery: Delivery
    pointer: str = ""

    @property
    def at_ms(self) -> int:
        """When it arrived."""
        return self.delivery.at_ms

    @property
    def value(self) -> Any:
        """The JSON value of its body, ABSENT when it is none."""
        return self.delivery.body.json

    def get(self, pointer: str) -> Any:
        """The value at a JSON pointer into the body, ABSENT when there is none."""
        return at(self.value, pointer)

    def header(self, name: str) -> str | None:
        """The first value of a header, whatever the case of its name."""
        found = (value for key, value in self.delivery.headers if key.lower() == name.lower())
        return next(found, None)

    def event_header(self, word: str, profile: str) -> str | None:
        """One of the event headers by its word: event-id, attempt, signature, …"""
        return self.header(PREFIXES.get(profile, PREFIXES["ai-stats"]) + word)

    @cached_property
    def event_id(self) -> str | None:
        """`id` of the body, None when that is no text."""
        return text_or_none(self.get("/id"))

    @cached_property
    def event_type(self) -> str | None:
        """`type` of the body, None when that is no text."""
        return text_or_none(self.get("/type"))

    @cached_property
    def key(self) -> str | None:
        """`delivery.key` of the body, None when that is no text."""
        return text_or_none(self.get("/delivery/key"))

    @cached_property
    def attempt(self) -> int | None:
        """`delivery.attempt` of the body, None when that is no integer."""
        value = self.get("/delivery/attempt")
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    @cached_property
    def batch_id(self) -> str | None:
        """`data.id` of the body, None when that is no text."""
        return text_or_none(self.get("/data/id"))

    @property
    def answered(self) -> int | None:
        """The HTTP status that the receiver gave, None when it gave none."""
        status = self.delivery.answered.get("status")
        return status if isinstance(status, int) else None

    @property
    def accepted(self) -> bool:
        """Whether the receiver answered 2xx."""
        return self.answered is not None and 200 <= self.answered < 300

    @cached_property
    def creation(self) -> Create | None:
        """The accepted create of its batch, None when the transcript does not show it."""
        return creation_of(self.observed, self.batch_id)

    @cached_property
    def message(self) -> "Message | None":
        """What it tells of the batch; None where `data` is no object, or of a video."""
        data = self.get("/data")
        if not isinstance(data, dict) or data.get("kind") == "video":
            return None
        return Message(self.observed, self.number, data, "/data", self.at_ms, delivery=self)

    @cached_property
    def plain(self) -> dict[str, Any]:
        """Method, headers (names in lower case) and body, for schema validators."""
        return envelope({"method": self.delivery.method}, self.delivery.headers, self.value)


@dataclass(frozen=True)
class Deliveries:
    """All deliveries of one batch in order; empty for a webhook that was never called.

    There is one for each batch that was created with a webhook or that a delivery names. That
    nothing arrived says something only where the receiver of the webhook is the suite's own.
    """

    observed: Observed = field(repr=False)
    batch_id: str
    calls: tuple[WebhookCall, ...] = ()
    creation: Create | None = None
    pointer: str = ""

    @property
    def number(self) -> int:
        """The step of the first delivery, or of the create."""
        if self.calls:
            return self.calls[0].number
        return self.creation.seen.number if self.creation else 1

    @cached_property
    def by_key(self) -> Mapping[str | None, tuple[WebhookCall, ...]]:
        """The deliveries by delivery key, each in order: the attempts of one event."""
        found: dict[str | None, tuple[WebhookCall, ...]] = {}
        for call in self.calls:
            found[call.key] = (*found.get(call.key, ()), call)
        return found

    @property
    def bodies(self) -> Sequence[BatchBody]:
        """The REST bodies of the batch, in the order of the transcript."""
        return self.observed.histories.get(self.batch_id, ())
