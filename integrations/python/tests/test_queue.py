"""What survives the router's death, what is counted how often, and what is kept of refusals."""

import os
import subprocess
import sys

import pytest
from prices import CALL_COST_USD, CALL_USAGE

import purser

NOWHERE = "http://127.0.0.1:9"


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
        "print('settled', flush=True); sys.stdin.readline()\n"
    )
    router = subprocess.Popen(
        [sys.executable, "-c", script, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PURSER_URL": absent.url, "PURSER_TOKEN": token, "PURSER_TEAM": team.name},
    )
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
    assert len(team.entries()) == 20 and team.cost() == CALL_COST_USD * 20


def test_sent_twice_counts_once(url, token, team, tmp_path):
    """Two processes share a file and send the same."""
    team.budget(1)
    path = tmp_path / "queue.sqlite"
    with purser.Client(url, token, team.name, queue_path=path) as client:
        calls = [client.open(client.request("gpt-4o", 100, max_output_tokens=10)) for _ in range(10)]
        with purser.Client(url, token, team.name, queue_path=path) as other:
            for call in calls:
                call.settle(CALL_USAGE, latency_ms=1)
                other.queue.put(
                    "settle",
                    f"again {call.verdict.hold_id}",
                    {"hold_id": call.verdict.hold_id, "usage": CALL_USAGE, "latency_ms": 1},
                )
            assert client.flush(10) and other.flush(10)
        assert client.queue.dead_letters() == []
    assert len(team.entries()) == 10 and team.cost() == CALL_COST_USD * 10


def test_what_is_refused_for_good_is_kept_and_told(client, team, caplog):
    team.budget(1)
    with (
        client.call("gpt-4o", 100, max_output_tokens=10) as good,
        client.call("gpt-4o", 100, max_output_tokens=10) as bad,
    ):
        good.settle(CALL_USAGE)
        bad.settle({"input_tokens": 10, "cache_read_tokens": 20, "output_tokens": 1}, usage_format="purser")
    assert client.flush(10)
    [letter] = client.queue.dead_letters()
    assert letter.code == "invalid_fields" and letter.entry.body["usage"]["cache_read_tokens"] == 20
    assert "It is kept as a dead letter" in caplog.text and letter.detail in caplog.text
    assert team.cost() == CALL_COST_USD


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
        "if child: assert os.waitpid(child, 0)[1] == 0\n"
    )
    environment = os.environ | {"PURSER_URL": url, "PURSER_TOKEN": token, "PURSER_TEAM": team.name}
    subprocess.run([sys.executable, "-c", script], env=environment, check=True, timeout=60)
    assert len(team.entries()) == 3 and team.cost() == CALL_COST_USD * 3


def test_a_full_queue_admits_nothing(token, team):
    with purser.Client(
        NOWHERE, token, team.name, on_unreachable="admit", authorize_seconds=0.1, queue_entries=3
    ) as client:
        for _ in range(3):
            with client.call("gpt-4o", 100) as call:
                call.settle(CALL_USAGE)
        with pytest.raises(purser.Denied) as denied, client.call("gpt-4o", 100):
            pytest.fail("A call was admitted.")
        assert denied.value.code == "queue_full" and len(client.queue) == 3
        client.queue.close(0)
