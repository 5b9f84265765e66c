"""Faults of results: members that are lost, renamed or made up, and values that are others."""

import json
import threading
from typing import Any

from conformance.adapters.faults import fault
from conformance.adapters.reference.client import Client
from conformance.adapters.reference.wire import Answer, AnswerNotDecoded, Request

_KNOWN = frozenset({
    "id", "object", "endpoint", "model", "errors", "input_file_id", "completion_window", "status",
    "output_file_id", "error_file_id", "created_at", "in_progress_at", "expires_at",
    "completed_at", "request_counts", "metadata", "data", "has_more",
})  # fmt: skip


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(other.capitalize() for other in others)


@fault(
    "returns-camel-case",
    breaks=["SDK-RESULT-01"],
    also=["SDK-RESULT-02", "SDK-RESULT-03", "SDK-RESULT-05", "SDK-RESULT-15"],
)
class ReturnsCamelCase(Client):
    """The members of a batch come back in camel case."""

    def value(self, answer: Answer) -> Any:
        return {_camel(name): member for name, member in super().value(answer).items()}


@fault(
    "drops-unknown-members",
    breaks=["SDK-RESULT-02"],
    also=["SDK-RESULT-01", "SDK-RESULT-03", "SDK-RESULT-05", "SDK-RESULT-15"],
)
class DropsUnknownMembers(Client):
    """Only the members that the SDK has fields for come back."""

    def value(self, answer: Answer) -> Any:
        found = super().value(answer)
        return {name: member for name, member in found.items() if name in _KNOWN}


@fault("fills-absent-with-null", breaks=["SDK-RESULT-03", "SDK-RESULT-04"])
class FillsAbsentWithNull(Client):
    """Members that the answer has not are None."""

    def value(self, answer: Answer) -> Any:
        return {**dict.fromkeys(sorted(_KNOWN)), **super().value(answer)}


def _without_empty(value: Any) -> Any:
    if isinstance(value, dict) and value:
        return {name: _without_empty(member) for name, member in value.items()}
    if isinstance(value, list) and value:
        return [_without_empty(item) for item in value]
    return value or None


@fault(
    "empty-as-null",
    breaks=["SDK-RESULT-05"],
    also=["SDK-RESULT-01", "SDK-RESULT-02", "SDK-RESULT-15"],
)
class EmptyAsNull(Client):
    """Zero, false and all that is empty come back as None."""

    def value(self, answer: Answer) -> Any:
        return _without_empty(super().value(answer))


@fault("integers-as-doubles", breaks=["SDK-RESULT-06"])
class IntegersAsDoubles(Client):
    """Large integers come back rounded to a double."""

    def value(self, answer: Answer) -> Any:
        super().value(answer)
        return json.loads(
            answer.content.decode("utf-8-sig"), parse_int=lambda text: int(float(text))
        )


@fault(
    "rounds-decimals",
    breaks=["SDK-RESULT-07"],
    also=["SDK-RESULT-01", "SDK-RESULT-02", "SDK-RESULT-15"],
)
class RoundsDecimals(Client):
    """Decimal numbers come back with six digits."""

    def value(self, answer: Answer) -> Any:
        super().value(answer)
        text = answer.content.decode("utf-8-sig")
        return json.loads(text, parse_float=lambda number: round(float(number), 6))


@fault("only-200-is-success", breaks=["SDK-RESULT-08"])
class Only200IsSuccess(Client):
    """Another success than 200 is an error."""

    def result(self, answer: Answer) -> Any:
        if answer.status in {201, 202}:
            raise self.refusal(answer)
        return super().result(answer)


@fault("nothing-as-empty-batch", breaks=["SDK-RESULT-09"])
class NothingAsEmptyBatch(Client):
    """A success without a body is a batch without members."""

    def result(self, answer: Answer) -> Any:
        return super().result(answer) or {}


@fault("text-for-a-batch", breaks=["SDK-RESULT-10"])
class TextForABatch(Client):
    """A success that is no JSON is returned as its text."""

    def value(self, answer: Answer) -> Any:
        try:
            return super().value(answer)
        except AnswerNotDecoded as error:
            if error.__cause__ is None:
                raise
            return answer.shown


@fault("returns-any-json", breaks=["SDK-RESULT-11"])
class ReturnsAnyJson(Client):
    """A list or a text is returned in place of a batch."""

    def value(self, answer: Answer) -> Any:
        try:
            return super().value(answer)
        except AnswerNotDecoded as error:
            if error.__cause__ is not None:
                raise
            return answer.json


@fault("shortens-the-id", breaks=["SDK-RESULT-12"], also=["SDK-RESULT-01"])
class ShortensTheId(Client):
    """The id comes back without what all ids begin with."""

    def value(self, answer: Answer) -> Any:
        found = super().value(answer)
        batch_id = found.get("id")
        short = batch_id.removeprefix("batch_") if isinstance(batch_id, str) else batch_id
        return {**found, "id": short}


@fault("decodes-by-the-charset", breaks=["SDK-RESULT-13"], also=["SDK-RESULT-01", "SDK-RESULT-02"])
class DecodesByTheCharset(Client):
    """Text is decoded as the content type says."""

    def value(self, answer: Answer) -> Any:
        charset = answer.headers.get_content_charset("utf-8")
        if charset == "utf-8":
            return super().value(answer)
        return json.loads(answer.content.decode(charset))


@fault("one-slot-for-answers", breaks=["SDK-RESULT-14"])
class OneSlotForAnswers(Client):
    """Calls at the same time share the place where their answers are kept."""

    def __init__(self, **settings: Any) -> None:
        self._change = threading.Condition()
        self._under_way = 0
        self._slot: list[Answer] = []
        super().__init__(**settings)

    def exchange(self, request: Request) -> Answer:
        with self._change:
            self._under_way += 1
        found: list[Answer] = []
        try:
            found = [super().exchange(request)]
        finally:
            with self._change:
                self._slot = found or self._slot
                self._under_way -= 1
                self._change.notify_all()
        with self._change:
            self._change.wait_for(lambda: not self._under_way)
            return self._slot[0]


@fault("chokes-on-a-byte-order-mark", breaks=["SDK-RESULT-15"])
class ChokesOnAByteOrderMark(Client):
    """JSON behind a byte order mark is no JSON."""

    def value(self, answer: Answer) -> Any:
        if answer.content.startswith(b"\xef\xbb\xbf"):
            raise AnswerNotDecoded("the body is not JSON")
        return super().value(answer)
