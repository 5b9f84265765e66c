// Adapter of a JavaScript SDK: pytest --pyargs conformance --adapter-cmd "node adapter.mjs"
// To be changed for another SDK: SDK, open, calls and failure. The rest is the protocol.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

// Stdout is for answers alone: what the SDK prints goes to stderr, from its import on.
console.log = console.info = console.debug = console.error;

const SDK = "acme-batches";
const { Acme } = await import(SDK);
const { version } = createRequire(import.meta.url)(`${SDK}/package.json`);

const open = ({ base_url, api_key, timeout }) =>
  new Acme({
    baseUrl: base_url,
    ...(api_key && { apiKey: api_key }),
    ...(timeout && { timeoutMs: timeout * 1000 }),
  });

// What was not given stays away, so that the SDK sees a call without an argument.
const given = (args, ...names) => names.filter((name) => name in args).map((name) => args[name]);
const options = ({ options = {} }) => ({
  ...("interval_ms" in options && { intervalMs: options.interval_ms }),
  ...("close_on_terminal" in options && { closeOnTerminal: options.close_on_terminal }),
});

// Contract name: [native spelling, call]. Leave out what the SDK does not have.
const calls = {
  createBatch: ["createBatch", (sdk, args) => sdk.createBatch(...given(args, "request"))],
  getBatch: ["getBatch", (sdk, args) => sdk.getBatch(...given(args, "batch_id"))],
  cancelBatch: ["cancelBatch", (sdk, args) => sdk.cancelBatch(...given(args, "batch_id"))],
  "batches.websocketUrl": [
    "batches.websocketUrl",
    (sdk, args) => sdk.batches.websocketUrl(...given(args, "batch_id"), options(args)),
  ],
};

const kindOf = (error) => {
  if (Number.isInteger(error.status)) return "http";
  if (/(Abort|Timeout)(Error)?$/.test(error.name)) return "timeout";
  if (error.name === "SyntaxError") return "parse";
  if (error.message === "fetch failed" || /Connection/.test(error.name)) return "transport";
  return /Argument|TypeError|RangeError/.test(error.name) ? "argument" : "other";
};

const failure = (error) => ({
  kind: kindOf(error),
  type: error.constructor?.name ?? typeof error,
  message: String(error.message ?? error),
  repr: String(error.stack ?? error),
  ...(Number.isInteger(error.status) && {
    status: error.status,
    body: error.body ?? null,
    headers: [...(error.headers ?? [])].map(([name, value]) => [name, String(value)]),
  }),
});

const clients = new Map();
const ops = {
  hello: () => ({
    protocol: 1,
    adapter: { name: "acme-node", version: "1" },
    sdk: { name: SDK, version, language: "javascript", runtime: `node ${process.version}` },
    methods: Object.fromEntries(Object.entries(calls).map(([name, [native]]) => [name, native])),
    options: ["base_url", "api_key", "timeout"],
    concurrency: 8,
    timeout_default: 60,
  }),
  open: ({ client, settings }) => (clients.set(client, open(settings)), {}),
  close: ({ client }) => (clients.delete(client), {}),
  exit: () => ({}),
  call: async ({ client, method, args }) => {
    const value = await calls[method][1](clients.get(client), args);
    return { value: value ?? null, type: value?.constructor?.name ?? String(value) };
  },
};

async function answer({ id, op, ...request }) {
  if (!(op in ops)) return { id, error: { kind: "protocol", message: `no op is called ${op}` } };
  if (op === "call" && !(request.method in calls)) {
    const reason = "the SDK has no such method";
    return { id, error: { kind: "unsupported", method: request.method, reason } };
  }
  try {
    return { id, result: await ops[op](request) };
  } catch (error) {
    return { id, error: failure(error) };
  }
}

const lines = createInterface({ input: process.stdin, terminal: false });
lines.on("close", () => process.exit(0));
lines.on("line", async (line) => {
  const request = JSON.parse(line);
  const text = JSON.stringify(await answer(request)) + "\n";
  process.stdout.write(text, () => request.op === "exit" && process.exit(0));
});
