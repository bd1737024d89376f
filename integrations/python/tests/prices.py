"""What the provider's own log comes to by its makers' list prices, exactly, and a call whose cost is known."""

from decimal import Decimal

# Nanodollars a token: of fresh input, of cached input, of output.
NANODOLLARS = {
    "gpt-4o": (2500, 1250, 10000),
    "gpt-4o-mini": (150, 75, 600),
    "text-embedding-3-small": (20, 20, 0),
    "claude-opus-4-5": (5000, 500, 25000),
    "claude-haiku-4-5": (1000, 100, 5000),
}

# One call of gpt-4o.
CALL_USAGE = {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110}
CALL_COST_USD = Decimal("0.00035")


def billed_nanodollars(provider):
    """The sum of the provider's log: exact, in integers."""
    total = 0
    for call in provider.billed:
        fresh, cached, output = NANODOLLARS[call["model"]]
        total += (call["input"] - call["cached"]) * fresh + call["cached"] * cached + call["output"] * output
    return total


def nanodollars(usd):
    return int(usd * 10**9)
