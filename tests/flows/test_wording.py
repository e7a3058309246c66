"""What the forms say in words of their own."""

import ast
from pathlib import Path
import re

import pytest

import custom_components.oxicleanarr.flows as package
from custom_components.oxicleanarr.flows import wording
from custom_components.oxicleanarr.retention import Fault, RuleError, RuleErrors, plain
from custom_components.oxicleanarr.words import ENGLISH

FLOWS = Path(package.__path__[0])


def sentences(path: Path) -> set[str]:
    """Return every text of two words or more in a module, docstrings left out."""
    tree = ast.parse(path.read_text())
    docstrings = {
        id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)
    }
    return {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in docstrings
        and re.search(r"[a-z] [a-z]", node.value, re.IGNORECASE)
    }


@pytest.mark.parametrize("path", sorted(FLOWS.glob("*.py")), ids=lambda path: path.name)
def test_sentences_are_translated(path: Path) -> None:
    """What a form says is in the translations, also what code puts together."""
    assert not sentences(path)


def test_markdown_is_escaped() -> None:
    """Names are shown as they are written."""
    assert plain("*A* [b](c) | d_e") == r"\*A\* \[b\](c) \| d\_e"


def test_faults_are_listed() -> None:
    """Each fault of a text has a line of its own."""
    faults = RuleErrors(
        [RuleError(Fault.NO_LIST, {"value": "*bad*"}, key="x"), RuleError(Fault.NESTED)]
    )
    assert wording.import_faults_text(faults, ENGLISH) == (
        "\n\n**Nothing was imported:**\n\n- x: \\*bad\\* must be a list\n"
        "- the text is nested too deeply"
    )


def test_nobody_with_values_of_their_own() -> None:
    """Nothing is said where there is nothing to say."""
    assert wording.own_values_text([], ENGLISH) == ""
