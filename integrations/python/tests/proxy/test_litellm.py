"""LiteLLM's real proxy asks Purser, sends what the verdict says, and tells what calls used."""

import json
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from prices import billed_nanodollars
from litellm_proxy import Proxy, agrees

from purser import Denied, Reason, Verdict
from purser.litellm.refusal import refusal
from purser.litellm.settings import PluginSettings

ROUTES = {
    "chat": ("/v1/chat/completions", {"model": "gpt-4o", "messages": [{"role": "user", "content": "hello"}]}),
    "group": ("/v1/chat/completions", {"model": "smart", "messages": [{"role": "user", "content": "hello"}]}),
    "anthropic by chat": (
        "/v1/chat/completions",
        {"model": "claude-opus-4-5", "messages": [{"role": "user", "content": "hello"}]},
    ),
    "responses": ("/v1/responses", {"model": "gpt-4o", "input": "hello"}),
    "messages": (
        "/v1/messages",
        {"model": "claude-opus-4-5", "max_tokens": 50, "messages": [{"role": "user", "content": "hello"}]},
    ),
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


@pytest.mark.parametrize(
    "code, seconds, status, retry_after",
    [
        ("budget_exhausted", 828_000, 402, None),
        ("budget_exhausted", None, 402, None),
        ("funds_held", 3, 429, "3"),
        ("funds_held", 0, 429, "1"),
        ("purser_unreachable", None, 503, "1"),
    ],
)
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
    body = {
        "model": "gpt-4o",
        "messages": [{"role": "user", "content": "hi"}],
        "metadata": {"feature": "plan it", "tags": ["env:prod", "fast"]},
    }
    assert (
        proxy.post(team, "/v1/chat/completions", body, **{"x-purser-run": "run-7", "x-purser-user": "ada"}).status_code
        == 200
    )
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
