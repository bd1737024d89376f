"""What survives Purser's and the router's absence, and what is counted how often."""
import asyncio
import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, HTTPServer

import httpx
import openai
import pytest
from prices import billed_nanodollars, nanodollars

import purser

class Gateway(BaseHTTPRequestHandler):
    """Answers authorizations with a page, and knows nothing else."""

    def log_message(self, *_):
        pass

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200 if self.path == "/v1/authorize" else 404)
        self.end_headers()
        self.wfile.write(b"<h1>Welcome</h1>")


USAGE = {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110}
COST = Decimal("0.00035")
NOWHERE = "http://127.0.0.1:9"


def test_deny_without_purser(token, team, provider):
    with purser.Client(NOWHERE, token, team.name, authorize_seconds=0.3) as client:
        wrapped = purser.wrap(openai.OpenAI(api_key="k", base_url=f"{provider.url}/v1"), client)
        with pytest.raises(purser.Denied) as denied:
            wrapped.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": "hi"}])
    assert denied.value.code == "purser_unreachable" and provider.requests == []


def test_admitted_calls_are_reported_when_purser_is_back(absent, token, team, provider):
    team.budget(1)
    with purser.Client(absent.url, token, team.name, on_unreachable="admit", authorize_seconds=0.2) as client:
        wrapped = purser.wrap(openai.OpenAI(api_key="k", base_url=f"{provider.url}/v1"), client, feature="away", tags={"a": "b"})
        for stream in (False, True):
            answer = wrapped.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": "hi"}], stream=stream)
            list(answer)
        assert len(client.queue) == 2
        absent.start()
        assert client.flush(20)
    entries = team.entries()
    assert len(entries) == 2 and all(entry["feature"] == "away" and entry["tags"] == {"a": "b"} for entry in entries)
    assert nanodollars(team.cost()) == billed_nanodollars(provider)


def test_a_hold_whose_answer_was_lost_is_given_back(url, token, team):
    """Purser holds the money, but its answers are lost: neither the hold nor the call may count twice."""
    team.budget(1)
    with purser.Client(url, token, team.name, on_unreachable="admit", authorize_seconds=0.5) as client:
        posting = client._http.post

        def lose(path, **options):
            posting(path, **options)
            raise httpx.ReadTimeout("the answer was lost")

        client._http.post = lose
        with client.call("gpt-4o", 1000, max_output_tokens=1000) as call:
            assert call.verdict is None
            call.settle(USAGE)
        assert client.flush(20)
    assert [entry["kind"] for entry in team.entries()] == ["usage"] and team.cost() == COST
    assert team.standing()["held_usd"] == "0"


def test_a_hold_that_nobody_waits_for_is_given_back(url, token, team):
    async def run():
        async with purser.AsyncClient(url, token, team.name) as client:
            posting = client._http.post

            async def stall(path, **options):
                await posting(path, **options)
                await asyncio.sleep(60)

            client._http.post = stall
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(client.open(client.request("gpt-4o", 1000, max_output_tokens=1000)), 0.5)
            assert await client.flush(20)

    team.budget(1)
    asyncio.run(run())
    assert team.standing()["held_usd"] == "0"


def test_something_else_than_purser(token, team):
    """A gateway that answers in Purser's place is not believed, and settlements wait."""
    gateway = HTTPServer(("127.0.0.1", 0), Gateway)
    threading.Thread(target=gateway.serve_forever, daemon=True).start()
    with purser.Client(f"http://127.0.0.1:{gateway.server_port}", token, team.name) as client:
        with pytest.raises(purser.Unreachable, match="something else"):
            client.authorize("gpt-4o", 1)
        client.queue.put("settle", "a", {"hold_id": "a", "usage": {}})
        assert not client.flush(0.5) and client.queue.dead_letters() == []
        client.queue.close(0)
    gateway.shutdown()


def test_verdicts_come_again_when_purser_is_back(absent, token, team):
    team.budget(1)
    with purser.Client(absent.url, token, team.name, on_unreachable="admit", authorize_seconds=0.2) as client:
        with client.call("gpt-4o", 100, max_output_tokens=10) as call:
            call.void()
        absent.start()
        deadline = time.monotonic() + 5
        while call.verdict is None and time.monotonic() < deadline:
            with client.call("gpt-4o", 100, max_output_tokens=10) as call:
                call.void()
            time.sleep(0.05)
    assert call.verdict is not None


def test_settlements_survive_the_death_of_the_router(absent, url, token, team, tmp_path):
    """A router authorizes, Purser goes away, the router settles and is killed: the next router's start tells the rest."""
    team.budget(1)
    path = tmp_path / "queue.sqlite"
    absent.start()
    script = (
        "import sys, purser\n"
        "client = purser.Client(queue_path=sys.argv[1])\n"
        "calls = [client.open(client.request('gpt-4o', 100, max_output_tokens=10)) for _ in range(20)]\n"
        "print('held', flush=True); sys.stdin.readline()\n"
        "[call.settle({'prompt_tokens': 100, 'completion_tokens': 10, 'total_tokens': 110}) for call in calls]\n"
        "print('settled', flush=True); sys.stdin.readline()\n")
    router = subprocess.Popen(
        [sys.executable, "-c", script, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env=os.environ | {"PURSER_URL": absent.url, "PURSER_TOKEN": token, "PURSER_TEAM": team.name})
    assert router.stdout.readline() == "held\n"
    absent.drain()
    router.stdin.write("\n")
    router.stdin.flush()
    assert router.stdout.readline() == "settled\n"
    router.kill()
    router.wait()
    assert team.entries() == []
    with purser.Client(url, token, team.name, queue_path=path) as client:
        assert client.flush(20)
    assert len(team.entries()) == 20 and team.cost() == COST * 20


def test_sent_twice_counts_once(url, token, team, tmp_path):
    """Two processes share a file and send the same."""
    team.budget(1)
    path = tmp_path / "queue.sqlite"
    with purser.Client(url, token, team.name, queue_path=path) as client:
        calls = [client.open(client.request("gpt-4o", 100, max_output_tokens=10)) for _ in range(10)]
        with purser.Client(url, token, team.name, queue_path=path) as other:
            for call in calls:
                call.settle(USAGE, latency_ms=1)
                other.queue.put("settle", f"again {call.verdict.hold_id}", {"hold_id": call.verdict.hold_id, "usage": USAGE, "latency_ms": 1})
            assert client.flush(10) and other.flush(10)
        assert client.queue.dead_letters() == []
    assert len(team.entries()) == 10 and team.cost() == COST * 10


def test_what_is_refused_for_good_is_kept_and_told(client, team, caplog):
    team.budget(1)
    with client.call("gpt-4o", 100, max_output_tokens=10) as good, client.call("gpt-4o", 100, max_output_tokens=10) as bad:
        good.settle(USAGE)
        bad.settle({"input_tokens": 10, "cache_read_tokens": 20, "output_tokens": 1}, usage_format="purser")
    assert client.flush(10)
    [letter] = client.queue.dead_letters()
    assert letter.code == "invalid_fields" and letter.entry.body["usage"]["cache_read_tokens"] == 20
    assert "It is kept as a dead letter" in caplog.text and letter.detail in caplog.text
    assert team.cost() == COST


def test_calls_do_not_each_wait_for_a_purser_that_is_away(token, team, caplog):
    with purser.Client(NOWHERE, token, team.name, on_unreachable="admit", authorize_seconds=0.5) as client:
        began = time.monotonic()
        for _ in range(20):
            with client.call("gpt-4o", 100) as call:
                call.void()
    assert time.monotonic() - began < 2
    # And it is told once, not for each call.
    assert caplog.text.count("calls are admitted") == 1


def test_a_forked_child_tells_its_own_calls(url, token, team):
    team.budget(1)
    script = (
        "import os, purser\n"
        "client = purser.Client()\n"
        "def one():\n"
        "    with client.call('gpt-4o', 100, max_output_tokens=10) as call:\n"
        "        call.settle({'prompt_tokens': 100, 'completion_tokens': 10, 'total_tokens': 110})\n"
        "    assert client.flush(10)\n"
        "one()\n"
        "child = os.fork()\n"
        "one()\n"
        "if child: assert os.waitpid(child, 0)[1] == 0\n")
    environment = os.environ | {"PURSER_URL": url, "PURSER_TOKEN": token, "PURSER_TEAM": team.name}
    subprocess.run([sys.executable, "-c", script], env=environment, check=True, timeout=60)
    assert len(team.entries()) == 3 and team.cost() == COST * 3


def test_a_full_queue_admits_nothing(token, team):
    with purser.Client(NOWHERE, token, team.name, on_unreachable="admit", authorize_seconds=0.1, queue_entries=3) as client:
        for _ in range(3):
            with client.call("gpt-4o", 100) as call:
                call.settle(USAGE)
        with pytest.raises(purser.Denied) as denied, client.call("gpt-4o", 100):
            pytest.fail("A call was admitted.")
        assert denied.value.code == "queue_full" and len(client.queue) == 3
        client.queue.close(0)


# How a block is left --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("error, status", [
    (None, "error"), (ValueError("mine"), None), (TimeoutError(), "timeout"), (asyncio.CancelledError(), "cancelled"),
    (ConnectionResetError(), "error"), (ConnectionRefusedError(), None)])
def test_a_block_that_is_left_without_settling(error, status, client, team):
    team.budget(1)
    try:
        with client.call("gpt-4o", 100, max_output_tokens=10):
            if error:
                raise error
    except BaseException as raised:
        assert raised is error
    assert client.flush(10)
    assert [(entry["status"], entry["usage"]) for entry in team.entries()] == ([(status, {"input_tokens": 100})] if status else [])
    assert team.standing()["held_usd"] == "0"


def test_a_cached_answer_is_voided(client, team):
    team.budget(1)
    with client.call("gpt-4o", 100, max_output_tokens=10) as call:
        call.void()
        call.settle(USAGE)
    assert client.flush(10) and team.entries() == [] and team.standing()["held_usd"] == "0"


# Many at once ---------------------------------------------------------------------------------------------------------


def test_64_callers_never_spend_more_than_their_budget(client, team, provider):
    team.budget("0.05")
    wrapped = purser.wrap(openai.OpenAI(api_key="k", base_url=f"{provider.url}/v1", timeout=20), client, wait_ms=200)
    ask = [{"role": "user", "content": "say=400"}]

    def call_until_denied(_):
        made = 0
        while made < 20:
            try:
                wrapped.chat.completions.create(model="gpt-4o", messages=ask, max_tokens=400)
            except purser.Denied as denied:
                if denied.code == "budget_exhausted":
                    return made
            else:
                made += 1
        return made

    with ThreadPoolExecutor(64) as callers:
        made = sum(callers.map(call_until_denied, range(64)))
    assert client.flush(10)
    billed = billed_nanodollars(provider)
    assert len(team.entries()) == len(provider.billed) == made
    assert nanodollars(team.cost()) == billed <= 50_000_000
    # And the money is used: what is left is less than one more call.
    assert 50_000_000 - billed < 5_000_000
