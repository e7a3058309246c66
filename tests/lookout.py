"""A lookout in every test: no key of a server gets into a log, an error or a state.

The simulated servers bring the keys. What is looked at is what people copy into forums:
log lines with their tracebacks, the text of every error that is raised in the product
or passes through it, and in Home Assistant all events, states, repairs, notifications
and what a form says.
"""

from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
import logging
from pathlib import Path
import re
import sys
from types import CodeType
from typing import Any, override
from unittest.mock import patch
from urllib.parse import quote, quote_plus

from homeassistant.components import persistent_notification
from homeassistant.const import MATCH_ALL
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.data_entry_flow import FlowHandler
from homeassistant.helpers import issue_registry as ir

import custom_components.oxicleanarr
from simulators.server import Simulator

PACKAGE = custom_components.oxicleanarr.__name__
FOLDER = str(Path(custom_components.oxicleanarr.__file__).parent)
_NO_ERRORS = (StopIteration, StopAsyncIteration)
LONG_ENOUGH = 16
"""Characters from which on a key is not a word that may stand anywhere."""


class Lookout(logging.Handler):
    """Collects texts that people may see, and knows what may not be in them."""

    def __init__(self) -> None:
        """Begin with nothing."""
        super().__init__()
        self.setFormatter(logging.Formatter("%(name)s: %(message)s"))
        self.lines: set[str] = set()
        """What the product has logged."""
        self.errors: set[str] = set()
        """What errors say that were raised in the product, or passed through it."""
        self.texts: set[str] = set()
        """Everything else."""
        self.servers: list[Simulator] = []
        self.planted: set[str] = set()
        """What a test types itself and nobody may see, however short it is."""

    @override
    def emit(self, record: logging.LogRecord) -> None:
        """Collect a log line, with its traceback."""
        ours = record.name.startswith(PACKAGE)
        (self.lines if ours else self.texts).add(self.format(record))

    def note_error(self, code: CodeType, offset: int, error: BaseException) -> None:
        """Collect the text of an error in the product, wherever it was raised first."""
        if not code.co_filename.startswith(FOLDER) or isinstance(error, _NO_ERRORS):
            return
        told = getattr(error, "translation_placeholders", None)
        self.errors.add(f"{type(error).__name__} {error.args} {told} {error}")

    def look_at(self, hass: HomeAssistant) -> None:
        """Collect all that Home Assistant tells from here on."""

        @callback
        def note_event(event: Event[Any]) -> None:
            """Collect an event, and with it states and repairs."""
            self.texts.add(f"{event.event_type} {event.data}")
            if event.event_type == ir.EVENT_REPAIRS_ISSUE_REGISTRY_UPDATED:
                issue = ir.async_get(hass).async_get_issue(
                    event.data["domain"], event.data["issue_id"]
                )
                self.texts.add(str(issue))

        @callback
        def note_notifications(kind: Any, notifications: dict[str, Any]) -> None:
            """Collect what is shown as a notification."""
            self.texts.add(str(notifications))

        hass.bus.async_listen(MATCH_ALL, note_event)
        persistent_notification.async_register_callback(hass, note_notifications)

    def leaks(self) -> list[str]:
        """Return the texts in which a key is, however written, and lines with names."""
        keys = {server.api_key for server in self.servers}
        written = {
            way
            for key in self.planted | {key for key in keys if len(key) >= LONG_ENOUGH}
            for way in (key, quote(key, safe=""), quote_plus(key), repr(key)[1:-1])
        }
        written |= {b64encode(way.encode()).decode().rstrip("=") for way in written}
        texts = self.lines | self.errors | self.texts
        found = [text for text in texts if any(way in text for way in written)]
        return found + self.with_names(self.lines)

    def with_names(self, texts: set[str]) -> list[str]:
        """Return the texts with a person, a title, a path or an address of a household."""
        names = {server.url for server in self.servers} | {
            name
            for household in {server.household for server in self.servers}
            for name in (
                *(user.name for user in household.users),
                *(item.name for item in household.items),
                *household.files,
            )
            # A number can be anything.
            if not name.isdecimal()
        }
        if not names:
            return []
        any_name = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, names))})(?!\w)")
        return [text for text in texts if any_name.search(text)]


@contextmanager
def on_the_lookout() -> Iterator[Lookout]:
    """Look out in all that happens meanwhile."""
    lookout = Lookout()
    prepare = Simulator.__init__

    def note_server(server: Simulator, *args: Any, **options: Any) -> None:
        """Prepare a server, and remember it."""
        prepare(server, *args, **options)
        lookout.servers.append(server)

    show = FlowHandler.async_show_form

    def note_form(flow: FlowHandler[Any, Any, Any], **form: Any) -> Any:
        """Show a form, and collect what it says; what was typed stays in its fields."""
        lookout.texts.add(
            f"{form.get('errors')} {form.get('description_placeholders')}"
        )
        return show(flow, **form)

    monitoring, tool = sys.monitoring, sys.monitoring.PROFILER_ID
    raised = monitoring.events.RAISE
    monitoring.use_tool_id(tool, "lookout")
    monitoring.register_callback(tool, raised, lookout.note_error)
    monitoring.set_events(tool, raised)
    product, everybody = logging.getLogger(PACKAGE), logging.getLogger()
    level = product.level
    product.setLevel(logging.DEBUG)
    everybody.addHandler(lookout)
    try:
        with (
            patch.object(Simulator, "__init__", note_server),
            patch.object(FlowHandler, "async_show_form", note_form),
        ):
            yield lookout
    finally:
        everybody.removeHandler(lookout)
        product.setLevel(level)
        monitoring.free_tool_id(tool)
