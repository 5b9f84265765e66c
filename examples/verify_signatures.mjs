// Holds a verifier of webhook signatures to the vectors; put yours in place of `accepts`.
//
//     node examples/verify_signatures.mjs conformance/vectors/signatures.json

import { createHmac, timingSafeEqual } from "node:crypto";
import { readFileSync } from "node:fs";

function accepts(secret, headers, body, now, tolerance = 300) {
  const first = new Map();
  for (const [name, value] of headers) {
    if (!first.has(name.toLowerCase())) first.set(name.toLowerCase(), value.trim());
  }
  const timestamp = first.get("x-ai-stats-timestamp") ?? "";
  const signature = (first.get("x-ai-stats-signature") ?? "").toLowerCase();
  if (!secret.trim() || !/^[0-9]{1,15}$/.test(timestamp)) return false;
  if (!/^[0-9a-f]{64}$/.test(signature)) return false;
  if (tolerance !== null && Math.abs(now - Number(timestamp)) > tolerance) return false;
  const wanted = createHmac("sha256", secret.trim()).update(`${timestamp}.`).update(body).digest();
  return timingSafeEqual(wanted, Buffer.from(signature, "hex"));
}

const { vectors } = JSON.parse(readFileSync(process.argv[2], "utf8"));
const wrong = vectors.filter((one) => {
  const body = Buffer.from(one.body_base64, "base64");
  const answer = accepts(one.secret, one.headers, body, one.now, one.tolerance_seconds);
  return answer !== one.accept;
});
for (const one of wrong) console.log(`WRONG ${one.name}: ${one.accept} expected, ${one.why}`);
console.log(`${vectors.length - wrong.length} of ${vectors.length} vectors right`);
process.exit(wrong.length ? 1 : 0);
