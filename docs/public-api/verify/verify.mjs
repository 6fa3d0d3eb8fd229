// Verify a webhook with nothing but Node.js: prints the event's type, or exits with 1.
//
// Usage: node verify.mjs SECRET ID TIMESTAMP SIGNATURES < body

import { createHmac, timingSafeEqual } from "node:crypto";
import { readFileSync } from "node:fs";

const TOLERANCE_SECONDS = 300;

export function verify(secret, id, timestamp, signatures, body, now) {
  if (!(Math.abs(now - Number(timestamp)) <= TOLERANCE_SECONDS)) {
    throw new Error("too old, or from the future");
  }
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  const hmac = createHmac("sha256", key).update(`${id}.${timestamp}.`).update(body);
  const expected = Buffer.from(`v1,${hmac.digest("base64")}`);
  // There may be several signatures while a secret is being replaced.
  const ours = signatures
    .split(" ")
    .map((given) => Buffer.from(given))
    .some((given) => given.length === expected.length && timingSafeEqual(given, expected));
  if (!ours) {
    throw new Error("not signed with our secret");
  }
  return JSON.parse(body);
}

const [secret, id, timestamp, signatures] = process.argv.slice(2);
try {
  const event = verify(secret, id, timestamp, signatures, readFileSync(0), Date.now() / 1000);
  console.log(event.type);
} catch (error) {
  console.error(`refused: ${error.message}`);
  process.exitCode = 1;
}
