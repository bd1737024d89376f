"""The faults that are injected into a deployment while clients use it.

Each fault ends before the next one of its group (replicas or database) begins.
"""
import asyncio
import random
import time
from contextlib import contextmanager, suppress

from cluster import DATABASE
from journal import Fault
from sql import Refused, ask

RECOVERY_SECONDS = 20
PAUSE_ATTEMPTS = 40
LEASE_SECONDS = 10
CANCEL_WAITS = "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
IN_TRANSACTION = """
SELECT 1 FROM pg_stat_activity JOIN pg_locks l USING (pid)
WHERE state = 'idle in transaction' AND state_change < clock_timestamp() - interval '100ms'
    AND l.relation = 'budget_window'::regclass AND l.mode IN ('RowShareLock', 'RowExclusiveLock')
"""
LOCK = "BEGIN; SET LOCAL lock_timeout = '1s'; LOCK TABLE budget_window; SELECT pg_sleep(2.5); COMMIT"


class Faults:
    """The methods that OF_REPLICAS and OF_THE_DATABASE name are faults.

    `network` has the links between replicas and the servers of the pair.
    """

    def __init__(self, deployment, network, journal, seed, probe):
        self.deployment, self.network, self.journal, self.probe = deployment, network, journal, probe
        self.random = random.Random(f"{seed}/faults")
        # What should have recovered by itself and did not.
        self.stuck = []
        # Replicas that are under a fault of their own.
        self.busy = set()

    @property
    def pair(self):
        return self.deployment.database

    @property
    def everyone(self):
        return list(range(len(self.deployment.replicas)))

    @contextmanager
    def fault(self, kind, **details):
        fault = Fault(kind, time.time(), **details)
        self.journal.faults.append(fault)
        print(f"  {time.strftime('%H:%M:%S')} {kind}", flush=True)
        if fault.replica is not None:
            self.busy.add(fault.replica)
        try:
            yield fault
        finally:
            fault.ended_at = time.time()
            self.busy.discard(fault.replica)

    def some_replica(self):
        return self.random.choice(self.everyone)

    async def pause(self, *bounds):
        await asyncio.sleep(self.random.uniform(*bounds))

    async def bring_back(self, replica):
        """Starts the replica again and again until it serves, as a supervisor would: the database may be away."""
        while True:
            try:
                await asyncio.to_thread(replica.kill)
                return await asyncio.to_thread(replica.start)
            except (TimeoutError, RuntimeError):
                await asyncio.sleep(0.5)

    async def recover(self, kind):
        """Waits until every replica without a fault of its own serves again by itself.

        Notes and restarts a replica that does not.
        """
        for replica in self.deployment.replicas:
            if replica.number in self.busy:
                continue
            try:
                await asyncio.to_thread(replica.wait_until_ready, RECOVERY_SECONDS)
            except (TimeoutError, RuntimeError) as error:
                if replica.number in self.busy:
                    continue
                self.note(f"after {kind}: {error}")
                await self.bring_back(replica)

    def note(self, problem):
        self.stuck.append(problem)
        print(f"           {problem}", flush=True)

    # Replicas -----------------------------------------------------------------------------------------------------

    async def replica_killed(self):
        replica = self.deployment.replicas[self.some_replica()]
        with self.fault("replica killed", replica=replica.number):
            await asyncio.to_thread(replica.kill)
            await self.pause(1, 6)
            await self.bring_back(replica)

    async def replica_drained(self):
        replica = self.deployment.replicas[self.some_replica()]
        with self.fault("replica drained", replica=replica.number):
            code = await asyncio.to_thread(replica.drain)
            if code != 0:
                self.note(f"replica {replica.number} ended with {code} after SIGTERM")
            await self.bring_back(replica)

    async def replica_paused_past_fence(self):
        await self.pause_replica("replica paused past its fence", LEASE_SECONDS + 2, LEASE_SECONDS + 6)

    async def replica_paused_until_gone(self):
        await self.pause_replica("replica paused until it is gone", 2 * LEASE_SECONDS + 2, 3 * LEASE_SECONDS)

    async def pause_replica(self, kind, *bounds):
        replica = self.deployment.replicas[self.some_replica()]
        with self.fault(kind, replica=replica.number):
            await self.pause_in_transaction(replica)
            await self.pause(*bounds)
            # These calls wait in the replica's socket. When it is resumed, it still believes that it may spend its
            # leases.
            knocking = asyncio.create_task(self.probe(replica.number))
            await asyncio.sleep(0.3)
            replica.resume()
            await knocking

    async def pause_in_transaction(self, replica):
        """Pauses the replica at the worst moment, if one comes soon: while it holds locks on rows that others need."""
        for _ in range(PAUSE_ATTEMPTS):
            replica.pause()
            await asyncio.sleep(0.15)
            try:
                if await ask(self.pair.primary, IN_TRANSACTION):
                    return
            except (OSError, EOFError, TimeoutError, Refused):
                return
            replica.resume()
            await self.pause(0.01, 0.1)
        replica.pause()

    async def replica_cut_off_past_fence(self):
        number = self.some_replica()
        with self.fault("replica cut off past its fence", replica=number, is_total=True):
            self.network.silence([number], True)
            await self.pause(LEASE_SECONDS + 2, LEASE_SECONDS + 4)
            self.network.silence([number], False)
            self.network.cut([number])

    # PostgreSQL ---------------------------------------------------------------------------------------------------

    async def postgres_stopped_immediately(self):
        await self.restart_postgres("PostgreSQL stopped immediately", self.pair.primary.stop_immediately)

    async def postgres_killed(self):
        await self.restart_postgres("PostgreSQL killed", self.pair.primary.kill)

    async def postgres_away_past_fence(self):
        await self.restart_postgres(
            "PostgreSQL away past the fence", self.pair.primary.stop_immediately, LEASE_SECONDS + 2, LEASE_SECONDS + 3)

    async def restart_postgres(self, kind, end, *bounds):
        with self.fault(kind, reaches_database=True, is_total=True) as fault:
            await asyncio.to_thread(end)
            await self.pause(*bounds or (1, 5))
            fault.lifted_at = time.time()
            await asyncio.to_thread(self.pair.primary.start)

    async def backend_killed(self):
        with self.fault("backend of PostgreSQL killed", reaches_database=True):
            await asyncio.to_thread(self.pair.primary.kill_one_backend)
            await asyncio.to_thread(self.pair.primary.start)

    async def tables_locked(self):
        with self.fault("tables locked", reaches_database=True):
            try:
                await ask(self.pair.primary, LOCK)
            except Refused:
                # A replica that was paused in a transaction has locked the table already.
                pass

    async def statements_time_out(self):
        """Statements time out, even a COMMIT that waits for the standby; the commit is then on one node only."""
        with self.fault("statements time out", reaches_database=True):
            await self.set_timeout(f"SET statement_timeout = '{self.random.randint(5, 20)}ms'")
            await self.pause(2, 4)
            await self.set_timeout("RESET statement_timeout")

    async def set_timeout(self, change):
        await ask(self.pair.primary, f"SET statement_timeout = 0; ALTER DATABASE {DATABASE} {change}")
        self.network.cut(self.everyone)

    async def standby_promoted(self):
        with self.fault("standby promoted", reaches_database=True):
            await asyncio.to_thread(self.pair.primary.kill)
            await asyncio.to_thread(self.pair.promote)
            await asyncio.to_thread(self.pair.follow)

    async def standby_promoted_after_cancelled_waits(self):
        """The standby that takes over lacks transactions that the primary has acknowledged as committed."""
        with self.fault("standby promoted after cancelled waits", reaches_database=True):
            await asyncio.to_thread(self.pair.standby.kill)
            end = time.time() + 2
            while time.time() < end:
                await asyncio.sleep(0.2)
                # On a busy machine one query may be too late; the next is not.
                with suppress(TimeoutError):
                    await ask(self.pair.primary, CANCEL_WAITS)
            await asyncio.to_thread(self.pair.primary.kill)
            await asyncio.to_thread(self.pair.standby.start)
            await asyncio.to_thread(self.pair.promote)
            await asyncio.to_thread(self.pair.follow)

    # Network ------------------------------------------------------------------------------------------------------

    async def connections_cut(self):
        with self.fault("connections cut", reaches_database=True):
            self.network.cut(self.everyone)

    async def connections_refused(self):
        with self.fault("connections refused", reaches_database=True, is_total=True):
            self.network.refuse(self.everyone, True)
            await self.pause(2, 5)
            self.network.refuse(self.everyone, False)

    async def connections_silent(self):
        with self.fault("connections silent", reaches_database=True, is_total=True):
            self.network.silence(self.everyone, True)
            await self.pause(2, 6)
            self.network.silence(self.everyone, False)

    async def connections_slow(self):
        with self.fault("connections slow", reaches_database=True):
            self.network.delay(self.everyone, self.random.uniform(0.005, 0.08))
            await self.pause(2, 5)
            self.network.delay(self.everyone, 0)

    async def cut_before_commit(self):
        await self.cut_commits("before")

    async def cut_during_commit(self):
        await self.cut_commits("during")

    async def cut_after_commit(self):
        await self.cut_commits("after")

    async def cut_commits(self, when):
        with self.fault(f"cut {when} COMMIT", reaches_database=True):
            self.network.cut_commits(self.everyone, [when] * self.random.randint(1, 4))
            await self.pause(1, 3)
            self.network.cut_commits(self.everyone, [])


OF_REPLICAS = [
    "replica_killed", "replica_drained", "replica_paused_past_fence", "replica_paused_until_gone",
    "replica_cut_off_past_fence"]
OF_THE_DATABASE = [
    "postgres_stopped_immediately", "postgres_killed", "postgres_away_past_fence", "backend_killed", "tables_locked",
    "statements_time_out", "standby_promoted", "standby_promoted_after_cancelled_waits", "connections_cut",
    "connections_refused", "connections_silent", "connections_slow", "cut_before_commit", "cut_during_commit",
    "cut_after_commit"]
