// Adapter of JavaScript SDKs, as a process of the adapter protocol:
//   node adapter.mjs --package NAME_OR_PATH [--export NAME] [--option KEY=JSON ...]
// The SDK is found as Node finds it from the working directory, or by its path.
import { existsSync, readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";

// Stdout is for answers alone: what an SDK prints goes to stderr, from its import on.
const say = process.stdout.write.bind(process.stdout);
process.stdout.write = process.stderr.write.bind(process.stderr);

const CLASSES = ["AIStats", "Phaseo", "OpenAI", "default"];
// Contract name: where it may be on a client or in the module, best place first.
const PLACES = {
  createBatch: ["createBatch"],
  getBatch: ["getBatch", "retrieveBatch"],
  cancelBatch: ["cancelBatch"],
  getAsyncJobWebSocketUrl: ["getAsyncJobWebSocketUrl"],
  "batches.create": ["batches.create"],
  "batches.get": ["batches.get", "batches.retrieve"],
  "batches.cancel": ["batches.cancel"],
  "batches.websocketUrl": ["batches.websocketUrl", "batches.webSocketUrl", "getBatchWebSocketUrl"],
  listBatches: ["listBatches"],
  "batches.list": ["batches.list"],
  listBatchModels: ["listBatchModels"],
  "batches.listModels": ["batches.listModels"],
  verifyAsyncWebhookSignature: ["verifyAsyncWebhookSignature"],
  computeAsyncWebhookSignature: ["computeAsyncWebhookSignature"],
};

function stop(text) {
  console.error(`error: ${text}`);
  process.exit(4);
}

function told() {
  const text = { type: "string" };
  const options = { package: text, export: text, option: { ...text, multiple: true } };
  const { package: name, export: wanted, option = [] } = parseArgs({ options }).values;
  if (!name) throw new Error("say which SDK, with --package NAME_OR_PATH");
  const pairs = option.map((one) => /^([^=]+)=(.*)$/s.exec(one) ?? [one, one, "null"]);
  const more = Object.fromEntries(pairs.map(([, key, json]) => [key, JSON.parse(json)]));
  return { name, wanted, more };
}

const manifestIn = (folder) => {
  const file = join(folder, "package.json");
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : undefined;
};

function* upwards(folder) {
  for (let last; folder !== last; [last, folder] = [folder, dirname(folder)]) yield folder;
}

// What a package says is imported of it, by the conditions that hold here.
function entryOf(target) {
  if (typeof target === "string") return target;
  if (Array.isArray(target)) return target.map(entryOf).find(Boolean);
  for (const [key, value] of Object.entries(target ?? {})) {
    const found = [".", "node", "import", "default"].includes(key) && entryOf(value);
    if (found) return found;
  }
  return undefined;
}

const ofFolder = (folder) => {
  const { exports, module, main } = manifestIn(folder) ?? {};
  return join(folder, entryOf(exports) ?? module ?? main ?? "index.js");
};

// The file that stands for a name or a path.
function located(name) {
  if (name.startsWith("file:")) return fileURLToPath(name);
  if (/^(\.|\/|[A-Za-z]:[\\/])/.test(name)) {
    const file = resolve(name);
    return statSync(file).isDirectory() ? ofFolder(file) : file;
  }
  try {
    return createRequire(join(process.cwd(), "here.js")).resolve(name);
  } catch (error) {
    const folders = [...upwards(process.cwd())].map((one) => join(one, "node_modules", name));
    const folder = folders.find(manifestIn);
    if (!folder) throw error;
    return ofFolder(folder);
  }
}

// Name and version as the package itself has them.
function aboutOf(file, name) {
  const manifests = [...upwards(dirname(file))].map(manifestIn);
  return manifests.find((one) => one?.name && one.version) ?? { name, version: "unknown" };
}

async function loaded(file, wanted) {
  const space = await import(pathToFileURL(file).href);
  const spaces = [space, space.default ?? {}];
  const functions = Object.assign({}, ...spaces.toReversed());
  const names = wanted ? [wanted] : CLASSES;
  const kind = names.map((name) => functions[name]).find((one) => typeof one === "function");
  if (!kind) throw new Error(`${file} exports none of ${names.join(", ")}`);
  return { kind, functions };
}

const { name, wanted, more, file } = (() => {
  try {
    const given = told();
    return { ...given, file: located(given.name) };
  } catch (error) {
    return stop(error.message);
  }
})();
const about = aboutOf(file, name);
// An SDK that does not import has no methods, and says why where a client is opened.
const sdk = await loaded(file, wanted).catch((error) => ({ error, functions: {} }));

function client({ base_url, api_key, timeout }) {
  if (sdk.error) throw sdk.error;
  const ms = timeout && timeout * 1000;
  return new sdk.kind({
    baseUrl: base_url,
    baseURL: base_url,
    ...(api_key && { apiKey: api_key }),
    ...(ms && { timeoutMs: ms, timeout: ms }),
    ...more,
  });
}

// The native method of a contract name, with its spelling.
function native(owner, method) {
  for (const spelling of PLACES[method] ?? []) {
    const parts = spelling.split(".");
    const last = parts.pop();
    for (const root of [owner, sdk.functions]) {
      const place = parts.reduce((found, part) => found?.[part], root);
      if (typeof place?.[last] === "function") return { spelling, call: place[last].bind(place) };
    }
  }
  return undefined;
}

// What was not given stays away, so that the SDK sees a call without an argument.
const given = (args, ...names) => names.filter((one) => one in args).map((one) => args[one]);
const named = (args, names) =>
  Object.fromEntries(Object.entries(names).flatMap(([from, to]) => (from in args ? [[to, args[from]]] : [])));
const bytes = (args) => ("body_base64" in args ? Buffer.from(args.body_base64, "base64") : undefined);

// A name that comes twice has a list, which is how Node itself shows headers.
function headersOf(pairs) {
  const found = {};
  for (const [key, value] of pairs) found[key] = key in found ? [found[key], value].flat() : value;
  return found;
}

function argumentsOf(method, args) {
  if (method === "computeAsyncWebhookSignature") {
    return [...given(args, "secret", "timestamp"), bytes(args)];
  }
  if (method === "verifyAsyncWebhookSignature") {
    const plain = named(args, { secret: "secret", tolerance_seconds: "toleranceSeconds" });
    const now = "now" in args ? { now: new Date(args.now * 1000) } : {};
    return [{ ...plain, ...now, body: bytes(args), headers: headersOf(args.headers ?? []) }];
  }
  const positional = given(args, "kind", "job_id", "batch_id", "request", "params");
  const names = { interval_ms: "intervalMs", close_on_terminal: "closeOnTerminal" };
  return args.options ? [...positional, named(args.options, names)] : positional;
}

function kindOf(error) {
  const names = `${error?.name} ${error?.constructor?.name}`;
  const text = `${names} ${error?.message}`;
  if (Number.isInteger(error?.status)) return "http";
  if (/AbortError|TimeoutError\b/.test(names)) return "timeout";
  if (/SyntaxError/.test(names)) return "parse";
  if (/Connection/.test(names) || error?.message === "fetch failed") return "transport";
  return /argument|parameter|credential|required|invalid|must /i.test(text) ? "argument" : "other";
}

function failure(error) {
  const kind = kindOf(error);
  const pairs = [...(error?.headers?.entries?.() ?? Object.entries(error?.headers ?? {}))];
  const shown = {
    status: error?.status,
    body: error?.body ?? error?.error ?? null,
    headers: pairs.map(([key, value]) => [key, String(value)]),
  };
  return {
    kind,
    type: error?.constructor?.name ?? typeof error,
    message: String(error?.message ?? error),
    repr: String(error?.stack ?? error),
    ...(kind === "http" && shown),
  };
}

function hello() {
  const probe = sdk.error
    ? {}
    : client({ base_url: "http://127.0.0.1:9/v1", api_key: "sk-conformance-probe" });
  const found = Object.keys(PLACES).map((method) => [method, native(probe, method)?.spelling]);
  const default_ms = probe.timeoutMs ?? probe.timeout;
  return {
    protocol: 1,
    adapter: { name: "node", version: "1" },
    sdk: {
      name: about.name,
      version: about.version,
      language: "javascript",
      runtime: `node ${process.version}`,
    },
    methods: Object.fromEntries(found.filter(([, spelling]) => spelling)),
    options: ["base_url", "api_key", "timeout"],
    concurrency: 8,
    ...(Number.isFinite(default_ms) && { timeout_default: default_ms / 1000 }),
  };
}

const clients = new Map();
const ops = {
  hello,
  open: ({ client: key, settings }) => (clients.set(key, client(settings)), {}),
  close: ({ client: key }) => (clients.delete(key), {}),
  exit: () => ({}),
  call: async ({ client: key, method, args }) => {
    const found = await native(clients.get(key), method).call(...argumentsOf(method, args));
    // A page that fetches the next one holds what was received beside its own works.
    const value = typeof found?.getPaginatedItems === "function" ? found.body : found;
    return { value: value ?? null, type: found?.constructor?.name ?? String(found) };
  },
};

async function answer({ id, op, ...request }) {
  if (!(op in ops)) return { id, error: { kind: "protocol", message: `no op is called ${op}` } };
  if (op === "call" && !native(clients.get(request.client), request.method)) {
    const reason = `${about.name} has no such method`;
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
  say(text, () => request.op === "exit" && process.exit(0));
});
