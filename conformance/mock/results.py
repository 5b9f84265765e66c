"""What the provider writes about each row: lines of the output file and of the error file."""

import json
from typing import Any

from conformance.mock.endpoints import normalised
from conformance.mock.ids import Ids
from conformance.mock.input_rows import InputRow
from conformance.mock.lives import AS_ASKED
from conformance.mock.tokens import image_count, input_tokens, output_limit, video_seconds

_OUTPUT_TOKENS = 25
_MESSAGES = {
    "batch_expired": "The batch expired before this request was run.",
    "batch_cancelled": "The batch was cancelled before this request was run.",
    "request_timeout": "The request could not be finished in time.",
}


def json_lines(lines: list[dict[str, Any]]) -> bytes:
    """The lines as a file."""
    return b"".join(json.dumps(line).encode() + b"\n" for line in lines)


def succeeded(row: InputRow, endpoint: str, model: str, ids: Ids, *, usage: bool) -> dict[str, Any]:
    """The output line of a row that was answered 200."""
    url = normalised(row.url) if isinstance(row.url, str) else endpoint
    body = _response_body(url, row.body or {}, row.model or model, ids)
    if not usage:
        body.pop("usage", None)
    return _line(row, ids, _response(200, body, ids), None)


def told_otherwise(line: dict[str, Any], model: str | None) -> dict[str, Any]:
    """The output line with another model as the one that answered, or with none."""
    if model != AS_ASKED:
        body = line["response"]["body"]
        body.pop("model", None)
        if model is not None:
            body["model"] = model
    return line


def refused(row: InputRow, ids: Ids) -> dict[str, Any]:
    """The error line of a row that was answered 4xx."""
    param = row.out_of_range()
    message = f"{param} is out of range." if param else "The request could not be carried out."
    error = {"message": message, "type": "invalid_request_error", "param": param, "code": None}
    return _line(row, ids, _response(400, {"error": error}, ids), None)


def unfinished(row: InputRow, ids: Ids, code: str) -> dict[str, Any]:
    """The error line of a row that was never run."""
    return _line(row, ids, None, {"code": code, "message": _MESSAGES[code]})


def _line(row: InputRow, ids: Ids, response: Any, error: Any) -> dict[str, Any]:
    request_id = f"batch_req_{ids.token(24)}"
    return {"id": request_id, "custom_id": row.custom_id, "response": response, "error": error}


def _response(status: int, body: dict[str, Any], ids: Ids) -> dict[str, Any]:
    return {"status_code": status, "request_id": f"req_{ids.token(24)}", "body": body}


def _response_body(url: str, body: dict[str, Any], model: str, ids: Ids) -> dict[str, Any]:
    if url == "/v1/responses":
        return _responses(body, model, ids)
    if url in ("/v1/chat/completions", "/v1/completions"):
        return _completions(url, body, model, ids)
    if url == "/v1/embeddings":
        return _embeddings(body, model)
    if url == "/v1/moderations":
        return {"id": f"modr-{ids.token(12)}", "model": model, "results": [{"flagged": False}]}
    if url == "/v1/videos":
        seconds = str(video_seconds(body) or 1)
        return {
            "id": f"video_{ids.token(12)}",
            "object": "video",
            "model": model,
            "seconds": seconds,
        }
    return {"model": model, "data": [{"b64_json": ""}] * image_count(body)}


def _responses(body: dict[str, Any], model: str, ids: Ids) -> dict[str, Any]:
    given, made = input_tokens(body), min(output_limit(body), _OUTPUT_TOKENS)
    text = {"type": "output_text", "text": "A scripted answer.", "annotations": []}
    message = {"type": "message", "role": "assistant", "status": "completed", "content": [text]}
    usage = {"input_tokens": given, "output_tokens": made, "total_tokens": given + made}
    return {
        "id": f"resp_{ids.token(24)}",
        "object": "response",
        "status": "completed",
        "model": model,
        "output": [message],
        "usage": usage,
    }


def _completions(url: str, body: dict[str, Any], model: str, ids: Ids) -> dict[str, Any]:
    given, made = input_tokens(body), min(output_limit(body), _OUTPUT_TOKENS)
    text = "A scripted answer."
    chat = url == "/v1/chat/completions"
    said = {"message": {"role": "assistant", "content": text}} if chat else {"text": text}
    usage = {"prompt_tokens": given, "completion_tokens": made, "total_tokens": given + made}
    return {
        "id": f"cmpl-{ids.token(24)}",
        "object": "chat.completion" if chat else "text_completion",
        "model": model,
        "choices": [{"index": 0, "finish_reason": "stop", **said}],
        "usage": usage,
    }


def _embeddings(body: dict[str, Any], model: str) -> dict[str, Any]:
    given = input_tokens(body)
    item = {"object": "embedding", "index": 0, "embedding": [0.0, 1.0]}
    usage = {"prompt_tokens": given, "total_tokens": given}
    return {"object": "list", "model": model, "data": [item], "usage": usage}
