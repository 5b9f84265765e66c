"""Classes of errors that are no SDK's own: those of languages and of transport libraries."""

import builtins
import sys

_TRANSPORTS = frozenset({
    "httpx", "httpx2", "httpcore", "httpcore2", "requests", "urllib3", "aiohttp", "h11", "h2",
    "treq", "pycurl", "anyio",
})  # fmt: skip
# Beginnings of full names, in the languages that have such.
_BEGINNINGS = (
    "java.", "javax.", "kotlin.", "okhttp3.", "org.apache.http", "System.", "Net::", "Errno::",
    "OpenSSL::", "URI::", "Timeout::", "Faraday::", "GuzzleHttp\\", "*url.", "*net.", "*http.",
    "*errors.", "*fmt.", "*json.", "*os.", "net/", "errors.", "url.", "std::", "reqwest::",
)  # fmt: skip
# Classes without a package that come with a language or a transport.
_BARE = frozenset({
    "Error", "TypeError", "RangeError", "SyntaxError", "AggregateError", "DOMException",
    "FetchError", "AxiosError", "StandardError", "SocketError", "EOFError", "IOError",
    "IOException", "HttpRequestException", "Throwable", "ErrorException", "LogicException",
    "RuntimeException", "JsonException", "HTTPError", "URLError",
})  # fmt: skip
_BUILT_IN = frozenset(name for name, value in vars(builtins).items() if isinstance(value, type))


def is_foreign(name: str, language: str) -> bool:
    """Whether the class of this name comes with a language or with a transport library."""
    bare = name.lstrip("\\")
    if bare in _BARE or bare in _BUILT_IN or bare.startswith(_BEGINNINGS):
        return True
    package, dot, _ = bare.partition(".")
    is_python = language.lower().startswith("python")
    return bool(dot) and (
        package in _TRANSPORTS or (is_python and package in sys.stdlib_module_names)
    )
