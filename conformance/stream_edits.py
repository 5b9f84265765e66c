"""Row faults of streams as edits: the whole frames of a server, live or in a transcript."""

from dataclasses import replace
from typing import Any

from conformance.fault_words import word_holds
from conformance.json_text import NotJson, at, dump, parse
from conformance.patching import patched
from conformance.requirements import Requirement
from conformance.transcript import Frame, Stream

# What `when` calls the frames of the server.
_TYPES = {
    "snapshot": "job.snapshot",
    "updated": "job.updated",
    "deleted": "job.deleted",
    "pong": "pong",
}


def _holds(word: str, frame: Any) -> bool:
    if "|" in word:
        return any(_holds(one, frame) for one in word.split("|"))
    if word in _TYPES:
        return bool(at(frame, "/type") == _TYPES[word])
    told = frame if word.startswith("has:") else at(frame, "/data")
    return word_holds(word, "", told, 0)


def apply_to_frame(row: Requirement, text: str) -> str:
    """The text of a frame as the row's fault makes it; the same object where it does not apply."""
    fault = row.fault
    if fault is None or fault.on != "frame":
        return text
    try:
        frame = parse(text)
    except NotJson:
        return text
    is_frame = at(frame, "/type") in _TYPES.values()
    if not is_frame or not all(_holds(word, frame) for word in fault.when.split()):
        return text
    changed = patched(frame, fault.patch)
    return text if changed is frame else dump(changed)


def _edited_frame(row: Requirement, frame: Frame) -> Frame:
    if frame.sender != "server" or not isinstance(frame.content, str):
        return frame
    text = apply_to_frame(row, frame.content)
    return frame if text is frame.content else replace(frame, content=text)


def apply_to_frames(row: Requirement, stream: Stream) -> Stream:
    """The stream with the row's fault in every frame; the same object where nothing changes."""
    frames = tuple(_edited_frame(row, frame) for frame in stream.frames)
    changed = any(new is not old for new, old in zip(frames, stream.frames, strict=True))
    return replace(stream, frames=frames) if changed else stream


def apply_to_close(row: Requirement, stream: Stream) -> Stream:
    """The stream with the row's fault in how it ended; `client` and `server` say who closed."""
    fault, close = row.fault, stream.close
    if fault is None or close is None or fault.when not in {"", close.by}:
        return stream
    document = {"code": close.code, "reason": close.reason}
    changed = patched(document, fault.patch)
    return stream if changed is document else replace(stream, close=replace(close, **changed))
