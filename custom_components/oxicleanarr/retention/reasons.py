"""Why a title stays or goes, as codes. The words for them are in ``wording``."""

from collections.abc import Mapping
from enum import StrEnum


class Because(StrEnum):
    """The codes of the reasons that the rules give, with the names of their data."""

    # Why a rule has no say.
    RULE_OFF = "rule_off"
    NO_SEERR = "no_seerr"
    NO_TAG = "no_tag"
    """``tag``."""
    SERIES_NO_TAG = "series_no_tag"
    """``tag``."""
    REQUESTER_NOT_NAMED = "requester_not_named"
    NOT_REQUESTED = "not_requested"
    OTHER_LIBRARY = "other_library"
    """``libraries``: those of the rule."""
    OTHER_SEASON = "other_season"
    SERIES_CONTINUES = "series_continues"

    # Who has not watched it.
    NOBODY_FINISHED = "nobody_finished"
    """``progress``: how far those are who have begun it, or nothing."""
    USERS_NOT_FINISHED = "users_not_finished"
    """``users``; ``progress`` as above."""
    BEGUN = "begun"
    """``users``."""
    EPISODES_WATCHED = "episodes_watched"
    """``user``, ``watched`` and ``episodes``: two numbers."""
    COPIES_DIFFER = "copies_differ"
    """``users``: who has watched one of several copies that may be other titles."""
    MARK_DOUBTFUL = "mark_doubtful"
    """``users``: whose mark may be of an earlier copy, or of another file."""
    NOT_VISIBLE = "not_visible"
    NO_SUCH_USER = "no_such_user"
    """``user``."""
    NAMES_NOBODY = "names_nobody"

    # What is not known.
    VISIBILITY_UNKNOWN = "visibility_unknown"
    REQUESTER_UNKNOWN = "requester_unknown"
    REQUESTER_NOT_MATCHED = "requester_not_matched"
    """``requester``."""
    TAGS_UNKNOWN = "tags_unknown"
    SERIES_TAGS_UNKNOWN = "series_tags_unknown"
    LIBRARY_UNKNOWN = "library_unknown"
    SEASON_UNKNOWN = "season_unknown"
    SERIES_UNKNOWN = "series_unknown"
    CONTINUING_UNKNOWN = "continuing_unknown"
    PLAYED_UNDATED = "played_undated"
    ADDED_UNKNOWN = "added_unknown"
    AIRED_UNKNOWN = "aired_unknown"
    NO_EPISODES = "no_episodes"

    # What keeps it.
    RULE_KEEPS = "rule_keeps"
    """``rule``, ``because``; ``tag`` or ``requester``: by what it has matched."""
    RULE_NEVER_DELETES = "rule_never_deletes"
    """``rule``; ``tag`` or ``requester``."""
    PART_STAYS = "part_stays"
    """``title``: of a season or episode; ``because``."""
    RULE_MIGHT_APPLY = "rule_might_apply"
    """``rule``, ``because``."""
    STANDARD_KEEPS = "standard_keeps"
    """``because``."""
    STANDARD_OFF = "standard_off"
    """``kind``: ``movie`` or ``series``."""
    UNWATCHED_STAYS = "unwatched_stays"
    """``because``."""
    SERIES_KEPT_FOR_GOOD = "series_kept_for_good"
    """``rule``."""
    SERIES_MIGHT_BE_KEPT = "series_might_be_kept"
    NO_LIMIT = "no_limit"
    AMONG_NEWEST = "among_newest"
    """``count``."""
    LATEST_SEASON = "latest_season"
    SHARES_FILE = "shares_file"
    NO_EPISODE_RULE = "no_episode_rule"

    # Why it goes: ``rule`` (nothing: the standard retention), ``tag`` or ``requester``,
    # ``after`` (how long, as in the rules) and ``regardless`` (whether watched or not).
    ADDED = "added"
    """``added_at``, ``users``: who has watched it."""
    PLAYED = "played"
    """``played_at``; nobody has finished it."""
    WATCHED = "watched"
    """``watched_at``, ``users``."""
    WATCHED_AND_PLAYED = "watched_and_played"
    """``played_at``, ``users``."""
    EPISODE_OVER_LIMIT = "episode_over_limit"
    """``aired_at``, ``added_at``, ``because``; ``users`` where it has to be watched."""
    RULE_DELETES_EPISODES = "rule_deletes_episodes"
    """``rule``, ``max_episodes``, ``max_age``, ``by_season``."""
    FILE_STAYS_UNTIL = "file_stays_until"
    """``because``, ``due_at``: when the last episode of the file may go."""
    WHOLE_SERIES = "whole_series"
    """``because``."""

    # What would change it.
    NOTHING_CHANGES_IT = "nothing_changes_it"
    FINISHING_DELETES_IT = "finishing_deletes_it"
    """``due_at``."""
    PLAYING_KEEPS_IT = "playing_keeps_it"
    """``due_at``: until when; nothing: for good."""
    PLAYING_CHANGES_NOTHING = "playing_changes_nothing"


class ImportNote(StrEnum):
    """The codes of what means something else or nothing here, with their data."""

    SECTION_UNUSED = "section_unused"
    """``section``."""
    UNWATCHED_BEHAVIOR_UNUSED = "unwatched_behavior_unused"
    """``base``."""
    UNWATCHED_RETENTION_UNUSED = "unwatched_retention_unused"

    BASE_IS_DEFAULT_ONLY = "base_is_default_only"
    """``base``, ``rules``: those that it does not reach."""
    UNWATCHED_IS_DEFAULT_ONLY = "unwatched_is_default_only"
    """``rules``: those that take the unwatched all the same."""

    # Of the files of other programs.
    IMPORTED_DISABLED = "imported_disabled"
    """``source``: the program; ``rules``."""
    LEFT_OUT = "left_out"
    """``source``, ``places``: what cannot be read as that program documents it."""
    AGES_BY_FREE_SPACE = "ages_by_free_space"
    """``place``."""
    WAITS_FOR_FREE_SPACE = "waits_for_free_space"
    """``place``, ``percent``: below which it deletes."""
    LATEST_SEASON_ONLY = "latest_season_only"
    """``place``."""
    LIBRARY_UNSAID = "library_unsaid"
    NO_COUNTERPART = "no_counterpart"
    """``conditions``: of a group that is left out as a whole, as is the next."""
    NO_DATE = "no_date"


class Names(dict[frozenset[str], tuple[str | None, ...]]):
    """The names of sets of users, in alphabetical order, each set looked up once.

    A library has few sets of users who have watched the same, and many titles. A user
    who no longer exists has no name.
    """

    def __init__(self, users: Mapping[str, str]) -> None:
        """Take what every user is called, by id."""
        super().__init__()
        self._users = sorted(users.items(), key=lambda user: user[1].casefold())

    def __missing__(self, user_ids: frozenset[str]) -> tuple[str | None, ...]:
        """Look up a set of users."""
        names: list[str | None] = [
            name for user_id, name in self._users if user_id in user_ids
        ]
        if len(names) < len(user_ids):
            names += [None] * (len(user_ids) - len(names))
        self[user_ids] = found = tuple(names)
        return found
