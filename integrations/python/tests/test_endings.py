"""Calls that fail, and streams that end early: what is recorded, and that no money stays held."""

import asyncio
import gc

import anthropic
import openai
import pytest
from wrapped import HELLO, agrees, anthropic_client, ask, chat, message, openai_client

import purser


def leave(stream):
    """Takes three events and closes."""
    for number, _ in enumerate(stream):
        if number == 2:
            break
    stream.close()


def drop(stream):
    next(iter(stream))


@pytest.mark.parametrize("end", [leave, drop])
def test_a_stream_that_is_left_costs_its_input_and_what_was_heard(end, client, team, provider):
    team.budget(1)
    drip = ask("fault=drip say=100")
    end(chat(openai_client(provider, client), drip, stream=True, max_tokens=500))
    end(message(anthropic_client(provider, client), drip, stream=True, max_tokens=500))
    # Of some versions a stream that nobody has any more waits for the garbage collector.
    gc.collect()
    client.queue.flush(5)
    of_chat, of_message = sorted(team.entries(), key=lambda entry: entry["model"], reverse=True)
    assert of_chat["status"] == of_message["status"] == "cancelled"
    # The declared input, which errs high; of Anthropic the input that the stream told.
    assert of_chat["usage"]["input_tokens"] >= provider.billed[0]["input"]
    assert of_message["usage"]["input_tokens"] == provider.billed[1]["input"]
    assert team.standing()["held_usd"] == "0"


def test_a_helper_that_is_left_settles_at_once(client, team, provider):
    team.budget(1)
    with openai_client(provider, client).chat.completions.stream(
        model="gpt-4o", messages=ask("fault=drip say=100")
    ) as stream:
        next(iter(stream))
    client.queue.flush(5)
    assert [entry["status"] for entry in team.entries()] == ["cancelled"] and stream


@pytest.mark.parametrize("fault", ["cut", "broken"])
def test_a_stream_that_is_cut_or_breaks_is_settled(fault, client, team, provider):
    team.budget(1)
    with pytest.raises(Exception):
        list(chat(openai_client(provider, client), ask(f"fault={fault} say=100"), stream=True))
    with pytest.raises(Exception):
        list(message(anthropic_client(provider, client), ask(f"fault={fault} say=100"), stream=True, max_tokens=500))
    client.queue.flush(5)
    entries = team.entries()
    assert [entry["status"] for entry in entries] == ["error"] * 2
    assert all(entry["usage"]["output_tokens"] >= 3 for entry in entries)
    assert team.standing()["held_usd"] == "0"


def test_a_stream_without_usage_is_settled_by_what_was_heard(client, team, provider):
    team.budget(1)
    list(chat(openai_client(provider, client), ask("fault=mute say=50"), stream=True))
    client.queue.flush(5)
    [entry] = team.entries()
    assert entry["status"] == "ok" and 50 <= entry["usage"]["output_tokens"] <= 100


def test_a_cancelled_task_settles(url, token, team, provider):
    async def run():
        async with purser.AsyncClient(url, token, team.name) as client:
            wrapped = openai_client(provider, client, openai.AsyncOpenAI, timeout=10)

            async def read():
                async for _ in await chat(wrapped, ask("fault=drip say=200"), stream=True):
                    pass

            tasks = [asyncio.create_task(read()), asyncio.create_task(chat(wrapped, ask("fault=slow")))]
            await asyncio.sleep(0.7)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await client.flush(5)

    team.budget(1)
    asyncio.run(run())
    entries = team.entries()
    assert [entry["status"] for entry in entries] == ["cancelled"] * 2
    assert sorted("output_tokens" in entry["usage"] for entry in entries) == [False, True]
    assert team.standing()["held_usd"] == "0"


def test_the_sdk_retries_within_one_hold(client, team, provider):
    team.budget(1)
    wrapped = openai_client(provider, client, timeout=10)
    for status in (429, 500):
        chat(wrapped, ask(f"fault={status} times=1 key=x{status}"))
    assert len(provider.requests) == 4
    agrees(client, team, provider, 2)


@pytest.mark.parametrize("status", [400, 429, 500])
def test_a_call_that_the_provider_refuses_costs_nothing(status, client, team, provider):
    team.budget(1)
    with pytest.raises(openai.APIStatusError):
        chat(openai_client(provider, client).with_options(max_retries=0), ask(f"fault={status}"))
    with pytest.raises(anthropic.APIStatusError):
        message(anthropic_client(provider, client).with_options(max_retries=0), ask(f"fault={status}"))
    agrees(client, team, provider, 0)


def test_a_timeout_costs_the_input(client, team, provider):
    team.budget(1)
    with pytest.raises(openai.APITimeoutError):
        chat(openai_client(provider, client).with_options(timeout=0.3, max_retries=0), ask("fault=slow"))
    client.queue.flush(5)
    [entry] = team.entries()
    assert entry["status"] == "timeout" and entry["usage"]["input_tokens"] > 0 and team.standing()["held_usd"] == "0"


def test_a_provider_that_is_not_there_costs_nothing(client, team, provider):
    team.budget(1)
    nowhere = purser.wrap(openai.OpenAI(api_key="k", base_url="http://127.0.0.1:9/v1", max_retries=0), client)
    with pytest.raises(openai.APIConnectionError):
        chat(nowhere, HELLO)
    agrees(client, team, provider, 0)
