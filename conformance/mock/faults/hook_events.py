"""Faults of events: which are raised, when, under which bucket, and which never are."""

from collections.abc import Callable
from typing import Any

from conformance.mock.faults import fault
from conformance.mock.gateway import Gateway
from conformance.mock.gateway.base import Visit
from conformance.mock.outbox import Attempt
from conformance.mock.webhook_config import Event, WebhookState
from conformance.mock.workspace import StoredBatch, Workspace


@fault("progress-bucket-rounded-down", breaks=["HOOK-BODY-12"])
class ProgressBucketRoundedDown(Gateway):
    """A progress event is told under the last full step of ten."""

    def progress_bucket(self, percent: int) -> int | None:
        return max(5, percent // 10 * 10) if 0 < percent < 100 else None


@fault("progress-event-shows-the-exact-share", breaks=["HOOK-BODY-13"])
class ProgressEventShowsTheExactShare(Gateway):
    """The progress in a progress event is the exact percentage."""

    def event_progress(self, attempt: Attempt, progress: int) -> int:
        return progress


@fault("webhook-told-of-everything", breaks=["HOOK-BODY-15"])
class WebhookToldOfEverything(Gateway):
    """Whatever was subscribed to, every event is sent."""

    def is_subscribed(self, webhook: WebhookState, phase: str) -> bool:
        return True


class Untold(Gateway):
    """Some phase is never told."""

    untold = ""

    def is_subscribed(self, webhook: WebhookState, phase: str) -> bool:
        return phase != self.untold and super().is_subscribed(webhook, phase)


@fault("no-event-of-a-new-batch", breaks=["HOOK-BODY-16"])
class NoEventOfANewBatch(Untold):
    """Nobody is told that a batch was created."""

    untold = "created"


@fault("no-event-of-a-cancelled-batch", breaks=["HOOK-BODY-17", "HOOK-ORDER-02"])
class NoEventOfACancelledBatch(Untold):
    """Nobody is told that a batch was cancelled."""

    untold = "cancelled"


@fault("no-event-of-a-completed-batch", breaks=["HOOK-ORDER-02"])
class NoEventOfACompletedBatch(Untold):
    """Nobody is told that a batch is completed."""

    untold = "completed"


@fault("expiry-told-as-failure", breaks=["HOOK-BODY-18"])
class ExpiryToldAsFailure(Gateway):
    """An expired batch gets the event of a failed one."""

    def final_phase(self, batch: StoredBatch) -> str:
        return "failed" if batch.status == "expired" else super().final_phase(batch)


@fault("two-final-events", breaks=["HOOK-ORDER-01"])
class TwoFinalEvents(Gateway):
    """A completed batch is told of as expired too."""

    def events_of(self, batch: StoredBatch) -> list[Event]:
        events = super().events_of(batch)
        return [*events, Event("expired")] if Event("completed") in events else events


@fault("progress-told-after-the-end", breaks=["HOOK-ORDER-03"])
class ProgressToldAfterTheEnd(Gateway):
    """When the final event is delivered, a read raises progress once more."""

    def events_of(self, batch: StoredBatch) -> list[Event]:
        events, webhook = super().events_of(batch), batch.webhook
        is_told = webhook is not None and "batch.completed" in webhook.delivered
        return [*events, Event("progress", 30)] if is_told else events


@fault("bucket-told-at-every-read", breaks=["HOOK-ORDER-04", "HOOK-RETRY-13"])
class BucketToldAtEveryRead(Gateway):
    """Every read within a step of progress tells of the step again."""

    def should_raise(self, webhook: WebhookState, event: Event, key: str) -> bool:
        return (
            key in webhook.delivered
            if event.bucket and key in webhook.raised
            else (super().should_raise(webhook, event, key))
        )


@fault("progress-counts-down", breaks=["HOOK-ORDER-05", "HOOK-BODY-12"])
class ProgressCountsDown(Gateway):
    """The buckets tell what is left to do."""

    def progress_bucket(self, percent: int) -> int | None:
        return super().progress_bucket(100 - percent)


@fault("end-in-the-create-answer-untold", breaks=["HOOK-ORDER-08"])
class EndInTheCreateAnswerUntold(Gateway):
    """A batch that has ended when it is created gets no final event."""

    def after_create(self, visit: Visit, batch: StoredBatch) -> None:
        super().after_create(visit, batch)
        _forget(self.final_event(batch), batch, self.delivery_key)


@fault("failed-settlement-loses-the-event", breaks=["HOOK-ORDER-09"])
class FailedSettlementLosesTheEvent(Gateway):
    """A settlement that breaks off takes the final event with it."""

    def after_look(self, workspace: Workspace, batch: StoredBatch) -> None:
        if batch.is_terminal and self.waits_for_settlement(batch):
            _forget(Event(self.final_phase(batch)), batch, self.delivery_key)
        super().after_look(workspace, batch)


def _forget(event: Event | None, batch: StoredBatch, key_of: Callable[[Event], str]) -> None:
    """Take an event for raised that never was."""
    if event is not None and batch.webhook is not None:
        batch.webhook.raised.setdefault(key_of(event), event)


@fault("both-names-both-told", breaks=["HOOK-REG-20"])
class BothNamesBothTold(Gateway):
    """Who has subscribed to job.X and to batch.X is told twice."""

    def raise_event(self, workspace: Workspace, batch: StoredBatch, event: Event) -> None:
        super().raise_event(workspace, batch, event)
        webhook, own = batch.webhook, f"job.{event.phase}"
        if webhook is None or event.bucket is not None or own in webhook.raised:
            return
        if {own, f"batch.{event.phase}"} <= {*webhook.events}:
            webhook.raised[own] = event
            self.plan(workspace, batch, own)


@fault("webhook-secret-shown", breaks=["HOOK-REG-22"])
class WebhookSecretShown(Gateway):
    """The public state of a webhook has its secret."""

    def public_webhook(self, batch: StoredBatch) -> dict[str, Any]:
        shown = super().public_webhook(batch)
        return {**shown, "secret": batch.webhook.secret} if batch.webhook else shown
