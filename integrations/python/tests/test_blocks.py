"""Calls as blocks: how each way to leave one is settled; and many of them at once."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import openai
import pytest
from prices import CALL_USAGE, billed_nanodollars, nanodollars

import purser


@pytest.mark.parametrize(
    "error, status",
    [
        (None, "error"),
        (ValueError("mine"), None),
        (TimeoutError(), "timeout"),
        (asyncio.CancelledError(), "cancelled"),
        (ConnectionResetError(), "error"),
        (ConnectionRefusedError(), None),
    ],
)
def test_a_block_that_is_left_without_settling(error, status, client, team):
    team.budget(1)
    try:
        with client.call("gpt-4o", 100, max_output_tokens=10):
            if error:
                raise error
    except BaseException as raised:
        assert raised is error
    assert client.flush(10)
    assert [(entry["status"], entry["usage"]) for entry in team.entries()] == (
        [(status, {"input_tokens": 100})] if status else []
    )
    assert team.standing()["held_usd"] == "0"


def test_a_cached_answer_is_voided(client, team):
    team.budget(1)
    with client.call("gpt-4o", 100, max_output_tokens=10) as call:
        call.void()
        call.settle(CALL_USAGE)
    assert client.flush(10) and team.entries() == [] and team.standing()["held_usd"] == "0"


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
