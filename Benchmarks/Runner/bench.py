#!/usr/bin/env python3
"""Measures each line of the table in alternation with its ceiling (the best that could be expected), prints the table,
and writes it to docs/.

Only a run of all lines is written to docs/. The benchmark ends every process that it started, also after an error,
Ctrl-C or SIGTERM.
"""
import argparse
import signal
import sys
import time
from contextlib import ExitStack
from pathlib import Path

from filling import fill
from figures import Figures
from lines import BESIDE_BEFORE, LINES, PEERS
from load import Load
from machine import machine
from deployment import REPOSITORY, Deployment
from page import table, write
from processes import Server


class Bench:
    """What a line measures with: the options, the programs and the deployments."""

    def __init__(self, options, stack):
        self.rounds, self.seconds, self.entries = options.rounds, options.seconds, options.entries
        self.purser, self.programs = options.purser.resolve(), REPOSITORY / "Benchmarks/.build/release"
        self.before = options.before
        self.core_speed = REPOSITORY / ".build/release/core-speed"
        self.load = Load(self.programs / "load", options.seconds)
        self.stack, self.filled_deployments = stack, {}

    def deployment(self, budgets=1):
        return Deployment(self.purser, budgets)

    def deployment_before(self):
        return Deployment(self.before.resolve(), 1)

    def bare(self):
        return Server([str(self.programs / "bare")], "/dev/null")

    def filled_deployment(self, entries):
        """Returns a deployment with this many ledger entries. It is made once and shared by all lines that use it."""
        if entries not in self.filled_deployments:
            deployment = self.stack.enter_context(self.deployment())
            fill(deployment, entries)
            deployment.fresh_servers()
            self.filled_deployments[entries] = deployment
        return self.filled_deployments[entries]


def measured(line, bench):
    """Measures a line. A failure is recorded in the line's figures and does not stop the other lines."""
    start, before, figures = time.monotonic(), bench.load.unavailable, Figures(line)
    try:
        for ours, ceiling in line.measure(bench):
            figures.add(ours, ceiling)
            print(f"  {line.key:<16} {figures.last}", file=sys.stderr, flush=True)
    except (OSError, RuntimeError) as problem:
        figures.has_failed = True
        print(f"  {line.key:<16} {problem}", file=sys.stderr, flush=True)
    figures.seconds, figures.unavailable = time.monotonic() - start, bench.load.unavailable - before
    return figures


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    keys = [line.key for line in LINES]
    parser.add_argument("--purser", type=Path, default=REPOSITORY / ".build/release/purser")
    parser.add_argument("--seconds", type=float, default=10, help="each measurement; the sustained line six times")
    parser.add_argument("--rounds", type=int, default=5, help="measurements of each side of a line")
    parser.add_argument("--entries", type=int, default=20_000_000, help="in the ledger that is called full")
    parser.add_argument("--lines", nargs="*", metavar="LINE", default=[], help=f"only these: {', '.join(keys)}")
    parser.add_argument("--peers", action="store_true", help="only one hot budget beside a row lock a call")
    parser.add_argument("--before", type=Path, metavar="PURSER", help="only beside this older binary")
    options = parser.parse_args()
    for unknown in set(options.lines) - set(keys):
        parser.error(f"there is no line {unknown}; there are {', '.join(keys)}")
    return options


def main():
    options = arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    lines = PEERS if options.peers else BESIDE_BEFORE if options.before else LINES
    lines = [line for line in lines if line.key in (options.lines or line.key)]
    with ExitStack() as stack:
        bench = Bench(options, stack)
        found = [measured(line, bench) for line in lines]
    print(table(found))
    if lines == LINES:
        write(found, machine(), options)
    sys.exit(any(figures.has_failed for figures in found))


if __name__ == "__main__":
    main()
