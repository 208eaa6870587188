"""Rate limits, kept in this process's memory."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

# Beyond so many callers the one seen longest ago is forgotten, so that memory has a bound whoever calls.
_REMEMBERED = 50_000


class TokenBuckets:
    """One bucket a key: holds `per_minute` messages, and fills at that rate.

    Example:
        >>> buckets = TokenBuckets(2, clock=lambda: 0.0)
        >>> [buckets.take("a"), buckets.take("a"), buckets.take("a"), buckets.take("b")]
        [0.0, 0.0, 30.0, 0.0]
    """

    def __init__(self, per_minute: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._capacity = per_minute
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, key: str) -> float:
        """Takes one message out of the key's bucket; returns the seconds to wait, 0 where there was one to take."""
        now = self._clock()
        held, since = self._buckets.pop(key, (self._capacity, now))
        held = min(self._capacity, held + (now - since) * self._capacity / 60)
        wait = 0.0 if held >= 1 else (1 - held) * 60 / self._capacity
        self._buckets[key] = (held if wait else held - 1, now)
        if len(self._buckets) > _REMEMBERED:
            self._buckets.popitem(last=False)
        return wait
