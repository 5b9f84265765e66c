"""Faults of the handshake of streams: who is let in, on what, and under which address."""

from typing import NoReturn

from conformance.mock.billing import Estimate, Hold
from conformance.mock.exchange import Answer, Call, json_answer
from conformance.mock.faults import fault
from conformance.mock.gateway import Gateway
from conformance.mock.gateway.base import Visit
from conformance.mock.refusals import Flat, Refused, not_found, validation
from conformance.mock.watch import StreamTerms
from conformance.mock.workspace import StoredBatch

_FILE_ROW = "__file__:"
_KEY_NAMES = ("api_key", "key", "token", "authorization")
_KNOWN_OPTIONS = frozenset({"interval_ms", "close_on_terminal"})


@fault("stream-any-upgrade-will-do", breaks=["WS-HS-05"])
class AnyUpgradeWillDo(Gateway):
    """An upgrade to another protocol is switched to it."""

    def answer_plain_stream(self, call: Call) -> Answer:
        protocol = call.headers.get("upgrade")
        return Answer(200) if protocol else super().answer_plain_stream(call)


@fault("stream-key-in-the-query", breaks=["WS-HS-09"])
class KeyInTheQuery(Gateway):
    """A key in the query of a stream is as good as the header."""

    def bearer_token(self, call: Call) -> str | None:
        values = [value for name in _KEY_NAMES for value in call.query_values(name)]
        if self.is_stream(call) and values:
            return values[0].removeprefix("Bearer ")
        return super().bearer_token(call)


@fault("stream-foreign-batch-is-forbidden", breaks=["WS-HS-11"])
class ForeignBatchIsForbidden(Gateway):
    """A batch of another workspace is refused in words of its own."""

    def refuse_unknown_job(self, visit: Visit) -> NoReturn:
        if visit.workspace.home.owner_of(visit.call.segments[2]) is not None:
            raise Refused(Flat(403, "forbidden", "not_your_batch", "The batch is not yours."))
        super().refuse_unknown_job(visit)


@fault("stream-kind-is-not-looked-at", breaks=["WS-HS-13"])
class KindIsNotLookedAt(Gateway):
    """A batch can be watched under kind video."""

    def watched_batch(self, visit: Visit, kind: str) -> StoredBatch | None:
        return super().watched_batch(visit, "batch")


@fault("stream-checks-the-key-first", breaks=["WS-HS-14"])
class ChecksTheKeyFirst(Gateway):
    """A plain GET without a key is answered 401."""

    def answer_plain_stream(self, call: Call) -> Answer:
        if self.bearer_token(call) is None:
            return json_answer(401, {"error": "unauthorised"})
        return super().answer_plain_stream(call)


@fault("stream-not-of-ended-batches", breaks=["WS-HS-16"])
class NotOfEndedBatches(Gateway):
    """A batch that has ended cannot be watched any more."""

    def watched_batch(self, visit: Visit, kind: str) -> StoredBatch | None:
        batch = super().watched_batch(visit, kind)
        return None if batch is not None and batch.is_terminal else batch


@fault("stream-id-is-not-decoded", breaks=["WS-HS-17"])
class IdIsNotDecoded(Gateway):
    """An id with a percent escape is looked up as it stands."""

    def watched_batch(self, visit: Visit, kind: str) -> StoredBatch | None:
        written = visit.call.path.split("/")[3]
        return None if "%" in written else super().watched_batch(visit, kind)


@fault("stream-by-native-id", breaks=["WS-HS-18"])
class ByNativeId(Gateway):
    """The provider's id of a batch opens its stream."""

    def watched_batch(self, visit: Visit, kind: str) -> StoredBatch | None:
        wanted = visit.call.segments[2]
        batches = visit.workspace.batches.values()
        known = (batch for batch in batches if batch.native_id == wanted)
        return super().watched_batch(visit, kind) or next(known, None)


@fault("stream-kind-has-a-case", breaks=["WS-HS-19"])
class KindHasACase(Gateway):
    """The kind is known in lower case alone."""

    def stream_kind(self, call: Call) -> str:
        if call.segments[1].lower() != call.segments[1]:
            raise validation("invalid_async_job_path", "The kind is not written like that.")
        return super().stream_kind(call)


@fault("stream-of-file-rows", breaks=["WS-HS-21"])
class OfFileRows(Gateway):
    """The row that is kept of an uploaded file can be watched like a batch."""

    def watched_batch(self, visit: Visit, kind: str) -> StoredBatch | None:
        row_id = visit.call.segments[2]
        if row_id.removeprefix(_FILE_ROW) not in visit.workspace.file_ids:
            return super().watched_batch(visit, kind)
        hold = Hold("", "", Estimate(0), known=False)
        shown = {"id": row_id, "status": "completed"}
        workspace_id = visit.workspace.id
        return StoredBatch(visit.request_id, workspace_id, "", None, None, None, hold, shown)


@fault("stream-url-leads-nowhere", breaks=["WS-URL-11"])
class UrlLeadsNowhere(Gateway):
    """websocket_url has the name of the collection in place of the kind."""

    def websocket_url(self, batch: StoredBatch, call: Call) -> str:
        return super().websocket_url(batch, call).replace("/async/batch/", "/async/batches/")


@fault("stream-unknown-parameter-is-refused", breaks=["WS-OPT-11"])
class UnknownParameterIsRefused(Gateway):
    """A query parameter that nobody knows refuses the stream."""

    def stream_terms(self, visit: Visit) -> StreamTerms:
        names = {pair.partition("=")[0] for pair in visit.call.query.split("&") if pair}
        if names - _KNOWN_OPTIONS:
            raise not_found("unknown_parameter", "There is no such parameter.")
        return super().stream_terms(visit)
