"""What it ran on."""
import os
import platform
from datetime import datetime, timezone
from pathlib import Path

from processes import run


def machine():
    """Rows of a name and what it is."""
    return [
        ("when", f"{datetime.now(timezone.utc):%Y-%m-%d %H:%M} UTC"),
        ("processor", f"{first('/proc/cpuinfo', 'model name')}, {os.cpu_count()} cores"),
        ("memory", f"{int(first('/proc/meminfo', 'MemTotal').split()[0]) / 1e6:.0f} GB"),
        ("kernel", f"Linux {platform.release()}"),
        ("PostgreSQL", run("psql", "--version").removeprefix("psql (PostgreSQL) ")),
        ("Swift", run("swift", "--version").splitlines()[0]),
    ]


def first(file, name):
    """The value of the first line of a file in /proc that begins with a name."""
    line = next(line for line in Path(file).read_text().splitlines() if line.startswith(name))
    return line.split(":", 1)[1].strip()
