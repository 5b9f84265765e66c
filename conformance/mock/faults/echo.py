"""Faults of echoing that are not one edit of an answer."""

from conformance.mock.faults import fault
from conformance.mock.gateway import Gateway


@fault("session-id-trimmed", breaks=["REST-ECHO-10"])
class SessionIdTrimmed(Gateway):
    """Blanks around a session id are cut off."""

    def echoed_session_id(self, session_id: str) -> str:
        return session_id.strip()


@fault("session-id-of-any-length", breaks=["REST-ECHO-11"])
class SessionIdOfAnyLength(Gateway):
    """A session id may be longer than 256 characters."""

    def max_session_id(self) -> int | None:
        return None
