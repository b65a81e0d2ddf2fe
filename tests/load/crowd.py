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


class Player:
    """One person's connection, speaking just enough Socket.IO (protocol 5 over Engine.IO 4) to be counted.

    A whole client library would need more of the shared processor than the server it is to measure.
    """

    def __init__(self, websocket: aiohttp.ClientWebSocketResponse) -> None:
        self.websocket = websocket
        self.asked = 0

    async def hear(self, beginning: str) -> str:
        """Return the next message that begins like this; pings are answered on the way."""
        while True:
            text = await self.websocket.receive_str(timeout=120)
            if text == "2":
                await self.websocket.send_str("3")
            elif text.startswith(beginning):
                return text[len(beginning) :]

    async def enter(self) -> None:
        await self.hear("0")
        await self.websocket.send_str("40")
        await self.hear("40")

    async def ask(self, event: str, payload: dict[str, Any]) -> dict[str, Any]:
        """Return the acknowledgement."""
        self.asked += 1
        await self.websocket.send_str(f"42{self.asked}{json.dumps([event, payload])}")
        return json.loads(await self.hear(f"43{self.asked}"))[0]  # type: ignore[no-any-return]

    async def sit(self) -> None:
        """Answer pings until the connection ends."""
        while True:
            await self.hear("41")


class Crowd:
    def __init__(self, task: dict[str, Any]) -> None:
        self.task = task
        self.address = f"{task['url'].replace('http', 'ws', 1)}/socket.io/?EIO=4&transport=websocket"
        self.sitting: list[asyncio.Task[None]] = []
        self.open: list[aiohttp.ClientWebSocketResponse] = []
        self.acknowledged: dict[int, float] = {}
        self.refused: list[Any] = []
        self.failed: list[str] = []

    async def come(self, person: dict[str, Any], session: aiohttp.ClientSession) -> None:
        """Have one person connect and tell; a connection that fails is tried again, as a browser would."""
        device = secrets.token_hex(10)
        for attempt in range(5):
            try:
                websocket = await session.ws_connect(self.address, headers={"Cookie": person["cookie"]})
                self.open.append(websocket)
                player = Player(websocket)
                await player.enter()
                for number, event in enumerate(self.task["events"], start=1):
                    payload = {
                        "session": self.task["session"],
                        "device": device,
                        "key": secrets.token_hex(10),
                        "sequence": number,
                        "ago_ms": 0,
                    }
                    answer = await player.ask(event, payload)
                    if not answer["ok"]:
                        self.refused.append(answer)
                        return
                self.acknowledged[person["id"]] = time.monotonic()
                self.sitting.append(asyncio.create_task(player.sit()))
                return
            except Exception as error:
                self.failed.append(f"{type(error).__name__}: {error}")
                await asyncio.sleep(0.2 * (attempt + 1))

    async def gather(self) -> None:
        connector = aiohttp.TCPConnector(limit=0)
        async with aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar()) as session:
            begun = time.monotonic()
            await asyncio.gather(*(self.come(person, session) for person in self.task["people"]))
            told = {
                "begun": begun,
                "acknowledged": self.acknowledged,
                "refused": self.refused,
                "failed": self.failed,
            }
            print(json.dumps(told), flush=True)
            if self.task.get("hold"):
                await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
            for task in self.sitting:
                task.cancel()
            await asyncio.gather(*(websocket.close() for websocket in self.open), return_exceptions=True)


def main() -> None:
    task = json.loads(sys.stdin.readline())
    print("ready", flush=True)
    assert sys.stdin.readline().strip() == "go"
    asyncio.run(Crowd(task).gather())


if __name__ == "__main__":
    main()
