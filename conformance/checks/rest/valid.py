"""rest/valid: what only the provider decides about a create request."""

from conformance.checks import Findings, check
from conformance.json_text import at
from conformance.verdicts import holds
from conformance.views import Create

_MOST_PAIRS = 16
# Beginnings of the reasons of refusals that have nothing to do with window or metadata.
_OTHER_REASONS = (
    "batch_reservation_",
    "batch_missing_endpoint",
    "batch_unsupported_endpoint",
    "batch_api_",
    "batch_upstream_",
    "batch_session_",
    "invalid_batch_webhook",
    "file_not_found",
)


def _is_for_the_provider(create: Create) -> bool:
    """Whether the window or the metadata are such that a provider is known to refuse them."""
    window, metadata = at(create.sent, "/completion_window"), at(create.sent, "/metadata")
    odd_window = isinstance(window, str) and window.strip() not in {"", "24h"}
    return odd_window or (isinstance(metadata, dict) and len(metadata) > _MOST_PAIRS)


@check("REST-VALID-23")
def window_and_metadata_are_left_to_the_provider(create: Create) -> Findings:
    """An odd window or too much metadata is accepted, or refused in the provider's own words."""
    if not _is_for_the_provider(create):
        return
    error, reason = at(create.seen.json, "/error"), at(create.seen.json, "/reason")
    elsewhere = create.seen.status == 401 or (
        isinstance(reason, str) and reason.startswith(_OTHER_REASONS)
    )
    if create.accepted or not elsewhere:
        yield holds(
            create.accepted or isinstance(error, dict),
            seen=error,
            expected="the provider's error object",
            pointer="/error",
        )
