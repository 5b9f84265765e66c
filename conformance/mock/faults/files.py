"""Faults of files: what is kept of an upload, and what the result files of a batch say."""

import json
from collections.abc import Callable
from typing import Any

from conformance.mock.exchange import Part
from conformance.mock.faults import fault
from conformance.mock.gateway import Gateway
from conformance.mock.workspace import Workspace

Row = dict[str, Any]


@fault("uploads-cannot-be-used", breaks=["REST-FILES-02"])
class UploadsCannotBeUsed(Gateway):
    """A create does not find the file that its own workspace uploaded."""

    def may_use_file(self, workspace: Workspace, file_id: str) -> bool:
        return False


@fault("line-ends-normalised", breaks=["REST-FILES-04"])
class LineEndsNormalised(Gateway):
    """An upload is stored with LF in place of CRLF."""

    def uploaded_bytes(self, file: Part) -> bytes:
        return super().uploaded_bytes(file).replace(b"\r\n", b"\n")


def _is_result(workspace: Workspace, file_id: str, kind: str) -> bool:
    batches = workspace.provider.batches.values()
    return any(getattr(batch, f"{kind}_file_id") == file_id for batch in batches)


@fault("output-files-not-readable", breaks=["REST-FILES-07", "REST-FILES-08"])
class OutputFilesNotReadable(Gateway):
    """Nobody may read the output file of a batch."""

    def may_read_file(self, workspace: Workspace, file_id: str) -> bool:
        hidden = _is_result(workspace, file_id, "output")
        return not hidden and super().may_read_file(workspace, file_id)


@fault("error-files-not-readable", breaks=["REST-FILES-08"])
class ErrorFilesNotReadable(Gateway):
    """Nobody may read the error file of a batch."""

    def may_read_file(self, workspace: Workspace, file_id: str) -> bool:
        hidden = _is_result(workspace, file_id, "error")
        return not hidden and super().may_read_file(workspace, file_id)


def _with_output(
    workspace: Workspace, file_id: str, data: bytes, change: Callable[[list[Row]], list[Row]]
) -> bytes:
    """A download with its rows changed when it is an output file."""
    if not _is_result(workspace, file_id, "output"):
        return data
    rows = [json.loads(line) for line in data.splitlines() if line.strip()]
    return b"".join(json.dumps(row).encode() + b"\n" for row in change(rows))


@fault("row-written-twice", breaks=["REST-FILES-09"])
class RowWrittenTwice(Gateway):
    """The first row of an output file stands at its end once more."""

    def served_content(self, workspace: Workspace, file_id: str, data: bytes) -> bytes:
        return _with_output(workspace, file_id, data, lambda rows: rows + rows[:1])


@fault("good-rows-without-body", breaks=["REST-FILES-10"])
class GoodRowsWithoutBody(Gateway):
    """The rows of an output file have a status but no body."""

    def served_content(self, workspace: Workspace, file_id: str, data: bytes) -> bytes:
        return _with_output(workspace, file_id, data, _without_bodies)


def _without_bodies(rows: list[Row]) -> list[Row]:
    return [{**row, "response": {**row["response"], "body": None}} for row in rows]
