"""The words of `when` in the fault of a requirement: where an edit applies."""

from typing import Any

from conformance.json_text import ABSENT, at
from conformance.routes import TERMINAL, canonical_status


def word_holds(word: str, operation: str, document: Any, status: int) -> bool:
    """Whether one word holds of an answer or of the data of a message; `a|b` is either."""
    if "|" in word:
        return any(word_holds(one, operation, document, status) for one in word.split("|"))
    if word.startswith("has:"):
        return at(document, word.removeprefix("has:")) not in (ABSENT, None)
    if word.startswith("status:"):
        return status == int(word.removeprefix("status:"))
    if word in {"create", "get", "cancel", "list-item", "list", "upload", "file", "content"}:
        return operation == word
    shown = canonical_status(at(document, "/status"))
    if word in {"terminal", "non-terminal"}:
        return (shown in TERMINAL) is (word == "terminal")
    return shown == word
