"""The links of a recording, led to the place that replays it; all other bytes stay. Pure."""

import re

_LINK = re.compile(
    rb'("(?:polling|websocket|cancel)_url"\s*:\s*")(http|ws)s?:(?:\\?/){2}[^"]*?(?=\\?/v1\\?/)'
)


def led_to(authority: str, content: bytes) -> bytes:
    """`content` with polling_url, websocket_url and cancel_url below `authority`."""
    return _LINK.sub(rb"\1\2://" + authority.encode(), content)
