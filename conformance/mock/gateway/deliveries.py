"""Webhooks: which events a look at a batch raises, when they are tried, what is kept of it.

Nothing here does I/O. A raised event becomes an errand in the outbox of the estate; whoever carries
it out asks `prepared` for the request, sends it, and hands the outcome to `record_attempt`.

Decisions, each a method. Events: is_subscribed, should_raise, progress_percent, progress_bucket,
progress_event, final_phase, waits_for_settlement, final_event, events_of, events_of_cancel,
raise_event, plan. Retries: is_retry_due, due_retries, send_due_retries, attempt_number,
attempt_now. Outcomes: is_delivered, timeout_ms, attempt_ms, retry_wait_ms, retry_at, error_message,
answer_preview, attempt_status, attempt_record, keep_attempt, record_attempt.
"""

from typing import Any

from conformance.mock.clock import iso
from conformance.mock.gateway.base import Visit
from conformance.mock.gateway.hook_requests import HookRequests
from conformance.mock.outbox import Attempt, Errand, HookAnswer, HookRequest
from conformance.mock.webhook_config import Event, WebhookState
from conformance.mock.workspace import StoredBatch, Workspace

RETRY_WAITS_MS = (60_000, 300_000, 900_000)
TIMEOUT_MS = 30_000
PREVIEW_CHARACTERS = 500
_FAILURES = {
    "timeout": "The webhook delivery timed out after {seconds} s.",
    "connect": "The webhook could not be reached.",
    "lost": "The connection to the webhook was lost.",
    "redirects": "The webhook redirects without an end.",
    "unsigned": "The webhook endpoint has no signing secret.",
}


class Deliveries(HookRequests):
    """Raises events on create, GET, cancel and by the scheduled job; retries by the job alone."""

    def after_create(self, visit: Visit, batch: StoredBatch) -> None:
        """A new batch: its webhook is told, and learns under which base it is linked."""
        super().after_create(visit, batch)
        if batch.webhook is not None:
            batch.webhook.base = visit.call.base
        self.raise_event(visit.workspace, batch, Event("created"))

    def after_look(self, workspace: Workspace, batch: StoredBatch) -> None:
        """A GET or the scheduled job has seen the batch as it now is."""
        super().after_look(workspace, batch)
        for event in self.events_of(batch):
            self.raise_event(workspace, batch, event)

    def after_cancel(self, workspace: Workspace, batch: StoredBatch) -> None:
        """A cancel went through; it may have ended the batch at once."""
        super().after_cancel(workspace, batch)
        for event in self.events_of_cancel(batch):
            self.raise_event(workspace, batch, event)

    def sweep(self, workspace: Workspace) -> None:
        """The scheduled job: after its looks at the batches it tries again what is due."""
        super().sweep(workspace)
        self.send_due_retries(workspace)

    def is_subscribed(self, webhook: WebhookState, phase: str) -> bool:
        """Whether the webhook wants to hear of the phase, by either of its names."""
        return not {f"job.{phase}", f"batch.{phase}"}.isdisjoint(webhook.events)

    def should_raise(self, webhook: WebhookState, event: Event, key: str) -> bool:
        """Whether an event is new to the webhook and wanted by it."""
        return key not in webhook.raised and self.is_subscribed(webhook, event.phase)

    def progress_percent(self, batch: StoredBatch) -> int:
        """Percent of finished rows, halves up; 0 while the counts say nothing."""
        counts = batch.counts
        total, done = counts["total"], counts["completed"] + counts["failed"]
        return (200 * min(total, done) + total) // (2 * total) if total > 0 else 0

    def progress_bucket(self, percent: int) -> int | None:
        """The step of ten that a percentage belongs to, None at both ends."""
        if not 0 < percent < 100:
            return None
        return max(5, min((percent + 5) // 10 * 10, 95))

    def progress_event(self, batch: StoredBatch) -> Event | None:
        """The event of a batch that is under way."""
        bucket = self.progress_bucket(self.progress_percent(batch))
        return None if bucket is None or batch.is_terminal else Event("progress", bucket)

    def final_phase(self, batch: StoredBatch) -> str:
        """The phase of an ended batch."""
        return batch.status

    def waits_for_settlement(self, batch: StoredBatch) -> bool:
        """Whether the attempt to settle an ended batch broke off: the next look tries again."""
        return batch.bill is not None and batch.bill.reason == "settlement_failed"

    def final_event(self, batch: StoredBatch) -> Event | None:
        """The event of a batch that has ended, however long ago."""
        if not batch.is_terminal or self.waits_for_settlement(batch):
            return None
        return Event(self.final_phase(batch))

    def events_of(self, batch: StoredBatch) -> list[Event]:
        """What a GET or the scheduled job finds worth telling, new or not."""
        return [event for event in (self.progress_event(batch), self.final_event(batch)) if event]

    def events_of_cancel(self, batch: StoredBatch) -> list[Event]:
        """What a cancel finds worth telling, new or not."""
        event = self.final_event(batch)
        return [event] if event else []

    def raise_event(self, workspace: Workspace, batch: StoredBatch, event: Event) -> None:
        """Have an event delivered, once, if the webhook wants it."""
        webhook, key = batch.webhook, self.delivery_key(event)
        if webhook is not None and self.should_raise(webhook, event, key):
            webhook.raised[key] = event
            self.plan(workspace, batch, key)

    def plan(self, workspace: Workspace, batch: StoredBatch, key: str) -> None:
        """Have the next attempt of an event made before the answer to this call."""
        if batch.webhook is not None:
            batch.webhook.under_way.add(key)
            self.estate.outbox.put(Errand(self, workspace, batch, key))

    def is_retry_due(self, due_at: str, now: str) -> bool:
        """Whether a retry may be made; both are times in the one form that sorts as text."""
        return due_at <= now

    def due_retries(self, webhook: WebhookState, now: str) -> list[str]:
        """The keys to try again, those that have waited longest first."""
        waiting = sorted(webhook.pending.items(), key=lambda item: item[1])
        return [
            key
            for key, due_at in waiting
            if key not in webhook.under_way and self.is_retry_due(due_at, now)
        ]

    def send_due_retries(self, workspace: Workspace) -> None:
        """Have everything tried again that is due."""
        now = workspace.clock.iso()
        for batch in list(workspace.batches.values()):
            for key in self.due_retries(batch.webhook, now) if batch.webhook else ():
                self.plan(workspace, batch, key)

    def prepared(self, errand: Errand) -> HookRequest | None:
        """The request as the batch is now, None for a batch that is no longer stored."""
        attempt = self.attempt_now(errand)
        return self.hook_request(attempt) if attempt else None

    def attempt_now(self, errand: Errand) -> Attempt | None:
        """The attempt that an errand comes to, None when there is nobody left to tell of."""
        batch, key, webhook = errand.batch, errand.key, errand.batch.webhook
        if webhook is None or errand.workspace.batches.get(batch.id) is not batch:
            return None
        number, now_ms = self.attempt_number(webhook, key), errand.workspace.clock.now_ms
        return Attempt(batch, webhook, webhook.raised[key], key, number, now_ms)

    def attempt_number(self, webhook: WebhookState, key: str) -> int:
        """The number of the next attempt of an event."""
        return webhook.tries[key] + 1

    def is_delivered(self, answer: HookAnswer) -> bool:
        """Whether the event has arrived: any 2xx says so, whatever became of its body."""
        return answer.status is not None and 200 <= answer.status < 300

    def timeout_ms(self) -> int:
        """How long a receiver has to answer, in virtual time."""
        return TIMEOUT_MS

    def attempt_ms(self, answer: HookAnswer) -> int:
        """How long an attempt took, in virtual time."""
        return self.timeout_ms() if answer.failure == "timeout" else 0

    def retry_wait_ms(self, attempt: Attempt) -> int | None:
        """How long to wait after this failed attempt, None when it was the last."""
        if attempt.number >= self.max_attempts():
            return None
        return RETRY_WAITS_MS[min(attempt.number, len(RETRY_WAITS_MS)) - 1]

    def retry_at(self, attempt: Attempt, answer: HookAnswer) -> str | None:
        """When the event is due again, counted from the end of the attempt; None for never."""
        wait_ms = None if self.is_delivered(answer) else self.retry_wait_ms(attempt)
        return None if wait_ms is None else iso(attempt.at_ms + self.attempt_ms(answer) + wait_ms)

    def error_message(self, answer: HookAnswer) -> str | None:
        """Why an attempt failed, None for one that did not."""
        if self.is_delivered(answer):
            return None
        if answer.status is not None:
            return f"Webhook returned HTTP {answer.status}"
        return _FAILURES[answer.failure].format(seconds=self.timeout_ms() // 1000)

    def answer_preview(self, webhook: WebhookState, answer: HookAnswer) -> str | None:
        """The beginning of what the receiver said, without the secret; None for nothing."""
        text = answer.text.replace(webhook.secret, "***") if webhook.secret else answer.text
        return text[:PREVIEW_CHARACTERS] or None

    def attempt_status(self, answer: HookAnswer, retry_at: str | None) -> str:
        """delivered, scheduled_retry or failed_permanently."""
        if self.is_delivered(answer):
            return "delivered"
        return "failed_permanently" if retry_at is None else "scheduled_retry"

    def attempt_record(self, attempt: Attempt, answer: HookAnswer) -> dict[str, Any]:
        """What everybody who sees the batch is told of an attempt: twelve members."""
        tried_at, retry_at = iso(attempt.at_ms), self.retry_at(attempt, answer)
        return {
            "id": f"{attempt.key}:{attempt.number}:{tried_at}",
            "delivery_key": attempt.key,
            "event_type": self.event_type(attempt.event),
            "status": self.attempt_status(answer, retry_at),
            "attempt_number": attempt.number,
            "max_attempts": self.max_attempts(),
            "tried_at": tried_at,
            "delivered_at": tried_at if self.is_delivered(answer) else None,
            "next_retry_at": retry_at,
            "response_status": answer.status,
            "error_message": self.error_message(answer),
            "response_body_preview": self.answer_preview(attempt.webhook, answer),
        }

    def keep_attempt(self, attempt: Attempt, record: dict[str, Any]) -> None:
        """Enter an attempt into the state of its webhook."""
        attempt.webhook.tries[attempt.key] = attempt.number
        attempt.webhook.enter(record)

    def record_attempt(self, errand: Errand, request: HookRequest, answer: HookAnswer) -> None:
        """Store what came of a request; whoever watches the batch sees it."""
        attempt, workspace = request.attempt, errand.workspace
        attempt.webhook.under_way.discard(attempt.key)
        self.keep_attempt(attempt, self.attempt_record(attempt, answer))
        if workspace.batches.get(attempt.batch.id) is attempt.batch:
            workspace.keep(attempt.batch)
            workspace.home.hub.pulse()
