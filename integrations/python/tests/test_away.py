"""What happens when Purser does not answer, and when it is back."""

import asyncio
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

import httpx
import openai
import pytest
from prices import CALL_COST_USD, CALL_USAGE, billed_nanodollars, nanodollars

import purser

NOWHERE = "http://127.0.0.1:9"


class Gateway(BaseHTTPRequestHandler):
    """Answers authorizations with a page, and knows nothing else."""

    def log_message(self, *_):
        pass

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200 if self.path == "/v1/authorize" else 404)
        self.end_headers()
        self.wfile.write(b"<h1>Welcome</h1>")


def test_deny_without_purser(token, team, provider):
    with purser.Client(NOWHERE, token, team.name, authorize_seconds=0.3) as client:
        wrapped = purser.wrap(openai.OpenAI(api_key="k", base_url=f"{provider.url}/v1"), client)
        with pytest.raises(purser.Denied) as denied:
            wrapped.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": "hi"}])
    assert denied.value.code == "purser_unreachable" and provider.requests == []


def test_admitted_calls_are_reported_when_purser_is_back(absent, token, team, provider):
    team.budget(1)
    with purser.Client(absent.url, token, team.name, on_unreachable="admit", authorize_seconds=0.2) as client:
        wrapped = purser.wrap(
            openai.OpenAI(api_key="k", base_url=f"{provider.url}/v1"), client, feature="away", tags={"a": "b"}
        )
        for stream in (False, True):
            answer = wrapped.chat.completions.create(
                model="gpt-4o", messages=[{"role": "user", "content": "hi"}], stream=stream
            )
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
            call.settle(CALL_USAGE)
        assert client.flush(20)
    assert [entry["kind"] for entry in team.entries()] == ["usage"] and team.cost() == CALL_COST_USD
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


def test_calls_do_not_each_wait_for_a_purser_that_is_away(token, team, caplog):
    with purser.Client(NOWHERE, token, team.name, on_unreachable="admit", authorize_seconds=0.5) as client:
        began = time.monotonic()
        for _ in range(20):
            with client.call("gpt-4o", 100) as call:
                call.void()
    assert time.monotonic() - began < 2
    # And it is told once, not for each call.
    assert caplog.text.count("calls are admitted") == 1
