"""Webhooks as a target wants them named, and what it is made to register for them."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from conformance.redact import Redactor
from conformance.targets.limits import EventLimits
from conformance.targets.receiver import Receivers
from conformance.targets.session import ScenarioStopped, Session
from conformance.targets.wire import Outgoing
from conformance.transcript import Edge, Exchange

INLINE = {"url": "https://hooks.example.com/", "secret": "whsec_abc", "events": ["job.failed"]}


class NoWire:
    """A wire over which nothing may be sent."""

    async def send(self, outgoing: Outgoing, redactor: Redactor, start: float) -> Exchange:
        raise AssertionError(outgoing)


def session(webhooks: str, **more: Any) -> Session:
    async def control(action: str, detail: Mapping[str, Any]) -> dict[str, Any]:
        return {"action": action, "endpoint": f"whe_{len(detail['url'])}"}

    talk = Session("a_test", "http://gateway.test/v1", NoWire(), {}, Redactor({}), **more)
    talk.webhooks, talk.control = webhooks, control
    return talk


@pytest.mark.parametrize(
    ("webhooks", "named"),
    [
        ("inline", INLINE),
        ("managed", {"endpoint_id": "whe_26", "events": ["job.failed"]}),
        ("none", None),
    ],
)
def test_a_webhook_is_named_as_the_target_wants_it(webhooks: str, named: Any) -> None:
    talk = session(webhooks)
    assert asyncio.run(talk.webhook(INLINE)) == named
    made = [step for step in talk.steps if isinstance(step, Edge)]
    assert len(made) == (webhooks == "managed")


def test_what_is_registered_is_on_record() -> None:
    talk = session("managed")
    named = asyncio.run(talk.endpoint("https://x.example/", key="b", active=False))
    [step] = talk.steps
    assert (named, step) == (
        "whe_18",
        Edge(
            "webhook_endpoint_made",
            {
                "url": "https://x.example/", "secret": "whsec_0", "key": "b", "active": False,
                "endpoint": "whe_18",
            },
            step.at_ms,
            step.begun_at_ms,
        ),
    )  # fmt: skip


@pytest.mark.parametrize("secret", ["whsec_given", None])
def test_a_receiver_is_registered_with_a_secret_and_told_of_the_ends(secret: str | None) -> None:
    async def go() -> tuple[Session, dict[str, Any], dict[str, Any]]:
        receivers = Receivers(EventLimits())
        talk = session("managed", receivers=receivers)
        hook = await talk.receiver(secret=secret)
        await receivers.close()
        return talk, hook.webhook(), hook.webhook(events=["job.created"])

    talk, plain, more = asyncio.run(go())
    [made] = [one for _, one in talk.transcript().edges("webhook_endpoint_made")]
    ends = [f"job.{end}" for end in ("completed", "failed", "cancelled", "expired")]
    assert plain == {"endpoint_id": made.detail["endpoint"], "events": ends}
    assert more == {**plain, "events": ["job.created"]}
    assert made.detail["secret"] == "{{webhook:1}}"


def test_an_inline_receiver_is_not_registered() -> None:
    async def go() -> list[str]:
        receivers = Receivers(EventLimits())
        talk = session("inline", receivers=receivers)
        hook = await talk.receiver(secret=None)
        await receivers.close()
        assert hook.webhook() == {"url": hook.url}
        return [step.action for step in talk.steps if isinstance(step, Edge)]

    assert asyncio.run(go()) == ["webhook_receiver_plan"]


def test_without_receivers_a_scenario_stops() -> None:
    with pytest.raises(ScenarioStopped, match="no receiver of webhooks"):
        asyncio.run(session("managed").receiver())
