"""Faults of SDKs: the reference SDK with one deviation each, and the rows that it must break.

A fault is a subclass of a part of the reference SDK, or of its adapter, that overrides one or a
few methods:

    @fault("drops-session-id", breaks=["SDK-ARGS-02"])
    class DropsSessionId(Client):
        \"\"\"A create is sent without its session.\"\"\"

        def body(self, request: Mapping[str, Any]) -> Any:
            return {name: one for name, one in request.items() if name != "session_id"}

Each is a target by its name: `--adapter conformance.adapters.faults:drops_session_id`.
"""

import pkgutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import TypeVar

from conformance.adapters.reference import ReferenceAdapter
from conformance.adapters.reference.client import Batches, Client
from conformance.adapters.reference.signatures import Signatures

_Part = type[ReferenceAdapter] | type[Client] | type[Batches] | type[Signatures]
_P = TypeVar("_P", bound=_Part)


@dataclass(frozen=True)
class SdkFault:
    """One fault: the part of the SDK that deviates, and the rows that it breaks.

    In the scenarios that aim at one of these the rows of `also` fall with them, and no others.
    """

    name: str
    breaks: tuple[str, ...]
    also: tuple[str, ...]
    summary: str
    part: _Part

    @property
    def target(self) -> str:
        """The name of its adapter, as `--adapter` takes it."""
        return f"{__name__}:{self.name.replace('-', '_')}"

    def adapter(self) -> ReferenceAdapter:
        """The adapter of the SDK with this fault."""
        part = self.part
        if issubclass(part, ReferenceAdapter):
            return part()
        if issubclass(part, Client):
            return ReferenceAdapter(part)
        if issubclass(part, Signatures):
            return ReferenceAdapter(type(part.__name__, (Client,), {"signatures": part()}))
        return ReferenceAdapter(type(part.__name__, (Client,), {"resource": lambda own: part(own)}))


_KNOWN: dict[str, SdkFault] = {}


def fault(name: str, *, breaks: Sequence[str], also: Sequence[str] = ()) -> Callable[[_P], _P]:
    """Register a subclass of a part of the reference SDK as the fault `name`."""

    def register(part: _P) -> _P:
        if name in _KNOWN:
            raise ValueError(f"two faults are called {name}")
        summary = (part.__doc__ or "").strip().partition("\n")[0]
        _KNOWN[name] = SdkFault(name, tuple(breaks), tuple(also), summary, part)
        return part

    return register


def sdk_faults() -> dict[str, SdkFault]:
    """The faults of SDKs by name, from all modules of this package."""
    for module in pkgutil.iter_modules(__path__):
        import_module(f"{__name__}.{module.name}")
    return dict(_KNOWN)


def __getattr__(name: str) -> ReferenceAdapter:
    """The adapter of a fault, by its name with underscores."""
    found = sdk_faults().get(name.replace("_", "-"))
    if found is None:
        raise AttributeError(f"no fault of SDKs is called {name!r}")
    return found.adapter()
