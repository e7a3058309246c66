"""A Home Assistant in a process of its own, with nothing of ours but what is installed.

    python -P tests/installed.py CONFIG STEPS

It answers the forms of the set-up with the steps, a list in JSON, waits for the first
sync and for all else that was begun, and prints what there is then.
"""

import asyncio
import json
from pathlib import Path
import sys
from typing import Any

from homeassistant import loader
from homeassistant.config_entries import ConfigEntryState
from pytest_homeassistant_custom_component.common import async_test_home_assistant

DOMAIN = "oxicleanarr"


async def set_up(config: Path, steps: list[dict[str, Any]]) -> dict[str, object]:
    """Add the integration as a user would, and return what there is then."""
    async with async_test_home_assistant(config_dir=str(config)) as hass:
        # Those of the test tools take the place of real ones.
        hass.data.pop(loader.DATA_CUSTOM_COMPONENTS, None)
        flows = hass.config_entries.flow
        flow = await flows.async_init(DOMAIN, context={"source": "user"})
        for step in steps:
            flow = await flows.async_configure(flow["flow_id"], step)
        await hass.async_block_till_done(wait_background_tasks=True)
        # Some are loaded only where other integrations ask for them.
        integration = await loader.async_get_integration(hass, DOMAIN)
        files = integration.file_path.glob("[!_]*.py")
        await integration.async_get_platforms([file.stem for file in files])
        entries = hass.config_entries.async_entries(DOMAIN)
        told: dict[str, object] = {
            "loaded": [one.state is ConfigEntryState.LOADED for one in entries],
            "states": {one.entity_id: one.state for one in hass.states.async_all()},
            "modules": [
                module.__file__
                for name, module in sys.modules.items()
                if name.startswith("custom_components.")
            ],
        }
        for entry in entries:
            await hass.config_entries.async_unload(entry.entry_id)
        await hass.async_stop(force=True)
        return told


json.dump(asyncio.run(set_up(Path(sys.argv[1]), json.loads(sys.argv[2]))), sys.stdout)
