"""The client of the reference SDK: a method for each call, and a seam for each of its promises."""

import json
import os
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from conformance.adapters.reference.signatures import TOLERANCE_S, Headers, Signatures
from conformance.adapters.reference.wire import (
    Answer,
    AnswerNotDecoded,
    ApiError,
    Request,
    fetch,
)

VERSION = "1.0.0"
_SCHEMES = {"http": "ws", "https": "wss", "wss": "wss"}


class Client:
    """Calls a gateway as the contract wants it; a fault is a subclass that does one thing else.

    Safe to be used by many threads at once.
    """

    key_variables: tuple[str, ...] = ("AI_STATS_API_KEY", "PHASEO_API_KEY")
    version = VERSION
    signatures = Signatures()

    def __init__(self, *, base_url: str, api_key: str | None = None, timeout: float = 60.0) -> None:
        self.base_url = self.trimmed(base_url)
        self.key = api_key or self.key_around()
        self.timeout_s: float | None = timeout
        self.batches = self.resource()

    def trimmed(self, base_url: str) -> str:
        """The base URL without slashes at its end; raises ValueError for what is none."""
        scheme, found, rest = base_url.partition("://")
        if not found or scheme.lower() not in _SCHEMES or not rest:
            raise ValueError(f"a base URL begins with http:// or https://, not {base_url!r}")
        return base_url.rstrip("/")

    def key_around(self) -> str:
        """The key in the environment; raises ValueError without one."""
        found = [os.environ[name] for name in self.key_variables if os.environ.get(name)]
        if not found:
            raise ValueError(f"give api_key or set {self.key_variables[0]}")
        return found[0]

    def resource(self) -> "Batches":
        """The calls of batches once more, under the names of a resource."""
        return Batches(self)

    def create_batch(self, request: Mapping[str, Any]) -> Any:
        """Create a batch of this request, as it stands."""
        return self.call(Request("POST", "/batches", content=self.encoded(self.body(request))))

    def get_batch(self, batch_id: str) -> Any:
        """Read a batch."""
        return self.call(Request("GET", f"/batches/{self.segment(batch_id)}"))

    def cancel_batch(self, batch_id: str) -> Any:
        """Cancel a batch."""
        return self.call(Request("POST", f"/batches/{self.segment(batch_id)}/cancel"))

    def list_batches(self, params: Mapping[str, Any] | None = None) -> Any:
        """List batches."""
        return self.call(Request("GET", "/batches", self.query(params or {})))

    def list_batch_models(self, params: Mapping[str, Any] | None = None) -> Any:
        """List the models that batches can use."""
        return self.call(Request("GET", "/batches/models", self.query(params or {})))

    def get_async_job_websocket_url(self, kind: str, job_id: str, **options: Any) -> str:
        """The URL of the stream of a job; raises ValueError."""
        path = "/".join(self.stream_path(kind, job_id))
        query = self.query(self.stream_options(**options))
        url = f"{self.stream_base()}/{path}"
        return f"{url}?{query}" if query else url

    def verify_async_webhook_signature(
        self,
        secret: str,
        body: bytes,
        headers: Headers,
        *,
        now: float,
        tolerance_seconds: float | None = TOLERANCE_S,
    ) -> bool:
        """Whether a webhook is genuine and fresh; it never raises for what a header holds."""
        return self.signatures.verify(secret, body, headers, now, tolerance_seconds)

    def compute_async_webhook_signature(self, secret: str, timestamp: str, body: bytes) -> str:
        """The signature of a webhook."""
        return self.signatures.compute(secret, timestamp, body)

    def body(self, request: Mapping[str, Any]) -> Any:
        """The body of a create."""
        return dict(request)

    def encoded(self, body: Any) -> bytes:
        """A body as bytes."""
        return json.dumps(body, ensure_ascii=False).encode()

    def segment(self, batch_id: Any) -> str:
        """An id as one segment of a path; raises ValueError for what cannot be one."""
        if not isinstance(batch_id, str) or not batch_id.strip():
            raise ValueError(f"an id is a text that is not blank, not {batch_id!r}")
        if batch_id in {".", ".."}:
            raise ValueError("an id of dots would lead to another path")
        return self.escaped(batch_id)

    def escaped(self, batch_id: str) -> str:
        """An id as it stands in a path."""
        return quote(batch_id, safe="")

    def query(self, params: Mapping[str, Any]) -> str:
        """Filters and options as a query."""
        return urlencode(self.pairs(params))

    def pairs(self, params: Mapping[str, Any]) -> list[tuple[str, Any]]:
        """The pairs of a query: several for several values, none for what is unset."""
        return [
            (name, self.word(item))
            for name, value in params.items()
            for item in (value if isinstance(value, list | tuple) else [value])
            if item is not None
        ]

    def word(self, value: Any) -> Any:
        """A value as it stands in a query."""
        return str(value).lower() if isinstance(value, bool) else value

    def headers(self, request: Request) -> dict[str, str]:
        """The headers of a request."""
        headers = {
            "Authorization": f"Bearer {self.key}",
            "Accept": "application/json",
            "User-Agent": f"reference-sdk/{self.version}",
            **request.headers,
        }
        if request.content is not None:
            headers["Content-Type"] = "application/json"
        return headers

    def call(self, request: Request) -> Any:
        """What a request comes to; raises CallFailed."""
        return self.result(self.exchange(request))

    def exchange(self, request: Request) -> Answer:
        """The answer to a request, whatever it is; raises CallFailed."""
        url = self.base_url + request.target
        prepared = Request(request.method, request.path, "", request.content, self.headers(request))
        return fetch(url, prepared, self.timeout_s)

    def result(self, answer: Answer) -> Any:
        """The object of a success, None for no body; raises CallFailed."""
        if not answer.is_good:
            raise self.refusal(answer)
        return self.value(answer) if answer.content else None

    def value(self, answer: Answer) -> Any:
        """The object of a success with a body; raises AnswerNotDecoded."""
        try:
            value = answer.json
        except ValueError as error:
            raise AnswerNotDecoded(f"HTTP {answer.status}, its body is not JSON") from error
        if not isinstance(value, dict):
            raise AnswerNotDecoded(f"HTTP {answer.status}, its JSON is no object")
        return value

    def refusal(self, answer: Answer) -> Exception:
        """The error of an answer that is no success."""
        message = f"the gateway answered HTTP {answer.status}"
        return ApiError(message, answer.status, answer.shown, answer.headers)

    def stream_base(self) -> str:
        """Where streams are: the base URL in the scheme of streams."""
        scheme, _, rest = self.base_url.partition("://")
        return f"{_SCHEMES[scheme.lower()]}://{rest}"

    def stream_path(self, kind: str, job_id: str) -> list[str]:
        """The segments of a stream below the base; raises ValueError."""
        name = job_id.strip() if isinstance(job_id, str) else job_id
        return ["async", self.segment(kind), self.segment(name), "ws"]

    def stream_options(
        self, *, interval_ms: int | None = None, close_on_terminal: bool | None = None
    ) -> dict[str, Any]:
        """The options of a stream by the names of the wire."""
        return {"interval_ms": interval_ms, "close_on_terminal": close_on_terminal}


class Batches:
    """The resource with the calls of batches: those of its client."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.create = client.create_batch
        self.get = client.get_batch
        self.cancel = client.cancel_batch
        self.list = client.list_batches
        self.list_models = client.list_batch_models

    def websocket_url(self, batch_id: str, **options: Any) -> str:
        """The URL of the stream of a batch; raises ValueError."""
        return self.client.get_async_job_websocket_url("batch", batch_id, **options)
