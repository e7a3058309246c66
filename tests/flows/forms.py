"""What a form shows to whoever opens it."""

from typing import Any

from homeassistant.data_entry_flow import section
import probatio


def shown(schema: probatio.Schema | None) -> dict[str, Any]:
    """Return the values that a form shows: the suggested ones, else the defaults."""
    assert schema is not None
    values: dict[str, Any] = {}
    for key, field in schema.schema.items():
        if isinstance(field, section):
            values[str(key)] = shown(field.schema)
        elif key.description:
            values[str(key)] = key.description["suggested_value"]
        elif not isinstance(key.default, probatio.Undefined):
            values[str(key)] = key.default()
    return values
