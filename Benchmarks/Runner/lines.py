"""The lines of the table, in its order: what each measures, its ceiling, and the values to reach.

A result must reach `bar` and should reach `aim`.
"""
from collections.abc import Callable
from dataclasses import dataclass

import before
import budgets
import core
import routes
import volume


def ratio(ours, ceiling):
    return ours / ceiling


def difference(ours, ceiling):
    return ours - ceiling


def alone(ours, _):
    return ours


@dataclass(frozen=True)
class Line:
    key: str
    what: str
    measure: Callable
    bar: float
    aim: float
    unit: str = ""
    compare: Callable = ratio
    # Whether more is better.
    is_floor: bool = True
    # The unit of the table's two columns of measured figures.
    counts: str = ""


LINES = [
    Line("authorize", "`authorize` ÷ the bare route, 32 connections", routes.authorize, 0.85, 1.05,
         counts="requests/s"),
    Line("p99", "p99 of `authorize` − the bare route's, both at half of the bare route's rate", routes.p99, 0.3, 0.1,
         "ms", difference, is_floor=False, counts="ms"),
    Line("pairs-32", "authorize and settle in turn ÷ the bare route, 32 connections", routes.pairs_32, 0.75, 0.85,
         counts="requests/s"),
    Line("pairs-128", "the same with 128 connections, sustained", routes.pairs_128, 1.0, 1.1, counts="requests/s"),
    Line("cpu-authorize", "processor time of the server, `authorize` ÷ the bare route", routes.processor_authorize,
         1.3, 1, is_floor=False, counts="µs a request"),
    Line("cpu-settle", "processor time of the server, `settle` ÷ the bare route", routes.processor_settle, 1.6, 1.2,
         is_floor=False, counts="µs a request"),
    Line("batch", "pairs with `settle/batch` of 100 ÷ half the bare route", routes.batch, 1.1, 1.5, counts="pairs/s"),
    Line("one-budget", "all traffic on one budget ÷ spread over 10,000", budgets.one_budget, 0.90, 1, counts="pairs/s"),
    Line("row-lock", "one hot budget ÷ a row lock and insert a call, 16 clients of pgbench", budgets.row_lock, 10, 15,
         counts="pairs/s"),
    Line("replicas", "3 replicas on one hot budget ÷ 1 replica, 48 connections", budgets.replicas, 0.80, 0.95,
         counts="pairs/s"),
    Line("replicas-192", "the same with 192 connections", budgets.busy_replicas, 0.95, 1, counts="pairs/s"),
    Line("usage", "`usage` ÷ COPY of the same rows into the same tables", volume.usage, 0.40, 0.60, counts="rows/s"),
    Line("core-rating", "rating one call, in the core", core.rating, 300, 100, "ns", alone, is_floor=False),
    Line("core-authorize", "`authorize` with 4 matching budgets, in the core", core.authorize, 1200, 500, "ns", alone,
         is_floor=False),
    # This line has no bar: its figure is only reported and explained.
    Line("core-heap", "heap allocations of an admit, in the core", core.allocations, float("inf"), 0, "", alone,
         is_floor=False),
    Line("core-runs", "`authorize` of 100,000 runs with a window each ÷ all in one window, in the core", core.runs, 1.2,
         1, compare=alone, is_floor=False),
    Line("core-value", "memory of a value with a window of its own, in the core", core.value_bytes, 1_000, 500, "bytes",
         alone, is_floor=False),
    Line("full-settle", "`settle` with a full ledger ÷ with an empty one", volume.full_settle, 0.90, 1,
         counts="requests/s"),
    Line("full-report", "the monthly report of a full ledger ÷ of one with a hundredth of the entries",
         volume.report("monthly"), 1.5, 1.1, is_floor=False, counts="ms"),
    Line("full-spend", "the same of `spend` by team and model", volume.report("spend", "&group_by=team,model"), 1.5, 1.1,
         is_floor=False, counts="ms"),
    Line("full-users", "the same of `spend` by user, of 100,000 users", volume.report("spend", "&group_by=user"), 1.5, 1.1,
         is_floor=False, counts="ms"),
    Line("memory", "resident memory with 100,000 budgets and 50,000 open holds", volume.memory, 150, 100, "MB", alone,
         is_floor=False),
    Line("change", "a change of one of 100,000 budgets, until 3 servers act on it", volume.change, 1000, 250, "ms",
         alone, is_floor=False),
]


BESIDE_BEFORE = [
    Line("cpu-authorize", "processor time of the server, `authorize` ÷ the binary before", before.processor_authorize,
         0.65, 0.55, is_floor=False, counts="µs a request"),
    Line("cpu-settle", "processor time of the server, `settle` ÷ the binary before", before.processor_settle, 0.65,
         0.55, is_floor=False, counts="µs a request"),
    Line("authorize", "`authorize` ÷ the binary before, 32 connections", before.authorize, 1, 1.5,
         counts="requests/s"),
    Line("pairs-32", "authorize and settle in turn ÷ the binary before, 32 connections", before.pairs_32, 1, 1.5,
         counts="requests/s"),
    Line("pairs-128", "the same with 128 connections", before.pairs_128, 1, 1.5, counts="requests/s"),
]

PEERS = [
    Line("row-lock", "one hot budget ÷ update and insert in a transaction", budgets.row_lock, 10, 15, counts="pairs/s"),
    Line("one-statement", "one hot budget ÷ update and insert in one statement", budgets.one_statement, 10, 15,
         counts="pairs/s"),
]
