"""Verify a webhook with nothing but the standard library: prints the event's type, or exits with 1.

Usage: verify.py SECRET ID TIMESTAMP SIGNATURES < body
"""

import base64
import hashlib
import hmac
import json
import sys
import time

TOLERANCE_SECONDS = 300


def verify(secret: str, webhook_id: str, timestamp: str, signatures: str, body: bytes, now: float) -> dict:
    if abs(now - int(timestamp)) > TOLERANCE_SECONDS:
        raise ValueError("too old, or from the future")
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{webhook_id}.{timestamp}.".encode() + body
    expected = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    # There may be several signatures while a secret is being replaced.
    if not any(hmac.compare_digest(expected, given) for given in signatures.split(" ")):
        raise ValueError("not signed with our secret")
    return json.loads(body)


if __name__ == "__main__":
    try:
        event = verify(*sys.argv[1:5], sys.stdin.buffer.read(), time.time())
    except ValueError as error:
        sys.exit(f"refused: {error}")
    print(event["type"])
