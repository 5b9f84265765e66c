"""Batch objects as callers see them: the provider's object with the gateway's members laid over."""

from typing import Any

from conformance.mock.billing import Bill, summary_line
from conformance.mock.clock import iso
from conformance.mock.exchange import Call
from conformance.mock.gateway.base import GatewayBase
from conformance.mock.money_text import usd_2, usd_number
from conformance.mock.workspace import StoredBatch

_LIFECYCLES = {
    "queued": "pending",
    "pending": "pending",
    "validating": "pending",
    "in_progress": "running",
    "processing": "running",
    "finalizing": "running",
    "cancelling": "running",
    "completed": "completed",
    "failed": "failed",
    "expired": "expired",
    "cancelled": "cancelled",
}
_VOID = ("failed", "expired", "cancelled")
_CANCELLABLE = ("queued", "pending", "validating", "in_progress", "cancelling")


class BatchBodies(GatewayBase):
    """Builds batch objects; nothing here changes state."""

    def batch_body(self, batch: StoredBatch, call: Call) -> dict[str, Any]:
        """The batch object of create, GET and cancel."""
        polling_url = self.polling_url(batch, call)
        return dict(batch.shown) | {
            "request_id": batch.request_id,
            "provider": batch.provider,
            **self.native_id_member(batch),
            **self.caller_members(batch),
            **self.known_delivery_members(batch),
            "last_polled_at": iso(batch.last_polled_at_ms),
            "polled_status": self.polled_status(batch),
            **self.finalized_member(batch),
            "lifecycle_status": self.lifecycle_status(batch),
            **self.progress_member(batch),
            "polling_url": polling_url,
            "websocket_url": self.websocket_url(batch, call),
            "cancel_url": self.cancel_url(batch, polling_url),
            "pricing_lines": self.pricing_lines(batch),
            "billing": self.billing_block(batch),
        }

    def list_item(self, batch: StoredBatch, call: Call) -> dict[str, Any]:
        """The same object as an element of the list, with the time of its last change."""
        return self.batch_body(batch, call) | {"updated_at": iso(batch.updated_at_ms)}

    def native_id_member(self, batch: StoredBatch) -> dict[str, Any]:
        """`native_batch_id`, only where the provider has another id for the batch."""
        return {} if batch.native_id is None else {"native_batch_id": batch.native_id}

    def caller_members(self, batch: StoredBatch) -> dict[str, Any]:
        """`session_id` and `webhook`, each only when the create gave one."""
        members: dict[str, Any] = {}
        if batch.session_id:
            members["session_id"] = self.echoed_session_id(batch.session_id)
        if batch.webhook is not None:
            members["webhook"] = self.public_webhook(batch)
        return members

    def echoed_session_id(self, session_id: str) -> str:
        """The session id as it comes back."""
        return session_id

    def public_webhook(self, batch: StoredBatch) -> dict[str, Any]:
        """The state of the webhook that everybody who sees the batch may see."""
        return batch.webhook.public() if batch.webhook else {}

    def delivery_members(self, batch: StoredBatch) -> dict[str, Any]:
        """What the deliveries to the webhook have come to, null where nothing is known."""
        webhook = batch.webhook
        attempts = webhook.attempts if webhook else []
        shown = [
            one
            for one in attempts
            if one["status"] == "delivered" and one["event_type"] == "batch.progress"
        ]
        last = shown[-1] if shown else None
        return {
            "next_webhook_retry_at": min(webhook.pending.values(), default=None)
            if webhook
            else None,
            "last_webhook_progress": last and int(last["delivery_key"].partition(":")[2]),
            "last_webhook_progress_at": last and last["delivered_at"],
            "last_webhook_dispatched_at": attempts[-1]["tried_at"] if attempts else None,
        }

    def known_delivery_members(self, batch: StoredBatch) -> dict[str, Any]:
        """The same for reads, absent where nothing is known."""
        members = self.delivery_members(batch)
        return {name: value for name, value in members.items() if value is not None}

    def polled_status(self, batch: StoredBatch) -> str:
        """The stored status in its one spelling."""
        return "cancelled" if batch.status == "canceled" else batch.status.lower()

    def finalized_member(self, batch: StoredBatch) -> dict[str, Any]:
        """The time of the last attempt to settle, absent before the first."""
        return {"finalized_at": iso(batch.bill.finalized_at_ms)} if batch.bill else {}

    def lifecycle_status(self, batch: StoredBatch) -> str:
        """The status in the words of the lifecycle."""
        return _LIFECYCLES.get(batch.status, "pending")

    def progress_of(self, batch: StoredBatch) -> int | None:
        """Percent of finished rows, halves up; None at both ends unless completed."""
        if batch.status == "completed":
            return 100
        counts = batch.counts
        done, total = counts["completed"] + counts["failed"], counts["total"]
        percent = (200 * done + total) // (2 * total) if total else 0
        return percent if 0 < percent < 100 else None

    def progress_member(self, batch: StoredBatch) -> dict[str, Any]:
        """`progress`, absent when there is none."""
        progress = self.progress_of(batch)
        return {} if progress is None else {"progress": progress}

    def called_prefix(self, call: Call) -> str:
        """The name of the collection as the caller spelled it: `batches` or `batch`."""
        return call.segments[0]

    def polling_url(self, batch: StoredBatch, call: Call) -> str:
        """Where this caller can read the batch again."""
        return f"{call.base}/{self.called_prefix(call)}/{batch.id}"

    def websocket_url(self, batch: StoredBatch, call: Call) -> str:
        """Where this caller can watch the batch."""
        return f"ws{call.base.removeprefix('http')}/async/batch/{batch.id}/ws"

    def cancel_url(self, batch: StoredBatch, polling_url: str) -> str | None:
        """Where the batch can be cancelled, None when it cannot."""
        return f"{polling_url}/cancel" if batch.status in _CANCELLABLE else None

    def shown_bill(self, batch: StoredBatch) -> Bill | None:
        """The bill that reads show."""
        return batch.bill

    def pricing_lines(self, batch: StoredBatch) -> list[dict[str, Any]]:
        """The lines of the bill; a cost without lines is shown as one summary line."""
        bill = self.shown_bill(batch)
        if bill is None or bill.cost_nanos is None:
            return []
        if bill.lines:
            return [dict(line) for line in bill.lines]
        units = self.summary_units(batch)
        return [summary_line(str(batch.shown["endpoint"]), units, bill.cost_nanos)]

    def summary_units(self, batch: StoredBatch) -> int:
        """The rows that a summary line counts."""
        return batch.counts["completed"]

    def billing_state(self, batch: StoredBatch) -> str:
        """pending, estimated, settled or void, decided in the order of the contract."""
        bill = self.shown_bill(batch)
        if batch.status in _VOID:
            return "void"
        if bill is not None and bill.cost_nanos is not None:
            return "settled"
        return "estimated" if batch.hold.is_held else "pending"

    def billing_block(self, batch: StoredBatch) -> dict[str, Any]:
        """The long form, all 21 members."""
        bill, hold = self.shown_bill(batch), batch.hold
        estimated = self.display_cost(hold.estimate.nanos) if hold.known else None
        cost = bill.cost_nanos if bill else None
        settled = None if cost is None else self.display_cost(cost)
        return {
            "currency": "usd",
            "billed": bill.billed if bill else False,
            "charged": bill.charged if bill else False,
            "reason": bill.reason if bill else None,
            "state": self.billing_state(batch),
            "reservation_id": hold.id if hold.known else None,
            "reservation_status": hold.status or None,
            "estimated_provider_cost": estimated,
            "estimated_user_cost": estimated,
            "settled_provider_cost": settled,
            "settled_user_cost": settled,
            **self.estimate_members(batch),
            "total_nanos": cost,
            "cost_nanos": cost,
            "cost_usd": None if cost is None else usd_number(cost),
            "finalized_at": iso(bill.finalized_at_ms) if bill else None,
            "pricing_breakdown": dict(bill.breakdown) if bill and bill.breakdown else None,
        }

    def estimate_members(self, batch: StoredBatch) -> dict[str, Any]:
        """The members that tell what was expected and held, null where the store lost them."""
        hold, estimate = batch.hold, batch.hold.estimate
        members = {
            "estimated_nanos": estimate.nanos,
            "reserved_nanos": hold.reserved_nanos,
            "estimation_truncated": None if estimate.sample_size is None else True,
            "estimation_sample_size": estimate.sample_size,
            "estimation_total_rows": estimate.total_rows,
        }
        return members if hold.known else dict.fromkeys(members)

    def display_cost(self, nanos: int) -> str:
        """An amount as the two-digit texts show it."""
        return usd_2(nanos)
