"""The client against the real server."""

import logging
from decimal import Decimal

import pytest

import purser


def test_a_call_from_authorize_to_settle(client, team):
    team.budget(1)
    verdict = client.authorize("gpt-4o", 1200, max_output_tokens=400, request_id="r-1", feature="f", run="run-1")
    assert (verdict.verdict, verdict.model, verdict.max_output_tokens) == ("admit", "gpt-4o", 400)
    assert verdict.estimated_cost_usd == Decimal("0.007") and verdict.budgets[0].remaining == Decimal("0.993")
    receipt = client.settle(verdict.hold_id, {"prompt_tokens": 1200, "completion_tokens": 310, "total_tokens": 1510})
    assert receipt.cost_usd == Decimal("0.0061") and not receipt.duplicate
    again = client.settle(verdict.hold_id, {"prompt_tokens": 1200, "completion_tokens": 310, "total_tokens": 1510})
    assert again.duplicate and again.entry_id == receipt.entry_id
    with pytest.raises(purser.ApiError) as conflict:
        client.settle(verdict.hold_id, {"input_tokens": 1, "output_tokens": 1})
    assert (conflict.value.status, conflict.value.code) == (409, "idempotency_conflict")
    assert conflict.value.entry["entry_id"] == receipt.entry_id
    [entry] = team.entries()
    assert (entry["feature"], entry["run"]) == ("f", "run-1")


def test_the_other_routes(client, team):
    team.budget(1)
    verdict = client.authorize("gpt-4o", 100, max_output_tokens=10)
    assert client.extend(verdict.hold_id, 900) > verdict.expires_at
    assert client.void(verdict.hold_id) == verdict.estimated_cost_usd
    event = {"id": "e-1", "team": team.name, "model": "gpt-4o", "usage": {"input_tokens": 100, "output_tokens": 1}}
    answer = client.usage([event, event, {**event, "id": "e-2", "team": "nobody-at-all"}])
    assert (answer.accepted, answer.duplicates, answer.rejected[0].code) == (1, 1, "unknown_team")
    assert client.quote("gpt-4o", {"input_tokens": 1000, "output_tokens": 100}).cost_usd == Decimal("0.0035")
    held = client.authorize("gpt-4o", 100, max_output_tokens=10)
    good, bad = client.settle_batch([{"hold_id": held.hold_id, "usage": {}}, {"hold_id": "mine", "usage": {}}])
    assert good.cost_usd == 0 and bad.code == "unknown_hold"


def test_a_denial_names_its_budget(client, team):
    team.budget("0.001")
    verdict = client.authorize("gpt-4o", 100_000, max_output_tokens=10)
    assert verdict.is_denied and verdict.hold_id is None
    with pytest.raises(purser.Denied) as denied, client.call("gpt-4o", 100_000, max_output_tokens=10):
        pytest.fail("A denied call was made.")
    assert denied.value.budget == team.name and "could cost $0.2501" in str(denied.value)


def test_what_is_refused_says_why(url, team):
    with purser.Client(url, "not-a-token", team.name) as stranger, pytest.raises(purser.ApiError) as refused:
        stranger.authorize("gpt-4o", 1)
    assert refused.value.code == "unauthorized"


def test_no_text_has_the_token(url, token, caplog):
    caplog.set_level(logging.DEBUG)
    with purser.Client(url, token, "nobody") as client:
        with pytest.raises(purser.ApiError) as refused:
            client.authorize("gpt-4o", 1)
        texts = [
            repr(client),
            repr(client.settings),
            str(vars(client)),
            str(refused.value),
            repr(refused.value),
            caplog.text,
        ]
    assert not any(token in text for text in texts)


def test_the_environment_is_read(url, token, team, monkeypatch):
    monkeypatch.setenv("PURSER_URL", url)
    monkeypatch.setenv("PURSER_TOKEN", token)
    monkeypatch.setenv("PURSER_TEAM", team.name)
    team.budget(1)
    with purser.Client() as client:
        assert client.authorize("gpt-4o", 10, max_output_tokens=10).verdict == "admit"
    monkeypatch.delenv("PURSER_TOKEN")
    with pytest.raises(ValueError, match="PURSER_TOKEN"):
        purser.Client()
