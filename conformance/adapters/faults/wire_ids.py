"""Faults of ids on the wire, and of redirects: requests that go where nobody wanted them."""

from dataclasses import replace
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

from conformance.adapters.faults import fault
from conformance.adapters.reference.client import Client
from conformance.adapters.reference.wire import Answer, ConnectionFailed, Request, fetch

_TURNING = (301, 302, 303)


@fault("id-unencoded", breaks=["SDK-WIRE-05"], also=["SDK-WIRE-07", "SDK-WIRE-08"])
class IdUnencoded(Client):
    """An id is put into the path as it is."""

    def escaped(self, batch_id: str) -> str:
        return batch_id


@fault("dots-in-the-path", breaks=["SDK-WIRE-06"])
class DotsInThePath(Client):
    """An id of dots is put into the path."""

    def segment(self, batch_id: Any) -> str:
        return str(batch_id) if batch_id in {".", ".."} else super().segment(batch_id)


@fault("question-mark-unencoded", breaks=["SDK-WIRE-07"], also=["SDK-WIRE-05"])
class QuestionMarkUnencoded(Client):
    """A question mark in an id cuts the path."""

    def escaped(self, batch_id: str) -> str:
        return quote(batch_id, safe="?")


@fault("refuses-spaces", breaks=["SDK-WIRE-08"])
class RefusesSpaces(Client):
    """An id with a space or a letter outside ASCII is an error of the transport."""

    def segment(self, batch_id: Any) -> str:
        if isinstance(batch_id, str) and (" " in batch_id or not batch_id.isascii()):
            raise ConnectionFailed("URL can't contain such characters")
        return super().segment(batch_id)


@fault("lines-of-the-id-become-headers", breaks=["SDK-WIRE-09"], also=["SDK-WIRE-05"])
class LinesOfTheIdBecomeHeaders(Client):
    """What follows a line break in an id is a line of the request."""

    def get_batch(self, batch_id: str) -> Any:
        first, *lines = str(batch_id or "").split("\r\n")
        headers = dict(line.split(": ", 1) for line in lines)
        return self.call(Request("GET", f"/batches/{self.segment(first)}", headers=headers))


def _place(answer: Answer, url: str) -> str:
    return urljoin(url, str(answer.headers["location"]))


@fault("key-follows-redirects", breaks=["SDK-WIRE-23"])
class KeyFollowsRedirects(Client):
    """A redirect to another host is followed with the key."""

    def exchange(self, request: Request) -> Answer:
        answer = super().exchange(request)
        if request.method != "GET" or answer.status not in _TURNING:
            return answer
        prepared = replace(request, headers=self.headers(request))
        return fetch(_place(answer, self.base_url), prepared, self.timeout_s)


@fault("redirected-post-becomes-get", breaks=["SDK-WIRE-24"])
class RedirectedPostBecomesGet(Client):
    """A POST that is led elsewhere asks there with a GET, and returns what it gets."""

    def exchange(self, request: Request) -> Answer:
        answer = super().exchange(request)
        place = _place(answer, self.base_url) if answer.status in _TURNING else ""
        if request.method != "POST" or urlsplit(place).hostname != urlsplit(self.base_url).hostname:
            return answer
        turned = Request("GET", "")
        return fetch(place, replace(turned, headers=self.headers(turned)), self.timeout_s)
