"""Faults of stream URLs: each part of them that comes out otherwise."""

from contextlib import suppress
from typing import Any
from urllib.parse import quote, urlsplit

from conformance.adapters.faults import fault
from conformance.adapters.reference.client import Batches, Client
from conformance.adapters.reference.wire import CallFailed, Request


@fault("ws-for-https", breaks=["SDK-URL-01"], also=["SDK-URL-15"])
class WsForHttps(Client):
    """A base of https gives ws."""

    def stream_base(self) -> str:
        return f"ws://{self.base_url.partition('://')[2]}"


@fault("drops-the-base-path", breaks=["SDK-URL-02"])
class DropsTheBasePath(Client):
    """A stream URL begins at the root of the host."""

    def stream_base(self) -> str:
        parts = urlsplit(super().stream_base())
        return f"{parts.scheme}://{parts.netloc}"


@fault("slash-bare-in-url", breaks=["SDK-URL-03"])
class SlashBareInUrl(Client):
    """A slash in an id stays a slash."""

    def stream_path(self, kind: str, job_id: str) -> list[str]:
        path = super().stream_path(kind, job_id)
        return [*path[:2], quote(job_id.strip(), safe="/"), path[3]]


@fault("sends-default-options", breaks=["SDK-URL-04"])
class SendsDefaultOptions(Client):
    """An interval is sent that was not given."""

    def stream_options(self, **options: Any) -> dict[str, Any]:
        found = super().stream_options(**options)
        is_given = found["interval_ms"] is not None
        return found if is_given else {**found, "interval_ms": 2500}


@fault("flag-as-number", breaks=["SDK-URL-05"])
class FlagAsNumber(Client):
    """The flag is 1 or 0."""

    def word(self, value: Any) -> Any:
        return int(value) if isinstance(value, bool) else value


@fault("clamps-the-interval", breaks=["SDK-URL-06"])
class ClampsTheInterval(Client):
    """An interval is brought between a second and ten."""

    def stream_options(self, **options: Any) -> dict[str, Any]:
        found = super().stream_options(**options)
        interval = found["interval_ms"]
        return {**found, "interval_ms": interval and min(max(interval, 1000), 10_000)}


@fault("drops-the-port", breaks=["SDK-URL-07"])
class DropsThePort(Client):
    """A stream URL has no port."""

    def stream_base(self) -> str:
        parts = urlsplit(super().stream_base())
        host = parts.netloc.removesuffix(f":{parts.port}")
        return f"{parts.scheme}://{host}{parts.path}"


@fault("dots-in-url", breaks=["SDK-URL-08"])
class DotsInUrl(Client):
    """An id of dots is put into the URL."""

    def stream_path(self, kind: str, job_id: str) -> list[str]:
        if job_id in {".", ".."}:
            return ["async", kind, job_id, "ws"]
        return super().stream_path(kind, job_id)


@fault("keeps-white-space", breaks=["SDK-URL-09"])
class KeepsWhiteSpace(Client):
    """White space around an id is a part of it."""

    def stream_path(self, kind: str, job_id: str) -> list[str]:
        return ["async", self.segment(kind), self.segment(job_id), "ws"]


@fault("asks-before-the-url", breaks=["SDK-URL-10"])
class AsksBeforeTheUrl(Client):
    """The gateway is asked for the job before its URL is made."""

    def stream_path(self, kind: str, job_id: str) -> list[str]:
        path = super().stream_path(kind, job_id)
        # Elsewhere nobody may be asked: the bases of the vectors are of real hosts.
        if urlsplit(self.base_url).hostname == "127.0.0.1":
            with suppress(CallFailed):
                self.call(Request("GET", f"/async/{path[1]}/{path[2]}"))
        return path


@fault("key-in-url", breaks=["SDK-URL-11"], also=["SDK-URL-04"])
class KeyInUrl(Client):
    """A stream URL carries the key."""

    def stream_options(self, **options: Any) -> dict[str, Any]:
        return {**super().stream_options(**options), "api_key": self.key}


@fault("helpers-disagree", breaks=["SDK-URL-12"], also=["SDK-URL-04"])
class HelpersDisagree(Batches):
    """The helper for batches closes on a terminal status unless it is told not to."""

    def websocket_url(self, batch_id: str, **options: Any) -> str:
        return super().websocket_url(batch_id, **{"close_on_terminal": True, **options})


@fault("flag-before-interval", breaks=["SDK-URL-13"])
class FlagBeforeInterval(Client):
    """The flag is sent before the interval."""

    def stream_options(self, **options: Any) -> dict[str, Any]:
        return dict(reversed(super().stream_options(**options).items()))


@fault("plural-kind-in-url", breaks=["SDK-URL-14"], also=["SDK-URL-02", "SDK-URL-03", "SDK-URL-16"])
class PluralKindInUrl(Client):
    """The kind of a batch is batches."""

    def stream_path(self, kind: str, job_id: str) -> list[str]:
        return super().stream_path("batches" if kind == "batch" else kind, job_id)


@fault("loses-tls", breaks=["SDK-URL-15"])
class LosesTls(Client):
    """A base of wss gives ws."""

    def stream_base(self) -> str:
        base = super().stream_base()
        is_secure = self.base_url.lower().startswith("wss://")
        return base.replace("wss://", "ws://", 1) if is_secure else base


@fault("stream-for-ws", breaks=["SDK-URL-16"], also=["SDK-URL-02", "SDK-URL-14"])
class StreamForWs(Client):
    """A stream URL ends in a place where there is nothing."""

    def stream_path(self, kind: str, job_id: str) -> list[str]:
        return [*super().stream_path(kind, job_id)[:-1], "stream"]
