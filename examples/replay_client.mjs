// Reads a recorded batch and its stream from a replay, as any client would. Node 22, or 20 with
// --experimental-websocket:
//
//     conformance replay cassettes/mock/channels_of_a_whole_life.json &
//     node examples/replay_client.mjs http://127.0.0.1:8788/v1 batch_…

const [base, id] = process.argv.slice(2);
const headers = { authorization: "Bearer any" };

const read = await fetch(`${base}/batches/${id}`, { headers });
console.log(`GET: ${read.status}, ${(await read.json()).status}`);

const socket = new WebSocket(`${base.replace("http", "ws")}/async/batch/${id}/ws?interval_ms=1000`);
socket.onmessage = ({ data }) => {
  const frame = JSON.parse(data);
  console.log(`${frame.type}: ${frame.data.status}, ${frame.data.progress} %`);
};
socket.onclose = ({ code, reason }) => console.log(`closed: ${code} ${reason}`);
