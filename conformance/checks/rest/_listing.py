"""List calls: what each asked for, what it showed, and what it should have known."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from conformance.checks.rest import _circumstances as around
from conformance.json_text import at
from conformance.routes import canonical_status
from conformance.views import BatchBody, Observed, Seen

MOST = 100
DEFAULT = 20

# Filter word and stored status → the group of statuses that the filter shows together.
WORDS: Mapping[str, str] = {
    "pending": "pending",
    "queued": "pending",
    "in_progress": "in_progress",
    "running": "in_progress",
    "processing": "in_progress",
    "completed": "completed",
    "failed": "failed",
    "cancelled": "cancelled",
    "canceled": "cancelled",
    "expired": "expired",
}
GROUPS: Mapping[str, str] = {
    **WORDS,
    "validating": "pending",
    "finalizing": "in_progress",
    "cancelling": "in_progress",
}
_OPEN = frozenset({"finalizing", "cancelling"})


@dataclass(frozen=True)
class ListRead:
    """One list call of a workspace and its answer, whatever its status."""

    seen: Seen
    workspace: str

    @cached_property
    def items(self) -> list[Any]:
        """The elements of `data`, empty when there is no such array."""
        data = at(self.seen.json, "/data") if self.seen.response.ok else None
        return data if isinstance(data, list) else []

    @cached_property
    def ids(self) -> list[Any]:
        """The ids of the items, in order."""
        return [at(item, "/id") for item in self.items]

    def values(self, name: str) -> list[str]:
        """The values of one query parameter."""
        return [value for key, value in self.seen.request.query if key == name]

    @cached_property
    def words(self) -> list[str]:
        """The words of the filter, as written."""
        values = self.values("status") + self.values("statuses")
        return [word.strip() for value in values for word in value.split(",") if word.strip()]

    @cached_property
    def groups(self) -> frozenset[str]:
        """The groups that the filter asks for, none when it has a word that is not documented."""
        known = self.words and all(word in WORDS for word in self.words)
        return frozenset(WORDS[word] for word in self.words) if known else frozenset()

    @cached_property
    def is_narrowed(self) -> bool:
        """Whether anything but a limit was asked for."""
        return any(key != "limit" for key, _ in self.seen.request.query)

    @cached_property
    def cap(self) -> int | None:
        """The most items that the limit of the call allows, None without one plain limit."""
        match self.values("limit"):
            case [text] if text.isascii() and text.isdigit() and int(text[:9]) > 0:
                return min(int(text[:9]), MOST)
        return None

    @property
    def has_room(self) -> bool:
        """Whether the limit would have let the answer show more."""
        return self.seen.response.ok and self.cap is not None and len(self.items) < self.cap

    @property
    def is_refused(self) -> bool:
        """Whether the call was refused for what it asked."""
        return 400 <= self.seen.status < 500


def list_reads(observed: Observed) -> Iterator[ListRead]:
    """The list calls of known workspaces that speak of the list, in order."""
    for seen in observed.seen:
        caller = around.workspace_of(seen)
        of_list = seen.operation == "list" and seen.status < 500 and not around.of_the_caller(seen)
        if of_list and caller is not None and not around.is_disturbed(observed, seen):
            yield ListRead(seen, caller)


def bodies_before(observed: Observed, read: ListRead) -> dict[str, list[BatchBody]]:
    """What the workspace had been shown of its batches when it asked for the list."""
    deleted = {e.detail.get("batch") for _, e in observed.transcript.edges("stored_batch_deleted")}
    found = {}
    for batch_id, bodies in observed.histories.items():
        shown = [body for body in bodies if _was_shown(body, read)]
        if shown and batch_id not in deleted:
            found[batch_id] = shown
    return found


def _was_shown(body: BatchBody, read: ListRead) -> bool:
    made_by = body.creation and around.workspace_of(body.creation.seen)
    ours = around.workspace_of(body.seen) == read.workspace and made_by in (None, read.workspace)
    return ours and around.is_after(read.seen, body.seen)


def group_of(value: Any) -> frozenset[str]:
    """The groups that a batch object may be shown in, none for a status that has no group."""
    status = canonical_status(at(value, "/status"))
    group = GROUPS.get(status or "")
    if group is None:
        return frozenset()
    # Which of the two it is stands open for these; a batch that says pending may be filtered so.
    as_pending = status in _OPEN and at(value, "/lifecycle_status") == "pending"
    return frozenset({group, "pending"}) if as_pending else frozenset({group})


def certain_groups(observed: Observed, read: ListRead) -> dict[str, str]:
    """The batches whose group is certain at the time of the list: ended, or the same afterwards."""
    certain = {}
    for batch_id, shown in bodies_before(observed, read).items():
        groups = group_of(shown[-1].value)
        later = (b for b in observed.histories[batch_id] if around.is_after(b.seen, read.seen))
        after = next(later, None)
        stays = shown[-1].is_terminal or (after is not None and group_of(after.value) == groups)
        if stays and len(groups) == 1:
            certain[batch_id] = next(iter(groups))
    return certain
