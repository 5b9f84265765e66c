"""Faults of arguments: what is sent of them, what is refused, and where key and base come from."""

from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import quote

from conformance.adapters.faults import fault
from conformance.adapters.reference.client import Client


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(other.capitalize() for other in others)


@fault(
    "camel-for-snake", breaks=["SDK-ARGS-01"], also=["SDK-ARGS-02", "SDK-WIRE-16", "SDK-WIRE-17"]
)
class CamelForSnake(Client):
    """The members of a request are sent in camel case."""

    def body(self, request: Mapping[str, Any]) -> Any:
        return {_camel(name): value for name, value in request.items()}


@fault("drops-session-id", breaks=["SDK-ARGS-02"], also=["SDK-WIRE-17"])
class DropsSessionId(Client):
    """A create is sent without its session."""

    def body(self, request: Mapping[str, Any]) -> Any:
        return {name: value for name, value in request.items() if name != "session_id"}


@fault("asks-for-a-second-argument", breaks=["SDK-ARGS-03"], also=["SDK-WIRE-02"])
class AsksForASecondArgument(Client):
    """A get wants to be told more than the id."""

    def get_batch(self, batch_id: str, expand: str | None = None) -> Any:
        if expand is None:
            raise TypeError("get_batch() missing 1 required argument: 'expand'")
        return super().get_batch(batch_id)


@fault("options-only-together", breaks=["SDK-ARGS-04"])
class OptionsOnlyTogether(Client):
    """One option of a stream is refused without the other."""

    def stream_options(
        self, *, interval_ms: int | None = None, close_on_terminal: bool | None = None
    ) -> dict[str, Any]:
        if (interval_ms is None) is not (close_on_terminal is None):
            raise ValueError("interval_ms and close_on_terminal go together")
        return super().stream_options(interval_ms=interval_ms, close_on_terminal=close_on_terminal)


@fault("blank-id-in-url", breaks=["SDK-ARGS-05"])
class BlankIdInUrl(Client):
    """A stream URL is made of a blank id too."""

    def stream_path(self, kind: str, job_id: str) -> list[str]:
        if isinstance(job_id, str) and not job_id.strip():
            return ["async", kind, quote(job_id), "ws"]
        return super().stream_path(kind, job_id)


@fault("empty-id-lists", breaks=["SDK-ARGS-06"])
class EmptyIdLists(Client):
    """An empty id is sent, so that a get asks for the list."""

    def segment(self, batch_id: Any) -> str:
        return "" if batch_id == "" else super().segment(batch_id)


@fault("null-id-as-text", breaks=["SDK-ARGS-07"])
class NullIdAsText(Client):
    """An id of None is sent as the word."""

    def segment(self, batch_id: Any) -> str:
        return "None" if batch_id is None else super().segment(batch_id)


@fault("empties-the-argument", breaks=["SDK-ARGS-08"])
class EmptiesTheArgument(Client):
    """A create takes members out of the caller's own mapping."""

    def create_batch(self, request: Mapping[str, Any]) -> Any:
        try:
            return super().create_batch(request)
        finally:
            cast("dict[str, Any]", request).pop("completion_window", None)


@fault("checks-required-fields", breaks=["SDK-ARGS-09"])
class ChecksRequiredFields(Client):
    """A create without an input file is refused by the SDK."""

    def body(self, request: Mapping[str, Any]) -> Any:
        if "input_file_id" not in request:
            raise ValueError("input_file_id is required")
        return super().body(request)


@fault("ignores-the-key", breaks=["SDK-ARGS-10"], also=["SDK-WIRE-10"])
class IgnoresTheKey(Client):
    """Another key is sent than the one that the client was given."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.key = "sk-of-its-own"


@fault("reads-another-variable", breaks=["SDK-ARGS-11"])
class ReadsAnotherVariable(Client):
    """The key is looked for in a variable of another gateway."""

    key_variables = ("OPENAI_API_KEY",)


@fault("calls-without-a-key", breaks=["SDK-ARGS-12"], also=["SDK-WIRE-10"])
class CallsWithoutAKey(Client):
    """A client is built without a key, and calls."""

    def key_around(self) -> str:
        try:
            return super().key_around()
        except ValueError:
            return "none"
