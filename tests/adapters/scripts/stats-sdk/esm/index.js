// An SDK in the shape of the one for TypeScript: a class, a resource, helpers for webhooks.
import { createHmac, timingSafeEqual } from "node:crypto";

console.log("an SDK that prints when it is imported");

const TOLERANCE_S = 300;
const AGENT = "acme-stats-sdk/2.1.0";

export class AIStatsHttpError extends Error {
  constructor(answer, body) {
    super(`Request failed: ${answer.status} ${answer.statusText}`);
    Object.assign(this, { status: answer.status, headers: answer.headers, body });
  }
}

export class AIStatsArgumentError extends Error {
  name = "AIStatsArgumentError";
}

function segment(id) {
  const text = typeof id === "string" ? id.trim() : "";
  if (!text || text === "." || text === "..") throw new AIStatsArgumentError(`no id: ${id}`);
  return encodeURIComponent(text);
}

function query(params = {}) {
  const pairs = Object.entries(params).flatMap(([name, value]) =>
    [value].flat().filter((one) => one != null).map((one) => [name, String(one)]));
  return pairs.length ? `?${new URLSearchParams(pairs)}` : "";
}

export class AIStats {
  constructor({ apiKey = process.env.AI_STATS_API_KEY, baseUrl, timeoutMs = 60000 }) {
    if (!apiKey) throw new AIStatsArgumentError("pass apiKey or set AI_STATS_API_KEY");
    this.baseUrl = baseUrl.replace(/\/+$/, "");
    this.timeoutMs = timeoutMs;
    this.headers = { accept: "application/json", authorization: `Bearer ${apiKey}` };
    this.headers["user-agent"] = AGENT;
    this.batches = {
      create: (request) => this.createBatch(request),
      get: (id) => this.getBatch(id),
      cancel: (id) => this.cancelBatch(id),
      list: (params) => this.listBatches(params),
      listModels: (params) => this.listBatchModels(params),
      websocketUrl: (id, options) => this.getAsyncJobWebSocketUrl("batch", id, options),
    };
  }

  async createBatch(request) {
    return this.#send("POST", "/batches", request ?? {});
  }

  async getBatch(id) {
    return this.#send("GET", `/batches/${segment(id)}`);
  }

  async cancelBatch(id) {
    return this.#send("POST", `/batches/${segment(id)}/cancel`);
  }

  async listBatches(params) {
    return this.#send("GET", `/batches${query(params)}`);
  }

  async listBatchModels(params) {
    return this.#send("GET", `/batches/models${query(params)}`);
  }

  getAsyncJobWebSocketUrl(kind, id, { intervalMs, closeOnTerminal } = {}) {
    const base = this.baseUrl.replace(/^http/i, "ws");
    const options = { interval_ms: intervalMs, close_on_terminal: closeOnTerminal };
    return `${base}/async/${segment(kind)}/${segment(id)}/ws${query(options)}`;
  }

  async #send(method, path, given) {
    const body = given && JSON.stringify(given);
    const headers = body ? { ...this.headers, "content-type": "application/json" } : this.headers;
    const signal = AbortSignal.timeout(this.timeoutMs);
    const redirect = method === "POST" ? "manual" : "follow";
    const answer = await fetch(this.baseUrl + path, { method, headers, body, signal, redirect });
    const text = (await answer.text()).replace(/^\ufeff/, "");
    if (!answer.ok) throw new AIStatsHttpError(answer, asJson(text));
    if (!text) return null;
    const value = JSON.parse(text);
    if (value === null || typeof value !== "object" || Array.isArray(value)) {
      throw new SyntaxError(`no object: ${text.slice(0, 80)}`);
    }
    return value;
  }
}

function asJson(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text || null;
  }
}

export function computeAsyncWebhookSignature(secret, timestamp, body) {
  return createHmac("sha256", secret.trim()).update(`${timestamp}.`).update(body).digest("hex");
}

function headerOf(headers, name) {
  const found = Object.entries(headers).find(([key]) => key.toLowerCase() === name);
  return found && String([found[1]].flat()[0]).trim();
}

function secondsOf(timestamp) {
  if (/^[0-9]+$/.test(timestamp)) return Number(timestamp) / (timestamp.length >= 13 ? 1000 : 1);
  return Date.parse(timestamp) / 1000;
}

export function verifyAsyncWebhookSignature({ secret, body, headers, toleranceSeconds, now }) {
  const timestamp = headerOf(headers, "x-ai-stats-timestamp");
  const signature = headerOf(headers, "x-ai-stats-signature");
  if (!secret.trim() || !timestamp || !/^[0-9a-f]{64}$/i.test(signature ?? "")) return false;
  const tolerance_s = toleranceSeconds === undefined ? TOLERANCE_S : toleranceSeconds;
  const age_s = Math.abs((now ?? new Date()) / 1000 - secondsOf(timestamp));
  if (tolerance_s !== null && !(tolerance_s >= 0 && age_s <= tolerance_s)) return false;
  const wanted = computeAsyncWebhookSignature(secret, timestamp, body);
  return timingSafeEqual(Buffer.from(signature, "hex"), Buffer.from(wanted, "hex"));
}
