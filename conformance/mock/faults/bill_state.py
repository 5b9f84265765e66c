"""Faults of what a body shows of its bill, and when: too early, too late, otherwise on a reread."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from conformance.mock.billing import summary_line
from conformance.mock.clock import iso
from conformance.mock.exchange import Answer, Call
from conformance.mock.faults import fault
from conformance.mock.gateway import Gateway
from conformance.mock.gateway.base import Visit
from conformance.mock.money_text import usd_number
from conformance.mock.workspace import StoredBatch, Workspace

_MONEY = ("billing", "pricing_lines")


class LaterReads(Gateway):
    """A GET of a batch that had its bill before the call shows another body."""

    def get_batch(self, visit: Visit) -> Answer:
        batch = self.find_batch(visit, self.batch_id_of(visit.call))
        settled = batch is not None and batch.is_settled
        answer = super().get_batch(visit)
        if batch is not None and settled:
            answer.body = self.body_of_a_later_read(batch, answer.body)
        return answer

    def body_of_a_later_read(self, batch: StoredBatch, body: dict[str, Any]) -> dict[str, Any]:
        """The body as a later read shows it."""
        return body


def _billed(body: dict[str, Any], **members: Any) -> dict[str, Any]:
    return body | {"billing": body["billing"] | members}


def _without(body: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name not in names}


@fault("estimate-shown-as-settled", breaks=["BILL-STATE-02", "BILL-STATE-05"])
class EstimateShownAsSettled(Gateway):
    """Before the bill is made, the estimate is shown as the settled cost."""

    def pricing_lines(self, batch: StoredBatch) -> list[dict[str, Any]]:
        if batch.bill is not None:
            return super().pricing_lines(batch)
        return [summary_line(batch.endpoint, batch.counts["total"], batch.hold.estimate.nanos)]

    def billing_block(self, batch: StoredBatch) -> dict[str, Any]:
        block, nanos = super().billing_block(batch), batch.hold.estimate.nanos
        if batch.bill is not None:
            return block
        shown = self.display_cost(nanos)
        return block | {
            "state": "settled",
            "settled_provider_cost": shown,
            "settled_user_cost": shown,
            "total_nanos": nanos,
            "cost_nanos": nanos,
            "cost_usd": usd_number(nanos),
        }


@fault("bill-vanishes-on-a-later-read", breaks=["BILL-STATE-03", "BILL-STABLE-01"])
class BillVanishesOnALaterRead(LaterReads):
    """The read that settles shows the bill; later ones show neither billing nor lines."""

    def body_of_a_later_read(self, batch: StoredBatch, body: dict[str, Any]) -> dict[str, Any]:
        return _without(body, *_MONEY)


@fault("list-items-without-bills", breaks=["BILL-STATE-03", "BILL-STABLE-01"])
class ListItemsWithoutBills(Gateway):
    """The list leaves billing and pricing_lines out."""

    def list_item(self, batch: StoredBatch, call: Call) -> dict[str, Any]:
        return _without(super().list_item(batch, call), *_MONEY)


@fault("no-bill-until-it-is-settled", breaks=["BILL-STATE-04"])
class NoBillUntilItIsSettled(Gateway):
    """An ended batch shows no billing until a settlement of it went through."""

    def batch_body(self, batch: StoredBatch, call: Call) -> dict[str, Any]:
        body = super().batch_body(batch, call)
        if batch.is_terminal and not batch.is_settled:
            return _without(body, "billing", "finalized_at")
        return body


@fault("billed-forgotten-on-a-later-read", breaks=["BILL-STABLE-01"])
class BilledForgottenOnALaterRead(LaterReads):
    """A later read says that the batch is not billed yet."""

    def body_of_a_later_read(self, batch: StoredBatch, body: dict[str, Any]) -> dict[str, Any]:
        return _billed(body, billed=False, charged=False, reason=None)


@fault("repeat-view-not-billed", breaks=["BILL-REASON-08", "BILL-STABLE-01"])
class RepeatViewNotBilled(LaterReads):
    """A later read says already_billed and, in the same breath, that nothing is billed."""

    def body_of_a_later_read(self, batch: StoredBatch, body: dict[str, Any]) -> dict[str, Any]:
        return _billed(body, billed=False, charged=False, reason="already_billed")


@fault("second-read-says-free", breaks=["BILL-STABLE-04", "BILL-STABLE-05", "BILL-TRUTH-03"])
class SecondReadSaysFree(LaterReads):
    """A later read says that the batch cost nothing and was not charged."""

    def body_of_a_later_read(self, batch: StoredBatch, body: dict[str, Any]) -> dict[str, Any]:
        charged = body["billing"]["charged"]
        return _billed(body, charged=False, reason="zero_cost") if charged else body


@fault("second-read-says-already-billed", breaks=["BILL-STABLE-06"])
class SecondReadSaysAlreadyBilled(LaterReads):
    """A later read stores already_billed and the time of the read, and shows charged false."""

    def settle_on_read(self, workspace: Workspace, batch: StoredBatch) -> None:
        if batch.bill is not None and batch.is_settled:
            now_ms = workspace.clock.now_ms
            batch.bill = replace(batch.bill, reason="already_billed", finalized_at_ms=now_ms)
        super().settle_on_read(workspace, batch)

    def body_of_a_later_read(self, batch: StoredBatch, body: dict[str, Any]) -> dict[str, Any]:
        return _billed(body, charged=False)


@fault("settled-state-lost-on-a-later-read", breaks=["BILL-STATE-08"])
class SettledStateLostOnALaterRead(LaterReads):
    """A later read says of a settled batch that it is still estimated."""

    def body_of_a_later_read(self, batch: StoredBatch, body: dict[str, Any]) -> dict[str, Any]:
        return _billed(body, state="estimated")


@fault("finalized-at-moves-backwards", breaks=["BILL-STABLE-05", "BILL-STABLE-06"])
class FinalizedAtMovesBackwards(LaterReads):
    """A later read takes the stored time for one of another zone, an hour behind."""

    def body_of_a_later_read(self, batch: StoredBatch, body: dict[str, Any]) -> dict[str, Any]:
        told = datetime.fromisoformat(body["billing"]["finalized_at"]) - timedelta(hours=1)
        shown = iso(int(told.timestamp() * 1000))
        return _billed(body, finalized_at=shown) | {"finalized_at": shown}


@fault("lines-summed-up-in-the-list", breaks=["BILL-STABLE-03"])
class LinesSummedUpInTheList(Gateway):
    """The list has one summary line where a GET has the metered lines."""

    def list_item(self, batch: StoredBatch, call: Call) -> dict[str, Any]:
        kept = batch.bill
        if kept is not None:
            batch.bill = replace(kept, lines=())
        item = super().list_item(batch, call)
        batch.bill = kept
        return item


@fault("list-forgets-the-breakdown", breaks=["BILL-STABLE-02"])
class ListForgetsTheBreakdown(Gateway):
    """The list has null where a GET has the sums of the bill."""

    def list_item(self, batch: StoredBatch, call: Call) -> dict[str, Any]:
        return _billed(super().list_item(batch, call), pricing_breakdown=None)


@fault("list-derives-billed-from-stored-text", breaks=["BILL-REASON-07"])
class ListDerivesBilledFromStoredText(Gateway):
    """The list says billed of every batch that has a reason, settled or not."""

    def list_item(self, batch: StoredBatch, call: Call) -> dict[str, Any]:
        return _billed(super().list_item(batch, call), billed=batch.bill is not None)
