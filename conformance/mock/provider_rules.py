"""What the provider refuses, and how it says so."""

from collections.abc import Mapping
from typing import Any

from conformance.mock.endpoints import SUPPORTED

_PURPOSES = ("batch", "fine-tune", "assistants", "vision", "user_data", "evals")
_MAX_PAIRS = 16
_MAX_KEY = 64
_MAX_VALUE = 512


class ProviderFault(Exception):
    """The provider answered with an error status."""

    def __init__(self, status: int, body: Any, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(f"the provider answered {status}")
        self.status = status
        self.body = body
        self.headers = dict(headers or {})


def fault_body(
    message: str, param: str | None = None, *, kind: str = "invalid_request_error"
) -> dict[str, Any]:
    """The provider's error envelope."""
    return {"error": {"message": message, "type": kind, "param": param, "code": None}}


def _refused(message: str, param: str) -> ProviderFault:
    return ProviderFault(400, fault_body(message, param))


def upload_fault(filename: str | None, purpose: str | None) -> ProviderFault | None:
    """Why an upload is refused, None when it is fine."""
    if filename is None:
        return _refused("Missing required parameter: 'file'.", "file")
    if not purpose:
        return _refused("Missing required parameter: 'purpose'.", "purpose")
    if purpose not in _PURPOSES:
        return _refused(f"'{purpose}' is not one of {list(_PURPOSES)}.", "purpose")
    return None


def create_fault(body: Mapping[str, Any]) -> ProviderFault | None:
    """Why a batch is refused, None when it is fine."""
    if body.get("endpoint") not in SUPPORTED:
        return _refused("Invalid value for 'endpoint'.", "endpoint")
    if body.get("completion_window", "24h") != "24h":
        return _refused("Invalid value for 'completion_window': use '24h'.", "completion_window")
    return _metadata_fault(body.get("metadata"))


def _metadata_fault(metadata: Any) -> ProviderFault | None:
    if metadata is None:
        return None
    if not isinstance(metadata, dict):
        return _refused("Invalid type for 'metadata': expected an object.", "metadata")
    if len(metadata) > _MAX_PAIRS:
        return _refused(f"'metadata' has more than {_MAX_PAIRS} pairs.", "metadata")
    for key, value in metadata.items():
        if not isinstance(value, str):
            return _refused(f"Invalid type for 'metadata.{key}': expected a string.", "metadata")
        if len(key) > _MAX_KEY or len(value) > _MAX_VALUE:
            return _refused("A key or value of 'metadata' is too long.", "metadata")
    return None
