"""Starts, watches and ends server processes, each by its own process id, and runs other programs to their end."""
import os
import signal
import subprocess
import threading
from pathlib import Path

START_SECONDS, STOP_SECONDS = 300, 60


class Server:
    """A server process that prints its address as the last word of its first line.

    It runs in a session of its own: a Ctrl-C in the terminal does not reach it, only `stop` and `kill` end it.
    """

    def __init__(self, command, log, environment=None):
        with open(log, "ab") as errors:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors, text=True,
                env=os.environ | (environment or {}), start_new_session=True)
        late = threading.Timer(START_SECONDS, self.process.kill)
        late.start()
        try:
            said = self.process.stdout.readline().split()
        except BaseException:
            self.stop()
            raise
        finally:
            late.cancel()
        if not said:
            self.kill()
            raise RuntimeError(f"{command[0]} did not start:\n{Path(log).read_text()[-2000:]}")
        self.url = said[-1]

    @property
    def port(self):
        return self.url.rsplit(":", 1)[1]

    @property
    def pid(self):
        return self.process.pid

    @property
    def resident_bytes(self):
        status = Path(f"/proc/{self.pid}/status").read_text()
        return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmRSS:"))

    def stop(self):
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self):
        self.process.kill()
        self.process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()


def run(*command, **options):
    """Runs a program and returns what it printed; raises RuntimeError with its error output if it fails."""
    answer = subprocess.run(
        list(map(str, command)), stdin=subprocess.DEVNULL, capture_output=True, text=True, start_new_session=True,
        **options)
    if answer.returncode != 0:
        raise RuntimeError(f"{Path(str(command[0])).name}: {answer.stderr.strip() or answer.stdout.strip()}")
    return answer.stdout.strip()


def values(text):
    """Parses lines of a name, a number and perhaps a unit into numbers by name."""
    return {name: float(value) for name, value, *_ in map(str.split, text.splitlines())}
