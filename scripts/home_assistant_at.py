"""Run Home Assistant with its clock put forward or back.

    python scripts/home_assistant_at.py SECONDS [arguments of Home Assistant…]

Days of retention pass in the demo without waiting for them. Only the clock that
integrations ask is moved; log-ins go on by the machine's.
"""

from datetime import UTC, datetime, timedelta, tzinfo
from importlib.util import find_spec
import sys
import time
from types import ModuleType

from homeassistant.util import dt as dt_util

AHEAD = timedelta(seconds=float(sys.argv.pop(1)))


def utcnow() -> datetime:
    """Return the moved time."""
    return datetime.now(UTC) + AHEAD


def now(time_zone: tzinfo | None = None) -> datetime:
    """Return the moved time in a time zone; ``None``: in Home Assistant's."""
    return utcnow().astimezone(time_zone or dt_util.get_default_time_zone())


def timestamp() -> float:
    """Return the moved time in seconds since 1970."""
    return time.time() + AHEAD.total_seconds()


# The voice assistant wants these two, which have to be compiled. Without them it does
# not load, and then the frontend waits for its actions for ever. Nobody speaks here.
for name, member in (("pymicro_vad", "MicroVad"), ("pyspeex_noise", "AudioProcessor")):
    if find_spec(name) is None:
        sys.modules[name] = ModuleType(name)
        setattr(sys.modules[name], member, object)

for moved in (utcnow, now):
    setattr(dt_util, moved.__name__, moved)

if __name__ == "__main__":
    # Imported only now: modules that keep a reference to the clock get the moved one.
    from homeassistant.__main__ import main
    from homeassistant.helpers import event

    # Timers compare both clocks, and would spin if only one of them were moved.
    event.time_tracker_timestamp = timestamp
    sys.exit(main())
