"""One budget that everybody spends: beside many, beside a row lock a call, and over several replicas."""
from office import REPOSITORY
from processes import run

CLIENTS, CONNECTIONS, MANY_CONNECTIONS, REPLICAS, MANY = 16, 48, 128, 3, 10_000
PEERS = REPOSITORY / "Benchmarks/Peers"


def pairs(bench, office, servers, **options):
    return bench.load(servers, "pairs", office.token, **options).yield_per_second


def one_budget(bench):
    with bench.office(budgets=MANY) as office:
        servers = office.fresh_servers()
        # Every budget has had its first call.
        pairs(bench, office, servers, users=MANY, warm_up_seconds=0)
        for _ in range(bench.rounds):
            yield pairs(bench, office, servers), pairs(bench, office, servers, users=MANY)


def row_lock(bench):
    return beside_pgbench(bench, "transaction.sql")


def one_statement(bench):
    return beside_pgbench(bench, "statement.sql")


def beside_pgbench(bench, script):
    with bench.office() as office:
        servers = office.fresh_servers()
        office.sql("CREATE DATABASE peer")
        database = office.database_named("peer")
        office.sql((PEERS / "tables.sql").read_text(), "peer")
        for _ in range(bench.rounds):
            ours = pairs(bench, office, servers, connections=MANY_CONNECTIONS)
            said = run(
                "pgbench", "-n", "-M", "prepared", "-c", CLIENTS, "-j", 2, "-T", max(1, round(bench.seconds)), "-f",
                PEERS / script, database)
            yield ours, next(float(line.split()[2]) for line in said.splitlines() if line.startswith("tps ="))


def replicas(bench):
    with bench.office() as office:
        servers = office.fresh_servers(REPLICAS)
        for _ in range(bench.rounds):
            yield (pairs(bench, office, servers, connections=CONNECTIONS),
                   pairs(bench, office, servers[:1], connections=CONNECTIONS))
