"""What one lifecycle message tells of its batch, on the stream or by webhook."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from conformance.json_text import ABSENT, at, plain
from conformance.views import BatchBody, Create, Observed, WithStatus

if TYPE_CHECKING:
    from conformance.event_views.streams import ServerFrame
    from conformance.event_views.webhooks import WebhookCall

# A frame may have been sent so long before it was heard, ahead of what a read has shown since.
_IN_FLIGHT_MS = 500


@dataclass(frozen=True)
class Message(WithStatus):
    """The `data` of a stream frame or of a webhook delivery: one of the two is set."""

    observed: Observed = field(repr=False)
    number: int
    value: dict[str, Any]
    pointer: str
    at_ms: int
    frame: "ServerFrame | None" = field(default=None, repr=False)
    delivery: "WebhookCall | None" = field(default=None, repr=False)

    def get(self, pointer: str) -> Any:
        """The value at a JSON pointer into the data, ABSENT when there is none."""
        return at(self.value, pointer)

    @property
    def channel(self) -> str:
        """The word stream or webhook."""
        return "webhook" if self.frame is None else "stream"

    @property
    def id(self) -> str | None:
        """The member `id`, None when that is no text."""
        return text_or_none(self.value.get("id"))

    @cached_property
    def plain(self) -> Any:
        """The data with floats, for schema validators."""
        return plain(self.value)

    @cached_property
    def creation(self) -> Create | None:
        """The accepted create of its batch, None when the transcript does not show it."""
        return creation_of(self.observed, self.id)

    @property
    def may_have_webhook(self) -> bool:
        """Whether its batch was created with a webhook, or with what nobody has seen."""
        sent = self.creation.sent if self.creation else None
        return not isinstance(sent, dict) or sent.get("webhook") is not None

    @cached_property
    def bodies(self) -> Sequence[BatchBody]:
        """The REST bodies of its batch, in the order of the transcript."""
        return self.observed.histories.get(self.id or "", ())

    @cached_property
    def settled(self) -> BatchBody | None:
        """The REST body that shows the same bill: an earlier one, or any where this is billed."""
        billed = [body for body in self.bodies if _is_billed(body)]
        is_after = bool(self.get("/billing/billed_at"))
        until_ms = self.at_ms if is_after else self.at_ms - _IN_FLIGHT_MS
        earlier = [body for body in billed if body.seen.exchange.ended_at_ms <= until_ms]
        if earlier and (self.delivery is None or is_after):
            return earlier[-1]
        return billed[0] if billed and is_after else None


def creation_of(observed: Observed, batch_id: str | None) -> Create | None:
    """The accepted create of a batch, None when the transcript does not show it."""
    found = (one for one in observed.creates if one.batch_id == batch_id is not None)
    return next(found, None)


def _is_billed(body: BatchBody) -> bool:
    return body.is_terminal and body.get("/billing/billed") is True


def text_or_none(value: Any) -> str | None:
    """The value when it is text."""
    return value if isinstance(value, str) else None


def _encodable(text: str) -> str:
    """The text without halves of characters, which no validator takes."""
    return text.encode("utf-8", "replace").decode("utf-8")


def envelope(
    first: dict[str, Any], headers: Sequence[tuple[str, str]], body: Any
) -> dict[str, Any]:
    """`first` with the headers by their names in lower case, and the body if it is JSON."""
    named: dict[str, str] = {}
    for name, value in headers:
        named.setdefault(_encodable(name.lower()), _encodable(value))
    rest = {} if body is ABSENT else {"body": plain(body)}
    return {**first, "headers": named, **rest}
