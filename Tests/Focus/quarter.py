"""A quarter of calls as a company has them: late, rated again, taken back, without a price, under agreements, on credit."""
import json
import sys
import time
import urllib.error
import urllib.request
from datetime import date, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "Chaos"))
from replicas import ADMIN_TOKEN  # noqa: E402

EVENTS_A_BODY = 5_000
PROVIDERS = {"maker": "true", "reseller": "false"}


def months(today, count=3):
    """Returns the first days of the months before this one, the oldest first."""
    firsts = [today.replace(day=1)]
    while len(firsts) <= count:
        firsts.append((firsts[-1] - timedelta(days=1)).replace(day=1))
    return firsts[:0:-1]


def days(first):
    return [first + timedelta(days=place) for place in range(31) if (first + timedelta(days=place)).month == first.month]


def prices(provider, models, start="2020-01-01", dearer=0):
    """A price file whose prices are no round numbers, with a batch tier for every second model."""
    lines = [f"provider: {provider}", f"maker: {PROVIDERS[provider]}", "source: a test", "retrieved: 2026-01-01",
             "currency: USD", "per: 1000000 tokens", "models:"]
    for place, model in enumerate(models):
        rate = f"{1 + place + dearer}.{place}00000007"
        lines += [f"  {model}:", "    prices:", f"      - from: {start}",
                  f"        standard: {{input_tokens: \"{rate}\", output_tokens: \"1{rate}\","
                  f" cache_read_tokens: \"0.{place}3\", cache_write_tokens: \"2{rate}\"}}"]
    return "\n".join(lines) + "\n"


class Quarter:
    def __init__(self, deployment, teams, models, first_days):
        self.deployment, self.first_days = deployment, first_days
        self.teams = [f"team-{number}" for number in range(teams)]
        self.models = [f"m{number}" for number in range(models)]

    def ask(self, method, path, body=None, content_type="application/json"):
        data = body.encode() if isinstance(body, str) else body and json.dumps(body).encode()
        request = urllib.request.Request(
            self.deployment.replicas[0].url + path, method=method, data=data,
            headers={"Authorization": f"Bearer {ADMIN_TOKEN}", "Content-Type": content_type})
        try:
            with urllib.request.urlopen(request, timeout=300) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise RuntimeError(f"{method} {path}: {error.code} {error.read().decode()}") from None

    def prepare(self):
        for place, team in enumerate(self.teams):
            self.ask("PUT", f"/v1/teams/{team}")
            if place % 3 == 0:
                self.ask("PATCH", f"/v1/teams/{team}", {"cost_center": f"47{place:02}", "owner": "it@example.com"})
        for provider in PROVIDERS:
            self.import_prices(prices(provider, self.models))
        self.ask("PUT", "/v1/agreements/discount", {
            "provider": "maker", "discount": 0.123456, "valid_from": f"{self.first_days[1]}T00:00:00Z"})
        self.ask("PUT", "/v1/agreements/committed", {
            "model": "maker/m0", "valid_from": f"{self.first_days[2]}T00:00:00Z",
            "rates": [{"meter": "output_tokens", "unit_price_usd": "0.0000033"}]})

    def import_prices(self, text):
        self.ask("POST", "/v1/prices/import", text, "application/yaml")

    def event(self, name, day, team, provider, model, tier="standard", scale=1):
        size = (sum(name.encode()) % 97 + 1) * scale
        return {"id": name, "source": "import", "occurred_at": f"{day}T12:00:00Z", "team": team,
                "model": f"{provider}/{model}", "service_tier": tier, "usage": {
                    "input_tokens": 1_000 * size + 170 * size, "output_tokens": 310 * size,
                    "cache_read_tokens": 50 * size, "cache_write_tokens": 20 * size}}

    def send(self, events):
        """Sends events and returns those that were refused."""
        refused = []
        for start in range(0, len(events), EVENTS_A_BODY):
            refused += self.ask("POST", "/v1/usage", {"events": events[start:start + EVENTS_A_BODY]})["rejected"]
        return refused

    def month(self, number):
        """Every team's calls of every model, each day, and some for the months before, which come late."""
        events = [
            self.event(f"{number}-{day}-{team}-{model}", day, team, list(PROVIDERS)[place % 2], model,
                       "batch" if day.day % 7 == 0 else "standard")
            for day in days(self.first_days[number]) for team in self.teams
            for place, model in enumerate(self.models)]
        events += [self.event(f"{number}-new-{day}", day, self.teams[0], "maker", "new")
                   for day in days(self.first_days[number])[:9]]
        events += [self.event(f"{number}-never-{day}", day, self.teams[0], "maker", "never")
                   for day in days(self.first_days[number])[:3]]
        events += [self.event(f"{number}-late-{team}-{day}", day, team, "maker", self.models[0])
                   for before in range(number) for day in days(self.first_days[before])[:3] for team in self.teams]
        refused = self.send(events)
        if refused:
            raise RuntimeError(f"{len(refused)} events were refused: {refused[0]}")
        self.dispute(number)

    def dispute(self, number):
        """Calls of this month and the first one were reported wrongly: each is taken back, and the right one booked."""
        for month in {0, number}:
            day = days(self.first_days[month])[4]
            wrong = [self.event(f"{month}-{day}-{team}-{self.models[1]}", day, team, "reseller", self.models[1],
                                "batch" if day.day % 7 == 0 else "standard", scale=number + 2)
                     for team in self.teams[number * 2:number * 2 + 2]]
            refused = self.send(wrong)
            if len(refused) != len(wrong):
                raise RuntimeError("usage with other content was not disputed")
        for dispute in self.ask("GET", "/v1/disputed?state=open")["disputed"]:
            self.ask("POST", f"/v1/disputed/{dispute['number']}/accept", {"reason": "the first report was wrong"})

    def rate_again(self):
        """The price of one model was another one from the beginning."""
        start = self.first_days[0]
        self.import_prices(prices("maker", [self.models[0]], start, dearer=1))
        self.ask("POST", "/v1/prices/rerate", {"from": str(start), "model": f"maker/{self.models[0]}"})

    def price_new(self):
        """A model gets its first price. The server prices the calls that it has of it by itself, a few seconds later."""
        self.import_prices(prices("maker", ["new"]))
        deadline = time.monotonic() + 60
        while self.unpriced("new") and time.monotonic() < deadline:
            time.sleep(0.1)
        if self.unpriced("new"):
            raise RuntimeError("calls of a model that has a price now stay unpriced")

    def unpriced(self, model):
        """How many calls of a model have neither a cost nor a correction that gives them one."""
        return int(self.deployment.database.sql(f"""
            SELECT count(*) FROM ledger l WHERE model = '{model}' AND effective_cost_nanodollars IS NULL
                AND NOT EXISTS (SELECT FROM ledger c WHERE c.corrects_entry_id = l.entry_id)"""))

    def close(self, number):
        month = self.first_days[number].strftime("%Y-%m")
        self.ask("POST", f"/v1/months/{month}/close", {"force": True, "reason": "no invoice is compared here"})

    def play(self):
        self.prepare()
        self.month(0)
        self.close(0)
        self.ask("PUT", "/v1/credits/prepaid", {
            "provider": "maker", "amount_usd": "1.5", "valid_from": str(self.first_days[1])})
        self.month(1)
        self.rate_again()
        self.close(1)
        self.month(2)
        self.price_new()

    def billed(self):
        """What the ledger says of the quarter, less what credits have paid."""
        booked = ", ".join(f"'{first}'" for first in self.first_days)
        return self.deployment.database.sql(f"""
            SELECT round(((SELECT sum(effective_cost_nanodollars) FROM ledger WHERE booking_month IN ({booked}))
                - (SELECT COALESCE(sum(drawn_nanodollars), 0) FROM credits_paid('infinity')
                    WHERE booking_month IN ({booked}))) / 1e9, 9)""", seconds=300)
