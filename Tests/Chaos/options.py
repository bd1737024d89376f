"""The command-line options that every run here has."""
import argparse
import random


def parser(description, has_seed=False):
    """A parser of the run's options; with the seed that decides faults and traffic, if it has one."""
    options = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--purser", help="the program to test; PURSER_PROGRAM, or this checkout's release build")
    if has_seed:
        options.add_argument("--seed", default=str(random.randrange(10_000)), help="decides faults and traffic")
    return options
