"""Who may open a stream, on what, and with which options: the part before any frame.

Decisions, each a method, in the order in which they are taken: is_stream (the path),
answer_plain_stream (no upgrade), admit (the key, in base), stream_kind and accepted_kinds,
watched_batch and refuse_unknown_job (ownership), stream_options with interval_of,
default_interval_ms, min_interval_ms, max_interval_ms and closes_at_end.
"""

from typing import NoReturn

from conformance.mock import stream_options
from conformance.mock.exchange import Answer, Call, json_answer
from conformance.mock.gateway.base import Visit
from conformance.mock.gateway.files import Files
from conformance.mock.refusals import not_found, validation
from conformance.mock.stream_options import StreamOptions
from conformance.mock.watch import StreamTerms
from conformance.mock.workspace import StoredBatch


class Handshakes(Files):
    """GET /async/{kind}/{id}/ws, up to the upgrade."""

    def is_stream(self, call: Call) -> bool:
        """Whether the path is one of a stream."""
        parts = call.segments
        return call.method == "GET" and len(parts) == 4 and (parts[0], parts[3]) == ("async", "ws")

    def answer_plain_stream(self, _call: Call) -> Answer:
        """The answer to a plain GET where an upgrade to a WebSocket is wanted."""
        text = "Upgrade to a WebSocket to watch a job."
        error = {"code": "websocket_upgrade_required", "message": text}
        return json_answer(426, {"error": error}, {"upgrade": "websocket"})

    def stream_terms(self, visit: Visit) -> StreamTerms:
        """What the stream will be about; raises the refusals 400 and 404."""
        batch = self.watched_batch(visit, self.stream_kind(visit.call))
        if batch is None:
            self.refuse_unknown_job(visit)
        owner = self.owner(visit, batch)
        return StreamTerms(owner, batch.id, visit.call.base, self.stream_options(visit.call))

    def accepted_kinds(self) -> tuple[str, ...]:
        """The kinds of jobs that a path may name."""
        return ("batch", "video")

    def stream_kind(self, call: Call) -> str:
        """The kind that the path names, in any case of letters; raises the refusal 400."""
        kind = call.segments[1].lower()
        if kind not in self.accepted_kinds():
            text = "The path names no kind of job that can be watched."
            raise validation("invalid_async_job_path", text)
        return kind

    def watched_batch(self, visit: Visit, kind: str) -> StoredBatch | None:
        """The batch that the path names as far as the caller may know of it."""
        return self.find_batch(visit, visit.call.segments[2]) if kind == "batch" else None

    def refuse_unknown_job(self, _visit: Visit) -> NoReturn:
        """Raise the refusal for a job that is unknown, of another kind or somebody else's."""
        text = "The job does not exist or belongs to another workspace."
        raise not_found("async_job_not_found_or_not_owned", text)

    def stream_options(self, call: Call) -> StreamOptions:
        """The options of the query; odd values never refuse a stream."""
        interval = next(iter(call.query_values("interval_ms")), "")
        ending = next(iter(call.query_values("close_on_terminal")), "")
        return StreamOptions(self.interval_of(interval), self.closes_at_end(ending))

    def interval_of(self, written: str) -> int:
        """The interval within its bounds, the default for what is no finite number."""
        number = stream_options.whole_number(written)
        if number is None:
            return self.default_interval_ms()
        return max(self.min_interval_ms(), min(number, self.max_interval_ms()))

    def default_interval_ms(self) -> int:
        """The interval when the query names none."""
        return stream_options.DEFAULT_INTERVAL_MS

    def min_interval_ms(self) -> int:
        """The shortest interval."""
        return stream_options.MIN_INTERVAL_MS

    def max_interval_ms(self) -> int:
        """The longest interval."""
        return stream_options.MAX_INTERVAL_MS

    def closes_at_end(self, written: str) -> bool:
        """Whether the end of the batch ends the stream: unless it is switched off."""
        return not stream_options.is_off(written)
