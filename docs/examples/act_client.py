"""Asks a policy server for one action as OpenVLA's clients do: POST /act with json-numpy arrays.

    pip install numpy
    ./orrery serve demo &
    python docs/examples/act_client.py [HOST] [PORT] [TOKEN]

json-numpy's own `json_numpy.patch()` with `requests` does the same; it is written out here so that
nothing but NumPy is needed.
"""

import base64
import json
import sys
import time
import urllib.error
import urllib.request

import numpy as np

host, port, token = (sys.argv[1:] + ["127.0.0.1", "8000", None][len(sys.argv) - 1 :])[:3]


def encode(value):
    if isinstance(value, (np.ndarray, np.generic)):
        data = base64.b64encode(np.ascontiguousarray(value).tobytes()).decode()
        return {"__numpy__": data, "dtype": value.dtype.str, "shape": value.shape}
    raise TypeError(type(value))


def decode(entries):
    if "__numpy__" in entries:
        flat = np.frombuffer(base64.b64decode(entries["__numpy__"]), entries["dtype"])
        return flat.reshape(entries["shape"])
    return entries


def act(**question):
    headers = {"Content-Type": "application/json"}
    if token:
        headers["Authorization"] = f"Api-Key {token}"
    body = json.dumps(question, default=encode).encode()
    request = urllib.request.Request(f"http://{host}:{port}/act", body, headers)
    try:
        with urllib.request.urlopen(request) as answer:
            return json.load(answer, object_hook=decode)
    except urllib.error.HTTPError as refused:
        return refused.code, json.load(refused)


rng = np.random.default_rng(0)
question = {
    "image": rng.integers(0, 256, (64, 64, 3), dtype=np.uint8),
    "instruction": "put the red star in the tray",
    # What OpenVLA has not: the tabletop's policies see with the wrist too, and feel the arm.
    "wrist": rng.integers(0, 256, (32, 32, 3), dtype=np.uint8),
    "state": np.array([0.5, 0.5, 0.2, 1.0]),
}
action = act(**question)
print("action:", type(action).__name__, action.dtype, action.shape, action)
print("the same again:", np.array_equal(action, act(**question, unnorm_key="orrery_tabletop")))

times = []
for _ in range(20):
    start = time.monotonic()
    act(**question)
    times.append(1000 * (time.monotonic() - start))
print("20 questions, round trip ms: median %.2f, worst %.2f" % (np.median(times), max(times)))

print("another robot's statistics:", act(**question, unnorm_key="orrery_tabeltop"))
print("no time:", act(**question, deadline_ms=0))
del question["wrist"]
print("without a camera:", act(**question))
