"""The WHATWG form of http and https URLs, and which hosts are private."""

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import quote, unquote_to_bytes

_DEFAULT_PORTS = {"http": 80, "https": 443}
_URL = re.compile(r"(https?):[/\\]*([^/\\?#]*)([^?#]*)(\?[^#]*)?(#.*)?", re.IGNORECASE | re.DOTALL)
_FORBIDDEN_IN_HOST = re.compile(r"[\x00-\x20#%/:<>?@\[\\\]^|\x7f]")
_NUMBER = re.compile(r"0[xX][0-9a-fA-F]*|[0-9]+")
_UNSAFE_SAFE = "!$%&'()*+,-./:;=@_~[]|\\^"
_IN_QUERY = _UNSAFE_SAFE.replace("'", "") + "?`{}"


class BadUrl(ValueError):
    """The text is not an http or https URL."""


@dataclass(frozen=True, slots=True)
class Url:
    """A parsed URL; `text` is its normal form."""

    scheme: str
    host: str
    text: str


def parse_url(written: str) -> Url:
    """The URL in its normal form; raises BadUrl."""
    text = re.sub(r"[\t\n\r]", "", written.strip("".join(map(chr, range(0x21)))))
    match = _URL.fullmatch(text)
    if match is None:
        raise BadUrl("not an absolute http or https URL")
    scheme, authority, path, query, fragment = (part or "" for part in match.groups())
    scheme = scheme.lower()
    credentials, _, place = authority.rpartition("@")
    host, port = _host_and_port(place, scheme)
    user = f"{quote(credentials, safe=_UNSAFE_SAFE)}@" if credentials else ""
    rest = quote(query, safe=_IN_QUERY) + quote(fragment, safe=_UNSAFE_SAFE + "#?{}")
    return Url(scheme, host, f"{scheme}://{user}{host}{port}{_normal_path(path)}{rest}")


def _host_and_port(place: str, scheme: str) -> tuple[str, str]:
    host, colon, port = place.rpartition(":") if _has_port(place) else (place, "", "")
    if colon and port and not (port.isascii() and port.isdigit() and int(port) <= 0xFFFF):
        raise BadUrl("the port is not a number up to 65535")
    shown = f":{int(port)}" if port and int(port) != _DEFAULT_PORTS[scheme] else ""
    return _normal_host(host), shown


def _has_port(place: str) -> bool:
    return ":" in place.rpartition("]")[2]


def _normal_host(host: str) -> str:
    if host.startswith("["):
        return _ipv6(host)
    try:
        name = unquote_to_bytes(host).decode().lower()
        name = name if name.isascii() else name.encode("idna").decode()
    except UnicodeError as error:
        raise BadUrl("the host is not a name") from error
    if not name or _FORBIDDEN_IN_HOST.search(name):
        raise BadUrl("the host is empty or has a forbidden character")
    return _ipv4(name) if _ends_in_number(name) else name


def _ipv6(host: str) -> str:
    try:
        return f"[{_compressed(ipaddress.IPv6Address(host[1:-1]))}]"
    except ValueError as error:
        raise BadUrl("the host is not an IPv6 address") from error


def _compressed(address: ipaddress.IPv6Address) -> str:
    mapped = address.ipv4_mapped
    if mapped is None:
        return address.compressed
    high, low = divmod(int(mapped), 0x10000)
    return f"::ffff:{high:x}:{low:x}"


def _ends_in_number(name: str) -> bool:
    last = name.removesuffix(".").rpartition(".")[2]
    return bool(_NUMBER.fullmatch(last))


def _ipv4(name: str) -> str:
    parts = name.removesuffix(".").split(".")
    if len(parts) > 4 or not all(_NUMBER.fullmatch(part) for part in parts):
        raise BadUrl("the host ends in a number but is not an IPv4 address")
    *heads, tail = (_number(part) for part in parts)
    if any(head > 0xFF for head in heads) or tail >= 256 ** (5 - len(parts)):
        raise BadUrl("the host is not an IPv4 address")
    value = tail + sum(head << (8 * (3 - place)) for place, head in enumerate(heads))
    return str(ipaddress.IPv4Address(value))


def _number(part: str) -> int:
    if part[:2].lower() == "0x":
        return int(part[2:] or "0", 16)
    if len(part) > 1 and part.startswith("0"):
        if not set(part) <= set("01234567"):
            raise BadUrl("the host has a number that is not octal")
        return int(part, 8)
    return int(part)


def _normal_path(path: str) -> str:
    kept: list[str] = []
    parts = path.replace("\\", "/").split("/")[1:]
    for place, part in enumerate(parts):
        plain = part.lower().replace("%2e", ".")
        if plain == ".." and kept:
            kept.pop()
        if plain in (".", ".."):
            if place == len(parts) - 1:
                kept.append("")
        else:
            kept.append(quote(part, safe=_UNSAFE_SAFE))
    return "/" + "/".join(kept)


_LOCAL_NAMES = ("localhost", "127.0.0.1", "[::1]")


def may_be_plain_http(host: str) -> bool:
    """Whether http is tolerated for this host in local work."""
    return host in _LOCAL_NAMES


def is_private_host(host: str) -> bool:
    """Whether the host is localhost or a literal address that is not public."""
    name = host.removesuffix(".")
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return _is_private(address)


_PLACEHOLDERS = ("example", "invalid", "test", "example.com", "example.net", "example.org")


def is_placeholder_host(host: str) -> bool:
    """Whether the host is under a name that is set aside for documentation and tests."""
    name = host.removesuffix(".").lower()
    return any(name == one or name.endswith(f".{one}") for one in _PLACEHOLDERS)


_PRIVATE = tuple(
    map(
        ipaddress.ip_network,
        [
            "0.0.0.0/8",
            "10.0.0.0/8",
            "127.0.0.0/8",
            "169.254.0.0/16",
            "172.16.0.0/12",
            "192.168.0.0/16",
            "::/128",
            "::1/128",
            "fc00::/7",
            "fe80::/10",
        ],
    )
)


def _is_private(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    return any(address in network for network in _PRIVATE if network.version == address.version)
