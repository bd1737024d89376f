"""LiteLLM's real proxy with the plugin, in front of the provider that keeps its own log."""
import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
import yaml
from cluster import free_port
from prices import billed_nanodollars, nanodollars
from provider import Provider

from purser import Denied, Reason, Verdict
from purser.litellm.refusal import refusal
from purser.litellm.settings import PluginSettings

START_SECONDS = 120
MODELS = {"gpt-4o": "openai", "gpt-4o-mini": "openai", "text-embedding-3-small": "openai", "claude-opus-4-5": "anthropic",
          "claude-haiku-4-5": "anthropic"}


class Proxy:
    """The proxy as a process, as people start it, and its provider."""

    def __init__(self, folder, url, token, **settings):
        self.provider, self.port = Provider(), free_port()
        bases = {"openai": f"{self.provider.url}/v1", "anthropic": self.provider.url}
        models = [{"model_name": name, "litellm_params": {"model": f"{kind}/{name}", "api_base": bases[kind], "api_key": "k"}}
                  for name, kind in MODELS.items()]
        models.append({"model_name": "smart", "litellm_params": {"model": "openai/gpt-4o", "api_base": bases["openai"], "api_key": "k"}})
        models.append({"model_name": "broken", "litellm_params": {"model": "openai/gpt-4o", "api_base": "http://127.0.0.1:9", "api_key": "k"}})
        models.append({"model_name": "mine", "model_info": {"base_model": "gpt-4o"},
                       "litellm_params": {"model": "openai/my-deployment", "api_base": bases["openai"], "api_key": "k"}})
        config = folder / "config.yaml"
        config.write_text(yaml.safe_dump({
            "model_list": models, "general_settings": {"master_key": "sk-test"},
            "litellm_settings": {"callbacks": ["purser.litellm.plugin"], "num_retries": 1, "request_timeout": 2},
            "router_settings": {"fallbacks": [{"broken": ["gpt-4o-mini"]}], "retry_after": 0}}))
        self.log = folder / "litellm.log"
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PURSER_")}
        environment |= {"PURSER_URL": url, "PURSER_TOKEN": token, "PURSER_TEAM": "nobody", "PYTHONUNBUFFERED": "1",
                        "LITELLM_LOCAL_MODEL_COST_MAP": "True", "NO_PROXY": "*", **settings}
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [Path(sys.executable).parent / "litellm", "--config", config, "--port", str(self.port), "--host", "127.0.0.1"],
                stdout=log, stderr=log, env=environment, cwd=folder)
        self.http = httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=60, headers={"Authorization": "Bearer sk-test"})
        self.wait()

    def wait(self):
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                if self.http.get("/health/liveliness").status_code == 200:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.2)
        raise RuntimeError(self.log.read_text()[-3000:])

    def post(self, team, path, body, **headers):
        return self.http.post(path, json=body, headers={"x-purser-team": team.name, **headers})

    def chat(self, team, text="hello", model="gpt-4o", **fields):
        return self.post(team, "/v1/chat/completions", {"model": model, "messages": [{"role": "user", "content": text}], **fields})

    def end(self):
        self.process.terminate()
        self.process.wait(30)
        self.provider.shutdown()


@pytest.fixture(scope="session")
def running_proxy(url, deployment, tmp_path_factory):
    proxy = Proxy(tmp_path_factory.mktemp("litellm"), url, deployment.router_token)
    yield proxy
    proxy.end()


@pytest.fixture
def proxy(running_proxy):
    time.sleep(0.1)
    running_proxy.provider.billed.clear()
    running_proxy.provider.requests.clear()
    return running_proxy


def agrees(proxy, team, calls, seconds=20):
    """The ledger and the provider's log are equal to the nanodollar; LiteLLM tells its events some time after the answer."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and (len(team.entries()) < calls or team.standing()["held_usd"] != "0"):
        time.sleep(0.1)
    entries = team.entries()
    assert len(entries) == len(proxy.provider.billed) == calls
    assert nanodollars(team.cost()) == billed_nanodollars(proxy.provider)
    assert team.standing()["held_usd"] == "0"
    return entries


ROUTES = {
    "chat": ("/v1/chat/completions", {"model": "gpt-4o", "messages": [{"role": "user", "content": "hello"}]}),
    "group": ("/v1/chat/completions", {"model": "smart", "messages": [{"role": "user", "content": "hello"}]}),
    "anthropic by chat": ("/v1/chat/completions", {"model": "claude-opus-4-5", "messages": [{"role": "user", "content": "hello"}]}),
    "responses": ("/v1/responses", {"model": "gpt-4o", "input": "hello"}),
    "messages": ("/v1/messages", {"model": "claude-opus-4-5", "max_tokens": 50, "messages": [{"role": "user", "content": "hello"}]}),
    "embeddings": ("/v1/embeddings", {"model": "text-embedding-3-small", "input": ["hello", "world"]}),
}


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("route", ROUTES)
def test_each_route_is_settled_as_it_is_billed(route, stream, proxy, team):
    if stream and route == "embeddings":
        return
    # Whoever says no most output is held for the model's own: 1.60 USD of the dearest.
    team.budget(2)
    path, body = ROUTES[route]
    answer = proxy.post(team, path, {**body, **({"stream": True} if stream else {})})
    assert answer.status_code == 200, answer.text
    agrees(proxy, team, 1)


def test_the_usage_chunk_is_there_if_asked_for_alone(proxy, team):
    team.budget(1)
    hidden = proxy.chat(team, stream=True).text
    shown = proxy.chat(team, stream=True, stream_options={"include_usage": True}).text
    assert '"prompt_tokens"' not in hidden and '"prompt_tokens"' in shown
    agrees(proxy, team, 2)


@pytest.mark.parametrize("model, cheap", [("smart", "gpt-4o-mini"), ("claude-opus-4-5", "claude-haiku-4-5")])
def test_a_downgrade_goes_to_a_group_of_the_verdicts_model(model, cheap, proxy, team):
    team.ladder("claude-opus-4-5" if cheap.startswith("claude") else "gpt-4o", cheap)
    team.budget("0.006")
    assert proxy.chat(team, model=model, max_tokens=1000, fallbacks=["smart"]).status_code == 200
    [entry] = agrees(proxy, team, 1)
    assert proxy.provider.billed[0]["model"] == cheap == entry["model"]


def test_a_denial_is_a_402_that_names_the_budget(proxy, team):
    team.budget("0.000001", period="month")
    answer = proxy.chat(team)
    assert answer.status_code == 402 and proxy.provider.requests == []
    error = answer.json()["error"]
    assert team.name in error["message"] and "could cost" in error["message"]
    assert team.name in json.dumps(error["provider_specific_fields"]) and "resets_at" in json.dumps(error)


@pytest.mark.parametrize("code, seconds, status, retry_after", [
    ("budget_exhausted", 828_000, 402, None), ("budget_exhausted", None, 402, None), ("funds_held", 3, 429, "3"),
    ("funds_held", 0, 429, "1"), ("purser_unreachable", None, 503, "1")])
def test_a_denial_is_a_429_only_where_money_is_there_soon(code, seconds, status, retry_after):
    reason = Reason(code, "No money.", "team/search", None, seconds)
    verdict = Verdict("deny", "r", None, None, None, None, None, None, reason, (), ())
    answer = refusal(Denied("No money.", code, None if code == "purser_unreachable" else verdict), PluginSettings())
    assert (answer.status_code, (answer.headers or {}).get("Retry-After")) == (status, retry_after)


def test_the_output_is_what_was_held_for(proxy, team):
    team.budget(1)
    proxy.chat(team, "say=9000", model="gpt-4o-mini")
    assert proxy.provider.requests[0]["body"]["max_completion_tokens"] == 16384
    agrees(proxy, team, 1)


def test_attribution(proxy, team):
    team.budget(1)
    body = {"model": "gpt-4o", "messages": [{"role": "user", "content": "hi"}], "metadata": {"feature": "plan it", "tags": ["env:prod", "fast"]}}
    assert proxy.post(team, "/v1/chat/completions", body, **{"x-purser-run": "run-7", "x-purser-user": "ada"}).status_code == 200
    [entry] = agrees(proxy, team, 1)
    assert (entry["feature"], entry["run"], entry["user"]) == ("plan-it", "run-7", "ada")
    assert entry["tags"] == {"env": "prod", "fast": "true"}


def test_retries_share_a_hold_and_a_fallback_is_recorded_as_what_served_it(proxy, team):
    team.budget(1)
    assert proxy.chat(team, f"fault=500 times=1 key={team.name}").status_code == 200
    assert proxy.chat(team, model="broken").status_code == 200
    entries = agrees(proxy, team, 2)
    assert sorted(entry["model"] for entry in entries) == ["gpt-4o", "gpt-4o-mini"]


def test_a_deployment_costs_what_its_base_model_does(proxy, team):
    team.budget(1)
    assert proxy.chat(team, model="mine").status_code == 200
    proxy.provider.billed[0]["model"] = "gpt-4o"
    [entry] = agrees(proxy, team, 1)
    assert entry["model"] == "gpt-4o"


def test_a_refused_call_costs_nothing(proxy, team):
    team.budget(1)
    assert proxy.chat(team, "fault=400").status_code == 400
    agrees(proxy, team, 0)


def test_a_timeout_costs_the_input(proxy, team):
    team.budget(1)
    assert proxy.chat(team, "fault=slow").status_code in (408, 504)
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and not team.entries():
        time.sleep(0.1)
    [entry] = team.entries()
    assert entry["status"] == "timeout" and team.standing()["held_usd"] == "0"


def test_a_client_that_leaves_a_stream(proxy, team):
    team.budget(1)
    body = {"model": "gpt-4o", "stream": True, "messages": [{"role": "user", "content": "fault=drip say=40"}]}
    with proxy.http.stream("POST", "/v1/chat/completions", json=body, headers={"x-purser-team": team.name}) as answer:
        next(answer.iter_lines())
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and not team.entries():
        time.sleep(0.1)
    [entry] = team.entries()
    assert entry["usage"]["input_tokens"] > 0 and team.standing()["held_usd"] == "0"


def test_purser_goes_away_and_comes_back(absent, deployment, team, tmp_path):
    """What was admitted meanwhile is reported later, and the next call has a verdict again."""
    team.budget(2)
    queue = {"PURSER_ON_UNREACHABLE": "admit", "PURSER_QUEUE_PATH": str(tmp_path / "queue.sqlite")}
    proxy = Proxy(tmp_path, absent.url, deployment.router_token, **queue)
    try:
        for stream in (False, True):
            assert proxy.chat(team, stream=stream).status_code == 200
        assert team.entries() == []
        absent.start()
        agrees(proxy, team, 2, seconds=60)
        time.sleep(1)
        assert proxy.chat(team).status_code == 200
        agrees(proxy, team, 3)
        team.budget("0.000001")
        assert proxy.chat(team).status_code == 402
    finally:
        proxy.end()


def test_64_callers_never_spend_more_than_their_budget(proxy, team):
    team.budget("0.05")

    def call_until_denied(_):
        made = 0
        for _ in range(6):
            answer = proxy.chat(team, "say=400", max_tokens=400)
            made += answer.status_code == 200
            if answer.status_code == 402:
                break
        return made

    with ThreadPoolExecutor(64) as callers:
        made = sum(callers.map(call_until_denied, range(64)))
    entries = agrees(proxy, team, made)
    assert len(entries) == made and 0 < billed_nanodollars(proxy.provider) <= 50_000_000
