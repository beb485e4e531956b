"""Compares what a portal has received with what a client sends."""

import time

KINDS = [
    "request", "dependency", "trace", "exception", "event", "metric", "availability", "page_view",
    "page_view_performance",
]
PATIENCE = 5  # seconds after the end of a client


def counts(portal):
    """The number of items of each kind that has any."""
    return {kind: count for kind in KINDS if (count := portal.count(kind=kind))}


def differences(client, counted, has):
    """What differs between the items that a client sends and those that arrived. A kind that it does not send must not
    arrive. `has` checks for an item of a kind and name.

    >>> from types import SimpleNamespace
    >>> client = SimpleNamespace(exact={"request": 2}, least={"metric": 2}, named=[["request", "GET /"]])
    >>> differences(client, {"request": 2, "metric": 5}, lambda kind, name: True)
    []
    >>> differences(client, {"request": 3, "trace": 1}, lambda kind, name: False)
    ['request: 3 instead of 2', 'trace: 1 instead of 0', 'metric: 0, fewer than 2', "no request named 'GET /'"]
    """
    found = []
    for kind in KINDS:
        count = counted.get(kind, 0)
        if kind not in client.least and count != client.exact.get(kind, 0):
            found.append(f"{kind}: {count} instead of {client.exact.get(kind, 0)}")
    for kind, least in client.least.items():
        if counted.get(kind, 0) < least:
            found.append(f"{kind}: {counted.get(kind, 0)}, fewer than {least}")
    found += [f"no {kind} named {name!r}" for kind, name in client.named if not has(kind, name)]
    return found


def compare(portal, client):
    """Waits for the items of a client that has ended. Returns the counts, and what differs."""
    deadline = time.monotonic() + PATIENCE
    while True:
        counted = counts(portal)
        differs = differences(client, counted, lambda kind, name: portal.count(kind=kind, name=name))
        if not differs or time.monotonic() > deadline:
            return counted, differs
        time.sleep(0.1)
