"""What a check is given, by the word in its row's `input`: its views, and instances for schemas."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from conformance import event_views, money_views, sdk_views
from conformance.event_views import Message
from conformance.json_text import plain
from conformance.requirements import Requirement
from conformance.views import BatchBody, Create, FileView, ListAnswer, Observed, Refusal

# Step number, pointer of the root in the step, value.
Instance = tuple[int, str, Any]

_VIEWS: Mapping[str, Callable[[Observed], Sequence[Any]]] = {
    "batch-body": lambda observed: observed.bodies,
    "create": lambda observed: observed.creates,
    "list": lambda observed: observed.lists,
    "error": lambda observed: observed.refusals,
    "file": lambda observed: list(observed.files.values()),
    "pair": lambda observed: observed.pairs,
    "rows": lambda observed: observed.rows,
    "block": money_views.blocks,
    "wallet": money_views.accounts,
    "handshake": event_views.handshakes,
    "stream": event_views.streams,
    "frame": event_views.frames,
    "message": event_views.messages,
    "delivery": event_views.calls,
    "deliveries": event_views.deliveries,
    "call": sdk_views.calls,
    "url": sdk_views.urls,
    "transcript": lambda observed: [observed],
}


def views(kind: str, observed: Observed) -> Sequence[Any]:
    """The views of one kind."""
    return _VIEWS[kind](observed)


def instances(row: Requirement, pointer: str, observed: Observed) -> Iterable[Instance]:
    """The instances that one schema pointer of a row is held against."""
    if row.input == "batch-body":
        return _of_bodies(pointer, observed)
    return _of_views(row, pointer, observed)


def _of_views(row: Requirement, pointer: str, observed: Observed) -> Iterator[Instance]:
    for view in views(row.input, observed):
        if not (isinstance(view, Message) and _is_of_another_channel(row, view)):
            yield from _of_view(row.input, view, pointer, observed)


def _is_of_another_channel(row: Requirement, message: Message) -> bool:
    """What is said of webhooks is not said of frames, nor of progress events what is of streams.

    The progress that such an event shows is its bucket, whatever the batch has come to.
    """
    if row.channel == "stream" and message.delivery is not None:
        return message.delivery.event_type == "batch.progress"
    return row.channel == "webhook" and message.frame is not None


@cache
def _parts(pointer: str) -> str:
    """A name for the parts of a body that a pointer speaks of: its file, and all bodies or not."""
    return f"{pointer.partition('.')[0]} {'/properties/' in pointer}"


def _of_bodies(pointer: str, observed: Observed) -> Sequence[Instance]:
    """Those of the bodies, made once for all pointers that speak of the same parts."""
    name = _parts(pointer)
    if name not in observed.made:
        observed.made[name] = [
            one for body in observed.bodies for one in _of_body(body, pointer, observed)
        ]
    return observed.made[name]


def _of_view(kind: str, view: Any, pointer: str, observed: Observed) -> Iterator[Instance]:
    if kind == "create":
        yield from _of_create(view, pointer)
    elif kind == "file":
        yield from _of_file(view)
    elif kind == "message":
        yield from _of_message(view, pointer)
    elif kind in {"block", "handshake", "frame", "delivery"}:
        yield view.number, view.pointer, view.plain
    elif _is_meant(view, pointer, observed):
        yield view.seen.number, "", view.plain


def _of_body(body: BatchBody, pointer: str, observed: Observed) -> Iterator[Instance]:
    if _is_full(body, pointer, observed):
        for place, part in money_views.members(body, pointer):
            yield body.seen.number, body.pointer + place, part


def _is_full(body: BatchBody, pointer: str, observed: Observed) -> bool:
    """Whether a body is one that the (sub-)schema speaks of."""
    if body.operation == "list-item":
        return not pointer.startswith("batch-answer.")
    # What a repeated cancel is answered may lack members: that is REST-CANCEL-06's affair.
    return "/properties/" in pointer or not _repeats_a_cancel(body, observed)


def _repeats_a_cancel(body: BatchBody, observed: Observed) -> bool:
    if body.operation != "cancel" or not isinstance(body.id, str):
        return False
    return observed.status_before(body.seen.number, body.id) == "cancelled"


def _of_create(create: Create, pointer: str) -> Iterator[Instance]:
    if pointer.startswith("webhook-state."):
        answer = plain(create.seen.json)
        if create.batch_id is not None and _names_an_endpoint(create.sent) and "webhook" in answer:
            yield create.seen.number, "/webhook", answer["webhook"]
    elif money_views.is_without_credit(create):
        yield create.seen.number, "", plain(create.seen.json)


def _names_an_endpoint(sent: Any) -> bool:
    webhook = sent.get("webhook") if isinstance(sent, dict) else None
    return isinstance(webhook, dict) and isinstance(webhook.get("endpoint_id"), str)


def _of_file(file: FileView) -> Iterator[Instance]:
    for seen in (file.upload, *file.metadata):
        if seen is not None:
            yield seen.number, "", seen.json


def _of_message(message: Message, pointer: str) -> Iterator[Instance]:
    """The data; of a batch without a webhook where the pointer speaks of those alone."""
    if not pointer.endswith("/without_webhook") or not message.may_have_webhook:
        yield message.number, message.pointer, message.plain


def _is_meant(view: ListAnswer | Refusal, pointer: str, observed: Observed) -> bool:
    if isinstance(view, Refusal):
        if pointer.endswith("/refused_by_provider"):
            return money_views.is_provider_refusal(view.seen, observed)
        return view.seen.route.documented and view.seen.operation != "preflight"
    return view.operation == ("models" if pointer.startswith("models.") else "list")
