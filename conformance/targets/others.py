"""Whether somebody else is at work in a workspace: its list of batches before and after. Pure."""

from collections.abc import Collection, Mapping

from conformance.json_text import at
from conformance.routes import canonical_status
from conformance.transcript import Exchange

# The batches of others by id, each with its status; None where no list was shown.
Others = Mapping[str, str | None] | None


def others_in(listed: Exchange, made: Collection[str], uploaded: Collection[str]) -> Others:
    """The listed batches that are neither of these ids nor of these input files."""
    response = listed.response
    data = at(response.json, "/data") if response is not None and response.ok else None
    if not isinstance(data, list):
        return None
    found: dict[str, str | None] = {}
    for item in data:
        batch_id = at(item, "/id")
        mine = batch_id in made or at(item, "/input_file_id") in uploaded
        if isinstance(batch_id, str) and not mine:
            found[batch_id] = canonical_status(at(item, "/status"))
    return found


def moved_between(before: Others, after: Others) -> str | None:
    """The first batch that is new in the second list or has another status there."""
    if before is None or after is None:
        return None
    return next((one for one in after if one not in before or before[one] != after[one]), None)
