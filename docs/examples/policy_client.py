"""Asks a policy server for actions, with openpi's own client package.

    pip install numpy msgpack websockets
    pip install "openpi-client @ git+https://github.com/Physical-Intelligence/openpi#subdirectory=packages/openpi-client"
    ./orrery serve demo &
    python docs/examples/policy_client.py [HOST] [PORT] [TOKEN]
"""

import sys
import time

import numpy as np
from openpi_client import websocket_client_policy

host, port, token = (sys.argv[1:] + ["127.0.0.1", "8000", None][len(sys.argv) - 1 :])[:3]
client = websocket_client_policy.WebsocketClientPolicy(host=host, port=int(port), api_key=token)

print("metadata:")
for name, value in client.get_server_metadata().items():
    print(f"  {name}: {value}")

rng = np.random.default_rng(0)
observation = {
    "observation/image": rng.integers(0, 256, (64, 64, 3), dtype=np.uint8),
    "observation/wrist_image": rng.integers(0, 256, (32, 32, 3), dtype=np.uint8),
    "observation/state": np.array([0.5, 0.5, 0.2, 1.0]),
    "prompt": "put the red star in the tray",
}
answer = client.infer(observation)
actions = answer["actions"]
print(f"actions: {type(actions).__name__} {actions.dtype} {actions.shape}, first {actions[0]}")
print(f"timing: {answer['server_timing']} {answer['policy_timing']}")

times = []
for _ in range(100):
    start = time.monotonic()
    answer = client.infer(observation)
    times.append(1000 * (time.monotonic() - start))
print(
    "100 questions, round trip ms: median %.2f, 95 %% %.2f, worst %.2f; last server_timing %s"
    % (np.median(times), np.quantile(times, 0.95), max(times), answer["server_timing"])
)

# Larger pictures are resized by the server; floats and channels first are understood too.
large = dict(observation)
large["observation/image"] = rng.random((3, 480, 640), dtype=np.float32)
print("a float picture (3, 480, 640):", client.infer(large)["actions"].shape)

del observation["observation/wrist_image"]
try:
    client.infer(observation)
except RuntimeError as error:
    print("without a camera:", "\n".join(str(error).splitlines()[:2]))
