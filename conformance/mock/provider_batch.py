"""One batch at the provider: its rows, its life and the object that shows them."""

from typing import Any

from conformance.mock.ids import Ids
from conformance.mock.input_rows import InputRow, read_rows
from conformance.mock.lives import TERMINAL, Frame, Life
from conformance.mock.results import json_lines, refused, succeeded, told_otherwise, unfinished

WINDOW_S = 86_400

_TIMES = {
    "in_progress": "in_progress_at",
    "finalizing": "finalizing_at",
    "completed": "completed_at",
    "failed": "failed_at",
    "expired": "expired_at",
    "cancelling": "cancelling_at",
    "cancelled": "cancelled_at",
}

_UNFINISHED = {"expired": "batch_expired", "cancelled": "batch_cancelled"}


class ProviderBatch:
    """Moves through its life one frame at a time, or to its end when the window is over."""

    def __init__(self, batch_id: str, request: dict[str, Any], data: bytes, now_s: int) -> None:
        self.id = batch_id
        self.request = request
        self.rows = read_rows(data)
        self.status = "validating"
        self.completed = 0
        self.failed = 0
        self.created_at = now_s
        self.times: dict[str, int] = {}
        self.output_file_id: str | None = None
        self.error_file_id: str | None = None
        self.has_results = False
        self.held = False
        self._errors = self._validation_errors()
        self._life = Life(())
        self._ahead: list[Frame] = []

    def prospects(self) -> tuple[int, int]:
        """How many rows would succeed and how many would be refused, left to themselves."""
        bad = sum(row.out_of_range() is not None for row in self.rows)
        return len(self.rows) - bad, bad

    def live(self, life: Life) -> None:
        """Take up this life from here on; rows that no provider accepts fail it in validation."""
        frames = (Frame("failed", seconds=20),) if self._errors else life.frames
        self._life = life
        self._ahead = list(frames)

    @property
    def is_terminal(self) -> bool:
        """Whether the batch has come to its end."""
        return self.status in TERMINAL

    def next_seconds(self) -> int:
        """How long the next step takes."""
        return self._ahead[0].seconds if self._ahead else 0

    def step(self, now_s: int) -> None:
        """Take the next frame; a batch whose window is over expires instead."""
        if not self.is_terminal and now_s >= self.created_at + WINDOW_S:
            self._ahead = []
            self._enter(Frame("expired", self.completed, len(self.rows) - self.completed), now_s)
        elif self._ahead:
            self._enter(self._ahead.pop(0), now_s)

    def cancel(self, now_s: int) -> None:
        """Begin to cancel, as far as the life lets it."""
        if self.status != "cancelling":
            self._enter(Frame("cancelling", self.completed, self.failed), now_s)
        end = Frame("cancelled", self.completed, self.failed)
        self._ahead = [end]
        if self._life.on_cancel == "immediate":
            self._enter(self._ahead.pop(), now_s)
        elif self._life.on_cancel == "slow":
            self.held = True

    def _enter(self, frame: Frame, now_s: int) -> None:
        self.status = frame.status
        self.completed = min(frame.completed, len(self.rows))
        self.failed = min(frame.failed, len(self.rows) - self.completed)
        for status in (*self._passed_through(), frame.status):
            if status in _TIMES:
                self.times.setdefault(_TIMES[status], now_s)

    def _passed_through(self) -> tuple[str, ...]:
        """The states that the batch must have been in, although its life has no frame of them."""
        if self.status == "completed":
            return ("in_progress", "finalizing")
        return ("in_progress",) if self.completed or self.failed else ()

    def as_json(self) -> dict[str, Any]:
        """The batch object of the provider's API."""
        window = self.request.get("completion_window", "24h")
        times = {name: self.times.get(name) for name in _TIMES.values()}
        return {
            "id": self.id,
            "object": "batch",
            "endpoint": self.request["endpoint"],
            "errors": self._errors if self.status == "failed" else None,
            "input_file_id": self.request["input_file_id"],
            "completion_window": window,
            "status": self.status,
            "output_file_id": self.output_file_id,
            "error_file_id": self.error_file_id,
            "created_at": self.created_at,
            "in_progress_at": times.pop("in_progress_at"),
            "expires_at": self.created_at + WINDOW_S,
            **times,
            "request_counts": self._counts(),
            "metadata": self.request.get("metadata"),
        }

    @property
    def _started(self) -> bool:
        return self.status not in ("validating", "failed") or "in_progress_at" in self.times

    def _counts(self) -> dict[str, int]:
        total = len(self.rows) if self._started else 0
        return {"total": total, "completed": self.completed, "failed": self.failed}

    def results(self, ids: Ids) -> tuple[bytes, bytes]:
        """The output file and the error file of a batch at its end; empty where there is none."""
        if not self._started:
            return b"", b""
        good, bad, open_rows = self._sorted_out()
        endpoint, model = self.request["endpoint"], str(self.request.get("model") or "")
        life = self._life
        output = [
            told_otherwise(
                succeeded(row, endpoint, model, ids, usage=life.usage or row is not good[-1]),
                life.model,
            )
            for row in good
        ]
        errors = [refused(row, ids) for row in bad]
        code = _UNFINISHED.get(self.status, "request_timeout")
        errors += [unfinished(row, ids, code) for row in open_rows]
        return json_lines(output), json_lines(errors)

    def _sorted_out(self) -> tuple[list[InputRow], list[InputRow], list[InputRow]]:
        """Rows that succeeded, were refused, were never run: usable ones go first."""
        ordered = sorted(self.rows, key=lambda row: row.out_of_range() is not None)
        good, rest = ordered[: self.completed], ordered[self.completed :]
        if self.status == "completed":
            return good, rest, []
        return good, [], rest

    def _validation_errors(self) -> dict[str, Any] | None:
        seen: set[str] = set()
        data = []
        for row in self.rows:
            name = row.custom_id
            if name is None:
                data.append(_problem("missing_custom_id", "custom_id is missing.", row))
            elif name in seen:
                data.append(_problem("duplicate_custom_id", f"custom_id {name} occurs twice.", row))
            seen.add(name or "")
        return {"object": "list", "data": data} if data else None


def _problem(code: str, message: str, row: InputRow) -> dict[str, Any]:
    return {"code": code, "message": message, "param": "custom_id", "line": row.line}
