"""The wall clock of one server, which a test sets while the server runs. The machine's own clock stays as it is."""
import shutil
import struct
import subprocess

from replicas import REPOSITORY

SOURCE = REPOSITORY / "Benchmarks/Runner/clock.c"


class WallClock:
    """The environment of the server must have `environment`. Without a C compiler it has no effect."""

    def __init__(self, folder, number):
        self.file = folder / f"clock-{number}"
        self.set(0)
        library = folder / "clock.so"
        if not library.exists() and shutil.which("cc"):
            subprocess.run(["cc", "-shared", "-fPIC", "-O2", "-o", library, SOURCE], check=True)
        self.can_be_set = library.exists()
        self.environment = {"LD_PRELOAD": str(library), "CLOCK_SHIFT_FILE": str(self.file)} if self.can_be_set else {}

    def set(self, seconds):
        """Sets the clock to so many seconds beside the right time."""
        with open(self.file, "r+b" if self.file.exists() else "wb") as file:
            file.write(struct.pack("=q", seconds))
