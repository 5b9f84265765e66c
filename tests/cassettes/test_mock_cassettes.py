"""A life with stream and webhooks, recorded from the mock, is judged as it was when it was live."""

import asyncio
from pathlib import Path

import pytest

from conformance import __version__
from conformance.cassette_format import Header
from conformance.cassettes import load, save
from conformance.checks import judge
from conformance.drive import drive
from conformance.requirements import registry
from conformance.resources import cassettes_dir
from conformance.scenarios import all_scenarios
from conformance.targets.mock import MockTarget
from conformance.transcript import Delivery, Edge, Exchange, Stream

FOLDER = Path(__file__).parents[2] / "cassettes" / "mock"
KEPT = ("channels_of_a_cancel", "channels_of_a_whole_life")
PROFILE = "ai-stats"


def driven(name, *faults):
    """The transcript of a scenario on the mock, and the header of its cassette."""
    found = []

    async def go():
        target = MockTarget(faults)
        header = Header(
            {"kind": target.kind, "name": target.name, "url": None},
            PROFILE,
            __version__,
            registry().digest,
            tuple(sorted(target.capabilities.offered)),
        )
        await drive([all_scenarios()[name]], target, keep=found.append)
        return header

    header = asyncio.run(go())
    return found[0], header


def judged(transcript):
    rows = [row for row in registry().masters(PROFILE) if row.family != "sdk"]
    return judge([transcript], rows, PROFILE)


@pytest.fixture(scope="module", autouse=True)
def _recorded_anew(request):
    if request.config.getoption("--update-mock-cassettes", default=False):
        for name in KEPT:
            transcript, header = driven(name)
            assert transcript.complete
            save(transcript, header, FOLDER)


@pytest.fixture(params=KEPT)
def kept(request):
    return load(cassettes_dir() / "mock" / f"{request.param}.json")


def test_the_folder_holds_what_is_kept_and_nothing_else():
    assert sorted(path.stem for path in FOLDER.iterdir()) == sorted(KEPT)


@pytest.mark.parametrize("fault", [(), ("message-of-another-input-file",)])
def test_a_cassette_is_judged_as_the_transcript_was(tmp_path, fault):
    live, header = driven("channels_of_a_whole_life", *fault)
    again = load(save(live, header, tmp_path)).transcript
    assert again == live
    assert judged(again) == judged(live)
    assert bool(judged(live)["XCH-07"].broken) is bool(fault)


def test_a_kept_cassette_breaks_nothing_and_shows_every_channel(kept):
    judgements = judged(kept.transcript)
    fell = [one for one, found in judgements.items() if found.broken]
    kinds = {type(step) for step in kept.transcript.steps}
    assert (fell, kinds) == ([], {Exchange, Stream, Delivery, Edge})
    assert [found.crash for found in judgements.values() if found.crash] == []
    assert all(judgements[one].judged for one in ("XCH-02", "XCH-21", "XCH-22", "XCH-32"))


def test_the_steps_of_a_kept_cassette_are_in_the_order_of_their_clock(kept):
    times = [step.at_ms for step in kept.transcript.steps]
    assert times == sorted(times)
    for _, stream in kept.transcript.of(Stream):
        said = [frame.at_ms for frame in stream.frames]
        assert said == sorted(said)


def test_a_kept_cassette_is_small_and_stands_as_the_suite_would_write_it(kept, tmp_path):
    name = kept.transcript.scenario
    header = Header(
        kept.target, kept.profile, kept.suite_version, kept.registry_digest, kept.capabilities
    )
    kept_bytes = (cassettes_dir() / "mock" / f"{name}.json").read_bytes()
    assert save(kept.transcript, header, tmp_path).read_bytes() == kept_bytes
    assert len(kept_bytes) < 150_000
    assert b"_sk_" not in kept_bytes
    assert b"whsec_" not in kept_bytes
