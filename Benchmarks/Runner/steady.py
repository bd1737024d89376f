"""Steady traffic on a fixed schedule, and what it saw between two moments: gaps of verdicts, waits for settlements."""
import subprocess
import time
from dataclasses import dataclass

LONGEST_RUN_SECONDS, RECOVERY_SECONDS, END_SECONDS = 3600, 60, 10
# Pairs of authorize and settle, with so many connections that a settle that waits keeps few verdicts from being asked
# for; and verdicts alone, which no settle keeps back. Their holds expire.
CONNECTIONS, PROBES, PROBE_RATE, PROBE_HOLD_SECONDS = 256, 16, 200, 10
# A settle is in time again when it was due less than so long ago.
IN_TIME_SECONDS = 0.1


@dataclass(frozen=True)
class Seen:
    """Times in milliseconds. `others` are answers that are neither 200 nor 503."""
    longest_gap: float
    settle_p99: float
    settle_longest: float
    unavailable: int
    others: int


class Steady:
    def __init__(self, program, side, rate):
        self.folder, self.files, self.answers = side.deployment.folder, [], []
        self.processes = []
        ports = [server.port for server in side.servers]
        for name, options in (
                ("pairs", ["--rate", rate, "--connections", CONNECTIONS]),
                ("authorize", ["--rate", PROBE_RATE, "--connections", PROBES, "--hold-seconds", PROBE_HOLD_SECONDS])):
            self.begin(name, [
                program, *ports, "--traffic", name, "--token", side.token, "--warm-up-seconds", 0, "--seconds",
                LONGEST_RUN_SECONDS, *options], side.name)

    def begin(self, name, command, side):
        trace = self.folder / f"{side}-{name}.trace"
        trace.write_bytes(b"")
        with open(self.folder / "traffic.log", "ab") as log:
            self.processes.append(subprocess.Popen(
                [*map(str, command), "--trace", str(trace)], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True))
        self.files.append(open(trace, "rb"))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in self.processes:
            process.kill()
            process.wait(END_SECONDS)
        for file in self.files:
            file.close()

    # What was seen ------------------------------------------------------------------------------------------------

    def read(self):
        for file in self.files:
            start = file.tell()
            text = file.read()
            whole = text[:text.rfind(b"\n") + 1]
            file.seek(start + len(whole))
            for kind, status, due, answered in map(bytes.split, whole.splitlines()):
                self.answers.append((kind, int(status), int(due) / 1e9, int(answered) / 1e9))
        if ended := [process for process in self.processes if process.poll() is not None]:
            raise RuntimeError(f"The traffic ended:\n{(self.folder / 'traffic.log').read_text()[-2000:]}", *ended)

    def recover(self):
        """Waits until settlements are in time again, at most a minute; returns whether they are."""
        begun = time.monotonic()
        while time.monotonic() < begun + RECOVERY_SECONDS:
            time.sleep(0.25)
            self.read()
            if any(kind == b"settle" and status == 200 and answered > begun and answered - due < IN_TIME_SECONDS
                   for kind, status, due, answered in self.answers[-1000:]):
                return True
        return False

    def forget(self):
        self.answers.clear()

    def seen(self, start, end):
        """What was seen between two moments of the monotonic clock. A settle belongs to the moment when it was due."""
        verdicts = sorted(answered for kind, status, _, answered in self.answers
                          if kind == b"authorize" and status == 200 and start < answered < end)
        times = [start, *verdicts, end]
        waits = sorted(answered - due for kind, status, due, answered in self.answers
                       if kind == b"settle" and status == 200 and start < due < end) or [end - start]
        meanwhile = [status for _, status, _, answered in self.answers if start < answered < end]
        return Seen(
            1000 * max(later - earlier for earlier, later in zip(times, times[1:])),
            1000 * waits[int(0.99 * (len(waits) - 1))], 1000 * waits[-1], meanwhile.count(503),
            sum(status not in (200, 503) for status in meanwhile))
