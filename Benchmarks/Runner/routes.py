"""Requests beside the bare route, which reads and writes the same JSON with Codable and does nothing else."""

SUSTAINED = 6


def beside_bare(bench, traffic, figure, bare_figure=None, **options):
    """A figure of our traffic and one of the bare route's, in turn; our server has no open holds each time."""
    with bench.office() as office, bench.bare() as bare:
        for _ in range(bench.rounds):
            ours = bench.load(office.fresh_servers(), traffic, office.token, **options)
            ceiling = bench.load([bare], "authorize", office.token, **options)
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
    """A pair is two calls: half of the bare route's requests are what it could do."""
    return beside_bare(
        bench, "batch", lambda result: result.yield_per_second, lambda result: result.requests_per_second / 2)


def p99(bench):
    with bench.bare() as bare:
        rate = bench.load([bare], "authorize", "nobody-looks-at-this").requests_per_second / 2
    return beside_bare(bench, "authorize", lambda result: result.p99_milliseconds, rate=rate)
