"""The load generator, run to its end."""
from dataclasses import dataclass

from processes import run, values


@dataclass(frozen=True)
class Result:
    requests_per_second: float
    # Pairs, or rows of the ledger.
    yield_per_second: float
    p50_milliseconds: float
    p99_milliseconds: float
    server_microseconds_per_request: float
    # How often a server answered 503 and was asked again.
    unavailable: float


class Load:
    def __init__(self, program, seconds):
        self.program, self.seconds, self.unavailable = program, seconds, 0

    def __call__(self, servers, traffic, token, **options):
        """Options are those of the program, by their names with underscores."""
        options = {"seconds": self.seconds, "server_pid": servers[0].pid} | options
        words = [word for name, value in options.items() for word in (f"--{name.replace('_', '-')}", value)]
        ports = [server.port for server in servers]
        result = Result(**values(run(self.program, *ports, "--traffic", traffic, "--token", token, *words)))
        self.unavailable += int(result.unavailable)
        return result
