"""rest/files: uploads come back as they were, and the results of a batch can be had and add up."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from conformance import schema_walk, tables
from conformance.checks import Findings, check
from conformance.checks.rest._circumstances import is_after, is_disturbed, workspace_of
from conformance.checks.rest.err import passed_on, scripted_errors
from conformance.json_text import ABSENT, at, plain, same
from conformance.verdicts import broken, holds
from conformance.views import Create, FileView, Observed, Rows, Seen, json_lines

_METADATA = "file.schema.json#"

_GONE = frozenset({404, 410})
# Refusals that blame the input file.
_INPUT_UNUSABLE = frozenset(
    {
        "batch_reservation_missing_input_file",
        "batch_reservation_empty_input_file",
        "batch_reservation_input_unavailable",
        "batch_reservation_invalid_input_row",
        "file_not_found_or_not_owned",
    }
)


def _same_workspace(one: Seen, other: Seen) -> bool:
    return workspace_of(one) == workspace_of(other) is not None


def _own_reads(observed: Observed, operation: str) -> Iterator[tuple[Seen, FileView, Seen]]:
    """Reads of files by the workspace that had uploaded them: read, file, upload."""
    for seen in observed.seen:
        view = observed.files.get(seen.route.id or "")
        upload = view.upload if view else None
        if view is None or upload is None or seen.operation != operation:
            continue
        owned = _same_workspace(upload, seen) and is_after(seen, upload)
        if owned and not is_disturbed(observed, seen):
            yield seen, view, upload


@check("REST-FILES-01")
def uploads_are_answered_with_metadata(observed: Observed) -> Findings:
    """An upload is answered 200; what it and GET /files/{id} answer is a file object."""
    for seen in observed.seen:
        if seen.operation not in {"upload", "file"} or not seen.response.ok:
            continue
        yield holds(seen.status == 200, seen=seen.status, expected="HTTP 200", step=seen.number)
        for breach in schema_walk.judged(_METADATA, plain(seen.json)):
            if breach is not None:
                yield broken(breach.value, breach.message, breach.pointer, seen.number)
    for view in observed.files.values():
        if view.upload is not None and view.uploaded is not None:
            shown, length = at(view.upload.json, "/bytes"), len(view.uploaded)
            fits, step = same(shown, length), view.upload.number
            yield holds(fits, seen=shown, expected=length, pointer="/bytes", step=step)


@check("REST-FILES-02")
def uploaded_file_can_be_made_a_batch_of(observed: Observed) -> Findings:
    """A create by the uploader is not refused for want of the file."""
    for create, content in _creates_of_own_files(observed):
        if _is_good_input(content):
            yield from _not_refused_for_its_input(create)


@check("REST-FILES-13")
def blank_lines_and_crlf_are_read(observed: Observed) -> Findings:
    """An input with blank lines or CRLF is not refused for its text."""
    for create, content in _creates_of_own_files(observed):
        odd = b"\r\n" in content or any(not line.strip() for line in content.splitlines())
        if odd and _is_good_input(content):
            yield from _not_refused_for_its_input(create)


def _creates_of_own_files(observed: Observed) -> Iterator[tuple[Create, bytes]]:
    for create in observed.creates:
        named = at(create.sent, "/input_file_id")
        view = observed.files.get(named) if isinstance(named, str) else None
        if view is None or view.upload is None or view.uploaded is None:
            continue
        owned = _same_workspace(view.upload, create.seen) and is_after(create.seen, view.upload)
        meant = _purpose(view.upload) == b"batch" and not is_disturbed(observed, create.seen)
        if owned and meant:
            yield create, view.uploaded


def _purpose(upload: Seen) -> bytes | None:
    part = upload.request.body.part("purpose") if upload.request.body else None
    return part.content if part else None


def _is_good_input(content: bytes) -> bool:
    rows = json_lines(content)
    return bool(rows) and all(isinstance(at(row, "/body"), dict) for row in rows)


def _not_refused_for_its_input(create: Create) -> Findings:
    reason = at(create.seen.json, "/reason")
    unusable = create.seen.status == 404 or reason in _INPUT_UNUSABLE
    if create.accepted or unusable:
        yield holds(
            create.accepted,
            seen=f"HTTP {create.seen.status} {reason or ''}".rstrip(),
            expected="a create that finds and reads the uploaded file",
            step=create.seen.number,
        )


@check("REST-FILES-03")
def metadata_of_an_own_file_is_that_of_the_upload(observed: Observed) -> Findings:
    """GET /files/{id} answers 200 with the id, length and name that the upload answered."""
    for seen, view, upload in _own_reads(observed, "file"):
        if not seen.response.ok:
            yield broken(f"HTTP {seen.status}", "the metadata of an own file", "", seen.number)
            continue
        length = len(view.uploaded) if view.uploaded is not None else at(upload.json, "/bytes")
        name = at(upload.json, "/filename")
        wanted = [("/id", view.id), ("/bytes", length), ("/filename", name)]
        for pointer, value in (pair for pair in wanted if pair[1] is not ABSENT):
            found = at(seen.json, pointer)
            fine, step = same(found, value), seen.number
            yield holds(fine, seen=found, expected=value, pointer=pointer, step=step)


@check("REST-FILES-04")
def content_is_the_uploaded_bytes(observed: Observed) -> Findings:
    """GET /files/{id}/content answers exactly what was uploaded."""
    for seen, view, _ in _own_reads(observed, "content"):
        body = seen.response.body
        if view.uploaded is None or (body is not None and not body.exact):
            continue
        content = body.content if body else b""
        yield holds(
            seen.response.ok and content == view.uploaded,
            seen=f"HTTP {seen.status}, {len(content)} bytes {content[:60]!r}",
            expected=f"the {len(view.uploaded)} uploaded bytes",
            step=seen.number,
        )


@check("REST-FILES-07")
def output_of_a_completed_batch_can_be_downloaded(observed: Observed) -> Findings:
    """The content of the output file is answered to the workspace of the batch."""
    for seen, shown in _reads_of_results(observed, ("content",)):
        if shown == "output of completed":
            yield from _is_readable(seen)


@check("REST-FILES-08")
def result_files_can_be_read_once_shown(observed: Observed) -> Findings:
    """Metadata and content of output and error file are answered after a GET showed their ids."""
    for seen, _ in _reads_of_results(observed, ("file", "content")):
        yield from _is_readable(seen)


def _is_readable(seen: Seen) -> Findings:
    yield holds(
        seen.response.ok,
        seen=f"HTTP {seen.status}",
        expected=f"the result file {seen.route.id} that a batch of this workspace names",
        step=seen.number,
    )


def _reads_of_results(
    observed: Observed, operations: tuple[str, ...]
) -> Iterator[tuple[Seen, str]]:
    for seen in observed.seen:
        if seen.operation not in operations or is_disturbed(observed, seen):
            continue
        shown = _shown_before(observed, seen)
        if shown is not None and not _may_be_deleted(observed, seen):
            yield seen, shown


def _may_be_deleted(observed: Observed, seen: Seen) -> bool:
    """Whether a file is gone that is of earlier times: how long files are kept stands open."""
    return seen.status in _GONE and bool(observed.transcript.edges(tables.EARLIER))


def _shown_before(observed: Observed, seen: Seen) -> str | None:
    """As what a create or GET of the same workspace had shown the file, if it had."""
    for body in observed.bodies:
        earlier = body.operation in {"create", "get"} and is_after(seen, body.seen)
        if not earlier or not _same_workspace(body.seen, seen):
            continue
        for kind in ("output", "error"):
            if body.get(f"/{kind}_file_id") == seen.route.id:
                return f"{kind} of {body.status}"
    return None


def _lines(rows: Rows) -> list[tuple[str, int, Any]]:
    outputs, errors = enumerate(rows.outputs or (), 1), enumerate(rows.errors or (), 1)
    return [*(("output", n, row) for n, row in outputs), *(("error", n, row) for n, row in errors)]


@check("REST-FILES-09")
def results_name_each_input_row_once(rows: Rows) -> Findings:
    """Each output row has the custom_id of an input row, and none occurs twice."""
    named = [(kind, number, at(row, "/custom_id")) for kind, number, row in _lines(rows)]
    often = Counter(name for _, _, name in named if isinstance(name, str))
    known = {name for row in rows.inputs or () if isinstance(name := at(row, "/custom_id"), str)}
    for kind, number, name in named:
        is_own = kind == "error" or rows.inputs is None or (isinstance(name, str) and name in known)
        yield holds(
            is_own and (not isinstance(name, str) or often[name] == 1),
            seen=f"line {number} of the {kind} file: {name!r}",
            expected="the custom_id of one input row, once",
        )


def _succeeded(row: Any) -> bool:
    code = at(row, "/response/status_code")
    return isinstance(code, int) and not isinstance(code, bool) and 200 <= code < 300


@check("REST-FILES-10")
def result_rows_have_a_body_or_an_error(rows: Rows) -> Findings:
    """A good line of the output file has an object body, every other line tells what failed."""
    for kind, number, row in _lines(rows):
        code, error = at(row, "/response/status_code"), at(row, "/error")
        if kind == "output" and _succeeded(row):
            fine = isinstance(at(row, "/response/body"), dict)
            wanted = "an object response.body"
        else:
            has_code = isinstance(code, int) and not isinstance(code, bool)
            fine = error not in (ABSENT, None) or (has_code and not _succeeded(row))
            wanted = "an error or a status_code outside 2xx"
        yield holds(fine, seen=f"line {number} of the {kind} file: {row!r}"[:200], expected=wanted)


@check("REST-FILES-12")
def completed_count_is_the_number_of_good_rows(rows: Rows) -> Findings:
    """request_counts.completed is how many rows of the output file have a 2xx."""
    completed = rows.body.get("/request_counts/completed")
    has_no_output = rows.body.given("/output_file_id") is ABSENT
    is_count = isinstance(completed, int) and not isinstance(completed, bool)
    if is_count and (rows.outputs is not None or has_no_output):
        good = sum(map(_succeeded, rows.outputs or ()))
        yield holds(
            completed == good,
            seen=completed,
            expected=f"{good}, the number of 2xx rows",
            pointer="/request_counts/completed",
        )


@check("REST-FILES-14")
def provider_errors_on_upload_are_passed_on(observed: Observed) -> Findings:
    """A provider that refuses an upload is heard with its status and its `error`."""
    for edge, seen in scripted_errors(observed):
        if seen.operation == "upload":
            yield from passed_on(edge, seen)
