"""Isolation: what a workspace is shown of its own, and what it must not be shown of others."""

from collections.abc import Iterator
from typing import Any

from conformance.checks import Findings, check
from conformance.checks.rest import _circumstances as around
from conformance.checks.rest._listing import list_reads
from conformance.json_text import at
from conformance.verdicts import holds
from conformance.views import Create, Observed, Seen

_CANCELLED = frozenset({"cancelling", "cancelled"})
_PER_CALL = frozenset({"request_id", "generation_id", "batch_id", "file_id"})


def _batch_owners(observed: Observed) -> dict[str, tuple[str, Seen]]:
    """The workspace that created each batch, with the create."""
    owners: dict[str, tuple[str, Seen]] = {}
    for create in observed.creates:
        owner = around.workspace_of(create.seen)
        if create.batch_id is not None and owner is not None:
            owners.setdefault(create.batch_id, (owner, create.seen))
    return owners


def _file_owners(observed: Observed) -> dict[str, tuple[str, Seen]]:
    """The workspace that uploaded each file, or whose batch named it as a result."""
    owners: dict[str, tuple[str, Seen]] = {}
    for view in observed.files.values():
        owner = around.workspace_of(view.upload) if view.upload else None
        if view.upload and owner is not None:
            owners[view.id] = (owner, view.upload)
    made_by = _batch_owners(observed)
    for body in observed.bodies:
        owner = made_by[body.id][0] if isinstance(body.id, str) and body.id in made_by else None
        for name in ("output_file_id", "error_file_id"):
            file_id = body.value.get(name)
            if isinstance(file_id, str) and owner and owner == around.workspace_of(body.seen):
                owners.setdefault(file_id, (owner, body.seen))
    return owners


def _speaks_of_the_id(observed: Observed, seen: Seen) -> bool:
    """Whether the answer is about what was asked for: the key is good, nothing was armed."""
    name = seen.request.credential
    good = any(other.response.ok and other.request.credential == name for other in observed.seen)
    # A good key that is forbidden this one thing is told that there is something to forbid.
    speaks = seen.status == 403 or not around.of_the_caller(seen)
    return good and speaks and not around.is_disturbed(observed, seen)


def _foreign(observed: Observed, *operations: str) -> Iterator[Seen]:
    """The calls for a batch or file of another workspace, made when it was there."""
    owners = {**_batch_owners(observed), **_file_owners(observed)}
    for seen in observed.seen:
        caller = around.workspace_of(seen)
        owner, since = owners.get(seen.route.id or "", (None, seen))
        strange = seen.operation in operations and None not in (owner, caller) and owner != caller
        if strange and around.is_after(seen, since) and _speaks_of_the_id(observed, seen):
            yield seen


def _answer(seen: Seen) -> str:
    return f"HTTP {seen.status} {at(seen.json, '/reason') or ''}".rstrip()


def _is_404(seen: Seen) -> Findings:
    yield holds(seen.status == 404, seen=_answer(seen), expected="HTTP 404", step=seen.number)


@check("REST-ISO-01")
def foreign_batch_cannot_be_read(observed: Observed) -> Findings:
    """A GET of a batch of another workspace is answered 404."""
    for seen in _foreign(observed, "get"):
        yield from _is_404(seen)


@check("REST-ISO-02")
def foreign_batch_cannot_be_cancelled(observed: Observed) -> Findings:
    """A cancel of a batch of another workspace is answered 404, and the batch goes on."""
    owners = _batch_owners(observed)
    for seen in _foreign(observed, "cancel"):
        yield from _is_404(seen)
        owner = owners[str(seen.route.id)][0]
        bodies = observed.histories[str(seen.route.id)]
        own = [body for body in bodies if around.workspace_of(body.seen) == owner]
        before = [body for body in own if around.is_after(seen, body.seen)]
        after = [body for body in own if around.is_after(body.seen, seen)]
        if before and after and before[-1].status not in _CANCELLED:
            goes_on = after[0].status not in _CANCELLED or after[0].operation == "cancel"
            expected = f"{before[-1].status}, or what follows by itself"
            yield holds(goes_on, seen=after[0].status, expected=expected, step=after[0].seen.number)


@check("REST-ISO-03")
def list_shows_own_batches_only(observed: Observed) -> Findings:
    """No list shows a batch that another workspace created."""
    owners = _batch_owners(observed)
    for read in list_reads(observed):
        foreign = {
            batch_id
            for batch_id, (owner, create) in owners.items()
            if owner != read.workspace and create.number < read.seen.number
        }
        shown = sorted(foreign.intersection(i for i in read.ids if isinstance(i, str)))
        if foreign:
            expected = "no batch of another workspace"
            yield holds(
                not shown, seen=shown, expected=expected, pointer="/data", step=read.seen.number
            )


@check("REST-ISO-04")
def keys_of_one_workspace_see_the_same(observed: Observed) -> Findings:
    """A batch that one key created is read and listed with another key of the workspace."""
    owners = _batch_owners(observed)
    for seen in observed.seen:
        owner, create = owners.get(seen.route.id or "", (None, seen))
        plain = seen.operation == "get" and not seen.request.query
        by_other = plain and _is_other_key(seen, create, owner)
        if by_other and _speaks_of_the_id(observed, seen):
            shown = seen.response.ok and at(seen.json, "/id") == seen.route.id
            expected = f"batch {seen.route.id}"
            yield holds(shown, seen=_answer(seen), expected=expected, step=seen.number)
    for read in list_reads(observed):
        for batch_id, (owner, create) in owners.items():
            listed = batch_id in read.ids
            tells = listed or (read.has_room and not read.is_narrowed)
            if _is_other_key(read.seen, create, owner) and tells:
                yield holds(
                    listed,
                    seen=read.ids,
                    expected=f"{batch_id} among them",
                    pointer="/data",
                    step=read.seen.number,
                )


def _is_other_key(seen: Seen, create: Seen, owner: str | None) -> bool:
    """Whether a call goes by another key of the workspace than the create before it."""
    alike = owner is not None and around.workspace_of(seen) == owner
    return alike and (
        seen.request.credential != create.request.credential and around.is_after(seen, create)
    )


def _attempts(observed: Observed) -> Iterator[Create]:
    """The creates from a file of another workspace."""
    owners = _file_owners(observed)
    for create in observed.creates:
        file_id = at(create.sent, "/input_file_id")
        owner = owners[file_id][0] if isinstance(file_id, str) and file_id in owners else None
        caller = around.workspace_of(create.seen)
        strange = None not in (owner, caller) and owner != caller
        if strange and _speaks_of_the_id(observed, create.seen):
            yield create


def _was_tried(observed: Observed, seen: Seen) -> bool:
    """Whether the caller had tried before to make a batch of the file that is read."""
    return any(
        at(create.sent, "/input_file_id") == seen.route.id
        and around.workspace_of(create.seen) == around.workspace_of(seen)
        and create.seen.number < seen.number
        for create in _attempts(observed)
    )


@check("REST-ISO-05")
def foreign_file_cannot_be_read(observed: Observed) -> Findings:
    """Metadata and content of a file of another workspace are answered 404."""
    for seen in _foreign(observed, "file", "content"):
        if not _was_tried(observed, seen):
            yield from _is_404(seen)


@check("REST-ISO-06")
def foreign_file_makes_no_batch(observed: Observed) -> Findings:
    """A create from a file of another workspace is refused and does not open the file."""
    for create in _attempts(observed):
        expected = "a refusal: the file is another workspace's"
        refused = create.seen.status >= 400
        yield holds(refused, seen=_answer(create.seen), expected=expected, step=create.seen.number)
    for seen in _foreign(observed, "file", "content"):
        if _was_tried(observed, seen):
            yield from _is_404(seen)


@check("REST-ISO-07")
def foreign_and_unknown_ids_look_alike(observed: Observed) -> Findings:
    """The answer for a foreign id has the status, members and words of that for an unknown id."""
    for seen in _foreign(observed, "get", "cancel", "file", "content"):
        for other in observed.seen:
            if _asks_for_unknown(observed, other, seen):
                shown, expected = _face(seen), _face(other)
                yield holds(shown == expected, seen=shown, expected=expected, step=seen.number)


def _asks_for_unknown(observed: Observed, other: Seen, seen: Seen) -> bool:
    """Whether a call asks in the same way for an id of the same form that nobody has."""
    unknown, foreign = other.route.id or "", seen.route.id or ""
    asked_alike = (other.operation, other.request.credential, other.route.prefix) == (
        seen.operation,
        seen.request.credential,
        seen.route.prefix,
    )
    known = unknown in observed.histories or unknown in _file_owners(observed)
    same_form = len(unknown) == len(foreign) and unknown[:5] == foreign[:5]
    return asked_alike and same_form and not known and other.status == 404


def _face(seen: Seen) -> dict[str, Any]:
    """What tells one refusal from another: status, members and words, without the id."""
    said = around.told(seen.json, seen.route.id or "", _PER_CALL)
    return {"status": seen.status, **(said if isinstance(said, dict) else {})}


@check("REST-ISO-08")
def uploaded_file_is_no_batch(observed: Observed) -> Findings:
    """An uploaded file is in no list of batches, and a GET of a batch by its id shows nothing."""
    uploads = {view.id: view.upload for view in observed.files.values() if view.upload}
    for read in list_reads(observed):
        there = {i for i, upload in uploads.items() if upload.number < read.seen.number}
        shown = [shown for shown in read.ids if _names_one(shown, there)]
        if there:
            yield holds(
                not shown, seen=shown, expected="no file", pointer="/data", step=read.seen.number
            )
    for seen in observed.seen:
        named = seen.operation == "get" and _names_one(seen.route.id, set(uploads))
        if named and not around.of_the_caller(seen):
            readable = seen.response.ok
            yield holds(not readable, seen=seen.json, expected="HTTP 404", step=seen.number)


def _names_one(value: Any, file_ids: set[str]) -> bool:
    """Whether an id is that of a file, or that of a file behind a prefix and a colon."""
    return isinstance(value, str) and value.rpartition(":")[2] in file_ids
