"""Named points at which a crash test kills the process, to show that nothing is lost there."""

import os
import signal

VARIABLE = "SYMPTOM_DIARY_DIE_AT"


def reached(point: str) -> None:
    """Kill this process at `point` (SIGKILL, no clean-up) when the environment asks for it.

    The value is "point" or "point:n" for the n-th time it is reached.
    """
    wanted = os.environ.get(VARIABLE)
    if not wanted:
        return
    name, _, count = wanted.partition(":")
    if name != point:
        return
    left = int(count or 1) - 1
    if left <= 0:
        os.kill(os.getpid(), signal.SIGKILL)
    os.environ[VARIABLE] = f"{name}:{left}"
