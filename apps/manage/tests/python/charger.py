"""An independent OCPP 1.6J charger: the library `ocpp` from PyPI, told what to do line by line.

    charger.py ws://host:port/ocpp IDENTITY [PASSWORD]

Reads one JSON array per line from standard input, `["BootNotification", {...}]`, sends it as a call
and prints the answer as one JSON line, `{"answer": {...}}` or `{"error": "..."}`. Calls from the
server are answered as a plain charger would and printed as `{"call": "...", "payload": {...}}`.
The words `["wait", "Action"]` print `{"waited": "Action"}` once such a call has come. Ends with
its input.
"""

import asyncio
import base64
import dataclasses
import json
import sys

import websockets
from ocpp.routing import on
from ocpp.v16 import ChargePoint, call, call_result


def say(line):
    print(json.dumps(line, default=float), flush=True)


ANSWERS = {
    "RemoteStartTransaction": {"status": "Accepted"},
    "RemoteStopTransaction": {"status": "Accepted"},
    "Reset": {"status": "Accepted"},
    "UnlockConnector": {"status": "Unlocked"},
    "ChangeAvailability": {"status": "Accepted"},
    "ChangeConfiguration": {"status": "Accepted"},
    "GetConfiguration": {
        "configuration_key": [{"key": "HeartbeatInterval", "readonly": False, "value": "300"}],
        "unknown_key": [],
    },
    "TriggerMessage": {"status": "Accepted"},
    "ClearCache": {"status": "Accepted"},
    "SetChargingProfile": {"status": "Accepted"},
    "ClearChargingProfile": {"status": "Accepted"},
    "GetCompositeSchedule": {"status": "Rejected"},
    "DataTransfer": {"status": "Accepted"},
    "GetDiagnostics": {},
    "UpdateFirmware": {},
}


class Charger(ChargePoint):
    """Says yes to everything and tells what it was asked."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.asked = {action: asyncio.Event() for action in ANSWERS}


def handler(action, answer):
    def handle(self, **payload):
        say({"call": action, "payload": payload})
        self.asked[action].set()
        return getattr(call_result, action)(**answer)

    # The library finds handlers by their names.
    handle.__name__ = f"on_{action}"
    return on(action)(handle)


for name, reply in ANSWERS.items():
    setattr(Charger, f"on_{name}", handler(name, reply))


async def lines():
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        if line.strip():
            yield json.loads(line)


async def obey(charger):
    async for action, *payload in lines():
        if action == "wait":
            event = charger.asked[payload[0]]
            await asyncio.wait_for(event.wait(), 30)
            event.clear()
            say({"waited": payload[0]})
            continue
        try:
            answer = await charger.call(getattr(call, action)(**payload[0]), suppress=False)
            say({"answer": dataclasses.asdict(answer)})
        except Exception as error:
            say({"error": f"{type(error).__name__}: {error}"})


async def main():
    url, identity, *password = sys.argv[1:]
    headers = {}
    if password:
        basic = base64.b64encode(f"{identity}:{password[0]}".encode()).decode()
        headers["Authorization"] = f"Basic {basic}"
    async with websockets.connect(
        f"{url}/{identity}", subprotocols=["ocpp1.6"], additional_headers=headers
    ) as socket:
        say({"connected": socket.subprotocol})
        charger = Charger(identity, socket)
        listening = asyncio.create_task(charger.start())
        await obey(charger)
        listening.cancel()


asyncio.run(main())
