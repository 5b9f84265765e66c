"""Shape: what members of a batch object are to each other and to the call; types are schemas."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import quote, urlsplit

from conformance.checks import Findings, check
from conformance.json_text import ABSENT, same
from conformance.routes import BASE
from conformance.verdicts import holds
from conformance.views import BatchBody, Observed, Pair, Seen

_COUNTS = ("total", "completed", "failed")


def _count(value: Any) -> int | None:
    """A whole number from 0, however it is written; None for anything else."""
    if isinstance(value, Decimal) and value.adjusted() < 30 and value == value.to_integral_value():
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


@check("REST-SHAPE-06")
def counts_add_up(body: BatchBody) -> Findings:
    """`request_counts` has whole numbers, and no more rows are finished than there are."""
    counts = body.get("/request_counts")
    if not isinstance(counts, dict):
        return
    total, completed, failed = (_count(counts.get(name, ABSENT)) for name in _COUNTS)
    fits = None not in (total, completed, failed) and (completed or 0) + (failed or 0) <= (
        total or 0
    )
    yield holds(
        fits,
        seen=counts,
        expected="whole numbers with completed + failed <= total",
        pointer="/request_counts",
    )


def _base(seen: Seen) -> str:
    """The API base that was called, up to and with `/v1`."""
    url = seen.request.url.split("?")[0]
    return url[: url.index(f"{BASE}/") + len(BASE)]


def _spellings(batch_id: Any) -> set[str]:
    text = batch_id if isinstance(batch_id, str) else ""
    return {text, quote(text, safe="")}


def _split(url: Any) -> tuple[str, str, str, str]:
    """Scheme, authority, path and query; all empty for what is no URL."""
    try:
        parts = urlsplit(url if isinstance(url, str) else "")
    except ValueError:
        return "", "", "", ""
    return parts.scheme.lower(), parts.netloc.lower(), parts.path, parts.query


@check("REST-SHAPE-17")
def polling_url_is_below_the_called_base(body: BatchBody) -> Findings:
    """`polling_url` is the called base with /batches/{id} or /batch/{id}, without a query."""
    shown = body.given("/polling_url")
    if shown is not ABSENT:
        base = _base(body.seen)
        wanted = [
            _split(f"{base}/{name}/{batch_id}")
            for name in ("batches", "batch")
            for batch_id in _spellings(body.id)
        ]
        yield holds(
            _split(shown) in wanted and not {"?", "#"} & set(shown),
            seen=shown,
            expected=f"{base}/batches/{body.id}",
            pointer="/polling_url",
        )


@check("REST-SHAPE-18")
def websocket_url_leads_to_the_stream(body: BatchBody) -> Findings:
    """`websocket_url` is ws or wss and ends in /async/batch/{id}/ws below the API base."""
    shown = body.given("/websocket_url")
    if shown is not ABSENT:
        scheme, authority, path, _ = _split(shown)
        root = urlsplit(_base(body.seen)).path
        paths = {f"{root}/async/batch/{batch_id}/ws" for batch_id in _spellings(body.id)}
        yield holds(
            scheme in {"ws", "wss"} and authority and path in paths,
            seen=shown,
            expected=f"ws or wss and {root}/async/batch/{body.id}/ws",
            pointer="/websocket_url",
        )


@check("REST-SHAPE-20")
def native_id_is_another(body: BatchBody) -> Findings:
    """`native_batch_id` differs from `id`; to have none is right too."""
    shown = body.given("/native_batch_id")
    differs = shown is ABSENT or not same(shown, body.id)
    yield holds(differs, seen=shown, expected="another id", pointer="/native_batch_id")


def _instant(value: Any) -> datetime | None:
    try:
        instant = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return instant.replace(tzinfo=UTC) if instant and instant.tzinfo is None else instant


@check("REST-SHAPE-22")
def last_poll_never_goes_back(pair: Pair) -> Findings:
    """`last_polled_at` of a later body is not before that of an earlier one."""
    first, now = (body.get("/last_polled_at") for body in (pair.earlier, pair.later))
    earlier, later = _instant(first), _instant(now)
    if earlier is not None and later is not None:
        expected = f"not before {first}"
        yield holds(later >= earlier, seen=now, expected=expected, pointer="/last_polled_at")


@check("REST-SHAPE-26")
def bodies_are_json_objects(observed: Observed) -> Findings:
    """A success that shows batches is application/json and parses as one object."""
    for seen in observed.seen:
        if seen.operation in {"create", "get", "cancel", "list"} and seen.response.ok:
            media = seen.response.header("content-type") or ""
            is_json = media.split(";")[0].strip().lower() == "application/json"
            yield holds(is_json, seen=media, expected="application/json", step=seen.number)
            shown = seen.json if seen.json is not ABSENT else _text(seen)
            is_object = isinstance(seen.json, dict)
            yield holds(is_object, seen=shown, expected="one JSON object", step=seen.number)


def _text(seen: Seen) -> str:
    return seen.response.body.text if seen.response.body else "(no body)"
