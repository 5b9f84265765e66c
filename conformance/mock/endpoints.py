"""The eight targets of a batch and the spellings of them that are tolerated."""

from urllib.parse import urlsplit

SUPPORTED = (
    "/v1/responses",
    "/v1/chat/completions",
    "/v1/embeddings",
    "/v1/completions",
    "/v1/moderations",
    "/v1/images/generations",
    "/v1/images/edits",
    "/v1/videos",
)


def normalised(written: str) -> str:
    """The path below the origin with one leading slash and `/v1`, without query or last slash."""
    text = written.strip()
    if "://" in text:
        text = urlsplit(text).path
    text = text.split("?", 1)[0].split("#", 1)[0].strip("/")
    return f"/{text}" if text == "v1" or text.startswith("v1/") else f"/v1/{text}"
