"""What was asked of a webhook, and whether anybody was there to hear."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from conformance.checks.events._clock import Moment, end_of, span
from conformance.event_views import Deliveries, WebhookCall, calls
from conformance.event_views.redirects import PLAN, bare_path
from conformance.json_text import at
from conformance.redact import markers_in
from conformance.routes import TERMINAL, canonical_status
from conformance.signature import trimmed
from conformance.views import BatchBody, Create, Observed

FINAL = TERMINAL
PHASES = FINAL | {"created", "progress"}
DEFAULTS = ("job.completed", "job.failed", "job.cancelled", "job.expired")
# Edge with the path of a receiver where nobody answers.
CLOSED = "webhook_receiver_closed"
# Edges that name a managed endpoint: with its address and secret, and when that secret is lost.
ENDPOINT, UNSIGNED = "webhook_endpoint_made", "webhook_secret_lost"
# What must have come by then does not come any more.
SLACK_MS = 60_000
# Where the id of an event is cut.
LONGEST_ID = 160
_PROGRESS_KEY = re.compile(r"batch\.progress:([0-9]{1,3})")


def whole(value: Any) -> int | None:
    """The value when it is an integer."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def phase_of(event: Any) -> str | None:
    """The phase that a name in `events` stands for; None for one that no batch fires."""
    if not isinstance(event, str):
        return None
    kind, dot, phase = event.strip().lower().partition(".")
    word = canonical_status(phase if dot else kind)
    return word if word in PHASES and (not dot or kind in {"job", "batch"}) else None


def type_phase(call: WebhookCall) -> str | None:
    """The phase in the type of a delivery, None when it is no batch event."""
    kind, _, phase = (call.event_type or "").partition(".")
    return phase if kind == "batch" and phase in PHASES else None


def is_of_batch(call: WebhookCall) -> bool:
    """Whether a delivery is a JSON object that is not of a video."""
    kind, word = at(call.value, "/data/kind"), call.event_type or ""
    is_video = word.startswith("video.") or (kind == "video" and not word.startswith("batch."))
    return isinstance(call.value, dict) and not is_video


def tells_events_apart(call: WebhookCall) -> bool:
    """Whether its id says which event it is: one that was cut may be that of another."""
    return call.event_id is not None and len(call.event_id) < LONGEST_ID


def bucket_of(key: str | None) -> int | None:
    """The bucket in the key of a progress event."""
    found = _PROGRESS_KEY.fullmatch(key or "")
    return int(found[1]) if found else None


def sent_webhook(create: Create | None) -> dict[str, Any] | None:
    """The `webhook` object of a create."""
    webhook = at(create.sent, "/webhook") if create else None
    return webhook if isinstance(webhook, dict) else None


def asked(create: Create | None) -> frozenset[str] | None:
    """The phases that a create subscribes to; None when it leaves that to others."""
    webhook = sent_webhook(create)
    if webhook is None:
        return None
    events = webhook.get("events")
    if not events and "endpoint_id" in webhook:
        return None
    if events is None or events == []:
        return FINAL
    phases = [phase_of(one) for one in events] if isinstance(events, list) else []
    return frozenset(phase for phase in phases if phase is not None)


def shown(create: Create) -> frozenset[str]:
    """The phases in the subscription that the answer shows."""
    events = at(create.seen.json, "/webhook/events")
    phases = [phase_of(one) for one in events] if isinstance(events, list) else []
    return frozenset(phase for phase in phases if phase is not None)


def subscribes(view: Deliveries, phase: str) -> bool:
    """Whether the batch was subscribed to a phase, as asked for and as answered."""
    wanted = asked(view.creation)
    if view.creation is None or wanted is None:
        return False
    return phase in wanted and phase in (shown(view.creation) or wanted)


def secret_of(create: Create | None) -> str | None:
    """The secret of the webhook as sent, maybe a marker; blank for none; None when unknown."""
    webhook = sent_webhook(create)
    if webhook is None or "endpoint_id" in webhook:
        return None
    secret = webhook.get("secret")
    if secret is None:
        return ""
    return secret if isinstance(secret, str) else None


def is_literal(secret: str) -> bool:
    """Whether it is the secret itself, and none of the markers that hide it."""
    return bool(trimmed(secret)) and "{{" not in secret


def is_untouched(call: WebhookCall) -> bool:
    """Whether the body is the bytes that arrived: neither re-serialised nor redacted."""
    body = call.delivery.body
    return body.exact and not body.parts and not markers_in(body.text)


def path_of(url: Any) -> str | None:
    """The path of a URL, None when it has none."""
    try:
        return urlsplit(url).path or None if isinstance(url, str) else None
    except ValueError:
        return None


def host_of(url: Any) -> str | None:
    """The host of a URL in lower case, None when it has none."""
    try:
        return urlsplit(url).hostname if isinstance(url, str) else None
    except ValueError:
        return None


def address_of(create: Create | None, observed: Observed) -> Any:
    """Where the webhook of a create leads: its URL, or that of its endpoint; None when unknown."""
    webhook = sent_webhook(create) or {}
    return webhook.get("url", _of_endpoint(webhook, observed).get("url"))


def secret_behind(call: WebhookCall) -> str | None:
    """The secret of a delivery's webhook as sent or registered, as `secret_of` gives it."""
    webhook = sent_webhook(call.creation) or {}
    secret = _of_endpoint(webhook, call.observed).get("secret")
    return secret if isinstance(secret, str) else secret_of(call.creation)


def registered_secrets(observed: Observed) -> set[str]:
    """The secrets of managed endpoints, or their markers."""
    made = [edge.detail.get("secret") for _, edge in observed.transcript.edges(ENDPOINT)]
    return {secret for secret in made if isinstance(secret, str)}


def _of_endpoint(webhook: dict[str, Any], observed: Observed) -> Mapping[str, Any]:
    """What is known of the managed endpoint that a webhook names, and that can be called."""
    named, edges = webhook.get("endpoint_id"), observed.transcript.edges
    if not isinstance(named, str):
        return {}
    if any(edge.detail.get("endpoint") == named for _, edge in edges(UNSIGNED)):
        return {}
    made = (edge.detail for _, edge in edges(ENDPOINT))
    return next((one for one in made if one.get("endpoint") == named), {})


def is_watched(view: Deliveries) -> bool:
    """Whether what was sent to the batch's webhook must be in the transcript."""
    path = path_of(address_of(view.creation, view.observed))
    return path is not None and path in _watched(view.observed) - closed(view.observed)


def _watched(observed: Observed) -> set[str]:
    planned = {str(edge.detail.get("path")) for _, edge in observed.transcript.edges(PLAN)}
    return planned | {bare_path(call.delivery) for call in calls(observed)}


def closed(observed: Observed) -> set[str]:
    """The paths of receivers at which nobody answers."""
    return {str(edge.detail.get("path")) for _, edge in observed.transcript.edges(CLOSED)}


def has_passed(view: Deliveries, since: Moment, wait_ms: int = SLACK_MS) -> bool:
    """Whether so much time has passed since then that what has not come will not come."""
    transcript = view.observed.transcript
    passed = span(transcript, since, end_of(transcript))
    return is_watched(view) and passed is not None and passed.least_ms >= wait_ms


def arrival(call: WebhookCall) -> Moment:
    """When a delivery arrived."""
    return Moment(call.number, call.at_ms)


def answered(body: BatchBody) -> Moment:
    """When a body had come for certain."""
    return Moment(body.seen.number, body.seen.exchange.ended_at_ms)


def asked_for(body: BatchBody) -> Moment:
    """When a body was asked for."""
    return Moment(body.seen.number, body.seen.exchange.at_ms)


def first_end(view: Deliveries) -> BatchBody | None:
    """The first body that shows the batch ended."""
    return next((body for body in view.bodies if body.is_terminal), None)


def firsts(view: Deliveries, phase: str) -> list[WebhookCall]:
    """The first attempts of the events of a phase, in order of arrival."""
    return [call for call in view.calls if type_phase(call) == phase and call.attempt == 1]


def final_calls(view: Deliveries) -> list[WebhookCall]:
    """All deliveries of final events."""
    return [call for call in view.calls if type_phase(call) in FINAL]
