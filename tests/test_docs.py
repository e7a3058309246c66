"""The documentation: complete, and every link of it leads somewhere."""

from collections.abc import Iterable, Iterator
from dataclasses import fields
from enum import StrEnum
import json
from pathlib import Path
import re
from typing import Any

from homeassistant.util import slugify
from homeassistant.util.yaml import parse_yaml
import pytest

from custom_components.oxicleanarr.condition import CONDITIONS
from custom_components.oxicleanarr.retention import (
    RULE_TYPES,
    EpisodeDeleteStrategy,
    RetentionBase,
    StandardRules,
    UnwatchedBehavior,
    UserEntry,
    Watchers,
    parse_rules,
)
from custom_components.oxicleanarr.services import Action
from custom_components.oxicleanarr.trigger import TRIGGERS

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "custom_components" / "oxicleanarr"
TEXTS: dict[str, Any] = json.loads((PACKAGE / "translations" / "en.json").read_text())
ADDRESS: str = json.loads((PACKAGE / "manifest.json").read_text())["documentation"]
PAGES = {
    str(path.relative_to(ROOT)): path.read_text()
    for pattern in ("*.md", "docs/*.md", "changes/*.md", "simulators/*.md")
    for path in sorted(ROOT.glob(pattern))
}
CODE = re.compile(r"(?ms)^ *```.*?^ *```$")


def page(name: str) -> str:
    """Return a page of the documentation, with each white space as one space."""
    return " ".join(PAGES[f"docs/{name}.md"].split())


def anchors(text: str) -> set[str]:
    """Return what a link can lead to within a page, as GitHub makes it of headings."""
    found: dict[str, int] = {}
    for heading in re.findall(r"(?m)^#+ +(.+?) *$", CODE.sub("", text)):
        plain = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading)
        name = re.sub(r"[^\w\- ]", "", plain.lower()).replace(" ", "-")
        while name in found:
            found[name] += 1
            name = f"{name}-{found[name]}"
        found[name] = 0
    return set(found)


def links(text: str) -> Iterator[str]:
    """Yield where the links and pictures of a page lead."""
    text = re.sub(r"`[^`\n]*`", "", CODE.sub("", text))
    yield from re.findall(r"\]\(([^)\s]+)\)", text)
    yield from re.findall(r"<(https?://[^>\s]+)>", text)
    yield from re.findall(r'(?:src|srcset|href)="([^"\s]+)"', text)


def first_cells(text: str) -> set[str]:
    """Return what stands in the first column of a page's tables."""
    return {
        line.split("|")[1].strip() for line in text.splitlines() if line.startswith("|")
    }


# --- links --------------------------------------------------------------------------


def check_link(link: str, source: Path) -> None:
    """Check that a link within the repository leads to a file, and a heading of it."""
    target, _, anchor = link.partition("#")
    path = (source.parent / target).resolve() if target else source
    assert path.is_relative_to(ROOT), f"{link} leads out of the repository"
    assert path.exists(), f"{link} leads nowhere"
    if anchor:
        assert anchor in anchors(path.read_text()), f"{link} has no such heading"


@pytest.mark.parametrize("name", PAGES)
def test_links(name: str) -> None:
    """Whoever clicks finds what was promised."""
    for link in links(PAGES[name]):
        if link.startswith(f"{ADDRESS}/blob/main/"):
            check_link(link.removeprefix(f"{ADDRESS}/blob/main/"), ROOT / "here")
        elif "://" not in link:
            check_link(link, ROOT / name)


def test_links_in_the_code() -> None:
    """So does whoever comes from Home Assistant."""
    found = []
    for folder in ("custom_components", "blueprints", "card/src"):
        for path in (ROOT / folder).rglob("*"):
            if path.suffix in {".py", ".ts", ".yaml", ".json"}:
                found += re.findall(r"/blob/main/([\w./#-]+)", path.read_text())
    assert "docs/card.md" in found
    for link in found:
        check_link(link, ROOT / "here")


def test_every_page_can_be_found() -> None:
    """The README leads to every page."""
    linked = {link.partition("#")[0] for link in links(PAGES["README.md"])}
    pages = {name for name in PAGES if name.startswith("docs/")}
    assert pages <= linked


def test_how_links_are_checked() -> None:
    """These are the kinds of headings and links that there are."""
    text = (
        "# A `b` & [c](d.md)\n## Twice, here\n## Twice, here\n"
        "```\n# No heading\n[no](link.md)\n```\n[x](y.md#z) `[no](l.md)` ![p](q.png) "
        '<img src="r.png">'
    )
    assert anchors(text) == {"a-b--c", "twice-here", "twice-here-1"}
    assert list(links(text)) == ["d.md", "y.md#z", "q.png", "r.png"]


# --- complete -----------------------------------------------------------------------


def test_actions() -> None:
    """Every action has a section with its fields, and a line in the overview."""
    text = PAGES["docs/actions.md"]
    for action in Action:
        assert f"`oxicleanarr.{action}`" in first_cells(text), action
        section = re.search(rf"(?ms)^## `{action}`\n(.*?)(?=^## |\Z)", text)
        assert section is not None, action
        described = first_cells(section[1])
        for field in TEXTS["services"][action]["fields"].keys() - {"config_entry_id"}:
            assert f"`{field}`" in described, f"{action}.{field}"


def test_entities() -> None:
    """Every entity is in the table, by the id that it gets."""
    text = page("entities")
    for domain, names in TEXTS["entity"].items():
        for key, texts in names.items():
            name = re.sub(r"\{(\w+)\}", r"q0\1q0", texts["name"])
            slug = re.sub(r"q0(\w+)q0", r"<\1>", slugify(name))
            known = [f"`{domain}.<{one}>_{slug}`" for one in ("server", "connection")]
            assert any(one in text for one in known), (
                f"docs/entities.md has no row for {domain} {key}: {known[0]}"
            )
    assert "`switch.rule_<name>`" in text
    assert "`event_type`" in text
    states = {one.removeprefix("media_") for one in TRIGGERS} - {
        "leaving_soon",
        "deletion_blocked",
    }
    assert {f"`{one}`" for one in states | {"blocked"}} <= first_cells(
        PAGES["docs/entities.md"]
    )


def test_triggers_and_conditions() -> None:
    """Each is in a table."""
    cells = first_cells(PAGES["docs/automations.md"])
    for name in (*TRIGGERS, *CONDITIONS):
        assert f"`oxicleanarr.{name}`" in cells, name


def labels(step: Any) -> Iterator[str]:
    """Yield the names of a form's fields; a unit goes with its number."""
    for key, label in step.get("data", {}).items():
        if not key.endswith("_unit"):
            yield label
    for section in step.get("sections", {}).values():
        yield from labels(section)


def test_options() -> None:
    """Every option is in a table by its name."""
    cells = {
        part
        for cell in first_cells(PAGES["docs/configuration.md"])
        for part in (cell, *cell.split(", "))
    }
    for label in labels(TEXTS["options"]["step"]["settings"]):
        assert label in cells, label


@pytest.mark.parametrize(
    ("where", "steps"),
    [
        ("configuration", TEXTS["config"]["step"]),
        ("radarr-sonarr-seerr", TEXTS["config_subentries"]["server"]["step"]),
    ],
)
def test_connections(where: str, steps: dict[str, Any]) -> None:
    """So is every field of the forms for the servers."""
    cells = first_cells(PAGES[f"docs/{where}.md"])
    for name, step in steps.items():
        for label in labels(step):
            assert label in cells, f"{label} in {name}"


def test_rules() -> None:
    """Every key and every value of the rules is described."""
    text = PAGES["docs/rules.md"]
    cells = {
        part
        for cell in first_cells(text)
        for part in re.findall(r"`([a-z_]+)`", cell.partition(" (")[0])
    }
    for cls in (*RULE_TYPES.values(), StandardRules, UserEntry):
        for field in fields(cls):
            assert field.name in cells, f"{field.name} of {cls.__name__}"
    values: list[type[StrEnum]] = [
        EpisodeDeleteStrategy,
        RetentionBase,
        UnwatchedBehavior,
        Watchers,
    ]
    for one in (value for enum in values for value in enum):
        assert f"`{one}`" in text, one
    for name, step in TEXTS["config_subentries"]["rule"]["step"].items():
        for label in labels(step):
            assert label in text, f"{label} in {name}"


def test_repairs() -> None:
    """Every repair is in the table, and says what to do."""
    cells = first_cells(PAGES["docs/troubleshooting.md"])
    for key, text in TEXTS["issues"].items():
        assert text["title"] in cells, key


def literal(message: str) -> str:
    """Return the longest piece of a message that it always has."""
    pieces = re.split(r"\{\w+\}", message.split(". ", maxsplit=1)[0])
    return max((one.strip(" .:") for one in pieces), key=len)


@pytest.mark.parametrize(
    ("where", "messages"),
    [
        (
            "actions",
            {key: one["message"] for key, one in TEXTS["exceptions"].items()},
        ),
        ("troubleshooting", TEXTS["config"]["error"]),
        ("radarr-sonarr-seerr", TEXTS["config_subentries"]["server"]["error"]),
    ],
)
def test_errors(where: str, messages: dict[str, str]) -> None:
    """Every message that somebody may search for is there."""
    text = page(where)
    if where == "radarr-sonarr-seerr":
        text += page("troubleshooting")
    missing = [
        f"{key}: {literal(message)}"
        for key, message in messages.items()
        # Which numbers are allowed is said beside the field.
        if not key.endswith("_range") and literal(message) not in text
    ]
    assert not missing


# --- examples -----------------------------------------------------------------------


def examples(name: str) -> Iterable[str]:
    """Yield the examples in YAML of a page."""
    return re.findall(r"(?ms)^```yaml\n(.*?)^```$", PAGES[f"docs/{name}.md"])


@pytest.mark.parametrize("name", ["rules-cookbook", "rules"])
def test_examples_of_rules(name: str) -> None:
    """Each can be imported as it stands."""
    found = list(examples(name))
    assert len(found) > 5
    for text in found:
        whole = f"advanced_rules:\n{text}" if text.startswith("- ") else text
        parsed = parse_rules(whole)
        assert parsed.has_standard or parsed.rules.advanced, text
        assert not parsed.ignored, text


@pytest.mark.parametrize("name", [one[5:-3] for one in PAGES if one[:5] == "docs/"])
def test_examples(name: str) -> None:
    """Each can be pasted: it is YAML."""
    for text in examples(name):
        assert parse_yaml(text), text
