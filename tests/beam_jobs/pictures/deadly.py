"""Functions that take their process down on some items, for the tests of the sandbox."""

import ctypes
import os
import signal
import sys
import time
import warnings
from collections.abc import Sequence

HOLD: list[bytes] = []


def act(batch: Sequence[str]) -> list[str]:
    """Answer each item by itself in capitals, after doing what it says."""
    return [_act(item) for item in batch]


def _act(item: str) -> str:
    word, _, argument = item.partition(" ")
    match word:
        case "abort":
            os.abort()
        case "segfault":
            ctypes.string_at(0)
        case "exit":
            os._exit(int(argument))
        case "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        case "hang":
            signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 32))
            time.sleep(600)
        case "spin":
            while True:
                pass
        case "eat":
            HOLD.extend(bytes([1]) * 10_000_000 for _ in range(100_000))
        case "once":  # dies where the file is not, and makes it
            if not os.path.exists(argument):
                with open(argument, "w", encoding="utf-8"):
                    os.abort()
        case "pid":
            return str(os.getpid())
        case "sleep":
            time.sleep(float(argument))
        case "raise":
            raise KeyError(argument)
        case "noise":
            print("noise of Python", flush=True)
            os.write(2, b"noise of C")
            warnings.warn("noise of warnings", stacklevel=1)
        case "memory":
            raise MemoryError
        case "interrupt":
            os.kill(os.getpid(), signal.SIGINT)
        case "leave":
            sys.exit(0)
    return item.upper()


def half(batch: Sequence[str]) -> list[str]:
    """Forget an item."""
    return list(batch[1:])


def lambdas(batch: Sequence[str]) -> list[object]:
    """Answer with what cannot be pickled."""
    return [lambda: None for _ in batch]


def sizes(batch: Sequence[bytes], *, factor: int = 1) -> list[bytes]:
    """Answer with big results."""
    return [item * factor for item in batch]
