"""Every option of the suite, one row each: the pytest plugin and the CLI make theirs of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Option:
    """One option: `kind` is text, many, flag, number, whole, usd or waits.

    Numbers go from `least` to `most`; where there is no least one they are above 0.
    """

    name: str
    help: str
    kind: str = "text"
    default: Any = None
    choices: tuple[str, ...] = ()
    metavar: str | None = None
    least: int | None = None
    most: int = 999_999_999
    # No short form: other plugins are likely to want the word.
    long_only: bool = False

    @property
    def dest(self) -> str:
        """The name as an attribute."""
        return "conformance_" + self.name.replace("-", "_")

    @property
    def variable(self) -> str:
        """The environment variable that sets it."""
        return "CONFORMANCE_" + self.name.upper().replace("-", "_")


OPTIONS: tuple[Option, ...] = (
    Option(
        "gateway-url",
        "base URL of a live gateway, ending in /v1; its key in AI_STATS_API_KEY",
        metavar="URL",
    ),
    Option(
        "cassette",
        "judge recorded cassettes, a file or a folder (repeatable)",
        "many",
        metavar="PATH",
    ),
    Option(
        "batch-id",
        "read a batch that the gateway has already, with its files, at no cost (repeatable)",
        "many",
        metavar="ID",
    ),
    Option(
        "examine",
        "how many of the batches that the gateway has already to read, at no cost (0: none)",
        "whole",
        3,
        metavar="N",
        least=0,
        most=100,
    ),
    Option(
        "adapter",
        "judge an SDK: its adapter, importable as MODULE:NAME",
        metavar="MODULE:NAME",
    ),
    Option(
        "adapter-cmd",
        "judge an SDK of any language: a command that speaks the adapter protocol on its streams",
        metavar="COMMAND",
    ),
    Option(
        "adapter-python",
        "an interpreter that has the SDK of --adapter and this package, to start it there too "
        "(repeatable)",
        "many",
        metavar="PATH",
    ),
    Option(
        "adapter-start",
        "seconds that an adapter may take to start and introduce itself",
        "number",
        30.0,
        metavar="SECONDS",
    ),
    Option(
        "adapter-wait",
        "seconds that an adapter may take to open or close a client",
        "number",
        10.0,
        metavar="SECONDS",
    ),
    Option(
        "adapter-grace",
        "seconds that an adapter may take for a call on top of --timeout, and to end",
        "number",
        5.0,
        metavar="SECONDS",
    ),
    Option("profile", "the set of requirements to hold the target to", default="ai-stats"),
    Option(
        "spend",
        "what may be spent on a target: none sends free calls only, create makes batches and "
        "cancels them, settle lets them run to their end (default: none; settle on loopback)",
        choices=("none", "create", "settle"),
    ),
    Option("max-spend", "the most that --spend settle may cost", "usd", metavar="USD"),
    Option(
        "plan",
        "print what would run, what it may cost and what stays untested; send nothing",
        "flag",
    ),
    Option(
        "model",
        "model of the input rows (default: the cheapest that the gateway lists)",
        metavar="NAME",
    ),
    Option(
        "endpoint",
        "endpoint of the batches (default: /v1/responses, or one that the model offers)",
        metavar="PATH",
    ),
    Option(
        "header",
        "send header NAME with the value of environment variable ENV (repeatable)",
        "many",
        metavar="NAME=ENV",
    ),
    Option("ca-bundle", "certificate authorities to trust, a PEM file", metavar="FILE"),
    Option("timeout", "seconds for each phase of a call", "number", 30.0, metavar="SECONDS"),
    Option("concurrency", "how many scenarios and connections at once", "whole", 8, metavar="N"),
    Option(
        "settlement-deadline",
        "seconds to wait for a batch to end",
        "number",
        300.0,
        metavar="SECONDS",
    ),
    Option(
        "retry-waits",
        "the webhook retry waits that this deployment states, in seconds, by comma",
        "waits",
        metavar="S,S,S",
    ),
    Option(
        "prices",
        "prices that apply: JSON or TOML, model → {input_nanos, output_nanos} per token, or "
        "model → list of {meter, unit_size, price_per_unit}",
        metavar="FILE",
    ),
    Option(
        "credits-url",
        "address of the credit balance, often …/v1/credits; its key in AI_STATS_API_KEY_CREDITS",
        metavar="URL",
    ),
    Option(
        "webhook-url",
        "address from which what a gateway sends gets to --webhook-port of this machine, such as "
        "a tunnel's",
        metavar="URL",
    ),
    Option(
        "webhook-port",
        "where --webhook-url ends",
        "whole",
        8799,
        metavar="PORT",
        most=65_535,
    ),
    Option(
        "webhook-bind",
        "address to listen at for webhooks; another one than that of loopback is for a gateway in "
        "a container",
        default="127.0.0.1",
        metavar="ADDRESS",
    ),
    Option("fault", "switch a fault of the embedded mock on (repeatable)", "many", metavar="NAME"),
    Option("record", "keep the run as cassettes in this folder", metavar="DIR"),
    Option("report", "write the run's report as JSON", metavar="FILE", long_only=True),
)
BY_NAME: Mapping[str, Option] = {option.name: option for option in OPTIONS}
