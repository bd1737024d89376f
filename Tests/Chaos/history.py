"""Calls of the past that were never authorized, reported in large bodies by several threads: the data of a deployment."""
import json
import threading
import urllib.error
import urllib.request
from datetime import datetime, timezone

from replicas import ADMIN_TOKEN

EVENTS_IN_BODY, BODIES_AT_ONCE, ANSWER_SECONDS, ATTEMPTS = 10_000, 4, 120, 5
USERS, FEATURES = 1_000, 4


class History:
    def __init__(self, deployment, team):
        self.deployment, self.team, self.reported, self.unavailable = deployment, team, 0, 0

    def report(self, count):
        """Reports `count` events with new ids; raises RuntimeError if not all are recorded."""
        first, accepted, lock = self.reported, [], threading.Lock()
        starts = iter(range(first, first + count, EVENTS_IN_BODY))

        def work():
            while True:
                with lock:
                    start = next(starts, None)
                if start is None:
                    return
                accepted.append(self.send(start, min(EVENTS_IN_BODY, first + count - start)))

        workers = [threading.Thread(target=work) for _ in range(BODIES_AT_ONCE)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        self.reported += count
        if sum(accepted) != count:
            raise RuntimeError(f"of {count} reported calls {sum(accepted)} were recorded")

    def send(self, first, count):
        """Sends a body until it is answered 200; what was recorded before is a duplicate then."""
        now = f"{datetime.now(timezone.utc):%Y-%m-%dT%H:%M:%SZ}"
        body = "\n".join(json.dumps({
            "id": f"{self.team}-{number}", "source": self.team, "occurred_at": now, "team": self.team,
            "feature": f"feature-{number % FEATURES}", "user": f"user-{number % USERS}", "model": "gpt-4o-mini",
            "usage": {"input_tokens": 1200, "output_tokens": 310}}) for number in range(first, first + count)).encode()
        for attempt in range(ATTEMPTS):
            replica = self.deployment.replicas[(first // EVENTS_IN_BODY + attempt) % len(self.deployment.replicas)]
            request = urllib.request.Request(f"{replica.url}/v1/usage", method="POST", data=body, headers={
                "Authorization": f"Bearer {ADMIN_TOKEN}", "Content-Type": "application/x-ndjson"})
            try:
                with urllib.request.urlopen(request, timeout=ANSWER_SECONDS) as answer:
                    told = json.load(answer)
                if told["rejected"]:
                    raise RuntimeError(f"usage was rejected: {told['rejected'][0]}")
                return told["accepted"] + told["duplicates"]
            except urllib.error.HTTPError as error:
                if error.code != 503:
                    raise RuntimeError(f"usage: {error.code} {error.read().decode()}") from None
                self.unavailable += 1
            except OSError:
                self.unavailable += 1
        raise RuntimeError(f"usage was not taken in {ATTEMPTS} attempts")
