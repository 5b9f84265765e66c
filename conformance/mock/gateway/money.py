"""Holds and settlement: the only place where credit moves."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from conformance.mock.billing import (
    SAMPLE_ROWS,
    Bill,
    Estimate,
    Hold,
    Usage,
    breakdown,
    estimated_usage,
    metered_lines,
    reported_usage,
    usage_nanos,
)
from conformance.mock.gateway.messages import Messages
from conformance.mock.input_rows import InputRow
from conformance.mock.prices import MODELS, Model
from conformance.mock.provider import HungUp
from conformance.mock.provider_rules import ProviderFault
from conformance.mock.refusals import Flat, Refused, gateway_error, validation
from conformance.mock.validation import CreateRequest
from conformance.mock.workspace import StoredBatch, Workspace


class Unsettled(Exception):
    """The bill cannot be made now; the text is its reason word."""


@dataclass(frozen=True, slots=True)
class Billable:
    """What a batch came to: the rows that count, what they used and what they cost."""

    rows: tuple[tuple[Model, Usage], ...]
    cost_nanos: int


class Money(Messages):
    """Estimates, holds, settles."""

    def model_of(self, row: InputRow, fallback: str | None) -> Model:
        """The priced model of a row; raises the refusal for one that cannot be priced."""
        name = row.model or fallback or ""
        if name not in MODELS:
            text = f"Line {row.line}: there is no batch price for the model {name!r}."
            raise validation("batch_reservation_pricing_unavailable", text)
        return MODELS[name]

    def estimation_sample(self) -> int:
        """The most rows that are priced one by one."""
        return SAMPLE_ROWS

    def estimate(self, request: CreateRequest, rows: list[InputRow]) -> Estimate:
        """What the batch may cost at most; scaled when there are more rows than are sampled."""
        sample = rows[: self.estimation_sample()]
        nanos = 0
        for row in sample:
            model = self.model_of(row, request.model)
            model = request.models.get(model.name, model)
            nanos += usage_nanos(model, estimated_usage(row, request.endpoint))
        if len(sample) == len(rows):
            return Estimate(nanos)
        scaled = -(-nanos * len(rows) // len(sample))
        return Estimate(scaled, len(sample), len(rows))

    def amount_to_hold(self, estimate: Estimate) -> int:
        """What the wallet sets aside for an estimate."""
        return estimate.nanos

    def reservation_id(self, request_id: str) -> str:
        """The id of the hold of the batch that this call creates."""
        return f"batch_hold:{request_id}"

    def take_hold(self, workspace: Workspace, request_id: str, estimate: Estimate) -> Hold:
        """Set the credit aside; raises the refusals for a lack of it or a failing store."""
        hold = Hold(self.reservation_id(request_id), "held", estimate)
        if workspace.store_fails("hold"):
            text = "The credit for this batch could not be reserved."
            raise gateway_error("batch_reservation_unavailable", text)
        if estimate.nanos == 0:
            hold.status = "skip_zero_cost"
        elif not workspace.wallet.reserve(self.amount_to_hold(estimate)):
            self.refuse_for_lack_of_credit(workspace, estimate)
        return hold

    def refuse_for_lack_of_credit(self, _workspace: Workspace, estimate: Estimate) -> None:
        """Raise the 402."""
        extra = {"reservation_status": "insufficient_funds", "required_nanos": estimate.nanos}
        text = "The available credit does not cover the estimate for this batch."
        reason = "batch_reservation_insufficient_credits"
        raise Refused(Flat(402, "insufficient_funds", reason, text, extra))

    def give_hold_back(self, workspace: Workspace, hold: Hold) -> None:
        """Release a hold whose batch did not come about."""
        if hold.is_held:
            workspace.wallet.release(self.amount_to_hold(hold.estimate))
            hold.status = "released"

    def should_settle(self, batch: StoredBatch) -> bool:
        """Whether a bill is due: at the end, until there is one."""
        return batch.is_terminal and not batch.is_settled

    def settle(self, workspace: Workspace, batch: StoredBatch) -> None:
        """Try to make the bill; whatever comes of it is stored with the time of the attempt."""
        try:
            self.settle_at_store(workspace)
            batch.bill = self.made_bill(workspace, batch)
        except Unsettled as reason:
            batch.bill = self.unsettled_bill(workspace, batch, str(reason))
        workspace.keep(batch)

    def settle_at_store(self, workspace: Workspace) -> None:
        """Ask the store to begin a settlement; raises Unsettled when it fails."""
        if workspace.store_fails("settle"):
            raise Unsettled("settlement_failed")

    def made_bill(self, workspace: Workspace, batch: StoredBatch) -> Bill:
        """The bill by status, counts and output; raises Unsettled."""
        if batch.status != "completed" and not self.is_partial_success(batch):
            return self.void_bill(workspace, batch)
        work = self.billable_work(workspace, batch)
        if work.cost_nanos == 0:
            return self.free_bill(workspace, batch, work)
        return self.paid_bill(workspace, batch, work)

    def is_partial_success(self, batch: StoredBatch) -> bool:
        """Whether some rows succeeded and some failed."""
        return batch.counts["completed"] > 0 and batch.counts["failed"] > 0

    def unsettled_bill(self, workspace: Workspace, _batch: StoredBatch, reason: str) -> Bill:
        """What is stored when no bill could be made: nothing is taken, the hold stays."""
        return Bill(reason, workspace.clock.now_ms)

    def void_bill(self, workspace: Workspace, batch: StoredBatch) -> Bill:
        """The bill of a batch whose work did not come about: the whole hold goes back."""
        self.give_settled_hold_back(workspace, batch, batch.status)
        billed = not batch.hold.is_held
        return Bill(batch.hold.status, workspace.clock.now_ms, 0, billed=billed)

    def give_settled_hold_back(
        self, workspace: Workspace, batch: StoredBatch, without_hold: str
    ) -> None:
        """Release what is held for a batch that costs nothing, and note how that went."""
        if not batch.hold.is_held:
            batch.hold.status = without_hold
        elif workspace.store_fails("release"):
            batch.hold.status = "release_failed"
        else:
            self.release_whole_hold(workspace, batch)
            batch.hold.status = "released_released"

    def release_whole_hold(self, workspace: Workspace, batch: StoredBatch) -> None:
        """Give the reserved credit of a batch back."""
        workspace.wallet.release(self.amount_to_hold(batch.hold.estimate))

    def free_bill(self, workspace: Workspace, batch: StoredBatch, work: Billable) -> Bill:
        """The bill of finished work that costs nothing."""
        self.give_settled_hold_back(workspace, batch, "zero_cost")
        if batch.hold.is_held:
            return Bill(batch.hold.status, workspace.clock.now_ms, 0)
        return self.final_bill(workspace, batch, work, self.reason(batch, self.free_base(batch)))

    def reason(self, batch: StoredBatch, base: str) -> str:
        """The base, with the word for the hold behind it where the store knows of one."""
        return f"{base}:{batch.hold.status}" if batch.hold.known else base

    def free_base(self, batch: StoredBatch) -> str:
        """The first half of the reason of a free bill."""
        if not self.is_partial_success(batch):
            return "zero_cost"
        ended = "zero_cost" if batch.status == "completed" else batch.status
        return f"partial_success_{ended}"

    def paid_bill(self, workspace: Workspace, batch: StoredBatch, work: Billable) -> Bill:
        """The bill of finished work: the hold goes back and the cost is taken, once."""
        base = self.paid_base(batch)
        reserved = self.amount_to_hold(batch.hold.estimate) if batch.hold.is_held else 0
        if work.cost_nanos > workspace.wallet.available_nanos + reserved:
            reason = f"{base}:insufficient_balance"
            lines = tuple(self.lines_of(work))
            return Bill(reason, workspace.clock.now_ms, work.cost_nanos, lines)
        batch.hold.status = self.charge(workspace, batch, work.cost_nanos)
        return self.final_bill(workspace, batch, work, self.reason(batch, base))

    def paid_base(self, batch: StoredBatch) -> str:
        """The first half of the reason of a paid bill."""
        return "charged_partial_success" if self.is_partial_success(batch) else "charged"

    def charge(self, workspace: Workspace, batch: StoredBatch, cost_nanos: int) -> str:
        """Move the credit; the answer is the new word for the hold."""
        was_held = batch.hold.is_held
        if was_held:
            self.release_whole_hold(workspace, batch)
        workspace.wallet.charge(cost_nanos)
        if not batch.hold.known:
            return "charged_without_reservation"
        if not was_held:
            return "charged_reservation_not_found"
        exact = cost_nanos == batch.hold.reserved_nanos
        return "captured" if exact else "released_and_charged_actual"

    def final_bill(
        self, workspace: Workspace, batch: StoredBatch, work: Billable, reason: str
    ) -> Bill:
        """The bill of finished work, charged when it costs something."""
        lines = tuple(self.lines_of(work))
        sums = self.breakdown_of(batch, work)
        now_ms = workspace.clock.now_ms
        charged = work.cost_nanos > 0
        return Bill(reason, now_ms, work.cost_nanos, lines, sums, billed=True, charged=charged)

    def lines_of(self, work: Billable) -> list[dict[str, Any]]:
        """The metered lines of a bill."""
        return metered_lines(work.rows)

    def breakdown_of(self, batch: StoredBatch, work: Billable) -> dict[str, Any]:
        """The sums of a bill."""
        return breakdown(work.cost_nanos, batch.counts)

    def billable_work(self, workspace: Workspace, batch: StoredBatch) -> Billable:
        """What the output file gives to bill; raises Unsettled."""
        rows = tuple(self.billable_rows(workspace, batch))
        if not rows:
            raise Unsettled("missing_successful_output_rows")
        return Billable(rows, sum(usage_nanos(model, usage) for model, usage in rows))

    def billable_rows(
        self, workspace: Workspace, batch: StoredBatch
    ) -> Iterator[tuple[Model, Usage]]:
        """Model and usage of each output row that counts; raises Unsettled."""
        for line in self.output_lines(workspace, batch):
            response: dict[str, Any] = line.get("response") or {}
            body: Any = response.get("body")
            if self.row_counts(response.get("status_code"), body):
                yield self.billed_model(body, batch), self.billed_usage(body, batch)

    def row_counts(self, status: Any, body: Any) -> bool:
        """Whether an output row is paid for: a 2xx with an object as body."""
        return isinstance(status, int) and 200 <= status < 300 and isinstance(body, dict)

    def billed_model(self, body: dict[str, Any], batch: StoredBatch) -> Model:
        """The model that a row is paid at; raises Unsettled."""
        name = body.get("model") or batch.model
        if not name:
            raise Unsettled("missing_model")
        models = self.models_of(batch)
        if name not in models:
            raise Unsettled("price_card_missing")
        return models[name]

    def models_of(self, batch: StoredBatch) -> Mapping[str, Model]:
        """The models by name, at the prices of the customer who made the batch."""
        owner = self.estate.workspace(batch.workspace_id)
        return owner.models if owner else MODELS

    def billed_usage(self, body: dict[str, Any], batch: StoredBatch) -> Usage:
        """The units that a row is paid for; raises Unsettled."""
        usage = reported_usage(body, batch.endpoint)
        if usage is None:
            raise Unsettled("missing_usage")
        return usage

    def output_lines(self, workspace: Workspace, batch: StoredBatch) -> list[dict[str, Any]]:
        """The lines of the output file; raises Unsettled."""
        file_id = batch.shown.get("output_file_id")
        if not file_id:
            raise Unsettled("missing_output_file")
        try:
            data = workspace.provider.content(file_id)
        except (ProviderFault, HungUp) as error:
            raise Unsettled("settlement_failed") from error
        return [json.loads(line) for line in data.splitlines() if line.strip()]
