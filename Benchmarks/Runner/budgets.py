"""Compares one budget that all calls spend with many budgets, with a row lock per call, and over several replicas."""
from deployment import REPOSITORY
from processes import run

CLIENTS, CONNECTIONS, MANY_CONNECTIONS, BUSY_CONNECTIONS, REPLICAS, MANY = 16, 48, 128, 192, 3, 10_000
PEERS = REPOSITORY / "Benchmarks/Peers"


def pairs(bench, deployment, servers, **options):
    return bench.load(servers, "pairs", deployment.token, **options).yield_per_second


def one_budget(bench):
    with bench.deployment(budgets=MANY) as deployment:
        servers = deployment.fresh_servers()
        # Every budget gets its first call before the measurement.
        pairs(bench, deployment, servers, users=MANY, warm_up_seconds=0)
        for _ in range(bench.rounds):
            yield pairs(bench, deployment, servers), pairs(bench, deployment, servers, users=MANY)


def row_lock(bench):
    return beside_pgbench(bench, "transaction.sql")


def one_statement(bench):
    return beside_pgbench(bench, "statement.sql")


def beside_pgbench(bench, script):
    with bench.deployment() as deployment:
        servers = deployment.fresh_servers()
        deployment.sql("CREATE DATABASE peer")
        database = deployment.database_named("peer")
        deployment.sql((PEERS / "tables.sql").read_text(), "peer")
        for _ in range(bench.rounds):
            ours = pairs(bench, deployment, servers, connections=MANY_CONNECTIONS)
            said = run(
                "pgbench", "-n", "-M", "prepared", "-c", CLIENTS, "-j", 2, "-T", max(1, round(bench.seconds)), "-f",
                PEERS / script, database)
            yield ours, next(float(line.split()[2]) for line in said.splitlines() if line.startswith("tps ="))


def replicas(bench):
    return replicas_beside_one(bench, CONNECTIONS)


def busy_replicas(bench):
    return replicas_beside_one(bench, BUSY_CONNECTIONS)


def replicas_beside_one(bench, connections):
    with bench.deployment() as deployment:
        servers = deployment.fresh_servers(REPLICAS)
        for _ in range(bench.rounds):
            yield (pairs(bench, deployment, servers, connections=connections),
                   pairs(bench, deployment, servers[:1], connections=connections))
