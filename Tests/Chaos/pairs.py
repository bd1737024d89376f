"""Clients that authorize and settle one call after another, and keep nothing of it but counts and what was wrong."""
import asyncio

from connection import Connections, NoAnswer
from money import MODEL

CALLERS, ANSWER_SECONDS = 8, 10


class Pairs:
    def __init__(self, team):
        self.team, self.calls, self.settled, self.unavailable, self.findings = team, 0, 0, 0, []

    async def run(self, replicas, is_over):
        connections = [Connections(replica.port) for replica in replicas]
        await asyncio.gather(*(
            self.work(connections[caller % len(connections)], is_over) for caller in range(CALLERS)))
        for connection in connections:
            connection.close()

    async def work(self, connection, is_over):
        while not is_over.is_set():
            self.calls += 1
            request_id = f"{self.team}-pair-{self.calls}"
            try:
                status = await self.pair(connection, request_id)
            except NoAnswer as problem:
                status = str(problem)
            self.settled += status == 200
            self.unavailable += status == 503
            if status not in (200, 503):
                self.findings.append(f"{request_id} was answered: {status}")

    async def pair(self, connection, request_id):
        """Returns the status of the settle, or of the authorize if that was not answered 200; also why it was denied."""
        status, verdict = await connection.post("/v1/authorize", {
            "request_id": request_id, "team": self.team, "feature": "chat", "model": MODEL, "input_tokens": 1200,
            "max_output_tokens": 400}, ANSWER_SECONDS)
        if status != 200:
            return status
        if not verdict["hold_id"]:
            return verdict["reason"]
        status, _ = await connection.post("/v1/settle", {
            "hold_id": verdict["hold_id"], "usage": {"input_tokens": 1200, "output_tokens": 310}}, ANSWER_SECONDS)
        return status
