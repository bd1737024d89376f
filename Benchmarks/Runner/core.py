"""What `core-speed` says of the core without a server around it: a line a measurement, separated by tabs."""
from functools import cache

from processes import run


@cache
def measurements(program, rounds):
    """By name: median, lowest and highest."""
    found = {}
    for line in run(program, rounds).splitlines()[1:]:
        name, *numbers, _ = line.split("\t")
        found[name] = [float(number) for number in numbers if number]
    return found


def told(bench, name):
    """The program has taken its own rounds; they come to the same median and spread here."""
    if bench.core_speed.exists():
        for number in measurements(bench.core_speed, 4 * bench.rounds + 1)[name]:
            yield number, None


def rating(bench):
    return told(bench, "rate a call of three meters")


def authorize(bench):
    return told(bench, "authorize, 4 hard budgets")


def allocations(bench):
    return told(bench, "allocations an admit, 4 hard budgets")
