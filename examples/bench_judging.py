"""Print how fast judging is: judgements a second, and that the time grows with the exchanges."""

import json
import time
from dataclasses import replace
from pathlib import Path

from conformance.cassette_format import Header, from_data, to_data
from conformance.cassettes import load_all
from conformance.checks import judge
from conformance.requirements import registry
from conformance.resources import cassettes_dir
from conformance.transcript import Exchange, Transcript


def rows() -> list:
    known = registry()
    return [row for row in known.masters() if not known.is_pending(row)]


def applicable(transcripts: list[Transcript]) -> int:
    """Judgements as the suite counts them: one finding of one requirement."""
    return sum(found.judged for found in judge(transcripts, rows(), "ai-stats").values())


def timed(transcripts: list[Transcript]) -> tuple[int, float]:
    began = time.perf_counter()
    judged = applicable(transcripts)
    return judged, time.perf_counter() - began


def moved(transcript: Transcript, turn: int) -> list:
    """The steps of the transcript for other batches and files, later."""
    header = Header({"kind": "recording", "name": "bench", "url": None}, "ai-stats", "0", "0")
    text = json.dumps(to_data(transcript, header))
    data = json.loads(text.replace("batch_", f"batch_{turn}").replace("file-", f"file-{turn}"))
    steps = []
    for step in from_data(data).transcript.steps:
        times = {"at_ms": step.at_ms + turn * 100_000}
        if isinstance(step, Exchange):
            times["ended_at_ms"] = step.ended_at_ms + turn * 100_000
        steps.append(replace(step, **times))
    return steps


def grown(transcript: Transcript, times: int) -> Transcript:
    """A transcript of as many batches as `times` says."""
    steps = [step for turn in range(times) for step in moved(transcript, turn)]
    return replace(transcript, steps=tuple(steps))


def main() -> None:
    folder = cassettes_dir() / "ai-stats"
    transcripts = [one.transcript for one in load_all([Path(folder)])]
    timed(transcripts)  # reads registry and schemas
    judged, seconds = timed([replace(one) for one in transcripts])
    print(f"{len(transcripts)} cassettes: {judged} judgements in {seconds:.3f} s", end=", ")
    print(f"{judged / seconds:,.0f} a second")
    print("one transcript that grows:")
    base = next(one for one in transcripts if one.scenario == "get_each_state")
    for times in (1, 10, 100):
        judged, seconds = timed([grown(base, times)])
        print(
            f"{times:>4} x get_each_state: {judged:>7} judgements, {judged / seconds:,.0f} a second"
        )


if __name__ == "__main__":
    main()
