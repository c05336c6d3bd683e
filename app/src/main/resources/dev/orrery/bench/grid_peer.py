"""The items of `orrery bench env` in Python: one item a line in, seconds of a step out.

The published HomeGrid where it is installed, else MiniGrid's empty room, which does less.
"""

import platform
import random
import sys
import time

ACTIONS = 10

try:
    from homegrid.homegrid_base import HomeGridBase
    from homegrid.language_wrappers import MultitaskWrapper
    from homegrid.wrappers import RGBImgPartialObsWrapper

    NAME = "homegrid"

    def make(item):
        env = HomeGridBase()
        if item == "pixels":
            env = RGBImgPartialObsWrapper(env)
        return MultitaskWrapper(env)

except ImportError:
    import gymnasium
    import minigrid
    from minigrid.wrappers import RGBImgPartialObsWrapper

    NAME, ACTIONS = "minigrid " + minigrid.__version__, 7

    def make(item):
        env = gymnasium.make("MiniGrid-Empty-8x8-v0")
        return RGBImgPartialObsWrapper(env) if item == "pixels" else env


def seconds(item):
    env = make(item)
    env.reset()
    steps = 500 if item == "pixels" else 5000
    best = float("inf")
    for _ in range(3):
        start = time.perf_counter()
        for _ in range(steps):
            _, _, terminated, truncated, _ = env.step(random.randrange(ACTIONS))
            if terminated or truncated:
                env.reset()
        best = min(best, (time.perf_counter() - start) / steps)
    return best


print("ready %s, Python %s" % (NAME, platform.python_version()))
for line in sys.stdin:
    print(seconds(line.strip()))
