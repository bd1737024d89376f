"""A router as the deployment sees it: authorizes, settles and voids over HTTP, and keeps every answer in a journal."""
import asyncio
import random
import time
from datetime import datetime

from connection import Connections, NoAnswer
from journal import Ask, Call, End
from money import MODEL, nanodollars

AUTHORIZE_SECONDS, END_SECONDS = 2, 12
# How long a replica that gave no answer is left alone, as a load balancer would.
AVOID_SECONDS = 1
RETRY_SECONDS = 0.1


class Client:
    """Keeps connections to each replica; the home replica is asked first."""

    def __init__(self, name, home, ports, prices, journal, seed):
        self.name, self.prices, self.journal = name, prices, journal
        self.random = random.Random(f"{seed}/{name}")
        self.connections = [Connections(port) for port in ports]
        self.avoided_until = [0.0] * len(ports)
        self.home, self.call_count = home % len(ports), 0

    def close(self):
        for connection in self.connections:
            connection.close()

    def new_call(self, team, budgets, estimate, hold_seconds):
        self.call_count += 1
        tokens = self.prices.tokens(estimate)
        call = Call(
            f"{self.name}-{self.call_count}", team, budgets, *tokens, self.prices.cost(*tokens), hold_seconds)
        self.journal.calls.append(call)
        return call

    def pick(self, preferred):
        """Returns `preferred`, or the next replica that is not being avoided."""
        count, now = len(self.connections), time.time()
        order = [(preferred + step) % count for step in range(count)]
        return next((replica for replica in order if self.avoided_until[replica] <= now), preferred)

    def another(self):
        return self.random.choice([n for n in range(len(self.connections)) if n != self.home] or [0])

    async def post(self, replica, path, body, seconds):
        try:
            return await self.connections[replica].post(path, body, seconds)
        except NoAnswer:
            self.avoided_until[replica] = time.time() + AVOID_SECONDS
            raise

    # Authorize ----------------------------------------------------------------------------------------------------

    async def authorize(self, call, until, replica=None, seconds=AUTHORIZE_SECONDS):
        """Sends authorize until there is a verdict; returns None if there is none by `until`."""
        while time.time() < until:
            chosen = self.pick(self.home) if replica is None else replica
            ask = await self.authorize_once(call, chosen, seconds)
            if ask.verdict:
                return ask
            if ask.status is not None:
                self.avoided_until[chosen] = time.time() + AVOID_SECONDS
            await asyncio.sleep(RETRY_SECONDS)
        return None

    async def authorize_once(self, call, replica, seconds=AUTHORIZE_SECONDS):
        ask = Ask(replica, time.time())
        call.asks.append(ask)
        body = {
            "request_id": call.request_id, "team": call.team, "feature": "chat", "model": MODEL,
            "input_tokens": call.input_tokens, "max_output_tokens": call.max_output_tokens,
            "hold_seconds": call.hold_seconds}
        for name in ("run", "min_output_tokens", "wait_ms"):
            if value := getattr(call, name):
                body[name] = value
        try:
            status, answer = await self.post(replica, "/v1/authorize", body, seconds + call.wait_ms / 1000)
        except NoAnswer:
            return ask
        ask.answered_at, ask.status = time.time(), status
        if status == 200:
            self.read_verdict(call, ask, answer)
        elif status != 503:
            self.journal.wrong(call, f"authorize was answered {status} {answer}")
        return ask

    def read_verdict(self, call, ask, answer):
        ask.verdict, ask.hold_id = answer["verdict"], answer["hold_id"]
        if reason := answer["reason"]:
            ask.reason, ask.message = reason["code"], reason["message"]
            # Of a budget with a window for each run, that of the call's.
            ask.budget = next((name for name in call.budgets if name.split(":")[0] == reason["budget"]), reason["budget"])
            ask.message += f" (retry_after_seconds {reason['retry_after_seconds']})"
        if ask.hold_id:
            ask.expires_at = ask.may_expire_at = datetime.fromisoformat(answer["expires_at"]).timestamp()
            ask.max_output_tokens = answer["max_output_tokens"]
        ask.held = nanodollars(answer["estimated_cost_usd"])
        estimate = self.prices.cost(call.input_tokens, ask.max_output_tokens) if ask.hold_id else call.estimate
        least = call.max_output_tokens if call.min_output_tokens is None else call.min_output_tokens
        if ask.held != estimate:
            self.journal.wrong(call, f"estimated {answer['estimated_cost_usd']}, not {estimate} nanodollars")
        if ask.hold_id and not least <= ask.max_output_tokens <= call.max_output_tokens:
            self.journal.wrong(call, f"may use {ask.max_output_tokens} tokens, of {least} to {call.max_output_tokens}")

    # The end of a hold --------------------------------------------------------------------------------------------

    async def settle(self, call, ask, replica, until):
        """Sends the same settle to one replica after another until it is acknowledged; returns whether it was."""
        while time.time() < until:
            end = await self.settle_once(call, ask, self.pick(replica))
            if end.status == 200:
                return True
            if end.status is not None and end.status < 500:
                return False
            replica = (replica + 1) % len(self.connections)
            await asyncio.sleep(RETRY_SECONDS)
        return False

    async def settle_once(self, call, ask, replica):
        end = End("settle", replica, ask.hold_id, time.time())
        call.ends.append(end)
        usage = {"input_tokens": call.input_tokens, "output_tokens": call.output_tokens}
        answer = await self.send_end(call, end, "/v1/settle", {"hold_id": ask.hold_id, "usage": usage})
        if end.status == 200:
            end.cost, end.entry_id = nanodollars(answer["cost_usd"]), answer["entry_id"]
            end.is_duplicate = answer["duplicate"]
            self.compare_settles(call, end)
        return end

    def compare_settles(self, call, end):
        first = call.acknowledged
        if end.cost != call.cost:
            self.journal.wrong(call, f"settled at {end.cost} nanodollars; its usage costs {call.cost}")
        if first is not end and (end.entry_id, end.is_duplicate) != (first.entry_id, True):
            self.journal.wrong(
                call, f"a repeat was answered with entry {end.entry_id}, duplicate {end.is_duplicate}; first it was "
                f"{first.entry_id}")

    async def extend(self, call, ask, replica, seconds):
        """Asks once for more time, which the hold may have got if there is no answer."""
        ask.may_expire_at = max(ask.may_expire_at, time.time() + AUTHORIZE_SECONDS + seconds)
        try:
            status, answer = await self.post(
                self.pick(replica), "/v1/extend", {"hold_id": ask.hold_id, "hold_seconds": seconds}, AUTHORIZE_SECONDS)
        except NoAnswer:
            return
        if status == 200:
            ask.expires_at = datetime.fromisoformat(answer["expires_at"]).timestamp()
        elif status not in (409, 503):
            self.journal.wrong(call, f"extend was answered {status} {answer}")

    async def void(self, call, ask, replica, until):
        """Sends a void until it is acknowledged; returns whether it was. If it was not, the hold expires."""
        while time.time() < until:
            end = End("void", self.pick(replica), ask.hold_id, time.time())
            call.ends.append(end)
            answer = await self.send_end(call, end, "/v1/void", {"hold_id": ask.hold_id})
            if end.status == 200:
                if nanodollars(answer["released_usd"]) != ask.held:
                    self.journal.wrong(call, f"a void released {answer['released_usd']}")
                return True
            replica = (replica + 1) % len(self.connections)
            await asyncio.sleep(RETRY_SECONDS)
        return False

    async def send_end(self, call, end, path, body):
        try:
            end_status, answer = await self.post(end.replica, path, body, END_SECONDS)
        except NoAnswer:
            return None
        end.answered_at, end.status = time.time(), end_status
        if end_status not in (200, 503):
            self.journal.wrong(call, f"{path} was answered {end_status} {answer}")
        return answer
