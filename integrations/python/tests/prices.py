"""What the provider's own log comes to, by the makers' list prices of the models in these tests, in nanodollars a token."""
NANODOLLARS = {
    "gpt-4o": (2500, 1250, 10000), "gpt-4o-mini": (150, 75, 600), "text-embedding-3-small": (20, 20, 0),
    "claude-opus-4-5": (5000, 500, 25000), "claude-haiku-4-5": (1000, 100, 5000),
}


def billed_nanodollars(provider):
    """The sum of the provider's log: exact, in integers."""
    total = 0
    for call in provider.billed:
        fresh, cached, output = NANODOLLARS[call["model"]]
        total += (call["input"] - call["cached"]) * fresh + call["cached"] * cached + call["output"] * output
    return total


def nanodollars(usd):
    return int(usd * 10**9)
