"""The form for how long movies and series stay that no rule decides on."""

from typing import Any, Final

from ..const import CONF_MOVIE_RETENTION, CONF_TV_RETENTION
from ..retention import (
    Retention,
    RuleErrors,
    StandardRules,
    format_duration,
    standard_from_mapping,
)
from . import fields
from .fields import Fields

_USUAL: Final = StandardRules()


def standard_fields() -> Fields:
    """Return the fields for the retention of movies and of series; zero means off."""
    return {
        **_duration(CONF_MOVIE_RETENTION, _USUAL.movie_retention),
        **_duration(CONF_TV_RETENTION, _USUAL.tv_retention),
    }


def read_standard(typed: dict[str, Any], key: str, errors: dict[str, str]) -> None:
    """Put a retention as rules write it in place of its two fields.

    What is wrong with it goes to ``errors``.
    """
    fields.read_duration(typed, key)
    if key not in typed:
        return
    try:
        standard_from_mapping({key: typed[key]})
    except RuleErrors:
        errors[key] = f"{key}_range"


def _duration(key: str, usual: Retention) -> Fields:
    """Return the fields for a retention with what is usual."""
    return fields.duration(key, least=0, default=int(format_duration(usual)[:-1]))
