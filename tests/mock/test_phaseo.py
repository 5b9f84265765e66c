import pytest

from conformance.mock.control import Control
from conformance.mock.estate import Estate
from conformance.mock.exchange import Call
from conformance.mock.faults import gateway_class
from conformance.mock.gateway import Gateway
from conformance.mock.outbox import HookAnswer
from conformance.mock.phaseo import Phaseo

URL = "http://127.0.0.1:9/h"


@pytest.fixture
def phaseo(make_caller):
    return make_caller(profile="phaseo")


@pytest.fixture
def endpoint(phaseo):
    return phaseo.act("webhook_endpoint_made", url=URL, secret=" whsec_1 ")["endpoint"]


def refused(caller, **fields):
    answer = caller.create(**fields)
    return answer.status, answer.body["reason"]


def test_faults_are_laid_over_the_gateway_of_the_profile():
    faulty = gateway_class(["list-default-limit-one"], "phaseo")
    assert gateway_class([], "phaseo") is Phaseo
    assert gateway_class([], "openai") is Gateway
    assert issubclass(faulty, Phaseo)


@pytest.mark.parametrize(
    ("profile", "status"), [("phaseo", 200), ("openai", 200), ("nope", 400), (7, 400)]
)
def test_a_set_is_opened_for_a_profile(profile, status):
    estate = Estate(lambda: 0, seed="test")
    call = Call("POST", "/workspaces", body=f'{{"profile": "{profile}"}}'.encode())
    assert Control(estate).answer(call).status == status
    assert [home.profile for home in estate.sets.values()] == [profile] * (status == 200)


def test_the_webhook_is_that_of_the_endpoint_and_its_url_is_not_shown(phaseo, endpoint):
    named = {"endpoint_id": f" {endpoint} ", "events": ["failed", "status_changed"]}
    shown = phaseo.created(webhook=named)["webhook"]
    assert {**shown, "delivery": 0} == {
        "endpoint_id": endpoint,
        "url": None,
        "events": ["job.failed", "job.status_changed"],
        "has_secret": True,
        "delivery": 0,
        "attempts": [],
    }


def test_the_endpoint_may_stand_at_the_top_and_stays_at_the_gateway(phaseo, endpoint):
    one = phaseo.created(webhook_endpoint_id=endpoint)
    other = phaseo.created(webhook={"endpoint_id": endpoint})
    assert one["webhook"] == other["webhook"]
    assert one["webhook"]["events"][:2] == ["job.status_changed", "job.completed"]
    seen = phaseo.act("provider_saw")["requests"]
    sent = [request["body"] for request in seen if request["path"].endswith("/batches")]
    assert [body.keys() & {"webhook", "webhook_endpoint_id"} for body in sent] == [set(), set()]


def test_without_any_webhook_there_is_none(phaseo):
    assert "webhook" not in phaseo.created(webhook=None)


@pytest.mark.parametrize("webhook", [{"url": "https://hooks.example.com/"}, {}, {"endpoint_id": 7}])
def test_a_webhook_without_an_endpoint_is_refused(phaseo, webhook):
    assert refused(phaseo, webhook=webhook) == (400, "batch_webhook_endpoint_required")


def test_an_endpoint_that_is_unknown_foreign_or_switched_off_is_refused(phaseo):
    foreign = phaseo.act("webhook_endpoint_made", url=URL, secret="s", key="b")["endpoint"]
    off = phaseo.act("webhook_endpoint_made", url=URL, secret="s", active=False)["endpoint"]
    outcomes = {refused(phaseo, webhook_endpoint_id=name) for name in ("whe_0", foreign, off)}
    assert outcomes == {(400, "batch_webhook_endpoint_not_found_or_inactive")}


@pytest.mark.parametrize("events", [None, "completed", ["nope"]])
def test_events_that_cannot_be_used_are_refused(phaseo, endpoint, events):
    named = {"endpoint_id": endpoint, "events": events}
    assert refused(phaseo, webhook=named) == (400, "invalid_batch_webhook")


def test_a_webhook_that_is_no_object_is_refused(phaseo):
    assert refused(phaseo, webhook="https://x.example") == (400, "invalid_batch_webhook")


def test_deliveries_have_the_names_of_the_profile_and_are_signed(phaseo, endpoint):
    phaseo.created(webhook={"endpoint_id": endpoint, "events": ["created"]})
    [sent] = phaseo.deliver()
    assert (sent.url, sent.headers["user-agent"]) == (URL, "Phaseo-Async-Webhook/1.0")
    assert [name for name in sent.headers if name.startswith("x-")] == [
        f"x-phaseo-{word}"
        for word in (
            "event-id", "event-type", "delivery-key", "attempt", "max-attempts", "timestamp",
            "signature",
        )
    ]  # fmt: skip


def test_without_a_secret_nothing_is_sent_and_the_attempt_has_failed(phaseo, endpoint):
    batch_id = phaseo.created(webhook={"endpoint_id": endpoint, "events": ["created"]})["id"]
    phaseo.act("webhook_secret_lost", endpoint=endpoint)
    assert phaseo.deliver(HookAnswer(200)) == []
    [attempt] = phaseo.get(f"/batches/{batch_id}").body["webhook"]["attempts"]
    assert (attempt["status"], attempt["response_status"], attempt["error_message"]) == (
        "scheduled_retry",
        None,
        "The webhook endpoint has no signing secret.",
    )
