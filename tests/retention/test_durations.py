"""Durations: the grammar, its bounds, and that never is not zero."""

from datetime import timedelta

from hypothesis import given, strategies as st
import pytest

from custom_components.oxicleanarr.retention import (
    NEVER,
    Retention,
    RuleError,
    format_duration,
    parse_duration,
)


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("30s", timedelta(seconds=30)),
        ("15m", timedelta(minutes=15)),
        ("12h", timedelta(hours=12)),
        ("7d", timedelta(days=7)),
        ("2w", timedelta(weeks=2)),
        ("0d", timedelta(0)),
        ("36525d", timedelta(days=36525)),
        ("007d", timedelta(days=7)),
    ],
)
def test_durations_that_are_allowed(text: str, span: timedelta) -> None:
    """A number with a unit is a span."""
    retention = parse_duration(text)
    assert retention.span == span
    assert not retention.is_never
    assert retention.is_zero is (span == timedelta(0))


def test_never_is_not_zero() -> None:
    """In OxiCleanarr both were 0, so that ``never`` could mean at once."""
    assert parse_duration("never") == NEVER
    assert NEVER.is_never
    assert not NEVER.is_zero
    assert parse_duration("never") != parse_duration("0d")
    assert str(NEVER) == "never"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "7",
        "d",
        "7 d",
        " 7d",
        "7d\n",
        "7D",
        "Never",
        "-7d",
        "+7d",
        "1.5d",
        "1d12h",
        "7y",
        "7mo",
        "٧d",
        "1_0d",
        "36526d",
        "5219w",
        "999999d",
        "9" * 5000 + "s",
        7,
        0,
        None,
        True,
        ["7d"],
        timedelta(days=7),
    ],
)
def test_durations_that_are_wrong(text: object) -> None:
    """Anything else is one short error that says what is allowed."""
    with pytest.raises(RuleError) as caught:
        parse_duration(text)
    message = str(caught.value)
    assert "never" in message
    assert "90d" in message
    assert len(message) < 250
    assert "\n" not in message


@pytest.mark.parametrize(
    ("text", "formatted"),
    [
        ("never", "never"),
        ("2w", "14d"),
        ("48h", "2d"),
        ("36h", "36h"),
        ("90m", "90m"),
        ("120s", "2m"),
        ("61s", "61s"),
        ("0s", "0d"),
    ],
)
def test_durations_are_written_with_the_largest_unit(text: str, formatted: str) -> None:
    """Days are the largest, as people speak of 90 days and not of 13 weeks."""
    assert format_duration(parse_duration(text)) == formatted


@given(st.one_of(st.none(), st.integers(0, 36525 * 86400)))
def test_what_is_written_is_read_again(seconds: int | None) -> None:
    """Every retention survives being written."""
    retention = Retention(None if seconds is None else timedelta(seconds=seconds))
    assert parse_duration(format_duration(retention)) == retention
