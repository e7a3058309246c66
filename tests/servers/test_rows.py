"""Reading JSON row by row: the same as at once, wherever the pieces end."""

from datetime import UTC, datetime
import json

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.oxicleanarr.servers import rows as rows_module
from custom_components.oxicleanarr.servers.rows import (
    BadJsonError,
    JsonObject,
    RowDecoder,
    Rows,
    day,
    decode_object,
    identifier,
    integer,
    location,
    mapping,
    moment,
    sequence,
    size_of,
    text,
    year_of,
)

# The same cases on every machine, however slow it is.
STEADY = settings(deadline=None, derandomize=True, max_examples=100)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
OBJECTS = st.dictionaries(st.text(), VALUES, max_size=4)


def decode(body: bytes, *cuts: int, key: str | None = "rows") -> Rows[JsonObject]:
    """Decode a body that comes in pieces."""
    decoder: RowDecoder[JsonObject] = RowDecoder(key, lambda row: row)
    start = 0
    for cut in sorted(cuts):
        decoder.feed(body[start:cut])
        start = cut
    decoder.feed(body[start:])
    return decoder.finish()


@STEADY
@given(
    head=OBJECTS,
    rows=st.lists(OBJECTS, max_size=5),
    tail=OBJECTS,
    indent=st.none() | st.integers(0, 2),
    data=st.data(),
)
def test_pieces_make_no_difference(
    head: JsonObject,
    rows: list[JsonObject],
    tail: JsonObject,
    indent: int | None,
    data: st.DataObject,
) -> None:
    """Any object with rows is decoded as json.loads does it, cut anywhere."""
    for part in (head, tail):
        part.pop("rows", None)
    whole = {**head, "rows": rows, **tail}
    body = json.dumps(whole, indent=indent, ensure_ascii=False).encode()
    cuts = data.draw(st.lists(st.integers(0, len(body)), max_size=6))
    found = decode(body, *cuts)
    assert found.rows == rows
    assert found.head == {**head, **tail}
    assert (found.count, found.bare, found.size) == (len(rows), False, len(body))


@STEADY
@given(rows=st.lists(OBJECTS, max_size=5), data=st.data())
def test_arrays(rows: list[JsonObject], data: st.DataObject) -> None:
    """An array of rows needs no key, and may come where an object could."""
    body = json.dumps(rows).encode() + b" \n"
    cuts = data.draw(st.lists(st.integers(0, len(body)), max_size=6))
    for key in (None, "rows"):
        found = decode(body, *cuts, key=key)
        assert (found.rows, found.bare) == (rows, True)


@STEADY
@given(rows=st.lists(OBJECTS, min_size=1, max_size=3), data=st.data())
def test_what_is_cut_short_is_never_whole(
    rows: list[JsonObject], data: st.DataObject
) -> None:
    """No beginning of an answer passes for the answer."""
    body = json.dumps({"pages": 12, "rows": rows, "size": 34}).encode()
    end = data.draw(st.integers(0, len(body) - 1))
    with pytest.raises(BadJsonError) as caught:
        decode(body[:end])
    assert caught.value.reason in {"truncated", "empty"}


def test_skipped_rows_are_counted() -> None:
    """Rows that are left out are counted, not forgotten."""
    decoder = RowDecoder(None, lambda row: row.get("a"))
    decoder.feed(b'[{"a":1},{},{"a":2}]')
    found = decoder.finish()
    assert (found.rows, found.count, found.skipped) == ([1, 2], 3, 1)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "empty"),
        (b"  \n", "empty"),
        (b"<!doctype html><html></html>", "html"),
        (b"nonsense", "malformed"),
        (b'"text"', "shape"),
        (b"{}", "shape"),
        (b'{"rows":null}', "shape"),
        (b'{"rows":{}}', "shape"),
        (b'{"message":"something else"}', "shape"),
        (b'{"rows":[1]}', "shape"),
        (b'{"rows":[[]]}', "shape"),
        (b'{"rows":[null]}', "shape"),
        (b'{"rows":[@]}', "malformed"),
        (b'{"rows":[{}} ', "malformed"),
        (b'{"rows":[{},]}', "malformed"),
        (b'{"rows":[]]', "malformed"),
        (b'{"rows" []}', "malformed"),
        (b"{1:2}", "malformed"),
        (b'{"a":1,}', "malformed"),
        (b'{"rows":[]} more', "malformed"),
        (b'{"rows":[{"a":' + b"[" * 200_000, "malformed"),
        (b'{"rows":[{"a":' + b"1" * 5000 + b"}]}", "malformed"),
        (b'{"rows":[{"a":"\xff"}]}', "malformed"),
        (b'{"rows":[{"a":"\xc3', "malformed"),
        (b'{"rows":[{"a":1}', "truncated"),
        (b'{"rows":[{"a":nul', "truncated"),
    ],
)
def test_bad_bodies(body: bytes, reason: str) -> None:
    """What is no list of rows says why, and nothing of what it was."""
    with pytest.raises(BadJsonError) as caught:
        decode(body)
    assert caught.value.reason == str(caught.value) == reason


def test_bare_array_is_needed_without_a_key() -> None:
    """Where an array is asked for, an object will not do."""
    with pytest.raises(BadJsonError, match="shape"):
        decode(b'{"rows":[]}', key=None)


def test_a_row_that_cannot_be_converted() -> None:
    """The converter can refuse the whole answer."""

    def refuse(row: JsonObject) -> JsonObject:
        raise ValueError

    decoder = RowDecoder(None, refuse)
    with pytest.raises(BadJsonError, match="shape"):
        decoder.feed(b"[{}]")


def test_rows_without_end_are_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """A text that is never complete does not fill the memory."""
    monkeypatch.setattr(rows_module, "_LONGEST_ROW", 1000)
    decoder = RowDecoder(None, lambda row: row)
    decoder.feed(b'[{"a":"' + b"x" * 900)
    with pytest.raises(BadJsonError, match="malformed"):
        decoder.feed(b"x" * 1000)


def test_long_rows_are_not_tried_again_and_again() -> None:
    """The work for a row grows with its length, not with its square."""
    calls = 0
    decoder = RowDecoder(None, lambda row: row)
    original = decoder._decode

    def counted(*, last: bool) -> object:
        nonlocal calls
        calls += 1
        return original(last=last)

    decoder._decode = counted  # type: ignore[method-assign]
    body = json.dumps([{"a": "x" * 100_000}]).encode()
    for start in range(0, len(body), 100):
        decoder.feed(body[start : start + 100])
    assert decoder.finish().count == 1
    assert calls < 20


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b" ", "empty"),
        (b" <html>", "html"),
        (b'{"a":1', "truncated"),
        (b"{a}", "malformed"),
        (b"[]", "shape"),
        (b"\xff", "malformed"),
        (b'{"a":"x', "truncated"),
        (b'{"a":' + b"[" * 200_000, "malformed"),
    ],
)
def test_bad_objects(body: bytes, reason: str) -> None:
    """The same codes for small answers."""
    with pytest.raises(BadJsonError) as caught:
        decode_object(body)
    assert caught.value.reason == reason


def test_object() -> None:
    """A small object is read at once."""
    assert decode_object(b'{"a": 1}') == {"a": 1}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2025-01-15T10:30:00Z", datetime(2025, 1, 15, 10, 30, tzinfo=UTC)),
        (
            "2026-11-21T17:47:35.218Z",
            datetime(2026, 11, 21, 17, 47, 35, 218000, tzinfo=UTC),
        ),
        (
            "2026-11-22T04:17:35.218123+10:30",
            datetime(2026, 11, 21, 17, 47, 35, 218123, tzinfo=UTC),
        ),
        (
            "2026-11-21T17:47:35.2+00:00",
            datetime(2026, 11, 21, 17, 47, 35, 200000, tzinfo=UTC),
        ),
        (
            "2024-02-20T19:26:41.1362081Z",
            datetime(2024, 2, 20, 19, 26, 41, 136208, tzinfo=UTC),
        ),
        ("2024-02-20T19:26:41", datetime(2024, 2, 20, 19, 26, 41, tzinfo=UTC)),
        ("0001-01-01T00:00:00.0000000Z", None),
        ("1601-01-01T00:00:00Z", None),
        ("1970-01-01T00:00:00Z", None),
        ("0001-01-01T00:00:00+10:00", None),
        ("9999-12-31T23:59:59-10:00", None),
        ("9999-12-31T23:59:59.999Z", None),
        ("2200-01-01T00:00:00Z", None),
        ("2199-12-31T23:59:59Z", datetime(2199, 12, 31, 23, 59, 59, tzinfo=UTC)),
        ("1970-12-31T23:59:59Z", None),
        ("1971-01-01T00:00:00Z", datetime(1971, 1, 1, tzinfo=UTC)),
        ("2026-01-01T00:00:00.1" + "0" * 60, None),
        ("yesterday", None),
        ("", None),
        (1700000000, None),
        (None, None),
    ],
)
def test_moments(value: object, expected: datetime | None) -> None:
    """All formats of dates become aware UTC; no date is no date, not long ago."""
    assert moment(value) == expected


def test_days_of_old_films() -> None:
    """A film may have come out before any computer ran."""
    assert day("1931-03-01T00:00:00.0000000Z") == datetime(1931, 3, 1, tzinfo=UTC)
    assert day("0001-01-01T00:00:00Z") is None
    assert day("1849-12-31T00:00:00Z") is None
    assert day("9999-01-01T00:00:00Z") is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (5, 5),
        ("5", 5),
        ("5.9", 5),
        (5.9, 5),
        (True, None),
        ("", None),
        ("nan", None),
        ("inf", None),
        ("many", None),
        (None, None),
        ([], None),
        (0, 0),
        (-1, None),
        (2**63 - 1, 2**63 - 1),
        (2**63, None),
        (10**40, None),
        ("1" * 65, None),
        (1e30, None),
        (float("inf"), None),
    ],
)
def test_integers(value: object, expected: int | None) -> None:
    """Old versions write numbers as text."""
    assert integer(value) == expected


def test_texts() -> None:
    """New versions write texts as numbers."""
    values: tuple[object, ...] = ("a", 1917, 8.5, True, None, [])
    assert [text(value) for value in values] == [
        "a",
        "1917",
        "8.5",
        None,
        None,
        None,
    ]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("x" * 1000, "x" * 1000),
        ("x" * 1001, None),
        ("é", "é"),
        ("\ud83d\ude00", None),
        ("half \ud800", None),
        ("a\0b", None),
        (float("inf"), None),
        (float("nan"), None),
    ],
)
def test_texts_that_cannot_be_stored(value: object, expected: str | None) -> None:
    """Half a character in a name would stop the database."""
    assert text(value) == expected


def test_bounds_by_meaning() -> None:
    """What a value means tells what it can be."""
    assert (identifier("x" * 128), identifier("x" * 129)) == ("x" * 128, None)
    assert (location("/" * 32_768), location("/" * 32_769)) == ("/" * 32_768, None)
    assert (location(""), location(5)) == (None, None)
    assert (year_of(1850), year_of(1849), year_of(10**30)) == (1850, None, None)
    assert (year_of(2200), year_of(2201)) == (2200, None)
    assert (size_of(2**50), size_of(2**50 + 1), size_of(-1)) == (2**50, None, None)
    assert (integer(5, 5, 6), integer(6, 5, 6)) == (5, 6)
    assert (integer(4, 5, 6), integer(7, 5, 6)) == (None, None)


@pytest.mark.parametrize("constant", ["NaN", "Infinity", "-Infinity"])
def test_numbers_that_are_no_json(constant: str) -> None:
    """They stand for a value that is not known."""
    body = f'{{"a": {constant}}}'.encode()
    assert decode_object(body) == {"a": None}
    decoder = RowDecoder(None, lambda row: row)
    decoder.feed(b"[" + body + b"]")
    assert decoder.finish().rows == [{"a": None}]


def test_absent_parts_are_empty() -> None:
    """What is not there can be looked into all the same."""
    assert (mapping(None), sequence(None)) == ({}, [])
    assert (mapping({"a": 1}), sequence([1])) == ({"a": 1}, [1])
