"""A small SDK in the usual shape."""

import json
import urllib.error
import urllib.parse
import urllib.request


class AcmeError(Exception):
    def __init__(self, status, body, headers):
        super().__init__(f"HTTP {status}")
        self.status_code, self.body, self.headers = status, body, headers


class Batches:
    def __init__(self, client):
        self._client = client

    def websocket_url(self, batch_id, *, interval_ms=None, close_on_terminal=None):
        given = {"interval_ms": interval_ms, "close_on_terminal": close_on_terminal}
        query = urllib.parse.urlencode({k: v for k, v in given.items() if v is not None})
        url = self._client.base_url.replace("http", "ws", 1)
        path = f"/async/batch/{urllib.parse.quote(batch_id, safe='')}/ws"
        return url + path + (f"?{query}" if query else "")


class Client:
    def __init__(self, base_url, api_key=None, timeout=60.0):
        self.base_url, self._key, self._timeout = base_url, api_key, timeout
        self.batches = Batches(self)

    def create_batch(self, request):
        return self._call("POST", "/batches", request)

    def get_batch(self, batch_id):
        return self._call("GET", f"/batches/{urllib.parse.quote(batch_id, safe='')}")

    def _call(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        headers = {"authorization": f"Bearer {self._key}", "content-type": "application/json"}
        request = urllib.request.Request(self.base_url + path, data, headers, method=method)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=self._timeout) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                raise AcmeError(error.code, error.read().decode(), error.headers) from error
