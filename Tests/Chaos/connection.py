"""Keep-alive HTTP/1.1 connections to a replica."""
import asyncio
import json

from replicas import ADMIN_TOKEN

HEAD = (
    "POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer " + ADMIN_TOKEN
    + "\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n")


class NoAnswer(Exception):
    """The connection was refused or cut, or the answer was late: the request may or may not have been carried out."""


class Connection:
    def __init__(self, port):
        self.port, self.reader, self.writer = port, None, None

    async def post(self, path, body, seconds):
        """Sends a request; returns the status and the JSON of the answer."""
        try:
            async with asyncio.timeout(seconds):
                if self.writer is None:
                    self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
                content = json.dumps(body).encode()
                self.writer.write(HEAD.format(path=path, length=len(content)).encode() + content)
                return await self.answer()
        except (OSError, TimeoutError, EOFError, ValueError) as error:
            self.close()
            raise NoAnswer(f"{type(error).__name__} {error}") from None
        except asyncio.CancelledError:
            self.close()
            raise

    async def answer(self):
        head = await self.reader.readuntil(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in lines[1:] if line)
        body = await self.reader.readexactly(int(headers["content-length"]))
        if headers.get("connection") == "close":
            self.close()
        return int(lines[0].split()[1]), json.loads(body)

    def close(self):
        if self.writer:
            self.writer.transport.abort()
            self.writer = None


class Connections:
    """The connections to one replica, as many as there are requests under way."""

    def __init__(self, port):
        self.port, self.all, self.idle = port, [], []

    async def post(self, path, body, seconds):
        if not self.idle:
            self.all.append(Connection(self.port))
            self.idle.append(self.all[-1])
        connection = self.idle.pop()
        try:
            return await connection.post(path, body, seconds)
        finally:
            self.idle.append(connection)

    def close(self):
        for connection in self.all:
            connection.close()
