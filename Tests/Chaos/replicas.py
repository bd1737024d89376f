"""Runs Purser's servers as processes, which can be started, killed, paused and drained; keeps what they print."""
import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections import Counter
from pathlib import Path

from cluster import free_port

REPOSITORY = Path(__file__).resolve().parents[2]
ADMIN_TOKEN = "an-admin-token-for-tests-on-this-machine-only"
READY_SECONDS, DRAIN_SECONDS = 30, 60


def program(path=None):
    """The `purser` to test: the one given, else of PURSER_PROGRAM, else the release build of this checkout."""
    found = Path(path or os.environ.get("PURSER_PROGRAM") or REPOSITORY / ".build/release/purser").resolve()
    if not found.exists():
        raise SystemExit(f"There is no {found}. Build it first: make build")
    return found


def environment(purser):
    # The server uses the migrations and prices of the checkout it was built in, or of this one if it was copied elsewhere.
    checkouts = [folder for folder in Path(purser).parents if (folder / "migrations").is_dir()]
    share = str((checkouts or [REPOSITORY])[0])
    return {"PURSER_SHARE": share} | os.environ | {"PURSER_ADMIN_TOKEN": ADMIN_TOKEN}


class Replica:
    """One server, and the address that it keeps when it is restarted."""

    def __init__(self, number, purser, database_url, folder):
        self.number, self.purser, self.database_url = number, purser, database_url
        self.port, self.log = free_port(), folder / f"replica-{number}.log"
        self.process, self.is_paused, self.starts = None, False, 0
        # Variables for this server alone.
        self.environment = {}

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    @property
    def is_running(self):
        return self.process is not None and self.process.poll() is None

    def start(self, wait=True):
        self.starts += 1
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [self.purser, "serve", "--listen", f"127.0.0.1:{self.port}", "--database-url", self.database_url],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment(self.purser) | self.environment,
                start_new_session=True)
        self.is_paused = False
        if wait:
            self.wait_until_ready()

    def wait_until_ready(self, seconds=READY_SECONDS):
        deadline = time.monotonic() + seconds
        while not self.is_ready():
            if not self.is_running:
                raise RuntimeError(f"Replica {self.number} ended with {self.process.returncode}; see {self.log}")
            if time.monotonic() > deadline:
                raise TimeoutError(f"Replica {self.number} was not ready within {seconds} s; see {self.log}")
            time.sleep(0.02)

    def is_ready(self):
        try:
            with urllib.request.urlopen(f"{self.url}/readyz", timeout=2) as answer:
                return answer.status == 200
        except (urllib.error.URLError, OSError):
            return False

    def metrics(self):
        """Returns the server's metrics by name, the sum over their labels."""
        found = Counter()
        with urllib.request.urlopen(f"{self.url}/metrics", timeout=10) as answer:
            for line in answer.read().decode().splitlines():
                if not line.startswith("#"):
                    name, value = line.rsplit(" ", 1)
                    found[name.split("{")[0]] += float(value)
        return found

    @property
    def resident_bytes(self):
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmRSS:"))

    def kill(self):
        """Ends the server with kill -9 (SIGKILL)."""
        if self.is_running:
            self.process.kill()
        if self.process:
            self.process.wait()

    def pause(self):
        self.process.send_signal(signal.SIGSTOP)
        self.is_paused = True

    def resume(self):
        self.process.send_signal(signal.SIGCONT)
        self.is_paused = False

    def drain(self):
        """Sends SIGTERM and returns the exit code; None if the server did not end in time and was killed."""
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(DRAIN_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            return None
