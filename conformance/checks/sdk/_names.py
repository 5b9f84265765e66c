"""What a request says of the SDK that sent it: names and versions in its headers."""

import re
from collections.abc import Iterator

from conformance.transcript import Request

# Words of package names that name no SDK in particular.
_COMMON = frozenset({
    "sdk", "api", "client", "lib", "py", "python", "js", "ts", "node", "javascript", "typescript",
    "go", "golang", "java", "php", "ruby", "rb", "gem", "dotnet", "net", "csharp", "cpp", "rust",
    "github", "gitlab", "com", "org", "io", "www", "http", "https",
})  # fmt: skip
# One gateway under its two names: what is called by one names the other.
_BRANDS = frozenset({"aistats", "phaseo"})
_OF_CLIENTS = re.compile(r"user-agent|.*(?:client|sdk|stainless|package|library|lib-).*", re.I)
_OF_VERSIONS = re.compile(r".*(?:client|sdk|package|library|lib)[-_]?version", re.I)
_PRODUCT = re.compile(
    r"([^\s()/,;]+(?:/[^\s()/,;0-9][^\s()/,;]*)*)[/ ]v?([0-9]+(?:\.[0-9a-z+-]+)+)", re.I
)


def _folded(text: str) -> str:
    return re.sub("[^a-z0-9]", "", text.lower())


def brands(sdk: str) -> frozenset[str]:
    """The words by which an SDK may be named, folded."""
    words = re.findall("[a-z0-9]+", sdk.lower())
    name = "".join(word for word in words if word not in _COMMON) or "".join(words)
    ours = {brand for brand in _BRANDS if brand in name}
    return _BRANDS if ours else frozenset({name})


def client_headers(request: Request) -> dict[str, str]:
    """The headers that speak of the sender."""
    return {name: value for name, value in request.headers if _OF_CLIENTS.fullmatch(name)}


def are_named(known: frozenset[str], headers: dict[str, str]) -> bool:
    """Whether one of the headers names the SDK."""
    return any(brand in _folded(value) for brand in known for value in headers.values())


def versions(known: frozenset[str], headers: dict[str, str]) -> Iterator[str]:
    """The versions of the SDK that the headers name."""
    for name, value in headers.items():
        if _OF_VERSIONS.fullmatch(name):
            yield value.strip()
            continue
        for product, version in _PRODUCT.findall(value):
            if any(brand in _folded(product) for brand in known):
                yield version


def is_version(seen: str, installed: str) -> bool:
    """Whether two spellings are of one version."""
    return seen.lower().removeprefix("v") == installed.lower().removeprefix("v")
