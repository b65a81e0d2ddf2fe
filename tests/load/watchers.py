"""Coordinators in one process who watch a register: when each was told of whom, and how many bytes that took.

Reads one JSON object from standard input: {"url", "session", "cookies"}. Prints "ready" once all of them watch. For
every line it reads it answers with what came since the last answer: {"told": {person: [time a watcher was told]},
"bytes", "messages", "lines"}. Times are of the machine's steady clock, the same in every process.
"""

import asyncio
import json
import sys
import time
from typing import Any

import socketio


class Watchers:
    def __init__(self, task: dict[str, Any]) -> None:
        self.task = task
        self.clients: list[socketio.AsyncClient] = []
        self.forget()

    def forget(self) -> None:
        self.told: dict[int, list[float]] = {}
        self.bytes = self.messages = self.lines = 0

    async def watch(self, cookie: str) -> None:
        client = socketio.AsyncClient(reconnection=False)
        seen: set[tuple[int, str]] = set()

        def changed(message: dict[str, Any]) -> None:
            now = time.monotonic()
            self.messages += 1
            self.lines += len(message["lines"])
            for line in message["lines"]:
                # The first time this watcher sees the person like this.
                if (line["person"], line["group"]) not in seen:
                    seen.add((line["person"], line["group"]))
                    self.told.setdefault(line["person"], []).append(now)

        client.on("register:lines", changed)
        await client.connect(self.task["url"], headers={"Cookie": cookie}, transports=["websocket"], wait_timeout=60)
        receive = client.eio._receive_packet

        async def counted(packet: Any) -> None:
            # As it came over the wire: what the browser would have to read.
            self.bytes += len(packet.data) if isinstance(packet.data, str) else 0
            await receive(packet)

        client.eio._receive_packet = counted
        answer = await client.call("register:watch", {"session": self.task["session"]}, timeout=120)
        assert answer["ok"], answer
        self.clients.append(client)

    async def serve(self) -> None:
        await asyncio.gather(*(self.watch(cookie) for cookie in self.task["cookies"]))
        self.forget()
        print("ready", flush=True)
        loop = asyncio.get_running_loop()
        while await loop.run_in_executor(None, sys.stdin.readline):
            told = {"told": self.told, "bytes": self.bytes, "messages": self.messages, "lines": self.lines}
            print(json.dumps(told), flush=True)
            self.forget()
        await asyncio.gather(*(client.disconnect() for client in self.clients), return_exceptions=True)


if __name__ == "__main__":
    asyncio.run(Watchers(json.loads(sys.stdin.readline())).serve())
