"""What a scenario does beside its calls: moving the target, and listening for its webhooks."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from conformance.targets.calls import Calls
from conformance.targets.limits import ScenarioStopped
from conformance.targets.receiver import FRESH, Answer, Hook
from conformance.transcript import Edge


@dataclass
class Steering(Calls):
    """One scenario's hold on what is around a target. Every action becomes a step."""

    async def act(self, action: str, **detail: Any) -> dict[str, Any]:
        """Do something outside the API (clock, provider, operator) and record it as an edge."""
        if self.control is None:
            raise ScenarioStopped(f"the target has no control for {action}")
        begun_at_ms = self.now_ms()
        with self.doing():
            outcome = await self.control(action, detail)
        shown = json.loads(self.redactor.text(json.dumps({**detail, **outcome})))
        shown.pop("action", None)
        self.steps.append(Edge(action, shown, self.now_ms(), begun_at_ms))
        return outcome

    def remark(self, action: str, **detail: Any) -> None:
        """Record as an edge what is known of the target; nothing is done to it."""
        self.steps.append(Edge(action, detail, self.now_ms()))

    async def receiver(
        self, *, secret: str | None = FRESH, answers: Sequence[Answer | int] = (200,)
    ) -> Hook:
        """A receiver for the webhooks of this scenario: `.webhook(…)` goes into a create request.

        Its secret is a fresh one, the one given, or None for deliveries without signature. It
        gives the answers in turn; the last one stays.
        """
        if self.receivers is None:
            raise ScenarioStopped("the target is given no receiver of webhooks")
        if self.webhooks == "inline":
            return await self.receivers.open(self, secret, answers)
        hook = await self.receivers.open(self, FRESH if secret is None else secret, answers)
        hook.endpoint_id = await self.endpoint(hook.url, hook.secret)
        return hook

    async def endpoint(self, url: str, secret: str | None = None, **more: Any) -> str:
        """The id of a managed endpoint that the target is made to register, maybe not `active`."""
        made = await self.act("webhook_endpoint_made", url=url, secret=secret or "whsec_0", **more)
        return str(made["endpoint"])

    async def webhook(self, inline: Mapping[str, Any]) -> dict[str, Any] | None:
        """An inline webhook in the form that the target takes; None where it can take none."""
        if self.webhooks == "inline":
            return dict(inline)
        if self.webhooks == "none":
            return None
        members = {name: value for name, value in inline.items() if name not in {"url", "secret"}}
        named = await self.endpoint(inline["url"], inline.get("secret"))
        return {"endpoint_id": named, **members}
