"""What a stream URL is made of: what a base, a kind, an id and options must give."""

from typing import Any

from conformance.addresses import DEFAULT_PORTS, Address, all_decoded, is_escaped
from conformance.sdk_calls import SdkUrl, is_plain_id

SCHEMES = {"http": "ws", "https": "wss", "wss": "wss"}
_BLANKS = " \t\n\r\v\f"


def port_of(url: Address, *schemes: str) -> int | None:
    """The port, none where it is the default of the URL's scheme or of one of these."""
    usual = {DEFAULT_PORTS.get(one) for one in (url.scheme, *schemes)}
    return None if url.port in usual else url.port


def query_of(options: dict[str, Any]) -> dict[str, str]:
    """The pairs that options give: those of a good value, each as its text."""
    interval, closes = options.get("interval_ms"), options.get("close_on_terminal")
    pairs = {}
    if isinstance(interval, int) and not isinstance(interval, bool) and interval >= 0:
        pairs["interval_ms"] = str(interval)
    if isinstance(closes, bool):
        pairs["close_on_terminal"] = "true" if closes else "false"
    return pairs


def trimmed(job_id: str) -> str:
    """An id without the white space around it."""
    return job_id.strip(_BLANKS)


def is_refused(job_id: str) -> bool:
    """Whether no URL can be made of an id."""
    return trimmed(job_id) in {"", ".", ".."}


def is_usual(one: SdkUrl) -> bool:
    """Whether a URL is made from a base that has a defined answer, with texts as kind and id."""
    base = one.base
    has_base = base is not None and base.query is None and base.userinfo is None and bool(base.host)
    is_single = base is not None and "" not in base.prefix and base.scheme in SCHEMES
    return has_base and is_single and is_plain_id(one.kind) and isinstance(one.id, str)


def is_whole(one: SdkUrl) -> bool:
    """Whether in place of kind and id there is one good segment each."""
    segments = one.url.segments[-3:-1] if one.url else ()
    tail = all_decoded(segments)
    return (
        all(is_escaped(segment) for segment in segments)
        and tail[:1] == [one.kind]
        and tail[1:] in ([one.id], [trimmed(one.id)])
    )
