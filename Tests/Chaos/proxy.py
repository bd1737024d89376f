"""The network between replicas and PostgreSQL: a process that passes bytes on, late or never, or cuts at a COMMIT.

The proxy is a process of its own so that busy clients do not slow it down. `Network` controls it over its standard
input and output, with one JSON object per line in each direction.
"""
import asyncio
import json
import os
import socket
import struct
import subprocess
import sys

# A simple-query message as libpq sends it: type, length, text, NUL.
COMMIT = b"Q\x00\x00\x00\x0bCOMMIT\x00"
CHUNK_BYTES = 65_536
# Closing sends RST instead of FIN: data on its way is lost, as if a cable was pulled.
LINGER_ZERO = struct.pack("ii", 1, 0)


class Link:
    """One replica's way to one PostgreSQL server: a port on loopback."""

    def __init__(self, target_port):
        self.target_port, self.pipes, self.tasks = target_port, set(), set()
        self.is_refusing, self.delay_seconds = False, 0.0
        # Several faults may silence the link at once; bytes flow again when the last of them ends.
        self.silences, self.flowing = 0, asyncio.Event()
        self.flowing.set()
        # How to cut the next COMMITs, and how many were cut.
        self.commit_cuts, self.commits_cut = [], 0

    async def listen(self):
        self.server = await asyncio.start_server(self.accept, "127.0.0.1", 0)
        return self.server.sockets[0].getsockname()[1]

    def accept(self, reader, writer):
        task = asyncio.create_task(self.connect(reader, writer))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def connect(self, reader, writer):
        if self.is_refusing:
            return cut(writer)
        try:
            upstream = await asyncio.open_connection("127.0.0.1", self.target_port)
        except OSError:
            return cut(writer)
        await Pipe(self, (reader, writer), upstream).run()

    def silence(self, is_silent):
        self.silences += 1 if is_silent else -1
        self.flowing.clear() if self.silences else self.flowing.set()

    def cut_all(self):
        for pipe in list(self.pipes):
            pipe.cut()


class Pipe:
    """One connection through a link."""

    def __init__(self, link, client, server):
        self.link, self.client, self.server = link, client, server
        self.is_answer_cut = False

    async def run(self):
        self.link.pipes.add(self)
        try:
            await asyncio.gather(self.carry_requests(), self.carry_answers())
        except OSError:
            pass
        finally:
            self.link.pipes.discard(self)
            self.cut()

    def cut(self):
        cut(self.client[1])
        cut(self.server[1])

    async def carry_requests(self):
        while chunk := await self.read(self.client):
            how = self.link.commit_cuts.pop(0) if self.link.commit_cuts and COMMIT in chunk else None
            if how:
                self.link.commits_cut += 1
            if how == "before":
                return self.cut()
            self.is_answer_cut = how == "after"
            await self.write(self.server, chunk)
            if how == "during":
                return self.cut()
        self.cut()

    async def carry_answers(self):
        while chunk := await self.read(self.server):
            if self.is_answer_cut:
                return self.cut()
            await self.write(self.client, chunk)
        self.cut()

    async def read(self, side):
        chunk = await side[0].read(CHUNK_BYTES)
        if self.link.delay_seconds:
            await asyncio.sleep(self.link.delay_seconds)
        await self.link.flowing.wait()
        return chunk

    async def write(self, side, chunk):
        side[1].write(chunk)
        await side[1].drain()


def cut(writer):
    if not writer.is_closing():
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_ZERO)
    writer.transport.abort()


def obey(links, order):
    """Carries out one order and returns the answer."""
    chosen = [links[index] for index in order["links"]]
    match order["do"]:
        case "cut":
            for link in chosen:
                link.cut_all()
        case "refuse":
            for link in chosen:
                link.is_refusing = order["value"]
        case "delay":
            for link in chosen:
                link.delay_seconds = order["value"]
        case "silence":
            for link in chosen:
                link.silence(order["value"])
        case "cut_commits":
            for link in chosen:
                link.commit_cuts = list(order["value"])
    return {"commits_cut": sum(link.commits_cut for link in chosen)}


async def serve(target_ports):
    links = [Link(port) for port in target_ports]
    print(json.dumps([await link.listen() for link in links]), flush=True)
    orders = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
    # Standard input ends when the test ends, for whatever reason.
    while line := await orders.readline():
        print(json.dumps(obey(links, json.loads(line))), flush=True)
    # Exits at once: connections that are still being made would only print errors.
    os._exit(0)


class Network:
    """Links from each replica to each server; `ports[replica]` are the ports that a replica connects to."""

    def __init__(self, replica_count, server_ports):
        self.server_count = len(server_ports)
        self.process = subprocess.Popen(
            [sys.executable, "-B", __file__, *map(str, list(server_ports) * replica_count)], text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True)
        ports = json.loads(self.process.stdout.readline())
        self.ports = [ports[n * self.server_count:][:self.server_count] for n in range(replica_count)]

    def __enter__(self):
        return self

    def order(self, do, replicas, value=None):
        links = [n * self.server_count + server for n in replicas for server in range(self.server_count)]
        self.process.stdin.write(json.dumps({"do": do, "links": links, "value": value}) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def cut(self, replicas):
        """Cuts every connection; new ones are accepted."""
        self.order("cut", replicas)

    def refuse(self, replicas, is_refusing):
        self.order("refuse", replicas, is_refusing)
        self.order("cut", replicas)

    def delay(self, replicas, seconds):
        self.order("delay", replicas, seconds)

    def silence(self, replicas, is_silent):
        """Like a network that drops every packet: connections stay open and nothing passes."""
        self.order("silence", replicas, is_silent)

    def cut_commits(self, replicas, ways):
        """Cuts connections at the next COMMITs of each link: `before`, `during` or `after` its execution."""
        self.order("cut_commits", replicas, ways)

    def commits_cut(self, replicas):
        return self.order("ask", replicas)["commits_cut"]

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait()


if __name__ == "__main__":
    asyncio.run(serve([int(port) for port in sys.argv[1:]]))
