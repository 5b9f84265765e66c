"""Print how fast the mock serves streams: subscribers with a batch each, from create to the end.

    python examples/bench_subscribers.py 1000

Fails when a subscriber misses a state, sees one twice or out of order.
"""

import asyncio
import json
import sys
import time

import httpx
import websockets

from conformance.mock import MockServer

ROW = b'{"custom_id":"a","body":{"model":"mock-mini"}}'
LIFE = ["validating", "in_progress", "finalizing", "completed"]
# Longer than an interval, and short enough that no batch outlives its window of a day.
STEPS = [{"status": status, "completed": 1, "seconds": 3} for status in LIFE[1:]]
AT_ONCE = 50


class Bench:
    """One set of the mock and its subscribers."""

    def __init__(self, client: httpx.AsyncClient, key: str, file_id: str) -> None:
        self.client = client
        self.headers = {"authorization": f"Bearer {key}"}
        self.body = {"endpoint": "/v1/responses", "input_file_id": file_id}
        self.turn = asyncio.Semaphore(AT_ONCE)
        self.open = asyncio.Semaphore(0)

    async def create(self) -> dict:
        async with self.turn:
            return (await self.client.post("/batches", json=self.body)).json()

    async def poll(self, batch: dict) -> None:
        async with self.turn:
            await self.client.get(f"/batches/{batch['id']}")

    async def subscribe(self, batch: dict) -> list[str]:
        options = {"additional_headers": self.headers, "proxy": None, "compression": None}
        async with self.turn:
            socket = await websockets.connect(batch["websocket_url"], **options)
        async with socket:
            seen = [status_of(await socket.recv())]
            self.open.release()
            seen += [status_of(text) async for text in socket]
        assert (socket.close_code, socket.close_reason) == (1000, "closed")
        return seen


def status_of(text: str | bytes) -> str:
    return json.loads(text)["data"]["polled_status"]


async def life(bench: Bench, count: int) -> None:
    batches = await asyncio.gather(*(bench.create() for _ in range(count)))
    began = time.perf_counter()
    watching = [asyncio.create_task(bench.subscribe(batch)) for batch in batches]
    for _ in watching:
        await bench.open.acquire()
    opened = time.perf_counter()
    for _ in LIFE[1:]:
        await asyncio.gather(*(bench.poll(batch) for batch in batches))
    seen = await asyncio.wait_for(asyncio.gather(*watching), 60)
    ended = time.perf_counter()
    assert seen == [LIFE] * count, f"{sum(one != LIFE for one in seen)} subscribers missed states"
    frames = count * len(LIFE)
    print(f"{count} subscribers: open after {opened - began:.2f} s", end=", ")
    print(f"{frames} frames, none lost, whole lives after {ended - began:.2f} s")


async def main(count: int, mock: MockServer) -> None:
    key = mock.default_keys()["AI_STATS_API_KEY"]
    headers = {"authorization": f"Bearer {key}"}
    async with httpx.AsyncClient(base_url=mock.url, headers=headers, trust_env=False) as client:
        files, data = {"file": ("in.jsonl", ROW)}, {"purpose": "batch"}
        act = f"{mock.control_url}/workspaces/{mock.workspace_id}/actions"
        await client.post(act, json={"action": "life_scripted", "life": STEPS})
        file_id = (await client.post("/files", files=files, data=data)).json()["id"]
        await life(Bench(client, key, file_id), count)


if __name__ == "__main__":
    with MockServer() as running:
        asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000, running))
