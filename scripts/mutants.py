"""mutmut, which tries a mutant with the tests that are most about it, for some time.

Most tests of a room reach most of its functions, so that what survives costs minutes.
What has killed other mutants of a function comes first. Then come the tests that are
named after the module, those that reach little else, and quick ones before slow ones,
until their time together is up: what survives those may still be killed by others.

It runs in the copy of the tree that mutmut works in.
"""

import argparse
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import mutmut.__main__ as mutmut
from mutmut.__main__ import mangled_name_from_mutant_name
from mutmut.runners.harness import PytestRunner
from mutmut.state import state
from mutmut.utils.file_utils import change_cwd
from mutmut.workers import isolation
import pytest

AROUND = 0.02
"""Seconds that a test takes around its call, for its fixtures."""
KILLERS = Path("killers").absolute()
"""Which tests have killed mutants of a function, a file each."""


class Killer:
    """Notes which test has killed a mutant of a function."""

    def __init__(self, function: str) -> None:
        """Prepare to note it."""
        self.function = function

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note it."""
        if report.failed:
            with (KILLERS / self.function).open("a") as notes:
                notes.write(f"{report.nodeid}\n")


class Runner(PytestRunner):  # type: ignore[misc]
    """Runs the tests that are likely to kill a mutant first."""

    def run_tests(self, *, mutant_name: str | None, tests: Iterable[str]) -> int:
        """Run tests until one fails; return the exit code."""
        tests, plugins = list(tests), []
        if mutant_name is not None:
            function = mangled_name_from_mutant_name(mutant_name)
            notes = KILLERS / function
            lines = notes.read_text().splitlines() if notes.exists() else ()
            likely = [one for one, _ in Counter(lines).most_common() if one in tests]
            tests = list(dict.fromkeys([*likely, *tests]))
            plugins = [Killer(function)]
        arguments = self._pytest_args_regular_run(tests)
        with change_cwd("mutants"):
            return int(self.execute_pytest(arguments, plugins=plugins))


def choose(seconds: float) -> None:
    """Keep for each function the tests that are most about it."""
    by_function = state().tests_by_mangled_function_name
    duration = state().duration_by_test
    reached = Counter(test for tests in by_function.values() for test in tests)
    for function, tests in by_function.items():
        chosen, left = set(), seconds
        own = f"test_{function.split('.')[-2]}.py"

        def order(test: str, own: str = own) -> tuple[bool, float, str]:
            """Return what sorts the tests that are most about the function first."""
            effort = (duration[test] + AROUND) * reached[test]
            return own not in test, effort, test

        for test in sorted(tests, key=order):
            if left <= 0:
                break
            chosen.add(test)
            left -= duration[test] + AROUND
        by_function[function] = chosen


def main() -> None:
    """Run mutmut within these bounds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--every", type=int, default=1, metavar="N")
    parser.add_argument("--offset", type=int, default=0, metavar="N")
    parser.add_argument("--processes", type=int, required=True)
    parser.add_argument("names", nargs="*")
    asked = parser.parse_args()
    KILLERS.mkdir(exist_ok=True)
    collect_stats = mutmut.collect_or_load_stats
    collect_mutants = mutmut.collect_source_file_mutation_data

    def collect_and_choose(*arguments: Any, **named: Any) -> None:
        """Look which tests reach what, and choose among them."""
        collect_stats(*arguments, **named)
        choose(asked.seconds)

    def collect_some(*, mutant_names: Sequence[str]) -> tuple[list[Any], Any]:
        """Take every so manieth mutant."""
        mutants, files = collect_mutants(mutant_names=mutant_names)
        ordered = sorted(mutants, key=lambda one: one[1])
        return ordered[asked.offset :: asked.every], files

    def some_tests(_: Sequence[str]) -> set[str]:
        """Return a few: that all of them pass has been seen while looking what they reach."""
        by_function = state().tests_by_mangled_function_name
        return set(sorted(next(iter(by_function.values())))[:5])

    mutmut.collect_or_load_stats = collect_and_choose
    mutmut.collect_source_file_mutation_data = collect_some
    mutmut.tests_for_mutant_names = some_tests
    isolation.PytestRunner = Runner
    mutmut.run.main(
        ["--max-children", str(asked.processes), *asked.names], standalone_mode=False
    )


if __name__ == "__main__":
    main()
