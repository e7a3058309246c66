"""Every language is complete, and is what people are told in."""

import json
from pathlib import Path
import re
import string

from homeassistant.components.media_source import async_browse_media
from homeassistant.core import HomeAssistant
from homeassistant.helpers.translation import async_get_translations
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_get_persistent_notifications,
)
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.oxicleanarr.cleanup import Suspicion, Why
from custom_components.oxicleanarr.const import DOMAIN
from custom_components.oxicleanarr.language import async_words, spoken
from custom_components.oxicleanarr.ledger import Unclear
from custom_components.oxicleanarr.retention import Because, Fault
from custom_components.oxicleanarr.retention.reasons import ImportNote
from custom_components.oxicleanarr.sync import Doubt
from custom_components.oxicleanarr.words import (
    ENGLISH as ENGLISH_WORDS,
    FORMS,
    LANGUAGES,
    PLURALS,
    read_words,
)

from .conftest import set_up
from .counted import household, noon
from .lists import items_of
from .test_repository import leaves
from .test_services import call
from .test_websocket_api import subscribe

__all__ = ["household", "noon"]

pytestmark = pytest.mark.usefixtures("no_waiting")

FOLDER = (
    Path(__file__).parents[1] / "custom_components" / "oxicleanarr" / "translations"
)
CARD = Path(__file__).parents[1] / "card" / "src"
CODES = (Because, ImportNote, Why, Suspicion, Unclear, Doubt)
OTHERS = sorted(LANGUAGES - {"en"})
PLURAL = re.compile(r"(?P<name>common\..+)_(one|other|few|many)")
# What is the same in English and in some other language: names, and words of both.
SAME = frozenset(
    {
        *("Jellyfin", "Jellystat", "OxiCleanarr", "Radarr", "Seerr", "Sonarr"),
        *("April", "August", "November", "September"),
        *("Limit", "Minutes", "Name", "Options", "Server", "Status", "Tag", "Timeout"),
        *("Updates", "series", "one_and_other"),
        *("{count} minute", "{count} minutes", "{count} series", "{count} week"),
        "{size} bytes",
    }
)


def texts(language: str) -> dict[str, str]:
    """Return all texts of a language by their paths."""
    return dict(leaves(json.loads((FOLDER / f"{language}.json").read_text())))


def placeholders(text: str) -> set[str]:
    """Return the names of a text's placeholders."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


ENGLISH = texts("en")
PLURALS_IN_ENGLISH = {
    match["name"]
    for path in ENGLISH
    if (match := PLURAL.fullmatch(path)) and f"{match['name']}_one" in ENGLISH
}


def in_english(path: str) -> str:
    """Return the English text that a text stands for, whatever forms it has there."""
    match = PLURAL.fullmatch(path)
    if path in ENGLISH or match is None:
        return ENGLISH[path]
    return ENGLISH[f"{match['name']}_other"]


def test_all_are_there() -> None:
    """The languages that are promised."""
    assert {
        *("de", "en", "es", "fr", "it", "nl", "pl", "pt-BR", "sv", "zh-Hans")
    } == LANGUAGES


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_complete(language: str) -> None:
    """Every text is there, with everything that is filled in, in the same order."""
    found = texts(language)
    forms = FORMS[found["common.plural"]]
    plain = {
        path
        for path in ENGLISH
        if (match := PLURAL.fullmatch(path)) is None
        or match["name"] not in PLURALS_IN_ENGLISH
    }
    counted = {f"{name}_{form}" for name in PLURALS_IN_ENGLISH for form in forms}
    wanted = plain | counted
    missing, unknown = sorted(wanted - found.keys()), sorted(found.keys() - wanted)
    assert not missing, f"{language}.json lacks {missing}"
    assert not unknown, f"{language}.json has what en.json has not: {unknown}"
    for path, text in found.items():
        assert text.strip() == text != "", path
        assert placeholders(text) == placeholders(in_english(path)), path
        assert not re.search(r"'\{|\}'", text), f"quoted placeholder in {path}"
        assert not re.search(r"</?[a-z]|https?://|\[%key:", text, re.IGNORECASE), path
        for mark in ("\n", "*", "`"):
            assert text.count(mark) == in_english(path).count(mark), path
    content = json.loads((FOLDER / f"{language}.json").read_text())
    in_order = dict(leaves(json.loads(json.dumps(content, sort_keys=True))))
    assert [*found] == [*in_order], f"{language}.json is not in alphabetical order"


def test_nothing_is_translated_in_vain() -> None:
    """Each text that only we ask for is asked for, by its name or its beginning."""
    card = "".join(path.read_text() for path in CARD.glob("*.ts"))
    code = "".join(path.read_text() for path in FOLDER.parent.rglob("*.py"))
    names = {
        re.sub("_(one|other)$", "", path.removeprefix("common."))
        for path in ENGLISH
        if path.startswith("common.")
    }
    codes = [str(one) for room in CODES for one in room]
    for name in names:
        kind, _, rest = name.partition("_")
        match kind:
            case "reason":
                assert any(rest.startswith(one) for one in codes), name
            case "fault":
                assert rest in [*Fault, "on_line"], name
            case "card":
                start = rest.partition("_")[0]
                assert f'"{rest}"' in card or f"`{start}_${{" in card, name
            case _:
                start = name.rpartition("_")[0]
                whole = rf"[\"']{name}[\"']"
                begun = rf"[\"']{start}_{{"
                assert re.search(f"{whole}|{begun}", code), name


@pytest.mark.parametrize("language", OTHERS)
def test_translated(language: str) -> None:
    """Nothing is left in English by accident."""
    same = {
        text
        for path, text in texts(language).items()
        if text == in_english(path)
        and re.search(r"[a-z]{2}", re.sub(r"{\w+}", "", text))
    }
    assert same <= SAME


@pytest.mark.parametrize("language", OTHERS)
async def test_home_assistant_takes_all(
    hass: HomeAssistant, language: str, caplog: pytest.LogCaptureFixture
) -> None:
    """It leaves out what has other placeholders, and says so."""
    found = await async_get_translations(hass, language, "common", {DOMAIN})
    assert not [one for one in caplog.records if one.levelname == "ERROR"]
    assert found[f"component.{DOMAIN}.common.card_keep"] != "Keep"


@pytest.mark.parametrize("plural", PLURALS)
def test_plurals(plural: str) -> None:
    """A language has a text for every form that it can ask for."""
    found = {PLURALS[plural](count) for count in range(1000)}
    assert found == set(FORMS[plural])


def test_polish_plurals() -> None:
    """By the last digits."""
    words = read_words("pl")
    numbers = (0, 1, 2, 4, 5, 11, 12, 14, 21, 22, 25, 101, 102, 112, 1000)
    assert [words.counted("span_d", one) for one in numbers] == [
        *("0 dni", "1 dzień", "2 dni", "4 dni", "5 dni", "11 dni", "12 dni", "14 dni"),
        *("21 dni", "22 dni", "25 dni", "101 dni", "102 dni", "112 dni"),
        "1\N{NO-BREAK SPACE}000 dni",
    ]


@pytest.mark.parametrize(
    ("language", "number", "size"),
    [
        ("en", "1,234,567.5", "1,234.5 GB"),
        ("de", "1.234.567,5", "1.234,5 GB"),
        ("fr", "1\u202f234\u202f567,5", "1\u202f234,5 Go"),
        ("pl", "1\u00a0234\u00a0567,5", "1\u00a0234,5 GB"),
        ("zh-Hans", "1,234,567.5", "1,234.5 GB"),
    ],
)
def test_numbers(language: str, number: str, size: str) -> None:
    """As they are written there."""
    words = read_words(language)
    assert words.number(1_234_567.5, 1) == number
    assert words.size(1_234_500_000_000) == size


@pytest.mark.parametrize("fault", Fault)
@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_faults(language: str, fault: Fault) -> None:
    """What can be wrong with a rule is said in every language."""
    assert f"fault_{fault}" in read_words(language)


@pytest.fixture
async def german(hass: HomeAssistant, entry: MockConfigEntry) -> MockConfigEntry:
    """Return an entry of somebody who uses Home Assistant in German."""
    await hass.config.async_update(language="de")
    await set_up(hass, entry)
    return entry


async def test_what_people_are_told(
    hass: HomeAssistant, german: MockConfigEntry
) -> None:
    """Reasons, notifications, lists and the wall in the language of Home Assistant."""
    plan = await call(hass, "evaluate_rules")
    first = plan["pending"][0]
    assert first["rule"] == "Standard-Aufbewahrung"
    assert first["reason"].startswith("Angesehen von ")
    assert first["reason_code"].startswith("watched")
    explained = await call(hass, "explain_item", item_id=first["item_id"])
    assert explained["verdict"]["reason"] == first["reason"]
    assert explained["verdict"]["would_change"].startswith(
        "Wenn jemand den Titel jetzt"
    )
    (told,) = async_get_persistent_notifications(hass).values()
    assert told["title"] == "OxiCleanarr hat household gelesen"
    items = await items_of(hass, "todo.household_verschwindet_bald")
    assert items
    for item in items:
        assert item["description"].startswith("Angesehen von ")
        assert "Regel: Standard-Aufbewahrung" in item["description"]
    assert await async_setup_component(hass, "media_source", {})
    wall = await async_browse_media(hass, f"media-source://{DOMAIN}")
    assert wall.title == "Verschwindet bald"


async def test_the_language_changes(
    hass: HomeAssistant, setup_integration: MockConfigEntry
) -> None:
    """What is said next is said in the new one."""
    plan = await call(hass, "evaluate_rules")
    assert plan["pending"][0]["reason"].startswith("Watched by ")
    await hass.config.async_update(language="de")
    await hass.async_block_till_done()
    plan = await call(hass, "evaluate_rules")
    assert plan["pending"][0]["reason"].startswith("Angesehen von ")


async def test_a_language_that_is_not_there_yet(hass: HomeAssistant) -> None:
    """Between a change of the language and its texts there is English."""
    hass.config.language = "tlh"
    assert async_words(hass) is ENGLISH_WORDS


@pytest.mark.parametrize(
    ("asked", "begins"),
    [
        ({}, "Angesehen von "),
        ({"language": "en"}, "Watched by "),
        ({"language": "pl"}, "Obejrzane przez "),
        ({"language": "../../x"}, "Watched by "),
    ],
)
async def test_a_card_in_its_own_language(
    hass: HomeAssistant,
    german: MockConfigEntry,
    hass_ws_client: WebSocketGenerator,
    asked: dict[str, str],
    begins: str,
) -> None:
    """Whoever looks at a card reads the reasons in their language; else in English."""
    seen = await subscribe(await hass_ws_client(hass), **asked)
    assert seen["pending"][0]["reason"].startswith(begins)


def test_a_language_that_is_not_spoken() -> None:
    """It is answered in English, and nothing is kept for each name that there may be."""
    assert {spoken(one) for one in ("xx", "", "EN", "de_DE")} == {"en"}
    assert {spoken(one) for one in LANGUAGES} == LANGUAGES
