#!/usr/bin/env python3
"""Disturbs a deployment with a large ledger under steady traffic, and tells how long nobody got a verdict.

With --before the same is done with an older program on a copy of the same data, in the same run. Everything that was
started is ended, also after an error, Ctrl-C or SIGTERM. Exits 1 if a gap of verdicts, or the p99 of settle, of this
version is longer than 250 ms.
"""
import argparse
import signal
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import disturbances
from clock import MovedClock
from deployment import REPOSITORY, Deployment
from load import Load
from sides import Side
from steady import Steady

LONGEST_MILLISECONDS = 250
CAPACITY_SECONDS, CAPACITY_SHARE, CONNECTIONS, GRACE_SECONDS, START_SECONDS = 4, 1 / 3, 64, 1, 30
COLUMNS = ["", "version", "gap", "p99", "longest", "503", "others", "gap", "p99", "longest", "503", "others", "how it went"]


def sides(deployment, options):
    """The versions to disturb, each with its data; the older one first."""
    after = Side("after", options.purser, deployment)
    if not options.before:
        after.create(options.entries)
        return [after]
    before = Side("before", options.before, deployment)
    before.create(options.entries)
    tell(f"the copy was migrated and analysed in {after.copy(before):.0f} s")
    return [before, after]


def capacity(load, found):
    """Requests a second that the slower of the versions does with pairs."""
    def measured(side):
        try:
            side.start()
            return load(side.servers, "pairs", side.token, connections=CONNECTIONS).requests_per_second
        finally:
            side.end()
    return min(map(measured, found))


def disturb(side, program, rate, options):
    """Yields a row for each disturbance: its name, what was seen before and during it, and how it went."""
    by_day = [name for name in options.only if name != "midnight"]
    yield from disturb_in_turn(side, program, rate, options, by_day)
    if "midnight" in options.only:
        side.clock = MovedClock(side.deployment.folder, START_SECONDS + 2 * options.seconds)
        yield from disturb_in_turn(side, program, rate, options, ["midnight"])


def disturb_in_turn(side, program, rate, options, names):
    try:
        side.start()
        if not side.clock:
            tell(f"{side.name}: {side.wait_for_sums(options.minutes)}")
        with Steady(program, side, rate) as steady:
            steady.recover()
            for name in names:
                steady.forget()
                begun = time.monotonic()
                time.sleep(options.seconds)
                disturbed = time.monotonic()
                went = disturbances.ALL[name](side, options.seconds)
                time.sleep(GRACE_SECONDS)
                ended = time.monotonic()
                if not steady.recover():
                    went += "; traffic did not recover within a minute"
                yield name, steady.seen(begun, disturbed), steady.seen(disturbed, ended), went
                tell(f"{side.name}: {name}: {went}")
    finally:
        side.end()


def table(found):
    rows = [COLUMNS]
    for side, name, quiet, during, went in found:
        figures = [cell for seen in (quiet, during) for cell in (
            f"{seen.longest_gap:.0f}", f"{seen.settle_p99:.1f}", f"{seen.settle_longest:.0f}", seen.unavailable,
            seen.others)]
        rows.append([name, side, *map(str, figures), went])
    widths = [max(len(row[column]) for row in rows) for column in range(len(COLUMNS))]
    lines = ["| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths)) + " |" for row in rows]
    rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    return "\n".join(["milliseconds; first five columns quiet, next five during", "", lines[0], rule, *lines[1:]])


def tell(what):
    print(f"  {what}", file=sys.stderr, flush=True)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--purser", type=Path, default=REPOSITORY / ".build/release/purser")
    parser.add_argument("--before", type=Path, metavar="PURSER", help="an older program, in its own checkout")
    parser.add_argument("--entries", type=int, default=20_000_000)
    parser.add_argument("--seconds", type=float, default=10, help="of quiet and of each disturbance")
    parser.add_argument("--minutes", type=float, default=60, help="to wait for the sums of the filled ledger")
    parser.add_argument("--rate", type=float, help="requests a second of the traffic; a third of what the slower does")
    parser.add_argument("--only", nargs="+", choices=disturbances.ALL, default=disturbances.ALL, metavar="NAME",
                        help=f"of: {', '.join(disturbances.ALL)}")
    return parser.parse_args()


def main():
    options = arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    program = REPOSITORY / "Benchmarks/.build/release/load"
    with ExitStack() as stack:
        deployment = stack.enter_context(Deployment(options.purser.resolve()))
        versions = sides(deployment, options)
        rate = options.rate or CAPACITY_SHARE * capacity(Load(program, CAPACITY_SECONDS), versions)
        tell(f"{rate:.0f} requests a second")
        found = [(side.name, *row) for side in versions for row in disturb(side, program, rate, options)]
    order = list(options.only)
    print(table(sorted(found, key=lambda row: order.index(row[1]))))
    slow = [during for side, _, _, during, _ in found if side == "after"
            and max(during.longest_gap, during.settle_p99) > LONGEST_MILLISECONDS]
    sys.exit(1 if slow else 0)


if __name__ == "__main__":
    main()
