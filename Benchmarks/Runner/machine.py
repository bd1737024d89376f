"""Describes the machine that the benchmark ran on."""
import os
import platform
from datetime import datetime, timezone
from pathlib import Path

from processes import run


def machine():
    """Returns pairs of a name and its value."""
    return [
        ("when", f"{datetime.now(timezone.utc):%Y-%m-%d %H:%M} UTC"),
        ("processor", f"{first('/proc/cpuinfo', 'model name')}, {os.cpu_count()} cores"),
        ("memory", f"{int(first('/proc/meminfo', 'MemTotal').split()[0]) / 1e6:.0f} GB"),
        ("kernel", f"Linux {platform.release()}"),
        ("PostgreSQL", run("psql", "--version").removeprefix("psql (PostgreSQL) ")),
        ("Swift", run("swift", "--version").splitlines()[0]),
    ]


def first(file, name):
    """Returns the value of the first line that begins with `name` in a file of /proc."""
    line = next(line for line in Path(file).read_text().splitlines() if line.startswith(name))
    return line.split(":", 1)[1].strip()
