"""What clients saw: every request they sent and every answer they got, with the times of their own clock."""
import json
from dataclasses import asdict, dataclass, field


@dataclass(slots=True)
class Ask:
    """One authorize as sent to one replica. A call may need several; `verdict` is None if no verdict came."""
    replica: int
    sent_at: float
    answered_at: float | None = None
    status: int | None = None
    verdict: str | None = None
    reason: str | None = None
    budget: str | None = None
    message: str | None = None
    hold_id: str | None = None
    expires_at: float | None = None
    # Later, where more time was asked for and nobody knows whether the hold has got it.
    may_expire_at: float | None = None
    # What the hold is for, in nanodollars, and the output that the client was told it may have.
    held: int | None = None
    max_output_tokens: int | None = None


@dataclass(slots=True)
class End:
    """One settle or void as sent to one replica."""
    kind: str
    replica: int
    hold_id: str
    sent_at: float
    answered_at: float | None = None
    status: int | None = None
    cost: int | None = None
    entry_id: str | None = None
    is_duplicate: bool | None = None


@dataclass(slots=True)
class Call:
    request_id: str
    team: str
    budgets: tuple[str, ...]
    input_tokens: int
    max_output_tokens: int
    estimate: int
    hold_seconds: int
    run: str | None = None
    # What the call can do with at the least: its output, and what it then costs at the most.
    min_output_tokens: int | None = None
    least_estimate: int | None = None
    wait_ms: int = 0
    asks: list[Ask] = field(default_factory=list)
    ends: list[End] = field(default_factory=list)
    # The call's usage and its cost as the test computes it, once they are known: the same in every settle of the call.
    output_tokens: int | None = None
    cost: int | None = None

    @property
    def needs(self):
        """What must be free at the least for the call to be admitted."""
        return self.estimate if self.least_estimate is None else self.least_estimate

    @property
    def admitted(self):
        return [ask for ask in self.asks if ask.hold_id]

    @property
    def settles(self):
        return [end for end in self.ends if end.kind == "settle"]

    @property
    def acknowledged(self):
        """The first answered settle."""
        return next((end for end in self.settles if end.status == 200), None)


@dataclass(slots=True)
class Fault:
    kind: str
    started_at: float
    ended_at: float | None = None
    # The earliest moment at which the database may have been back; `ended_at` is when it is known to be back.
    lifted_at: float | None = None
    replica: int | None = None
    # Whether the fault may keep replicas from the database.
    reaches_database: bool = False
    # Whether nothing passes between the database and `replica`; if that is None, any replica.
    is_total: bool = False


@dataclass(slots=True)
class LimitChange:
    budget: str
    limit: int
    sent_at: float
    # None if no answer came; the change may then take effect at any later time.
    answered_at: float | None = None


class Journal:
    def __init__(self):
        self.calls, self.faults, self.limits, self.wrong_answers = [], [], [], []

    def wrong(self, call, what):
        """Notes an answer that is wrong whatever fault was injected."""
        self.wrong_answers.append(f"{call.request_id}: {what}")

    def write(self, path):
        with open(path, "w") as file:
            for kind in ("faults", "limits", "calls"):
                for item in getattr(self, kind):
                    file.write(json.dumps({kind[:-1]: asdict(item)}) + "\n")
