"""What the forms say in words of their own."""

import ast
from pathlib import Path
import re

import pytest

import custom_components.oxicleanarr.flows as package
from custom_components.oxicleanarr.flows import wording
from custom_components.oxicleanarr.retention import RuleError, RuleErrors, plain

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
def test_sentences_are_in_one_place(path: Path) -> None:
    """Texts are translated; those that only code can put together are in one module."""
    assert bool(sentences(path)) is (path.name == "wording.py")


def test_markdown_is_escaped() -> None:
    """Names are shown as they are written."""
    assert plain("*A* [b](c) | d_e") == r"\*A\* \[b\](c) \| d\_e"


def test_faults_are_listed() -> None:
    """Each fault of a text has a line of its own."""
    faults = RuleErrors([RuleError("it is *bad*", key="x"), RuleError("no")])
    assert wording.import_faults_text(faults) == (
        "\n\n**Nothing was imported:**\n\n- x: it is \\*bad\\*\n- no"
    )


def test_nobody_with_values_of_their_own() -> None:
    """Nothing is said where there is nothing to say."""
    assert wording.own_values_text([]) == ""
