"""The lookout sees a key wherever it gets to, in whatever way it is written."""

from collections.abc import Callable, Iterator
import logging
from urllib.parse import quote

from homeassistant.components import persistent_notification
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowHandler
from homeassistant.helpers import issue_registry as ir
import pytest

from custom_components.oxicleanarr.const import DOMAIN
from custom_components.oxicleanarr.retention import parse_rules
from simulators import Arrs, JellyfinSimulator

from .lookout import Lookout

SECRET = "p@ss/w:rd=="
URL = f"http://user:{quote(SECRET, safe='')}@jellyfin:8096"


@pytest.fixture
def lookout(lookout: Lookout) -> Iterator[Lookout]:
    """Return the lookout, which is to find something, with one secret more."""
    lookout.planted.add(SECRET)
    yield lookout
    assert lookout.leaks()
    lookout.lines = lookout.errors = lookout.texts = set()


def log(text: str) -> None:
    """Write a line that nobody reads, as a fault suite does."""
    logging.getLogger("custom_components.oxicleanarr.sync").debug("%s", text)


def log_a_failure(text: str) -> None:
    """Write a line with a traceback."""
    try:
        int(text)
    except ValueError:
        logging.getLogger("homeassistant").exception("It failed")


def show(text: str) -> None:
    """Say it in a form."""
    FlowHandler().async_show_form(description_placeholders={"url": text})


@pytest.mark.parametrize("tell", [log, log_a_failure, show])
@pytest.mark.parametrize("text", [SECRET, URL, f"Basic {'cEBzcy93OnJkPT0='}"])
def test_texts(lookout: Lookout, tell: Callable[[str], None], text: str) -> None:
    """In a log line of any level, a traceback, or a form."""
    tell(text)


def test_errors(lookout: Lookout) -> None:
    """In an error that the product raises, also one that nobody ever sees."""
    with pytest.raises(Exception, match="text"):
        parse_rules(f"advanced_rules: [{{type: tag, name: A, tag: ['{SECRET}']}}]")


def set_state(hass: HomeAssistant) -> None:
    """Say it in an attribute, once."""
    hass.states.async_set("sensor.one", "up", {"server": URL})
    hass.states.async_set("sensor.one", "up", {})


def raise_issue(hass: HomeAssistant) -> None:
    """Say it in a repair that is over at once."""
    ir.async_create_issue(
        hass,
        DOMAIN,
        "one",
        is_fixable=False,
        severity=ir.IssueSeverity.WARNING,
        translation_key="one",
        translation_placeholders={"url": URL},
    )
    ir.async_delete_issue(hass, DOMAIN, "one")


def notify(hass: HomeAssistant) -> None:
    """Say it in a notification."""
    persistent_notification.async_create(hass, URL)


@pytest.mark.parametrize("tell", [set_state, raise_issue, notify])
async def test_home_assistant(
    hass: HomeAssistant, lookout: Lookout, tell: Callable[[HomeAssistant], None]
) -> None:
    """In whatever Home Assistant shows or has shown."""
    tell(hass)
    await hass.async_block_till_done()


async def test_names(jellyfin: JellyfinSimulator, lookout: Lookout) -> None:
    """Also people, titles, paths and addresses, in the log of the product itself."""
    household = jellyfin.household
    movie = household.movies[0]
    for name in (household.users[0].name, movie.name, movie.path, jellyfin.url):
        lookout.lines = {f"what happened to {name}?"}
        assert lookout.leaks()
    assert not lookout.with_names({f"what happened to x{movie.name}y?"})


async def test_the_keys_of_servers(
    jellyfin: JellyfinSimulator, arrs: Arrs, lookout: Lookout
) -> None:
    """Those of all simulated servers are known to it."""
    keys = [jellyfin.api_key, *(server.api_key for _, server in arrs)]
    assert len(set(keys)) == 5
    for key in keys:
        lookout.texts = {f"what happened to {key}?"}
        assert lookout.leaks()
