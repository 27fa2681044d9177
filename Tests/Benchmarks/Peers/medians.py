"""Reads measurements of several rounds, one JSON object a line, and prints the medians, and ours by theirs.

Ours are named `calls.…`, the peer's `http2.…` with the same rest.
"""

import json
import statistics
import sys

figures = {}
for line in sys.stdin:
    if line.startswith("{"):
        measurement = json.loads(line)
        figures.setdefault(measurement["name"], []).append(measurement)


def median(name, figure):
    return statistics.median(measurement[figure] for measurement in figures[name])


counts = {name: len(rounds) for name, rounds in figures.items()}
if len(set(counts.values())) != 1:
    sys.exit(f"medians: not every measurement took part in every round: {counts}")

for name in figures:
    row = {"name": name, "rounds": len(figures[name])}
    for figure in ("p50Microseconds", "p99Microseconds", "eventsPerSecond"):
        row[figure] = round(median(name, figure), 1)
        peer = name.replace("calls.", "http2.", 1)
        if name.startswith("calls.") and peer in figures:
            row[figure + "ByPeer"] = round(median(name, figure) / median(peer, figure), 3)
    print(json.dumps(row))
