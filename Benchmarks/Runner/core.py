"""Reads the output of `core-speed`, which measures the core without a server: one tab-separated line per figure."""
from functools import cache

from processes import run


@cache
def measurements(program, rounds):
    """Returns the median, lowest and highest figure of each measurement, by its name."""
    found = {}
    for line in run(program, rounds).splitlines()[1:]:
        name, *numbers, _ = line.split("\t")
        found[name] = [float(number) for number in numbers if number]
    return found


def told(bench, name):
    """Yields the median, lowest and highest of the program's own rounds; here they give the same median and spread."""
    if bench.core_speed.exists():
        for number in measurements(bench.core_speed, 4 * bench.rounds + 1)[name]:
            yield number, None


def rating(bench):
    return told(bench, "rate a call of three meters")


def authorize(bench):
    return told(bench, "authorize, 4 hard budgets")


def allocations(bench):
    return told(bench, "allocations an admit, 4 hard budgets")


def runs(bench):
    return told(bench, "a window a run ÷ one window")


def value_bytes(bench):
    return told(bench, "bytes a value with a window of its own")
