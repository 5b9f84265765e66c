import pytest

from conformance.mock.exchange import Call


def stored(caller, status="in_progress", counts=(0, 0, 0), **fields):
    batch = caller.workspace.batches[caller.created(**fields)["id"]]
    names = ("total", "completed", "failed")
    batch.shown |= {
        "status": status,
        "request_counts": dict(zip(names, counts, strict=True)),
    }
    return batch


@pytest.mark.parametrize(
    ("status", "word"),
    [
        ("queued", "pending"),
        ("validating", "pending"),
        ("in_progress", "running"),
        ("processing", "running"),
        ("finalizing", "running"),
        ("cancelling", "running"),
        ("completed", "completed"),
        ("expired", "expired"),
        ("unheard_of", "pending"),
    ],
)
def test_lifecycle_words(caller, status, word):
    assert caller.gateway.lifecycle_status(stored(caller, status)) == word


@pytest.mark.parametrize(
    ("status", "counts", "progress"),
    [
        ("in_progress", (8, 1, 1), 25),
        ("in_progress", (0, 0, 0), None),
        ("in_progress", (4, 0, 0), None),
        ("in_progress", (4, 4, 0), None),
        ("in_progress", (200, 1, 0), 1),
        ("in_progress", (201, 1, 0), None),
        ("cancelled", (3, 1, 0), 33),
        ("completed", (3, 0, 3), 100),
    ],
)
def test_progress_is_percent_of_finished_rows_halves_up(caller, status, counts, progress):
    assert caller.gateway.progress_of(stored(caller, status, counts)) == progress


@pytest.mark.parametrize(
    ("status", "cancellable"),
    [("validating", True), ("in_progress", True), ("cancelling", True), ("finalizing", False),
     ("completed", False), ("cancelled", False)],
)  # fmt: skip
def test_the_cancel_url_is_null_when_a_cancel_would_be_refused(caller, status, cancellable):
    batch = stored(caller, status)
    body = caller.gateway.batch_body(batch, Call("GET", f"/batches/{batch.id}"))
    assert body["cancel_url"] == (f"{body['polling_url']}/cancel" if cancellable else None)


def test_links_stand_below_the_base_that_was_called(caller):
    batch = stored(caller)
    call = Call("GET", "/batches", "limit=5", base="https://gateway.example/v1")
    body = caller.gateway.list_item(batch, call)
    assert body["polling_url"] == f"https://gateway.example/v1/batches/{batch.id}"
    assert body["websocket_url"] == f"wss://gateway.example/v1/async/batch/{batch.id}/ws"


def test_optional_members_are_absent_without_their_cause(caller):
    body = caller.created()
    assert body.keys().isdisjoint(
        {"session_id", "webhook", "native_batch_id", "progress", "finalized_at"}
    )


def test_the_secret_of_a_webhook_is_in_no_body(caller):
    webhook = {"url": "https://hooks.example/batch", "secret": "m4rker"}
    batch = caller.created(webhook=webhook, session_id="run-42")
    bodies = [batch, caller.get(f"/batches/{batch['id']}").body, caller.get("/batches").body]
    assert batch["webhook"]["has_secret"] is True
    assert "m4rker" not in str(bodies)


def test_the_long_form_of_billing_before_the_end(caller):
    batch = caller.created()
    assert batch["billing"] == {
        "currency": "usd",
        "billed": False,
        "charged": False,
        "reason": None,
        "state": "estimated",
        "reservation_id": f"batch_hold:{batch['request_id']}",
        "reservation_status": "held",
        "estimated_provider_cost": "0.00",
        "estimated_user_cost": "0.00",
        "settled_provider_cost": None,
        "settled_user_cost": None,
        "estimated_nanos": 2_051_000,
        "reserved_nanos": 2_051_000,
        "estimation_truncated": None,
        "estimation_sample_size": None,
        "estimation_total_rows": None,
        "total_nanos": None,
        "cost_nanos": None,
        "cost_usd": None,
        "finalized_at": None,
        "pricing_breakdown": None,
    }
    assert batch["pricing_lines"] == []
