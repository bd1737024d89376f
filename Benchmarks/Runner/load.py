"""Runs the load generator to its end and reads its figures."""
from dataclasses import dataclass

from processes import run, values


@dataclass(frozen=True)
class Result:
    requests_per_second: float
    # Pairs of authorize and settle, or ledger rows, per second.
    yield_per_second: float
    p50_milliseconds: float
    p99_milliseconds: float
    server_microseconds_per_request: float
    # How many requests were answered 503 and sent again.
    unavailable: float


class Load:
    def __init__(self, program, seconds):
        self.program, self.seconds, self.unavailable = program, seconds, 0

    def __call__(self, servers, traffic, token, **options):
        """`options` are the program's own options, with underscores in their names."""
        options = {"seconds": self.seconds, "server_pid": servers[0].pid} | options
        words = [word for name, value in options.items() for word in (f"--{name.replace('_', '-')}", value)]
        ports = [server.port for server in servers]
        result = Result(**values(run(self.program, *ports, "--traffic", traffic, "--token", token, *words)))
        self.unavailable += int(result.unavailable)
        return result
