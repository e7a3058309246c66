"""`GET /Items`: what a query finds, in which order, with every trap of the three lines."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from ..household import Household
from ..items import (
    BoxSet,
    Clip,
    Episode,
    Item,
    Movie,
    Season,
    Series,
    User,
    jellyfin_id,
    sort_name,
)
from ..userdata import UserData
from .dates import guid, parse
from .rows import Listed, Rows, top_folders
from .version import Line

TRUE, FALSE = "true", "false"


class BadRequest(Exception):
    """A parameter that cannot be read: 400 with a problem."""

    def __init__(self, parameter: str, value: str) -> None:
        """Name the parameter."""
        super().__init__(parameter)
        self.parameter, self.value = parameter, value


class Unknown(Exception):
    """An id that does not exist: 404 with a text."""


class Failed(Exception):
    """The server fails over a query: 500 with a text."""


@dataclass(slots=True)
class ItemsQuery:
    """A parsed query."""

    user: User | None = None
    ids: list[str] = field(default_factory=list)
    parent_id: str | None = None
    recursive: bool | None = None
    types: set[str] = field(default_factory=set)
    exclude_types: set[str] = field(default_factory=set)
    exclude_virtual: bool = False
    missing: bool | None = None
    played: bool | None = None
    favourite: bool | None = None
    resumable: bool = False
    saved_since: datetime | None = None
    saved_since_for_user: datetime | None = None
    collapse: bool | None = None
    search: str | None = None
    sort_by: list[tuple[str, bool]] = field(default_factory=list)
    """By what, and whether downwards; the first one weighs most."""
    start: int = 0
    limit: int | None = None
    count: bool = True

    @property
    def filtered(self) -> bool:
        """Return whether user data decides what is found."""
        return self.played is not None or self.favourite is not None or self.resumable

    @property
    def by_date_played(self) -> bool:
        """Return whether user data decides in which order it comes."""
        return any(name == "dateplayed" for name, _ in self.sort_by)


class Parameters:
    """Query parameters: names in any case, lists by comma."""

    def __init__(self, query: Mapping[str, str]) -> None:
        """Take the parameters of a request."""
        self._values = {name.lower(): value for name, value in query.items()}

    def text(self, name: str) -> str | None:
        """Return a text, None if absent or empty."""
        return self._values.get(name) or None

    def names(self, name: str) -> list[str]:
        """Return a list in lower case."""
        return [
            part.strip().lower()
            for part in self._values.get(name, "").split(",")
            if part.strip()
        ]

    def flag(self, name: str) -> bool | None:
        """Return a boolean; anything else is a bad request."""
        value = self.text(name)
        if value is None:
            return None
        if value.lower() not in (TRUE, FALSE):
            raise BadRequest(name, value)
        return value.lower() == TRUE

    def number(self, name: str) -> int | None:
        """Return a number; anything else is a bad request."""
        value = self.text(name)
        if value is None:
            return None
        try:
            return int(value)
        except ValueError:
            raise BadRequest(name, value) from None

    def guids(self, name: str) -> list[str]:
        """Return the identifiers of a list; what is none is dropped without a word."""
        return [
            found
            for part in self._values.get(name, "").split(",")
            if (found := guid(part.strip()))
        ]

    def guid(self, name: str) -> str | None:
        """Return an identifier; anything else is a bad request."""
        value = self.text(name)
        if value is None:
            return None
        found = guid(value)
        if found is None:
            raise BadRequest(name, value)
        return found

    def date(self, name: str) -> datetime | None:
        """Return a date; anything else is a bad request."""
        value = self.text(name)
        if value is None:
            return None
        found = parse(value)
        if found is None:
            raise BadRequest(name, value)
        return found


def parse_query(parameters: Parameters, user: User | None) -> ItemsQuery:
    """Return the query that parameters ask for."""
    filters = set(parameters.names("filters"))
    played, favourite = parameters.flag("isplayed"), parameters.flag("isfavorite")
    if filters & {"isplayed", "isunplayed"}:
        played = "isplayed" in filters
    if filters & {"isfavorite", "isfavoriteorlikes"}:
        favourite = True
    return ItemsQuery(
        user=user,
        ids=parameters.guids("ids"),
        parent_id=parameters.guid("parentid"),
        recursive=parameters.flag("recursive"),
        types=set(parameters.names("includeitemtypes")),
        exclude_types=set(parameters.names("excludeitemtypes")),
        exclude_virtual="virtual" in parameters.names("excludelocationtypes"),
        missing=parameters.flag("ismissing"),
        played=played,
        favourite=favourite,
        resumable="isresumable" in filters,
        saved_since=parameters.date("mindatelastsaved"),
        saved_since_for_user=parameters.date("mindatelastsavedforuser"),
        collapse=parameters.flag("collapseboxsetitems"),
        search=parameters.text("searchterm"),
        sort_by=_order(parameters.names("sortby"), parameters.names("sortorder")),
        start=parameters.number("startindex") or 0,
        limit=parameters.number("limit"),
        count=parameters.flag("enabletotalrecordcount") is not False,
    )


def _order(names: list[str], orders: list[str]) -> list[tuple[str, bool]]:
    """Return by what is sorted: the first order is that of all further names."""
    orders = orders or ["ascending"]
    return [
        (name, orders[number if number < len(orders) else 0] == "descending")
        for number, name in enumerate(names)
    ]


class Finder:
    """Finds items for one server."""

    def __init__(self, household: Household, line: Line, rows: Rows) -> None:
        """Find items of a household, as a line does."""
        self.household = household
        self.line = line
        self.rows = rows
        self._stale: dict[str, Item] = {}
        self._stale_since = 0
        self._sorted: dict[tuple[str, ...], list[Item]] = {}
        self._sorted_at = -1

    @property
    def stale(self) -> dict[str, Item]:
        """Return the rows that stay listed after a delete, until the next scan."""
        if self._stale_since != self.household.scans:
            self._stale, self._stale_since = {}, self.household.scans
        return self._stale

    def find(self, query: ItemsQuery) -> tuple[list[Listed], int]:
        """Return a page and the number of all rows found."""
        if query.user is None and self.line is not Line.V10_10 and query.filtered:
            raise Failed
        if query.user is None and self.line is not Line.V12 and query.by_date_played:
            raise Failed
        if query.ids:
            found = self._by_id(query)
        else:
            found = self._filtered(query, self._candidates(query))
        self._sort(found, query)
        total = len(found)
        end = None if query.limit is None else query.start + query.limit
        page = found[query.start : end]
        return page, total if query.count else len(page)

    def _by_id(self, query: ItemsQuery) -> list[Listed]:
        """Return items by id; what a user may not see is there all the same."""
        found: list[Listed] = []
        for item_id in dict.fromkeys(query.ids):
            if (
                item := self.stale.get(item_id) or self.household.get(item_id)
            ) is not None:
                if not (isinstance(item, Clip) and self.line is Line.V12):
                    found.append(version_of(item, item_id))
            elif (collection := self.household.collections.get(item_id)) is not None:
                found.append(collection)
            else:
                found.extend(
                    folder
                    for folder in top_folders(self.household)
                    if folder.id == item_id
                )
        return self._filtered(query, found, visible_only=False)

    def _candidates(self, query: ItemsQuery) -> Iterable[Listed]:
        """Return what a query chooses from."""
        if query.parent_id is not None:
            return self._children(query, query.parent_id)
        if not query.recursive:
            return list(top_folders(self.household))
        return self._all(query)

    def _all(self, query: ItemsQuery) -> list[Listed]:
        """Return all items of the wanted types, wherever they are."""
        kinds = query.types or {"movie", "series", "season", "episode", "boxset"}
        found: list[Listed] = [
            *self.listed(kinds & {"movie", "series", "season", "episode"})
        ]
        if "boxset" in kinds and (query.types or self.household.collections):
            found.extend(self.household.collections.values())
        return found

    def listed(self, kinds: set[str]) -> list[Item]:
        """Return the items of some types in the order of their names; kept until something changes."""
        if self._sorted_at != self.household.revision:
            self._sorted, self._sorted_at = {}, self.household.revision
        key = tuple(sorted(kinds))
        if key not in self._sorted or self.stale:
            items = [
                item for item in self.household.items if item.type.lower() in kinds
            ]
            items += [
                item for item in self.stale.values() if item.type.lower() in kinds
            ]
            if self.line is Line.V10_11:
                # A season without a folder is not there on 10.11.
                items = [
                    item
                    for item in items
                    if not (isinstance(item, Season) and item.path is None)
                ]
            self._sorted[key] = sorted(items, key=lambda item: item.sort_name)
        return list(self._sorted[key])

    def _children(self, query: ItemsQuery, parent_id: str) -> list[Listed]:
        """Return what lies below a library, folder, collection, series or season."""
        for library in self.household.libraries:
            folders = {
                jellyfin_id("Folder", location) for location in library.locations
            }
            if parent_id == library.id or parent_id in folders:
                deep = (
                    query.recursive
                    if query.recursive is not None
                    else self.line is Line.V12
                )
                return [
                    item
                    for item in self._all(query)
                    if isinstance(item, Item)
                    and library.holds(item)
                    and (deep or isinstance(item, Movie | Series))
                ]
        if (collection := self.household.collections.get(parent_id)) is not None:
            # Without a user a collection shows no members but by their type.
            members = (
                [self.household.get(member) for member in collection.members]
                if query.user or (query.recursive and query.types)
                else []
            )
            return [member for member in members if member is not None]
        match self.household.get(parent_id):
            case Series() as series if self.rows.lies(series):
                return []
            case Series() as series if query.recursive or (
                query.types and "episode" in query.types
            ):
                return [*series.seasons, *series.episodes]
            case Series() as series:
                return list(series.seasons)
            case Season() as season:
                return list(season.episodes)
            case _:
                return []

    def _filtered(
        self, query: ItemsQuery, found: Iterable[Listed], *, visible_only: bool = True
    ) -> list[Listed]:
        """Return what passes all tests of a query."""
        tests: list[Callable[[Listed], bool]] = []
        user = query.user
        if query.types:
            tests.append(lambda item: _type(item) in query.types)
        if query.exclude_types:
            tests.append(lambda item: _type(item) not in query.exclude_types)
        if query.exclude_virtual or query.missing is False:
            tests.append(lambda item: not (isinstance(item, Episode) and item.virtual))
        if query.missing:
            tests.append(lambda item: isinstance(item, Episode) and item.virtual)
        if user is not None and user.limited:
            # An id leads into a library that the user may not see, but no further.
            sees = self.household.sees if visible_only else User.may_watch
            tests.append(lambda item: not isinstance(item, Item) or sees(user, item))
        merged = self.household.merged
        if (
            merged
            and visible_only
            and (user is not None or self.line is not Line.V10_10)
        ):
            tests.append(lambda item: item.id not in merged)
        if query.search:
            wanted = query.search.lower()
            tests.append(lambda item: wanted in item.name.lower())
        if user is not None and query.filtered:
            tests.append(self._user_test(query, user))
        # minDateLastSaved alone returns everything before 12.
        since = query.saved_since_for_user or (
            query.saved_since if self.line is Line.V12 else None
        )
        if since is not None:
            tests.append(
                lambda item: isinstance(item, Item) and item.date_last_saved >= since
            )
        result = (
            [item for item in found if all(test(item) for test in tests)]
            if tests
            else list(found)
        )
        if (
            query.collapse is not False
            and self.line is Line.V12
            and user is None
            and query.types == {"movie"}
        ):
            result = self._collapsed(result)
        return result

    def _user_test(self, query: ItemsQuery, user: User) -> Callable[[Listed], bool]:
        """Return the test of what a user did with an item."""
        nothing = UserData()

        def test(item: Listed) -> bool:
            """Return whether an item passes."""
            record = self.rows.record(item, user) or nothing
            played = record.played
            if query.played is not None and isinstance(item, Series | Season):
                played = bool(self.rows.user_data(item, user)["Played"])
            return (
                (query.played is None or played == query.played)
                and (query.favourite is None or record.favourite == query.favourite)
                and (not query.resumable or record.position > 0)
            )

        return test

    def _collapsed(self, found: list[Listed]) -> list[Listed]:
        """Return a list of films with the collections in place of their members."""
        members = {
            member
            for box in self.household.collections.values()
            for member in box.members
        }
        shown = {item.id for item in found} & members
        boxes = [
            box
            for box in self.household.collections.values()
            if shown & set(box.members)
        ]
        return [item for item in found if item.id not in members] + list[Listed](boxes)

    def _sort(self, found: list[Listed], query: ItemsQuery) -> None:
        """Sort what was found as the query wants it."""
        if not query.sort_by or query.sort_by[0][0] == "default":
            if self.line is Line.V10_10:
                found.sort(key=lambda item: item.id)
            return
        if query.by_date_played and self.line is not Line.V12:
            # Without a date, they come in the order of their ids.
            found.sort(key=lambda item: item.id)
        for name, descending in reversed(query.sort_by):
            match name:
                case "dateplayed":
                    self._sort_by_date_played(found, query.user, descending)
                case "datecreated":
                    found.sort(
                        key=lambda item: (
                            item.date_created if isinstance(item, Item) else _EARLY
                        ),
                        reverse=descending,
                    )
                case "random":
                    found.sort(key=lambda item: item.id[::-1])
                case "seriessortname":
                    found.sort(key=_series_name, reverse=descending)
                case _:
                    found.sort(key=_name, reverse=descending)

    def _sort_by_date_played(
        self, found: list[Listed], user: User | None, descending: bool
    ) -> None:
        """Sort by date: rows without one come last when newest first, else first."""
        if user is None:
            return
        dates: dict[str, datetime] = {}
        for item in found:
            record = self.rows.record(item, user)
            if record is not None and record.last_played is not None:
                dates[item.id] = record.last_played
        found.sort(key=lambda item: dates.get(item.id, _EARLY), reverse=descending)


_EARLY = datetime.fromisoformat("0001-01-01T00:00:00Z")


def version_of(item: Item, item_id: str) -> Item:
    """Return a film as the one of its versions that has an id."""
    if item.id == item_id or not isinstance(item, Movie | Episode):
        return item
    source = next(source for source in item.sources if source.id == item_id)
    return replace(item, id=source.id, path=source.path, sources=[source])


def _type(item: Listed) -> str:
    """Return the type of an item in lower case."""
    return "boxset" if isinstance(item, BoxSet) else item.type.lower()


def _series_name(item: Listed) -> str:
    """Return the name by which the series of an item is sorted; others have none."""
    match item:
        case Season() | Episode():
            return item.series.name
        case _:
            return ""


def _name(item: Listed) -> str:
    """Return the name by which an item is sorted."""
    return item.sort_name if isinstance(item, Item) else sort_name(item.name)
