"""Compares requests to Purser with the bare route, which only reads and writes the same JSON with Codable."""

SUSTAINED = 6


def beside_bare(bench, traffic, figure, bare_figure=None, **options):
    """Yields a figure of Purser and one of the bare route, in turn; Purser starts each round without open holds."""
    with bench.deployment() as deployment, bench.bare() as bare:
        for _ in range(bench.rounds):
            ours = bench.load(deployment.fresh_servers(), traffic, deployment.token, **options)
            ceiling = bench.load([bare], "authorize", deployment.token, **options)
            yield figure(ours), (bare_figure or figure)(ceiling)


def requests_per_second(result):
    return result.requests_per_second


def microseconds(result):
    return result.server_microseconds_per_request


def authorize(bench):
    return beside_bare(bench, "authorize", requests_per_second)


def pairs_32(bench):
    return beside_bare(bench, "pairs", requests_per_second)


def pairs_128(bench):
    return beside_bare(bench, "pairs", requests_per_second, connections=128, seconds=bench.seconds * SUSTAINED)


def processor_authorize(bench):
    return beside_bare(bench, "authorize", microseconds)


def processor_settle(bench):
    return beside_bare(bench, "settle", microseconds, seconds=bench.seconds / 2)


def batch(bench):
    """A pair is two requests, so the ceiling is half of the bare route's requests."""
    return beside_bare(
        bench, "batch", lambda result: result.yield_per_second, lambda result: result.requests_per_second / 2)


def p99(bench):
    with bench.bare() as bare:
        rate = bench.load([bare], "authorize", "nobody-looks-at-this").requests_per_second / 2
    return beside_bare(bench, "authorize", lambda result: result.p99_milliseconds, rate=rate)
