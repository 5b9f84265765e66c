"""What a create body must be: the parsed request, or the refusal that it deserves."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

from conformance.mock.input_rows import InputRow, NotJsonLines, read_rows
from conformance.mock.prices import MODELS, Model
from conformance.mock.refusals import Flat, Refused, validation
from conformance.mock.tokens import video_seconds
from conformance.mock.webhook_config import WebhookState

MAX_SESSION_ID = 256


@dataclass(slots=True)
class CreateRequest:
    """A create body that passed the checks made without its input file.

    `models` are those that the mock sells, at the prices of the caller.
    """

    fields: dict[str, Any]
    endpoint: str
    input_file_id: str
    webhook: WebhookState | None
    session_id: str | None
    models: Mapping[str, Model] = field(default_factory=lambda: MODELS)

    @property
    def model(self) -> str | None:
        """The model for rows that name none."""
        return usable_text(self.fields.get("model"))


def _no_constants(word: str) -> NoReturn:
    raise ValueError(f"{word} is not JSON")


def json_body(data: bytes) -> Any:
    """The JSON value of a request body; raises the refusal `invalid_json`."""
    try:
        return json.loads(data.decode(), parse_constant=_no_constants)
    except (ValueError, RecursionError) as error:
        text = "The request body is not JSON."
        raise Refused(Flat(400, "invalid_json", None, text)) from error


def usable_text(value: Any) -> str | None:
    """A string with something in it, blanks around it cut; None for anything else."""
    return (value.strip() or None) if isinstance(value, str) else None


def session_id_of(fields: dict[str, Any]) -> str | None:
    """`session_id`, or its alias when that is no string; None when it is empty."""
    for name in ("session_id", "sessionId"):
        value = fields.get(name)
        if isinstance(value, str):
            return value or None
    return None


def input_rows(data: bytes) -> list[InputRow]:
    """The rows of an input file, at least one; raises refusals."""
    try:
        rows = read_rows(data)
    except NotJsonLines as error:
        raise validation("batch_reservation_input_unavailable", f"Input file: {error}.") from error
    if not rows:
        raise validation("batch_reservation_empty_input_file", "The input file has no rows.")
    return rows


def refuse_row_without_body(row: InputRow) -> None:
    """Raise for a row that has no object `body`."""
    if row.body is None:
        text = f"Line {row.line} of the input file has no object `body`."
        raise validation("batch_reservation_invalid_input_row", text)


def refuse_row_without_model(row: InputRow, fallback: str | None) -> None:
    """Raise for a row that has no model when the request names none either."""
    if row.model is None and fallback is None:
        text = f"Line {row.line} of the input file names no model, nor does the request."
        raise validation("batch_reservation_missing_model", text)


def refuse_video_without_duration(row: InputRow, url: str) -> None:
    """Raise for a video row without a positive duration."""
    if url == "/v1/videos" and video_seconds(row.body or {}) is None:
        text = f"Line {row.line} of the input file has no positive duration."
        raise validation("batch_reservation_missing_video_duration", text)
