"""Compares this binary with an older one: the same requests go to both in turn."""
import routes


def beside_before(bench, traffic, figure, **options):
    """Yields a figure of this binary and one of the older, round by round; each server starts without open holds."""
    with bench.deployment() as deployment, bench.deployment_before() as before:
        for _ in range(bench.rounds):
            ours = bench.load(deployment.fresh_servers(), traffic, deployment.token, **options)
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
