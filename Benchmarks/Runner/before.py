"""Requests to this binary beside the same requests to an older one, in turn: what a change has given."""
import routes


def beside_before(bench, traffic, figure, **options):
    """A figure of each of the two; neither server has open holds when it begins."""
    with bench.office() as office, bench.office_before() as before:
        for _ in range(bench.rounds):
            ours = bench.load(office.fresh_servers(), traffic, office.token, **options)
            yield figure(ours), figure(bench.load(before.fresh_servers(), traffic, before.token, **options))


def processor_authorize(bench):
    return beside_before(bench, "authorize", routes.microseconds)


def processor_settle(bench):
    return beside_before(bench, "settle", routes.microseconds, seconds=bench.seconds / 2)


def authorize(bench):
    return beside_before(bench, "authorize", routes.requests_per_second)


def pairs_32(bench):
    return beside_before(bench, "pairs", routes.requests_per_second)


def pairs_128(bench):
    return beside_before(bench, "pairs", routes.requests_per_second, connections=128)
