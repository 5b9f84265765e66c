"""Reading one batch and listing them."""

import re
from collections.abc import Iterable
from typing import Any, NoReturn

from conformance.mock.exchange import Answer, Call, json_answer
from conformance.mock.gateway.base import Visit
from conformance.mock.gateway.create import Creates
from conformance.mock.provider import HungUp
from conformance.mock.provider_rules import ProviderFault
from conformance.mock.refusals import (
    NO_STORE,
    Flat,
    PassedOn,
    Refused,
    not_found,
    upstream_error,
)
from conformance.mock.workspace import StoredBatch, Workspace

_FILTERS: dict[str, frozenset[str]] = {
    "pending": frozenset({"pending", "queued", "validating"}),
    "in_progress": frozenset({"in_progress", "processing", "finalizing", "cancelling"}),
    "completed": frozenset({"completed"}),
    "failed": frozenset({"failed"}),
    "cancelled": frozenset({"cancelled", "canceled"}),
    "expired": frozenset({"expired"}),
}
_FILTER_ALIASES = {
    "queued": "pending",
    "running": "in_progress",
    "processing": "in_progress",
    "canceled": "cancelled",
}
_NUMBER = re.compile(r"\s*([+-]?)(\d+)(\.\d*)?\s*", re.ASCII)


class Reads(Creates):
    """GET /batches/{id} and GET /batches."""

    def batch_id_of(self, call: Call) -> str:
        """The id in the path; a query string is no part of it."""
        return call.segments[1]

    def find_batch(self, visit: Visit, batch_id: str) -> StoredBatch | None:
        """The batch with this id as far as the caller may know of it."""
        owner = visit.workspace.home.owner_of(batch_id)
        if owner is None or not self.may_read(visit.workspace, owner.batches[batch_id]):
            return None
        return owner.batches[batch_id]

    def may_read(self, workspace: Workspace, batch: StoredBatch) -> bool:
        """Whether the workspace may know of the batch."""
        return batch.workspace_id == workspace.id

    def owned_batch(self, visit: Visit) -> StoredBatch:
        """The batch that the path names; raises the refusal 404."""
        batch_id = self.batch_id_of(visit.call)
        batch = self.find_batch(visit, batch_id)
        if batch is None:
            self.refuse_unknown_batch(visit, batch_id)
        return batch

    def refuse_unknown_batch(self, _visit: Visit, batch_id: str) -> NoReturn:
        """Raise the refusal for a batch that is unknown or somebody else's."""
        text = "The batch does not exist or belongs to another workspace."
        raise not_found("batch_not_found_or_not_owned", text, batch_id=batch_id)

    def owner(self, visit: Visit, batch: StoredBatch) -> Workspace:
        """The workspace that the batch belongs to, whoever reads it."""
        return visit.workspace.home.by_id(batch.workspace_id) or visit.workspace

    def get_batch(self, visit: Visit) -> Answer:
        """The answer to a GET of one batch: refreshed, settled when due, and shown."""
        if visit.workspace.store_fails("get"):
            self.refuse_unknown_batch(visit, self.batch_id_of(visit.call))
        batch = self.owned_batch(visit)
        self.refuse_other_provider(batch, "batch_status_provider_not_supported")
        self.refuse_without_provider_key(visit)
        workspace = self.owner(visit, batch)
        if self.should_refresh(batch):
            self.refresh_for(visit, workspace, batch)
        self.settle_on_read(workspace, batch)
        self.after_look(workspace, batch)
        return json_answer(200, self.batch_body(batch, visit.call))

    def supported_provider(self, batch: StoredBatch) -> bool:
        """Whether the gateway can ask the provider of this batch."""
        return batch.provider == "openai"

    def refuse_other_provider(self, batch: StoredBatch, reason: str) -> None:
        """Raise the 501 for a batch of a provider that the gateway cannot ask."""
        if not self.supported_provider(batch):
            extra = {"batch_id": batch.id, "provider": batch.provider, "native_batch_id": batch.id}
            text = f"Batches of the provider {batch.provider} are not supported here."
            raise Refused(Flat(501, "not_implemented_yet", reason, text, extra))

    def should_refresh(self, batch: StoredBatch) -> bool:
        """Whether a read asks the provider; an ended batch cannot change any more."""
        return not batch.is_terminal

    def refresh_for(self, visit: Visit, workspace: Workspace, batch: StoredBatch) -> None:
        """Refresh for a caller; raises the refusals for a failing provider or store."""
        try:
            shown = workspace.provider.read(batch.id)
        except ProviderFault as fault:
            self.refuse_failed_refresh(visit, batch, fault)
        except HungUp as error:
            text = "The provider could not be reached."
            raise upstream_error("batch_upstream_unreachable", text) from error
        if workspace.store_fails("refresh"):
            raise Refused(self.persistence_failure(batch, shown))
        self.accept(workspace, batch, shown)

    def refuse_failed_refresh(
        self, _visit: Visit, _batch: StoredBatch, fault: ProviderFault
    ) -> NoReturn:
        """Raise what the caller gets when the provider answers a refresh with an error."""
        raise Refused(PassedOn(fault.status, fault.body, fault.headers)) from fault

    def as_polled(self, batch: StoredBatch, shown: dict[str, Any]) -> dict[str, Any]:
        """The provider's newest object as the gateway takes it over."""
        return shown

    def accept(self, workspace: Workspace, batch: StoredBatch, shown: Any) -> None:
        """Store the provider's newest object; an ended batch keeps what it has."""
        if isinstance(shown, dict) and "status" in shown and self.may_move(batch, shown["status"]):
            batch.shown = self.as_polled(batch, {**batch.shown, **shown, "id": batch.id})
        batch.last_polled_at_ms = workspace.clock.now_ms
        self.keep_result_files(workspace, batch)
        workspace.keep(batch)

    def may_move(self, batch: StoredBatch, status: str) -> bool:
        """Whether the stored status may be replaced by this one."""
        return not batch.is_terminal

    def keep_result_files(self, workspace: Workspace, batch: StoredBatch) -> None:
        """Make the files that the batch names readable for its owner."""
        named = (batch.shown.get("output_file_id"), batch.shown.get("error_file_id"))
        workspace.file_ids.update(file_id for file_id in named if file_id)

    def settle_on_read(self, workspace: Workspace, batch: StoredBatch) -> None:
        """Make the bill when a read finds that it is due."""
        if self.should_settle(batch):
            self.settle(workspace, batch)

    def after_look(self, workspace: Workspace, batch: StoredBatch) -> None:
        """A GET or the scheduled job is done with the batch, refreshed and settled as is due."""

    def sweep(self, workspace: Workspace) -> None:
        """What the scheduled job does: refresh and settle every batch without any reader."""
        for batch in list(workspace.batches.values()):
            if not self.supported_provider(batch):
                continue
            if self.should_refresh(batch):
                self.refresh_in_sweep(workspace, batch)
            self.settle_on_read(workspace, batch)
            self.after_look(workspace, batch)

    def refresh_in_sweep(self, workspace: Workspace, batch: StoredBatch) -> None:
        """Refresh without a caller; a provider that fails is asked again by the next sweep."""
        try:
            self.accept(workspace, batch, workspace.provider.read(batch.id))
        except (ProviderFault, HungUp):
            return

    def list_batches(self, visit: Visit) -> Answer:
        """The answer to a GET of the list, from stored data alone."""
        self.before_list(visit)
        wanted = self.wanted_statuses(self.status_words(visit.call))
        found = [one for one in self.listed_batches(visit) if not wanted or one.status in wanted]
        page = self.list_order(found)[: self.list_limit(visit.call)]
        items = [self.list_item(batch, visit.call) for batch in page]
        return json_answer(200, self.list_envelope(items), self.list_headers())

    def before_list(self, visit: Visit) -> None:
        """The list is about to be read; it asks no provider and settles nothing."""

    def listed_batches(self, visit: Visit) -> Iterable[StoredBatch]:
        """All batches that the caller's list is made of."""
        return visit.workspace.batches.values()

    def list_envelope(self, items: list[dict[str, Any]]) -> dict[str, Any]:
        """The envelope of the list."""
        return {
            "object": "list",
            "data": items,
            "first_id": items[0]["id"] if items else None,
            "last_id": items[-1]["id"] if items else None,
            "has_more": False,
        }

    def list_headers(self) -> dict[str, str]:
        """The headers of the list and the model list."""
        return dict(NO_STORE)

    def list_order(self, batches: list[StoredBatch]) -> list[StoredBatch]:
        """The order of the list: newest change first."""
        return sorted(batches, key=lambda batch: batch.change, reverse=True)

    def default_list_limit(self) -> int:
        """How many items a list has at most when nobody says."""
        return 20

    def max_list_limit(self) -> int:
        """The most items of any list."""
        return 100

    def list_limit(self, call: Call) -> int:
        """How many items this list has at most; odd limits are repaired."""
        written = next(iter(call.query_values("limit")), "")
        number = self.limit_number(written)
        if number is None:
            return self.default_list_limit()
        return max(1, min(number, self.max_list_limit()))

    def limit_number(self, written: str) -> int | None:
        """The whole number that a limit says, fractions cut; None for text."""
        match = _NUMBER.fullmatch(written)
        if match is None:
            return None
        # More digits than any list has items mean the maximum, whatever they are.
        value = int(match[2][:9]) if len(match[2]) < 10 else 10**9
        return -value if match[1] == "-" else value

    def status_words(self, call: Call) -> list[str]:
        """The words of the filter, from `status` and `statuses`, repeated or comma-separated."""
        values = call.query_values("status") + call.query_values("statuses")
        return [word for value in values for word in self.filter_words(value)]

    def filter_words(self, value: str) -> list[str]:
        """The words of one filter parameter."""
        return [word.strip().lower() for word in value.split(",") if word.strip()]

    def statuses_of_word(self, word: str) -> frozenset[str]:
        """The stored statuses that a filter word stands for, none for an unknown word."""
        return _FILTERS.get(_FILTER_ALIASES.get(word, word), frozenset())

    def wanted_statuses(self, words: list[str]) -> frozenset[str]:
        """The statuses to show; none means all, also when no word is known."""
        return frozenset().union(*map(self.statuses_of_word, words))
