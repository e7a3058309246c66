"""All figures of docs/performance.md, one benchmark after another: ``python -m benchmarks``.

Arguments are handed on to those that ask the simulated servers: ``--events 100000``
makes them shorter. The night run of the safety suite is not among them.
"""

import subprocess
import sys

ALONE = ("evaluate", "history", "plan", "growth", "publish")
WITH_SERVERS = ("sync", "owners", "day")


def main() -> int:
    """Run them, each in a process of its own; return the first exit code that is not 0."""
    code = 0
    for name in (*ALONE, *WITH_SERVERS):
        print(f"\n== benchmarks.{name}", flush=True)
        arguments = sys.argv[1:] if name in WITH_SERVERS else []
        found = subprocess.run(
            [sys.executable, "-m", f"benchmarks.{name}", *arguments], check=False
        )
        code = code or found.returncode
    return code


if __name__ == "__main__":
    sys.exit(main())
