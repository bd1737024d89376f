"""Sends entries of the outbox and says what became of each."""
from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Callable, Dict, List, Mapping, Sequence

import httpx

from .errors import ApiError, Unreachable
from .outbox import DeadLetter, Entry
from .retrying import TRANSIENT_STATUSES, Failure, answer_of

# A wrong or revoked token is not the entries' fault: they wait until somebody mends it.
WAITING_STATUSES = TRANSIENT_STATUSES | {401, 403}

Post = Callable[[str, Mapping[str, Any]], httpx.Response]


@dataclass
class Delivery:
    """What became of entries: told to Purser, or refused for good. Those in neither list wait."""

    delivered: List[Entry] = field(default_factory=list)
    refused: List[DeadLetter] = field(default_factory=list)

    def add(self, other: Delivery) -> None:
        self.delivered += other.delivered
        self.refused += other.refused


def deliver(entries: Sequence[Entry], post: Post) -> Delivery:
    """Sends entries of one kind; raises `Unreachable` where Purser does not answer, or refuses the token."""
    if not entries:
        return Delivery()
    kind = entries[0].kind
    try:
        if kind == "settle":
            return settle(entries, post)
        if kind == "usage":
            return report(entries, post)
        delivery = Delivery()
        for entry in entries:
            delivery.add(ONE_BY_ONE[kind](entry, post))
        return delivery
    except ApiError as refusal:
        if refusal.status in WAITING_STATUSES:
            raise Unreachable(str(refusal), maybe_received=True) from refusal
        if len(entries) == 1:
            return Delivery(refused=[DeadLetter(entries[0], refusal.code, refusal.detail)])
    # The whole batch was refused for the sake of some of it: halves find out which.
    middle = len(entries) // 2
    delivery = deliver(entries[:middle], post)
    delivery.add(deliver(entries[middle:], post))
    return delivery


def settle(entries: Sequence[Entry], post: Post) -> Delivery:
    answer = send(post, "/v1/settle/batch", {"settlements": [entry.body for entry in entries]})
    delivery = Delivery()
    for entry, result in zip(entries, answer["results"]):
        status = result.get("status")
        if "entry_id" in result:
            delivery.delivered.append(entry)
        elif status not in WAITING_STATUSES:
            delivery.refused.append(DeadLetter(entry, str(result.get("code")), str(result.get("detail"))))
    return delivery


def report(entries: Sequence[Entry], post: Post) -> Delivery:
    answer = send(post, "/v1/usage", {"events": [entry.body for entry in entries]})
    rejected: Dict[int, Mapping[str, Any]] = {rejection["index"]: rejection for rejection in answer["rejected"]}
    delivery = Delivery()
    for index, entry in enumerate(entries):
        if index not in rejected:
            delivery.delivered.append(entry)
        elif rejected[index]["code"] not in ("unavailable", "internal_error"):
            delivery.refused.append(DeadLetter(entry, rejected[index]["code"], rejected[index]["detail"]))
    return delivery


def void(entry: Entry, post: Post) -> Delivery:
    send(post, "/v1/void", entry.body)
    return Delivery(delivered=[entry])


def release(entry: Entry, post: Post) -> Delivery:
    """Asks again for a call whose verdict never came, which names the hold if Purser made one, and voids that."""
    hold_id = send(post, "/v1/authorize", entry.body).get("hold_id")
    if hold_id:
        send(post, "/v1/void", {"hold_id": hold_id})
    return Delivery(delivered=[entry])


def extend(entry: Entry, post: Post) -> Delivery:
    """More time for a hold, as long as that helps: the hold of a call that has ended since needs none."""
    try:
        send(post, "/v1/extend", entry.body)
    except ApiError as refusal:
        if refusal.status in WAITING_STATUSES:
            raise
    return Delivery(delivered=[entry])


ONE_BY_ONE: Mapping[str, Callable[[Entry, Post], Delivery]] = {"void": void, "release": release, "extend": extend}


def send(post: Post, path: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
    try:
        response = post(path, body)
    except httpx.TransportError as error:
        failure = Failure.of_transport(error)
        raise Unreachable(failure.detail, failure.maybe_received) from error
    return answer_of(response)
