"""The tabletop as a Gymnasium environment, and an exam on it for a policy behind openpi's protocol.

    pip install numpy msgpack websockets gymnasium
    ./orrery tabletop serve --port 8001 --out exams &
    ./orrery serve demo &
    python docs/examples/tabletop_gym.py [EPISODES]
"""

import contextlib
import sys

import gymnasium
import msgpack
import numpy as np
from websockets.sync.client import connect


def encode(value):
    if isinstance(value, np.ndarray):
        return {b"__ndarray__": True, b"data": value.tobytes(), b"dtype": value.dtype.str, b"shape": value.shape}
    raise TypeError(f"cannot send {type(value)}")


def decode(entries):
    if b"__ndarray__" in entries:
        array = np.frombuffer(entries[b"data"], np.dtype(entries[b"dtype"]))
        return array.reshape(entries[b"shape"])
    return entries


class Line:
    """A connection to a server: metadata first, then an answer to every question."""

    def __init__(self, address):
        stack = contextlib.ExitStack()
        self.socket = stack.enter_context(connect(address, compression=None, max_size=None))
        self.metadata = self.hear()

    def hear(self):
        message = self.socket.recv()
        if isinstance(message, str):
            raise RuntimeError(message)
        return msgpack.unpackb(message, object_hook=decode)

    def ask(self, question):
        self.socket.send(msgpack.packb(question, default=encode))
        return self.hear()


class Tabletop(gymnasium.Env):
    """One table. Pass a split to `reset(options={"split": "L0"})` for its next episode."""

    def __init__(self, address="ws://127.0.0.1:8001"):
        self.line = Line(address)
        size = len(self.line.metadata["actions"])
        self.action_space = gymnasium.spaces.Box(-1, 1, (size,), np.float32)
        self.observation_space = gymnasium.spaces.Dict(
            {
                "observation/image": gymnasium.spaces.Box(0, 255, (64, 64, 3), np.uint8),
                "observation/wrist_image": gymnasium.spaces.Box(0, 255, (32, 32, 3), np.uint8),
                "observation/state": gymnasium.spaces.Box(-1, 1, (self.line.metadata["state_size"],), np.float32),
                "prompt": gymnasium.spaces.Text(200, min_length=0, charset=" ,abcdefghijklmnopqrstuvwxyz"),
            }
        )

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        question = {"op": "reset", **(options or {})}
        if "split" not in question:
            question["seed"] = int(self.np_random.integers(2**31)) if seed is None else seed
        answer = self.line.ask(question)
        return answer["observation"], answer["info"]

    def step(self, action):
        answer = self.line.ask({"op": "step", "action": np.asarray(action, np.float32)})
        return tuple(answer[k] for k in ("observation", "reward", "terminated", "truncated", "info"))


if __name__ == "__main__":
    table = Tabletop()
    policy = Line("ws://127.0.0.1:8000")
    execute = policy.metadata["execute"]
    episodes = int(sys.argv[1]) if len(sys.argv) > 1 else table.line.metadata["splits"]["L0"]["episodes"]
    total = table.line.metadata["splits"]["L0"]["episodes"]

    observation, _ = table.reset(seed=1)
    print("in the declared space:", table.observation_space.contains(observation))

    for k in range(episodes):
        # Spread over the split, so that a few episodes see every family.
        observation, info = table.reset(options={"split": "L0", "episode": k * total // episodes})
        over, plan = False, []
        while not over:
            if not plan:
                plan = list(policy.ask(observation)["actions"][:execute])
            observation, _, terminated, truncated, info = table.step(plan.pop(0))
            over = terminated or truncated
        print(f"{observation['prompt']}: {info['outcome']} after {info['steps']} steps")

    report = table.line.ask({"op": "report", "policy": policy.metadata["policy"], "executed": execute})
    print(
        "%d of %d succeeded: %.1f %%, 95 %% interval %.1f to %.1f %%; whole split: %s; suite %.8s, split %.8s"
        % (report["successes"], report["trials"], 100 * report["rate"], 100 * report["low"], 100 * report["high"],
           report["complete"], report["suite_sha256"], report["split_sha256"])
    )
    for family in report["families"]:
        print("  %-10s %d/%d  %s" % (family["family"], family["successes"], family["trials"], family["outcomes"]))
