"""What a target offers, in the registry's words for needs, and where that was learned."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from conformance.requirements import Requirement

SPEND = ("none", "create", "settle")
_COST_OF_SPEND = {
    "none": {"free"},
    "create": {"free", "create"},
    "settle": {"free", "create", "settle"},
}

# What lets a scenario read batches that are there already. It shows what it happens to find, so
# what it does not show proves nothing.
EXISTING = frozenset({"batch-id", "examine"})

# What each missing word means to a user, and how to supply it.
MEND: Mapping[str, str] = {
    "create": "allow it with --spend create",
    "cancel": "allow it with --spend create",
    "terminal": "allow it with --spend settle and --max-spend USD",
    "second-key": "set AI_STATS_API_KEY_B to a key of another workspace",
    "same-workspace-key": "set AI_STATS_API_KEY_SAME to a second key of the same workspace",
    "no-funds": "set AI_STATS_API_KEY_NO_FUNDS to a key of a workspace without credit",
    "wallet": "give --credits-url and AI_STATS_API_KEY_CREDITS",
    "price-card": "give --prices FILE",
    "webhook": "give --webhook-url, an address that leads from the gateway to this machine",
    "managed-endpoint": "only a target that can be made to register one has it, such as the mock",
    "bad-key": "only a target that hands out revoked and expired keys has it, such as the mock",
    "outcome-control": "only a target whose provider can be scripted has it, such as the mock",
    "provider-control": "only a target whose provider can be scripted has it, such as the mock",
    "operator-control": "only a target whose operator side is open has it, such as the mock",
    "sdk": "give --adapter MODULE:NAME or --adapter-cmd COMMAND",
    "sdk-process": "give --adapter-cmd COMMAND, or an --adapter that can be started again",
    "clock": "only a target whose clock can be moved has it, such as the mock",
}

# Why what is about the other kind of target is untested: the same words for all such rows.
ABOUT_SDK = f"about an SDK, and this run calls none; to test it: {MEND['sdk']}"
ABOUT_GATEWAY = "about a gateway, and this run judges an SDK; to test it: leave out the adapter"


@dataclass(frozen=True)
class Capabilities:
    """The words that a target offers, each with where it was learned."""

    offered: Mapping[str, str] = field(default_factory=dict)
    # Where what a missing word means is another thing than for most targets.
    mend: Mapping[str, str] = field(default_factory=dict)

    def __contains__(self, word: object) -> bool:
        return word in self.offered

    def missing(self, needs: Iterable[str]) -> list[str]:
        """The words of `needs` that are not offered, in their order."""
        return [word for word in needs if word not in self.offered]

    def why_untested(self, row: Requirement) -> str:
        """Why a requirement without any fitting observation could not be tested here."""
        if "sdk" in self and "sdk" not in row.needs:
            return ABOUT_GATEWAY
        if "sdk" in row.needs and "sdk" not in self:
            return ABOUT_SDK
        missing = self.missing(row.needs)
        if not missing:
            return "nothing that it speaks of was seen in this run"
        known = {**MEND, **self.mend}
        mends = "; ".join(known[word] for word in missing if word in known)
        words = ", ".join(f'"{word}"' for word in missing)
        return f"needs {words}" + (f"; to test it: {mends}" if mends else "")


def allows(spend: str, cost: str) -> bool:
    """Whether a spend limit lets a stimulus of this cost be sent."""
    return cost in _COST_OF_SPEND[spend]
