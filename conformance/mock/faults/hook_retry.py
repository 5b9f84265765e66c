"""Faults of attempts: what counts as delivered, what is tried again and when, what is kept."""

from conformance.mock.faults import fault
from conformance.mock.gateway import Gateway
from conformance.mock.outbox import Attempt, HookAnswer
from conformance.mock.webhook_config import Event, WebhookState
from conformance.mock.workspace import StoredBatch, Workspace


@fault("only-200-is-delivered", breaks=["HOOK-RETRY-01"])
class Only200IsDelivered(Gateway):
    """A 201, 202 or 204 is a failed attempt."""

    def is_delivered(self, answer: HookAnswer) -> bool:
        return answer.status == 200


@fault("no-retry-after-4xx", breaks=["HOOK-RETRY-02"])
class NoRetryAfter4xx(Gateway):
    """A 4xx answer ends the event for good."""

    def retry_at(self, attempt: Attempt, answer: HookAnswer) -> str | None:
        is_final = answer.status is not None and 400 <= answer.status < 500
        return None if is_final else super().retry_at(attempt, answer)


class AcceptsFailure(Gateway):
    """An attempt that failed in one way counts as delivered."""

    accepted = ""

    def is_delivered(self, answer: HookAnswer) -> bool:
        return answer.failure == self.accepted or super().is_delivered(answer)


@fault("silence-is-consent", breaks=["HOOK-RETRY-03"])
class SilenceIsConsent(AcceptsFailure):
    """A receiver that says nothing has got the event."""

    accepted = "timeout"


@fault("unreachable-webhook-counts-as-told", breaks=["HOOK-RETRY-04"])
class UnreachableWebhookCountsAsTold(AcceptsFailure):
    """An event that found nobody is delivered."""

    accepted = "connect"


@fault("retries-every-ten-seconds", breaks=["HOOK-RETRY-06"])
class RetriesEveryTenSeconds(Gateway):
    """The waits do not grow."""

    def retry_wait_ms(self, attempt: Attempt) -> int | None:
        return None if super().retry_wait_ms(attempt) is None else 10_000


@fault("retries-before-they-are-due", breaks=["HOOK-RETRY-07"])
class RetriesBeforeTheyAreDue(Gateway):
    """Whatever waits is tried again by every run of the scheduled job."""

    def is_retry_due(self, due_at: str, now: str) -> bool:
        return True


class TriesMore(Gateway):
    """The scheduled job tries more events again than it should."""

    def due_retries(self, webhook: WebhookState, now: str) -> list[str]:
        due = super().due_retries(webhook, now)
        more = [key for key in self.too_many(webhook) if key not in webhook.under_way]
        return [*due, *(key for key in more if key not in due)]

    def too_many(self, webhook: WebhookState) -> list[str]:
        """The keys that should be left alone."""
        return []


@fault("delivered-event-sent-again", breaks=["HOOK-RETRY-13"])
class DeliveredEventSentAgain(TriesMore):
    """The scheduled job sends again what was delivered."""

    def too_many(self, webhook: WebhookState) -> list[str]:
        return sorted(webhook.delivered)


@fault("failed-event-started-again", breaks=["HOOK-RETRY-14"])
class FailedEventStartedAgain(TriesMore):
    """The scheduled job takes up again what has failed for good."""

    def too_many(self, webhook: WebhookState) -> list[str]:
        done = webhook.delivered | webhook.pending.keys()
        return [key for key in webhook.tries if key not in done]


@fault("a-read-repeats-the-attempt", breaks=["HOOK-RETRY-15"])
class AReadRepeatsTheAttempt(Gateway):
    """Every look at the batch tries again what waits."""

    def after_look(self, workspace: Workspace, batch: StoredBatch) -> None:
        super().after_look(workspace, batch)
        webhook = batch.webhook
        for key in list(webhook.pending) if webhook else ():
            if webhook is not None and key not in webhook.under_way:
                self.plan(workspace, batch, key)


@fault("answer-preview-uncut", breaks=["HOOK-RETRY-20"])
class AnswerPreviewUncut(Gateway):
    """All that a receiver has answered is kept."""

    def answer_preview(self, webhook: WebhookState, answer: HookAnswer) -> str | None:
        return answer.text or None


@fault("waiting-retry-holds-up-the-rest", breaks=["HOOK-RETRY-21"])
class WaitingRetryHoldsUpTheRest(Gateway):
    """While one event waits no other is begun."""

    def should_raise(self, webhook: WebhookState, event: Event, key: str) -> bool:
        return not webhook.pending and super().should_raise(webhook, event, key)
