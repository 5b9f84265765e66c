"""The `data` of stream frames and webhooks: one object, made of the stored batch alone.

Decisions, each a method: message_status, message_lifecycle, message_progress, message_counts,
message_urls, message_webhook, message_reservation, message_lines, message_failure, message_billing,
message_bill, message_billing_state, is_billable, billed_member, message_times, message_data (the
whole), message_text (how it goes over the wire, with the registry's faults of messages).
"""

import json
from typing import Any

from conformance.mock.billing import Bill
from conformance.mock.clock import iso, iso_with_offset
from conformance.mock.gateway.bodies import BatchBodies
from conformance.mock.row_faults import MessageFaults, no_message_faults
from conformance.mock.workspace import StoredBatch

_STATUSES = {
    "in_progress": "in_progress",
    "processing": "in_progress",
    "finalizing": "in_progress",
    "cancelling": "in_progress",
    "completed": "completed",
    "failed": "failed",
    "cancelled": "cancelled",
    "canceled": "cancelled",
    "expired": "expired",
}
_VOID = ("failed", "cancelled", "expired")
# Known of no batch here: the mock has no apps, no keys of customers and one provider.
_ALWAYS_NULL = ("routing_diagnostics", "provider_enablement", "provider_candidate_diagnostics")


class Messages(BatchBodies):
    """Builds the data of lifecycle messages; nothing here changes state."""

    message_faults: MessageFaults = staticmethod(no_message_faults)

    def message_text(self, envelope: dict[str, Any]) -> str:
        """A frame or an event as it goes over the wire."""
        text = json.dumps(envelope, separators=(",", ":"), ensure_ascii=False)
        return type(self).message_faults(text)

    def message_data(self, batch: StoredBatch, base: str) -> dict[str, Any]:
        """The 43 members that every subscriber is shown; `base` is the API base of the URLs."""
        status = self.message_status(batch)
        return {
            "id": batch.id,
            "object": "batch",
            "kind": "batch",
            "status": status,
            "lifecycle_status": self.message_lifecycle(status),
            "progress": self.message_progress(batch),
            "request_id": batch.request_id,
            "session_id": batch.session_id,
            "app_id": None,
            "native_id": self.message_native_id(batch),
            "provider": batch.provider,
            "model": batch.model,
            **self.message_urls(batch, base),
            **self.message_webhook(batch),
            "endpoint": batch.shown.get("endpoint"),
            "completion_window": batch.shown.get("completion_window"),
            "input_file_id": batch.shown.get("input_file_id"),
            "output_file_id": batch.shown.get("output_file_id"),
            "error_file_id": batch.shown.get("error_file_id"),
            "key_source": "gateway",
            "byok_key_id": None,
            **self.message_reservation(batch),
            "pricing_lines": self.message_lines(batch),
            **self.delivery_members(batch),
            **self.message_times(batch),
            "request_counts": self.message_counts(batch),
            **self.message_failure(batch),
            **dict.fromkeys(_ALWAYS_NULL),
            "billing": self.message_billing(batch),
            "created_at": iso_with_offset(batch.created_at_ms),
            "updated_at": iso_with_offset(batch.updated_at_ms),
        }

    def message_status(self, batch: StoredBatch) -> str:
        """The stored status as one of the six public words."""
        return _STATUSES.get(batch.status.lower(), "pending")

    def message_lifecycle(self, status: str) -> str:
        """The lifecycle word that follows from the public status."""
        return "running" if status == "in_progress" else status

    def message_progress(self, batch: StoredBatch) -> int:
        """Percent of finished rows, halves up; 100 once completed, 0 while there is no total."""
        if batch.status == "completed":
            return 100
        done, total = batch.counts["completed"] + batch.counts["failed"], batch.counts["total"]
        return min(100, (200 * done + total) // (2 * total)) if total > 0 else 0

    def message_native_id(self, batch: StoredBatch) -> str:
        """The provider's own id of the batch; both have the same one unless it was changed."""
        return batch.native_id or batch.id

    def message_urls(self, batch: StoredBatch, base: str) -> dict[str, Any]:
        """Where the batch can be read, watched and cancelled."""
        polling_url = f"{base}/batches/{batch.id}"
        return {
            "polling_url": polling_url,
            "websocket_url": f"ws{base.removeprefix('http')}/async/batch/{batch.id}/ws",
            "cancel_url": self.cancel_url(batch, polling_url),
        }

    def message_webhook(self, batch: StoredBatch) -> dict[str, Any]:
        """`webhook`, absent when the batch has none."""
        return {} if batch.webhook is None else {"webhook": self.public_webhook(batch)}

    def message_reservation(self, batch: StoredBatch) -> dict[str, Any]:
        """The hold, in the same words as on reads."""
        return {
            "reservation_id": batch.hold.id if batch.hold.known else None,
            "reservation_status": batch.hold.status or None,
        }

    def message_lines(self, batch: StoredBatch) -> list[dict[str, Any]]:
        """The lines of the bill, the same as on reads."""
        return self.pricing_lines(batch)

    def message_times(self, batch: StoredBatch) -> dict[str, Any]:
        """When the gateway asked the provider and tried to settle, and what it was told."""
        return {
            "last_polled_at": iso(batch.last_polled_at_ms),
            "polled_status": self.polled_status(batch),
            "finalized_at": iso(batch.bill.finalized_at_ms) if batch.bill else None,
        }

    def message_counts(self, batch: StoredBatch) -> dict[str, Any] | None:
        """The row counts as the provider gave them, None where it gave none."""
        counts = batch.shown.get("request_counts")
        if not isinstance(counts, dict):
            return None
        return {name: counts.get(name) for name in ("total", "completed", "failed")}

    def message_failure(self, batch: StoredBatch) -> dict[str, Any]:
        """What is known of a failure: the first error that the provider names."""
        errors = batch.shown.get("errors")
        named = errors.get("data") if isinstance(errors, dict) else None
        first = named[0] if named and batch.status == "failed" else None
        return {
            "upstream_error": first and _upstream_error(first),
            "provider_failure_diagnostics": None,
            "failure_sample": None,
        }

    def message_bill(self, batch: StoredBatch) -> Bill | None:
        """The bill that messages show."""
        return batch.bill

    def message_billing_state(self, batch: StoredBatch) -> str:
        """pending, estimated, settled or void, in the order that the contract has for messages."""
        bill = self.message_bill(batch)
        if batch.status in _VOID:
            return "void"
        if bill is not None and bill.cost_nanos is not None:
            return "settled"
        if batch.status == "completed":
            return "pending"
        return "estimated" if batch.hold.known else "pending"

    def is_billable(self, bill: Bill | None) -> bool:
        """Whether the batch was charged or has a price above zero."""
        return bill is not None and (bill.charged or (bill.cost_nanos or 0) > 0)

    def billed_member(self, bill: Bill | None) -> dict[str, Any]:
        """`billed_at`, absent until the batch is billed."""
        billed = bill is not None and bill.billed
        return {"billed_at": iso_with_offset(bill.finalized_at_ms)} if bill and billed else {}

    def message_billing(self, batch: StoredBatch) -> dict[str, Any]:
        """The billing block of messages: seventeen members, and `billed_at` at the end."""
        bill, hold = self.message_bill(batch), batch.hold
        cost = bill.cost_nanos if bill else None
        estimated = self.display_cost(hold.estimate.nanos) if hold.known else None
        settled = None if cost is None else self.display_cost(cost)
        return {
            "currency": "usd",
            "estimated_provider_cost": estimated,
            "estimated_user_cost": estimated,
            "settled_provider_cost": settled,
            "settled_user_cost": settled,
            "state": self.message_billing_state(batch),
            "billable": self.is_billable(bill),
            "total_nanos": cost,
            **self.estimate_members(batch),
            **self.message_reservation(batch),
            "charge_reason": bill.reason if bill else None,
            "charged": bill.charged if bill else None,
            **self.billed_member(bill),
        }


def _upstream_error(named: dict[str, Any]) -> dict[str, Any]:
    words = ("code", "type", "message", "description", "param", "status")
    return {word: named.get(word) for word in words}
