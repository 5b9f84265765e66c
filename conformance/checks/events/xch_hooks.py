"""Agreement of channels about webhooks: the public state, the receiver's log, the final event."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from conformance.checks import Findings, check
from conformance.checks.events._clock import millis
from conformance.checks.events._hooks import FINAL, path_of, type_phase, whole
from conformance.checks.events._moment import around, ticked
from conformance.checks.events._story import POLLS, Reading, one_of, stories
from conformance.event_views import Message, OpenStream, WebhookCall, calls, streams
from conformance.json_text import at, same
from conformance.verdicts import HELD, broken
from conformance.views import Observed

# The members of a message that do not depend on when it is looked at.
_LASTING = (
    "id", "object", "kind", "status", "lifecycle_status", "progress", "request_id", "session_id",
    "app_id", "native_id", "provider", "model", "polling_url", "websocket_url", "cancel_url",
    "endpoint", "completion_window", "input_file_id", "output_file_id", "error_file_id",
    "key_source", "byok_key_id", "reservation_id", "reservation_status", "pricing_lines",
    "polled_status", "request_counts", "upstream_error", "provider_failure_diagnostics",
    "failure_sample", "routing_diagnostics", "provider_enablement",
    "provider_candidate_diagnostics", "billing", "created_at",
)  # fmt: skip
# The members of the public state, of its `delivery` and of its `attempts`.
_STATE = ("endpoint_id", "url", "events", "has_secret")
_DELIVERY = (
    "total_attempts", "delivered_events", "delivered_event_types", "pending_retries",
    "next_retry_at", "last_attempt_at", "last_attempt_status", "last_response_status",
    "last_delivered_at", "last_failure_at", "last_error_message",
)  # fmt: skip
_ATTEMPT = (
    "id", "delivery_key", "event_type", "status", "attempt_number", "max_attempts", "tried_at",
    "delivered_at", "next_retry_at", "response_status", "error_message", "response_body_preview",
)  # fmt: skip
_URLS = frozenset({"polling_url", "websocket_url", "cancel_url"})
_BILL = frozenset({"billing", "pricing_lines"})
_COUNTERS = (
    "/next_webhook_retry_at",
    "/last_webhook_progress",
    "/last_webhook_progress_at",
    "/last_webhook_dispatched_at",
)


def _members(value: Any, names: Sequence[str]) -> Any:
    """These members of an object, absent ones as null; anything else as it is."""
    return {name: value.get(name) for name in names} if isinstance(value, dict) else value


def _state(one: Reading) -> Any:
    """The public webhook state, None where it is not shown; unknown members do not count."""
    state = one.given("/webhook")
    if not isinstance(state, dict):
        return state
    shown = state.get("attempts")
    entries = shown if isinstance(shown, list) else ()
    return {
        **_members(state, _STATE),
        "delivery": _members(state.get("delivery"), _DELIVERY),
        "attempts": [_members(one, _ATTEMPT) for one in entries] or shown,
    }


def _counters(one: Reading) -> Any:
    return [one.given(name) for name in _COUNTERS]


def _attempts_so_far(one: Reading) -> tuple[int, Any, int] | None:
    """How many attempts a state counts and shows, and when the last one was."""
    state = _state(one)
    total, shown = whole(at(state, "/delivery/total_attempts")), at(state, "/attempts")
    if total is None or not isinstance(shown, list):
        return None
    return total, millis(at(state, "/delivery/last_attempt_at")), len(shown)


def _is_calm(observed: Observed, batch_id: str, begin_ms: int, end_ms: int) -> bool:
    """Whether no attempt of a batch can have been under way between two instants."""
    moved = observed.transcript.edges("clock_advanced")
    arrived = [call for call in calls(observed) if call.batch_id in {batch_id, None}]
    instants = [edge.at_ms for _, edge in moved] + [call.at_ms for call in arrived]
    quiet = not any(begin_ms <= at_ms <= end_ms for at_ms in instants)
    return quiet and not ticked(observed, begin_ms, end_ms)


def _peers(
    observed: Observed, here: Reading, there: Sequence[Reading], what: Callable[[Reading], Any]
) -> list[Reading]:
    """The polls that must show of the webhook what a reading shows, as far as can be told."""
    batch_id = str(here.view.id)
    window = around(here, there, what)
    if window and _is_calm(observed, batch_id, window[0].begin_ms, window[-1].end_ms):
        return window
    mark = _attempts_so_far(here)
    return [
        one
        for one in there
        if mark is not None
        and _attempts_so_far(one) == mark
        and any(
            first.end_ms <= second.begin_ms
            and _is_calm(observed, batch_id, first.end_ms, second.begin_ms)
            for first, second in ((one, here), (here, one))
        )
    ]


def _agree(
    observed: Observed, story: Sequence[Reading], others: frozenset[str],
    what: Callable[[Reading], Any],
) -> Iterator[tuple[Reading, list[Any]]]:  # fmt: skip
    """Each reading of the other channels with what the polls beside it show."""
    for here in story:
        if here.channel in others and _state(here) is not None:
            known = POLLS if here.channel == "stream" else {"poll"}
            there = [one for one in story if one.channel in known and _state(one) is not None]
            shown = [what(one) for one in _peers(observed, here, there, what)]
            if shown:
                yield here, shown


@check("XCH-09")
def webhook_state_is_one(observed: Observed) -> Findings:
    """List and stream show the webhook state of the poll when no attempt lies between."""
    for story in stories(observed).values():
        for here, shown in _agree(observed, story, frozenset({"list", "stream"}), _state):
            yield one_of(_state(here), shown, f"{here.pointer}/webhook", here.number)


@check("XCH-25")
def webhook_times_are_one(observed: Observed) -> Findings:
    """The stream's times and bucket of the webhook are the poll's when no attempt lies between."""
    for batch in stories(observed).values():
        story = [one for one in batch if one.channel != "list"]
        for here, shown in _agree(observed, story, frozenset({"stream"}), _counters):
            yield one_of(_counters(here), shown, here.pointer, here.number)


def _last(stream: OpenStream, batch_id: str | None) -> Message | None:
    """The last message of a stream of the batch when it tells of the end."""
    last = stream.messages[-1] if stream.messages else None
    return last if last is not None and last.is_terminal and last.id == batch_id else None


def _is_repeat(message: Message) -> bool:
    return bool(message.get("/billing/charge_reason") == "already_billed")


def _is_finalized(message: Message) -> bool:
    return millis(message.get("/finalized_at")) is not None


def _unlike(event: Message, frame: Message) -> list[str]:
    """The members in which an event and a frame differ, those apart that may."""
    apart: set[str] = set()
    if _is_repeat(event) or _is_repeat(frame):
        apart |= _BILL
    if not same(event.get("/last_polled_at"), frame.get("/last_polled_at")):
        apart.add("polled_status")
    names = [name for name in _LASTING if name not in apart]
    return [name for name in names if not _alike(name, event.value, frame.value)]


def _alike(name: str, event: dict[str, Any], frame: dict[str, Any]) -> bool:
    """Whether a member is the same; absent is null, and of URLs only the path counts."""
    one, other = event.get(name), frame.get(name)
    if name in _URLS and path_of(one) is not None and path_of(other) is not None:
        return path_of(one) == path_of(other)
    return same(one, other)


@check("XCH-32")
def final_event_is_the_last_frame(call: WebhookCall) -> Findings:
    """The data of a final event is that of the last frame of each stream of the batch."""
    event = call.message
    is_known = event is not None and event.id in stories(call.observed)
    if event is None or not is_known or not event.is_terminal or type_phase(call) not in FINAL:
        return
    for stream in streams(call.observed):
        frame = _last(stream, event.id)
        # A frame from before the settlement cannot know what came of it.
        if frame is None or _is_finalized(event) is not _is_finalized(frame):
            continue
        unlike = _unlike(event, frame)
        if unlike:
            seen, expected = (
                {name: one.value.get(name) for name in unlike} for one in (event, frame)
            )
            yield broken(seen, expected, "/data", call.number)
        else:
            yield HELD
