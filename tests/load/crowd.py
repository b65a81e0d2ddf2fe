"""Many people in one process: connects them all at once, tells what each is told to tell, and prints when each was
acknowledged.

Reads one JSON object a line from standard input: {"url", "session", "events", "people": [{"id", "cookie"}], "hold"}.
Waits for a line "go", prints {"begun", "acknowledged": {person: time}, "refused", "failed"}, and with "hold" stays
connected until its input ends. Times are of the machine's steady clock, the same in every process.
"""

import asyncio
import json
import secrets
import sys
import time
from typing import Any

import aiohttp
import socketio


class Crowd:
    def __init__(self, task: dict[str, Any]) -> None:
        self.task = task
        self.clients: list[socketio.AsyncClient] = []
        self.acknowledged: dict[int, float] = {}
        self.refused: list[Any] = []
        self.failed: list[str] = []

    async def come(self, person: dict[str, Any], connector: aiohttp.TCPConnector) -> None:
        """Have one person connect and tell; a connection that fails is tried again, as a browser would."""
        device = secrets.token_hex(10)
        for attempt in range(5):
            # A jar each, which also takes cookies of an address without a name.
            session = aiohttp.ClientSession(
                connector=connector, connector_owner=False, cookie_jar=aiohttp.CookieJar(unsafe=True)
            )
            client = socketio.AsyncClient(reconnection=False, http_session=session)
            try:
                headers = {"Cookie": person["cookie"]}
                await client.connect(self.task["url"], headers=headers, transports=["websocket"], wait_timeout=60)
                for number, event in enumerate(self.task["events"], start=1):
                    payload = {
                        "session": self.task["session"],
                        "device": device,
                        "key": secrets.token_hex(10),
                        "sequence": number,
                        "ago_ms": 0,
                    }
                    answer = await client.call(event, payload, timeout=120)
                    if not answer["ok"]:
                        self.refused.append(answer)
                        return
                self.acknowledged[person["id"]] = time.monotonic()
                self.clients.append(client)
                return
            except Exception as error:
                self.failed.append(f"{type(error).__name__}: {error}")
                await asyncio.sleep(0.2 * (attempt + 1))

    async def gather(self) -> None:
        async with aiohttp.TCPConnector(limit=0) as connector:
            begun = time.monotonic()
            await asyncio.gather(*(self.come(person, connector) for person in self.task["people"]))
            told = {
                "begun": begun,
                "acknowledged": self.acknowledged,
                "refused": self.refused,
                "failed": self.failed,
            }
            print(json.dumps(told), flush=True)
            if self.task.get("hold"):
                await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
            await asyncio.gather(*(client.disconnect() for client in self.clients), return_exceptions=True)


def main() -> None:
    task = json.loads(sys.stdin.readline())
    print("ready", flush=True)
    assert sys.stdin.readline().strip() == "go"
    asyncio.run(Crowd(task).gather())


if __name__ == "__main__":
    main()
