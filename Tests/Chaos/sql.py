"""A connection to PostgreSQL without a driver: simple queries in, rows of text out. It never goes through a proxy."""
import asyncio
import struct

from cluster import DATABASE, ROLE

CONNECT_SECONDS, ANSWER_SECONDS = 2, 30
PROTOCOL_3 = 196_608


class Refused(Exception):
    """An error that PostgreSQL reports about a statement."""


class Session:
    def __init__(self, reader, writer):
        self.reader, self.writer = reader, writer

    @classmethod
    async def open(cls, port, database=DATABASE):
        async with asyncio.timeout(CONNECT_SECONDS):
            session = cls(*await asyncio.open_connection("127.0.0.1", port))
            names = f"user\0{ROLE}\0database\0{database}\0\0".encode()
            session.writer.write(struct.pack("!ii", len(names) + 8, PROTOCOL_3) + names)
            await session.answer()
        return session

    async def query(self, statement, seconds=ANSWER_SECONDS):
        """Returns the rows of the last statement, each a list of texts and Nones."""
        text = statement.encode() + b"\0"
        self.writer.write(b"Q" + struct.pack("!i", len(text) + 4) + text)
        async with asyncio.timeout(seconds):
            return await self.answer()

    async def answer(self):
        """Reads up to ReadyForQuery."""
        rows, problem = [], None
        while True:
            head = await self.reader.readexactly(5)
            kind, body = head[:1], await self.reader.readexactly(struct.unpack("!i", head[1:])[0] - 4)
            match kind:
                case b"T":
                    rows = []
                case b"D":
                    rows.append(columns(body))
                case b"E":
                    problem = next(f[1:].decode() for f in body.split(b"\0") if f[:1] == b"M")
                case b"Z":
                    break
            # The server sends nothing more after a FATAL error, such as one while connecting.
            if kind == b"E" and b"FATAL" in body:
                break
        if problem:
            raise Refused(problem)
        return rows

    def close(self):
        self.writer.transport.abort()


def columns(body):
    values, at = [], 2
    for _ in range(struct.unpack_from("!h", body)[0]):
        length = struct.unpack_from("!i", body, at)[0]
        at += 4
        values.append(None if length < 0 else body[at:at + length].decode())
        at += max(0, length)
    return values


async def ask(cluster, statement):
    """Sends one query on a connection of its own."""
    session = await Session.open(cluster.port)
    try:
        return await session.query(statement)
    finally:
        session.close()
