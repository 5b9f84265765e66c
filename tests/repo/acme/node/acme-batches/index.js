console.log("an SDK that prints when it is imported");

class AcmeHttpError extends Error {
  constructor(answer, body) {
    super(`HTTP ${answer.status}`);
    Object.assign(this, { status: answer.status, headers: answer.headers, body });
  }
}

export class Acme {
  constructor({ baseUrl, apiKey, timeoutMs = 60000 }) {
    Object.assign(this, { baseUrl, apiKey, timeoutMs });
    this.batches = { websocketUrl: (id, options) => this.url(id, options) };
  }

  createBatch(request) {
    return this.send("POST", "/batches", request);
  }

  getBatch(id) {
    return this.send("GET", `/batches/${encodeURIComponent(id)}`);
  }

  cancelBatch(id) {
    return this.send("POST", `/batches/${encodeURIComponent(id)}/cancel`);
  }

  url(id) {
    return `${this.baseUrl.replace(/^http/, "ws")}/async/batch/${encodeURIComponent(id)}/ws`;
  }

  async send(method, path, body) {
    const headers = { authorization: `Bearer ${this.apiKey}`, "content-type": "application/json" };
    const signal = AbortSignal.timeout(this.timeoutMs);
    const given = body && JSON.stringify(body);
    const answer = await fetch(this.baseUrl + path, { method, headers, signal, body: given });
    const value = await answer.json();
    if (!answer.ok) throw new AcmeHttpError(answer, value);
    return value;
  }
}
