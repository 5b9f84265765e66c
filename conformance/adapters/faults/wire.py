"""Faults on the wire: the request itself, its headers, its body and its query."""

from collections.abc import Mapping
from typing import Any

from conformance.adapters.faults import fault
from conformance.adapters.reference.client import Client
from conformance.adapters.reference.wire import Answer, Request


@fault("creates-by-put", breaks=["SDK-WIRE-01"])
class CreatesByPut(Client):
    """A create is a PUT."""

    def create_batch(self, request: Mapping[str, Any]) -> Any:
        return self.call(Request("PUT", "/batches", content=self.encoded(self.body(request))))


@fault("gets-with-a-body", breaks=["SDK-WIRE-02"])
class GetsWithABody(Client):
    """A get has a body."""

    def get_batch(self, batch_id: str) -> Any:
        return self.call(Request("GET", f"/batches/{self.segment(batch_id)}", content=b"{}"))


@fault("cancels-by-delete", breaks=["SDK-WIRE-03"], also=["SDK-WIRE-05"])
class CancelsByDelete(Client):
    """A cancel deletes the batch."""

    def cancel_batch(self, batch_id: str) -> Any:
        return self.call(Request("DELETE", f"/batches/{self.segment(batch_id)}"))


@fault("filters-in-the-body", breaks=["SDK-WIRE-04"], also=["SDK-WIRE-19", "SDK-WIRE-20"])
class FiltersInTheBody(Client):
    """The filters of a list are sent in a body."""

    def list_batches(self, params: Mapping[str, Any] | None = None) -> Any:
        content = self.encoded(dict(params)) if params else None
        return self.call(Request("GET", "/batches", content=content))


@fault("key-twice", breaks=["SDK-WIRE-10"])
class KeyTwice(Client):
    """The header with the key is sent twice."""

    def headers(self, request: Request) -> dict[str, str]:
        return {**super().headers(request), "authorization": f"Bearer {self.key}"}


@fault("key-in-another-header", breaks=["SDK-WIRE-11"])
class KeyInAnotherHeader(Client):
    """The key is sent in a second header too."""

    def headers(self, request: Request) -> dict[str, str]:
        return {**super().headers(request), "X-Api-Key": self.key}


@fault("json-as-plain-text", breaks=["SDK-WIRE-12"])
class JsonAsPlainText(Client):
    """A body says that it is plain text."""

    def headers(self, request: Request) -> dict[str, str]:
        headers = super().headers(request)
        return {**headers, "Content-Type": "text/plain"} if request.content else headers


@fault("form-without-a-body", breaks=["SDK-WIRE-13"])
class FormWithoutABody(Client):
    """A request without a body says that it is a form."""

    def headers(self, request: Request) -> dict[str, str]:
        return {"Content-Type": "application/x-www-form-urlencoded", **super().headers(request)}


@fault("no-accept", breaks=["SDK-WIRE-14"])
class NoAccept(Client):
    """Requests do not say what they accept."""

    def headers(self, request: Request) -> dict[str, str]:
        return {name: one for name, one in super().headers(request).items() if name != "Accept"}


@fault("sends-unset-options", breaks=["SDK-WIRE-15"])
class SendsUnsetOptions(Client):
    """A filter of None is sent as the word."""

    def list_batches(self, params: Mapping[str, Any] | None = None) -> Any:
        given = {name: "None" if one is None else one for name, one in (params or {}).items()}
        return super().list_batches(given)


@fault("drops-nulls", breaks=["SDK-WIRE-16"])
class DropsNulls(Client):
    """Members of a create that are None are left out."""

    def body(self, request: Mapping[str, Any]) -> Any:
        return {name: value for name, value in request.items() if value is not None}


def _with_text_for_numbers(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _with_text_for_numbers(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_with_text_for_numbers(item) for item in value]
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return str(value) if is_number else value


@fault("numbers-as-text", breaks=["SDK-WIRE-17"], also=["SDK-ARGS-02"])
class NumbersAsText(Client):
    """Numbers of a create are sent as text."""

    def body(self, request: Mapping[str, Any]) -> Any:
        return _with_text_for_numbers(super().body(request))


@fault("keeps-trailing-slashes", breaks=["SDK-WIRE-18"])
class KeepsTrailingSlashes(Client):
    """Slashes at the end of the base URL stay there."""

    def trimmed(self, base_url: str) -> str:
        return base_url


@fault("joins-values-with-commas", breaks=["SDK-WIRE-19"])
class JoinsValuesWithCommas(Client):
    """Several values of a filter are sent as one."""

    def pairs(self, params: Mapping[str, Any]) -> list[tuple[str, Any]]:
        joined = {
            name: ",".join(value) if isinstance(value, list) else value
            for name, value in params.items()
        }
        return super().pairs(joined)


@fault("capital-booleans", breaks=["SDK-WIRE-20"])
class CapitalBooleans(Client):
    """A boolean in a query is True or False."""

    def word(self, value: Any) -> Any:
        return value


@fault("looks-the-model-up", breaks=["SDK-WIRE-21"])
class LooksTheModelUp(Client):
    """A create with a model asks for that model first."""

    def body(self, request: Mapping[str, Any]) -> Any:
        if "model" in request:
            self.exchange(Request("GET", "/models", self.query({"id": request["model"]})))
        return super().body(request)


@fault("repeats-a-failed-create", breaks=["SDK-WIRE-22"])
class RepeatsAFailedCreate(Client):
    """A create that the gateway failed at is sent once more."""

    def exchange(self, request: Request) -> Answer:
        answer = super().exchange(request)
        is_failed_create = request.content is not None and answer.status >= 500
        return super().exchange(request) if is_failed_create else answer


@fault("names-an-old-version", breaks=["SDK-WIRE-25"])
class NamesAnOldVersion(Client):
    """Requests name a version that is not installed."""

    version = "0.9.7"
