from conformance.schema_walk import judged
from conformance.signature import is_signed
from conformance.testing import delivery, message_data
from conformance.testing_webhooks import attempt, created, read, signed, webhook_state

STATE = "webhook-state.schema.json#"
ADVICE = "webhook-state.advice.schema.json#"


def test_a_state_conforms_with_and_without_attempts() -> None:
    failed = [attempt(1, "scheduled_retry"), attempt(2, "scheduled_retry"), attempt(3)]
    for state in (webhook_state(), webhook_state(*failed)):
        assert list(judged(STATE, state)) == [None]
        assert list(judged(ADVICE, state)) == [None]


def test_the_counters_follow_from_the_attempts() -> None:
    waits = attempt(1, "scheduled_retry", "batch.progress:40")
    counted = webhook_state(attempt(), waits)["delivery"]
    assert (counted["total_attempts"], counted["delivered_events"]) == (2, 1)
    assert (counted["pending_retries"], counted["next_retry_at"]) == (1, waits["next_retry_at"])
    assert counted["delivered_event_types"] == ["batch.completed"]


def test_a_read_repeats_the_times_of_its_state() -> None:
    shown = read("completed", attempt(1, "scheduled_retry")).response
    assert shown is not None
    assert shown.json["next_webhook_retry_at"] == "2026-07-09T09:01:00.000Z"
    assert shown.json["last_webhook_dispatched_at"] == "2026-07-09T09:00:00.000Z"


def test_a_create_sends_its_webhook() -> None:
    sent = created({"url": "https://hooks.example.com/hook"})
    assert sent.request.json["webhook"] == {"url": "https://hooks.example.com/hook"}
    assert sent.response is not None
    assert sent.response.json["webhook"]["delivery"]["total_attempts"] == 0


def test_a_signed_delivery_verifies() -> None:
    made = signed(delivery(message_data("completed")), "whsec_1", "1783587600")
    given = dict(made.headers)["x-ai-stats-signature"]
    assert is_signed("whsec_1", "1783587600", made.body.content, given)
