"""Rules as YAML: what is read, what is refused, and how it is said."""

from pathlib import Path
import time
from typing import Any

import pytest
import yaml

from custom_components.oxicleanarr.retention import (
    NEVER,
    EpisodeDeleteStrategy,
    EpisodeRule,
    Fault,
    ImportedRules,
    RetentionBase,
    RetentionRules,
    RuleError,
    RuleErrors,
    StandardRules,
    TagRule,
    UserEntry,
    UserRule,
    WatchedRule,
    Watchers,
    clause,
    dump_rules,
    parse_duration,
    parse_rules,
    rule_from_mapping,
    rule_to_mapping,
    rule_type,
    standard_from_mapping,
    standard_to_mapping,
)

FIXTURES = Path(__file__).parent / "fixtures"


def fixture(name: str) -> str:
    """Return a text of the guide."""
    return (FIXTURES / f"{name}.yaml").read_text(encoding="utf-8")


def faults(text: str) -> list[str]:
    """Return what is wrong with a text, a line each; it must be said quickly."""
    start = time.process_time()
    with pytest.raises(RuleErrors) as caught:
        parse_rules(text)
    assert time.process_time() - start < 5
    found = str(caught.value).splitlines()
    assert len(found) == len(caught.value.errors)
    assert all(0 < len(line) < 700 for line in found)
    return found


def fault(text: str) -> str:
    """Return the one thing that is wrong with a text."""
    found = faults(text)
    assert len(found) == 1, found
    return found[0]


def rule_fault(type_: Any, **data: object) -> str:
    """Return the one thing that is wrong with a rule."""
    with pytest.raises(RuleErrors) as caught:
        rule_from_mapping(type_, {"name": "R"} | data)
    (error,) = caught.value.errors
    assert error.rule == "R"
    return str(error)


def test_the_guides_blocks() -> None:
    """Pasted as they are."""
    found = parse_rules(fixture("guide-simple"))
    assert found.rules.standard == StandardRules(
        movie_retention=parse_duration("7d"), tv_retention=parse_duration("14d")
    )
    assert (found.has_standard, found.has_advanced) == (True, False)
    found = parse_rules(fixture("guide-advanced"))
    assert found.rules.advanced == (
        TagRule(
            name="Quick Cleanup - Watched Only",
            tag="quick-watch",
            retention=parse_duration("3d"),
            require_watched=True,
        ),
        UserRule(
            name="User-Based Watched Rule",
            users=(
                UserEntry(
                    username="alice",
                    retention=parse_duration("7d"),
                    require_watched=True,
                ),
            ),
        ),
    )
    assert (found.has_standard, found.has_advanced) == (False, True)
    found = parse_rules(fixture("guide-episodes"))
    assert found.rules.advanced == (
        EpisodeRule(
            name="TV Episode Cleanup",
            max_episodes=5,
            max_age=parse_duration("30d"),
            require_watched=True,
        ),
    )
    assert found.ignored == ()


def said(found: ImportedRules) -> tuple[str, ...]:
    """Return what has no effect, in words."""
    return tuple(clause(one) for one in found.ignored)


def test_servers_and_keys_are_ignored_and_said_so() -> None:
    """Without telling them."""
    found = parse_rules(fixture("guide-servers"))
    assert found.rules == RetentionRules()
    assert (found.has_standard, found.has_advanced) == (False, False)
    assert said(found) == (
        "integrations (jellystat) is not read: it is set up in Home Assistant",
    )
    found = parse_rules(fixture("whole-configuration"))
    assert len(found.ignored) == 5
    assert "SECRET" not in str(found.ignored)
    assert "server is not read: it is set up in Home Assistant" in said(found)
    assert found.rules.standard.retention_base is RetentionBase.LAST_WATCHED_OR_ADDED
    kids, daily = found.rules.advanced
    assert kids == TagRule(name="Kids", enabled=False, tag="kids", retention=NEVER)
    assert isinstance(daily, EpisodeRule)
    assert daily.season_numbers == (1, 2)
    assert daily.episode_delete_strategy is EpisodeDeleteStrategy.OLDEST_FIRST


def test_only_names_of_integrations_are_told() -> None:
    """A few of them, cut short; of every other part not even what is in it."""
    integrations = "\n".join(f"  {f'n{n}' * 30}: {{key: SECRET}}" for n in range(12))
    text = f"admin: {{SECRET: 1}}\nsync: [SECRET]\nintegrations:\n{integrations}\n"
    names = ", ".join(f"n{n}" * 20 for n in range(10))
    assert said(parse_rules(text)) == (
        "admin is not read: it is set up in Home Assistant",
        "sync is not read: it is set up in Home Assistant",
        f"integrations ({names}) is not read: it is set up in Home Assistant",
    )


def test_keys_without_effect_are_said() -> None:
    """They are allowed, as the design's own example has one."""
    found = parse_rules("rules: {unwatched_retention: 365d}")
    assert said(found) == (
        "rules.unwatched_retention has no effect, because it belongs to the "
        "unwatched behavior added",
    )
    found = parse_rules(
        "rules: {retention_base: added, unwatched_behavior: never,"
        " unwatched_retention: 3d}"
    )
    assert said(found)[0] == (
        "rules.unwatched_behavior has no effect, because the retention base is added"
    )
    assert len(found.ignored) == 2
    found = parse_rules("rules: {unwatched_behavior: added, unwatched_retention: 3d}")
    assert found.ignored == ()


def test_empty_parts() -> None:
    """A part without anything in it is nothing."""
    found = parse_rules("rules:\nadvanced_rules:\n")
    assert found.rules == RetentionRules()
    assert (found.has_standard, found.has_advanced) == (True, True)
    assert parse_rules("advanced_rules: []").rules == RetentionRules()


EVERY_FAULT = """\
rules:
  movie_retention: 7
  foo: 1
  tv_retention: 999999d
surprise: 1
advanced_rules:
  - name: A
    type: foo
  - name: a
    type: tag
    retention: 1y
  - {type: episode, max_episodes: 0, max_age: never, name: B}
  - name: U
    type: user
    users:
      - {username: a, email: b@c.d, retention: 3d}
      - 7
      - {username: x,
         retention: 0d}
      - retention: 3d
  - 8
  - {type: watched, name: W, retention: 7d, enabled: "true", enabled: false}
  - {name: N}
  - {type: watched, retention: 7d}
"""


def test_every_fault_is_said_with_its_line() -> None:
    """And nothing is imported."""
    found = [line.partition(": ")[0] for line in faults(EVERY_FAULT)]
    assert found == [
        "line 2, movie_retention",
        "line 3, foo",
        "line 4, tv_retention",
        "line 5, surprise",
        "line 8, rule 'A', type",
        "line 9, rule 'a', name",
        "line 9, rule 'a', tag",
        "line 11, rule 'a', retention",
        "line 12, rule 'B', max_episodes",
        "line 12, rule 'B', max_age",
        "line 16, rule 'U', users[1]",
        "line 17, rule 'U', users[2]",
        "line 19, rule 'U', users[3].retention",
        "line 20, rule 'U', users[4]",
        "line 21, rule 'advanced_rules[5]'",
        "line 22, enabled",
        "line 22, rule 'W', enabled",
        "line 23, rule 'N', type",
        "line 24, rule 'advanced_rules[8]', name",
    ]


def test_faults_say_what_is_allowed() -> None:
    """Each to the end of its sentence."""
    found = dict(line.split(": ", 1) for line in faults(EVERY_FAULT))
    assert found["line 5, surprise"] == (
        "unknown section; allowed: rules and advanced_rules (admin, app, "
        "integrations, server, sync are ignored)"
    )
    assert found["line 3, foo"] == (
        "unknown key; allowed: movie_retention, tv_retention, "
        "retention_base, unwatched_behavior, unwatched_retention"
    )
    assert found["line 17, rule 'U', users[2]"] == (
        "7 must be a mapping such as {username: alice, retention: 7d}"
    )
    assert found["line 19, rule 'U', users[3].retention"] == (
        "'0d' is not allowed here; enter a duration above zero"
    )
    assert found["line 21, rule 'advanced_rules[5]'"] == "must be a mapping"
    assert found["line 22, enabled"] == "already on line 22"
    assert found["line 23, rule 'N', type"] == (
        "it is missing; allowed: tag, user, watched, episode"
    )


def test_keys_that_stand_twice() -> None:
    """All but the first are faults; they need not have the same value."""
    text = "rules:\n  movie_retention: 1d\n  tv_retention: 3d\n  tv_retention: 4d\nrules:\n"
    assert faults(text) == [
        "line 4, tv_retention: already on line 3",
        "line 5, rules: already on line 1",
    ]


def test_keys_that_look_like_places() -> None:
    """They lead nowhere; the fault is where the rule begins, or as far as it goes."""
    text = (
        "advanced_rules:\n  - type: user\n    name: U\n    users:\n"
        "      - {username: a, retention: 3d}\n"
        '    "users.x": 1\n    "users[7]": 1\n    "users[1].y": 1\n'
    )
    assert [line.partition(": ")[0] for line in faults(text)] == [
        "line 4, rule 'U', users.x",
        "line 4, rule 'U', users[7]",
        "line 5, rule 'U', users[1].y",
    ]


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("true", True),
        ("yes", True),
        ("Yes", True),
        ("on", True),
        ("ON", True),
        ("false", False),
        ("no", False),
        ("off", False),
    ],
)
def test_words_for_yes_and_no(word: str, value: bool) -> None:
    """As YAML has them."""
    text = (
        f"advanced_rules: [{{type: watched, name: W, retention: 3d, enabled: {word}}}]"
    )
    (rule,) = parse_rules(text).rules.advanced
    assert rule.enabled is value


def test_numbers_with_a_point() -> None:
    """They are numbers, and whole ones can be written so."""
    text = "advanced_rules: [{type: watched, name: W, retention: 3d, priority: %s}]"
    (rule,) = parse_rules(text % "5.0").rules.advanced
    assert rule.priority == 5
    assert fault(text % "5.5").endswith(
        "priority: 5.5 must be a whole number from 0 to 100000"
    )
    assert "priority: '5:5' must be" in fault(text % "5:5")


def test_numbers_of_seasons() -> None:
    """Whole ones up to a limit, each once, in their order."""
    text = "advanced_rules: [{type: episode, name: E, max_episodes: 1, season_numbers: [%s]}]"
    (rule,) = parse_rules(text % "100000, 3.0, 0, 3").rules.advanced
    assert isinstance(rule, EpisodeRule)
    assert rule.season_numbers == (0, 3, 100_000)
    assert [type(number) for number in rule.season_numbers] == [int] * 3
    for wrong, shown in (
        ("-1", "-1"),
        ("100001", "100001"),
        ("3.5", "3.5"),
        ("true", "True"),
        ("'3'", "'3'"),
        ("null", "None"),
    ):
        assert fault(text % wrong) == (
            "line 1, rule 'E', season_numbers: "
            f"{shown} must be a whole number from 0 to 100000"
        )


def test_as_much_text_as_is_allowed() -> None:
    """To the character."""
    text = "rules: {tv_retention: 3d} #".ljust(128 * 1024, "-")
    assert parse_rules(text).rules.standard.tv_retention == parse_duration("3d")
    assert fault(text + "-") == (
        "the text has 131073 characters; at most 131072 are read"
    )


def test_equal_names_on_one_line() -> None:
    """They are found too."""
    text = "advanced_rules: [{name: A, type: watched, retention: 7d}, " * 1
    text += "{name: A, type: watched, retention: 7d}]"
    assert fault(text).startswith("line 1, rule 'A', name: the rule on line 1 has")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the text must have a section `rules:`"),
        ("# nothing", "the text must have a section `rules:`"),
        ("{}", "the text must have a section `rules:`"),
        ("- 1", "line 1: the text must have a section"),
        ("just text", "line 1: the text must have a section"),
        ("rules: 7d", "line 1, rules: must be a mapping"),
        ("advanced_rules: 7d", "line 1, advanced_rules: must be a list"),
        ("advanced_rules: {a: 1}", "line 1, advanced_rules: must be a list"),
        (
            "rules:\n\tmovie_retention: 7d",
            "line 2: this is not valid YAML: a line must be ind",
        ),
        ("rules: {a: [}", "line 1: this is not valid YAML: "),
        ("a: b: c", "line 1: this is not valid YAML: mapping values are not allowed"),
        (
            "a: b: c\td",
            "line 1: this is not valid YAML: mapping values are not allowed",
        ),
        ("rules: '", "line 1: this is not valid YAML: "),
        ("%YAML 9.9\n---\nrules:", "line 1: this is not valid YAML"),
        ("rules:\n---\nrules:\n", "line 2: the text must be a single document"),
        ("rules: &a {}\nb: *a", "line 2: references (*) are not allowed"),
        (
            "rules: !!python/name:os.system x",
            "line 1: tags (!) are not allowed; put the value in quotes",
        ),
        ("? [a]\n: b", "line 1: a key must be a plain word"),
        ("a: 1\n\x00", "line 2: the character '\\x00' is not allowed"),
        ("\ud800", "line 1: the character '\\ud800' is not allowed"),
        ("[" * 100_000, "line 1: the text is nested too deeply"),
        ("- " * 60_000, "line 1: the text is nested too deeply"),
        ("{a: " * 30_000, "line 1: the text is nested too deeply"),
        ("a" * 5 * 2**20, "the text has 5242880 characters; at most 131072 are read"),
        ("rules:\n" + "  - a\n" * 900_000, "the text has 5400007 characters"),
        ("rules: {movie_retention: 1" + "0" * 9000 + "}", "line 1, movie_retention: "),
        (
            "rules: {movie_retention: .inf}",
            "line 1, movie_retention: '.inf' is not a dur",
        ),
        ("rules: {movie_retention: 1.5.}", "line 1, movie_retention: '1.5.' is no"),
        (
            "rules: {movie_retention: }",
            "line 1, movie_retention: None is not a duration",
        ),
        ("rules: {movie_retention: 2026-01-01}", "line 1, movie_retention: '2026-01-0"),
        ('rules: {"a.b[1]": 3}', "line 1, a.b[1]: unknown key"),
        ('rules: {"a\\nb": 3}', "line 1, 'a\\nb': unknown key"),
        ("rules: {" + "k" * 900 + ": 3}", "line 1, 'kkk"),
        (
            "rules: {unwatched_retention: 0d}",
            "line 1, unwatched_retention: '0d' is not",
        ),
        (
            "rules: {retention_base: watched}",
            "line 1, retention_base: 'watched' is not",
        ),
        (
            "rules: {unwatched_behavior: keep}",
            "line 1, unwatched_behavior: 'keep' is n",
        ),
    ],
)
def test_bad_texts(text: str, said: str) -> None:
    """One precise message, without a traceback and without delay."""
    assert fault(text).startswith(said)


def mark(line: int) -> yaml.Mark:
    """Return a place in a text, as the parser tells it."""
    return yaml.Mark("SECRET", 0, line, 0, None, 0)


BAD_YAML = "this is not valid YAML"
BLANK = "rules:\n\n"
TABBED = "rules:\n \ta: 1\nb: 2"


@pytest.mark.parametrize(
    ("text", "error", "said"),
    [
        (BLANK, yaml.YAMLError(), BAD_YAML),
        (
            BLANK,
            yaml.MarkedYAMLError(context_mark=mark(1), problem="odd"),
            f"line 2: {BAD_YAML}: odd",
        ),
        (
            BLANK,
            yaml.MarkedYAMLError(context_mark=mark(0), problem_mark=mark(7)),
            f"line 8: {BAD_YAML}",
        ),
        (TABBED, yaml.YAMLError("SECRET"), BAD_YAML),
        (TABBED, yaml.reader.ReaderError("SECRET", 1, 7, "utf-8", "SECRET"), BAD_YAML),
        (TABBED, yaml.MarkedYAMLError("SECRET", None, "no end"), f"{BAD_YAML}: no end"),
        (TABBED, yaml.MarkedYAMLError("SECRET", mark(0)), f"line 1: {BAD_YAML}"),
        (
            TABBED,
            yaml.MarkedYAMLError("SECRET", mark(2), "no"),
            f"line 3: {BAD_YAML}: no",
        ),
        (
            TABBED,
            yaml.MarkedYAMLError("SECRET", mark(2), "no", mark(0)),
            f"line 1: {BAD_YAML}: no",
        ),
        # A line after the last one has no tabs.
        (
            TABBED,
            yaml.MarkedYAMLError(None, None, "no", mark(3)),
            f"line 4: {BAD_YAML}: no",
        ),
        (
            TABBED,
            yaml.MarkedYAMLError(None, None, "no", mark(1)),
            f"line 2: {BAD_YAML}: a line must be indented with spaces, not with tabs",
        ),
    ],
)
def test_what_the_parser_tells_of_an_error(
    monkeypatch: pytest.MonkeyPatch, text: str, error: yaml.YAMLError, said: str
) -> None:
    """With as much as it knows: the place, what was begun, or nothing at all."""

    class Failing(yaml.SafeLoader):
        """A parser that fails at once."""

        def check_event(self, *_: object) -> bool:
            """Fail."""
            raise error

    monkeypatch.setattr(
        "custom_components.oxicleanarr.retention.document._Loader", Failing
    )
    assert fault(text) == said


def test_alias_bombs() -> None:
    """A reference ends the reading before anything is multiplied."""
    bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join([f'*{chr(97 + n)}'] * 9)}]\n"
        for n in range(9)
    )
    assert "references" in fault(bomb)


def test_a_text_of_faults_is_read_quickly() -> None:
    """Up to the limit of characters."""
    found = faults("rules:\n" + "".join(f"  key{n}: 1\n" for n in range(10_000)))
    assert len(found) == 10_000


def test_without_the_fast_parser(monkeypatch: pytest.MonkeyPatch) -> None:
    """PyYAML may be there without libyaml."""
    monkeypatch.setattr(
        "custom_components.oxicleanarr.retention.document._Loader", yaml.SafeLoader
    )
    assert len(parse_rules(fixture("whole-configuration")).rules.advanced) == 2
    assert fault("rules:\n\ta: 1").startswith(
        "line 2: this is not valid YAML: a line must be"
    )
    assert fault("rules: '").startswith("line 1: this is not valid YAML: ")
    assert len(faults(EVERY_FAULT)) == 19


@pytest.mark.parametrize(
    ("type_", "data", "said"),
    [
        (
            "movie",
            {},
            "type: 'movie' is not a rule type; allowed: tag, user, watched",
        ),
        (3, {}, "type: 3 is not a rule type"),
        (["tag"], {}, "type: ['tag'] is not a rule type"),
        ("tag", {"tag": "t"}, "retention: it is missing"),
        ("tag", {"tag": "", "retention": "3d"}, "tag: '' must be one line of 1 to 200"),
        ("tag", {"tag": "a\nb", "retention": "3d"}, "tag: 'a\\nb' must be one line"),
        ("tag", {"tag": 3, "retention": "3d"}, "tag: 3 is not text; put it in quot"),
        ("tag", {"tag": "x" * 201, "retention": "3d"}, "tag: 'xxx"),
        (
            "tag",
            {"tag": "t", "retention": "3d", "max_age": "3d"},
            "max_age: unknown key",
        ),
        (
            "tag",
            {"tag": "t", "retention": "3d", "type": "user"},
            "type: 'user' is not ta",
        ),
        ("watched", {"retention": "0d"}, "retention: '0d' is not allowed here"),
        (
            "watched",
            {"retention": "3d", "require_watched": "yes"},
            "require_watched: 'y",
        ),
        (
            "watched",
            {"retention": "3d", "enabled": 1},
            "enabled: 1 must be true or fal",
        ),
        (
            "watched",
            {"retention": "3d", "priority": -1},
            "priority: -1 must be a whole",
        ),
        (
            "watched",
            {"retention": "3d", "priority": True},
            "priority: True must be a w",
        ),
        ("watched", {"retention": "3d", "priority": 1.5}, "priority: 1.5 must be a wh"),
        ("watched", {"retention": "3d", "priority": 100_001}, "priority: 100001 must"),
        (
            "watched",
            {"retention": "3d", "libraries": []},
            "libraries: the list is empty",
        ),
        (
            "watched",
            {"retention": "3d", "libraries": "TV"},
            "libraries: 'TV' must be a",
        ),
        (
            "watched",
            {"retention": "3d", "watched_by": "alice"},
            "watched_by: 'alice' is not allowed; allowed: any, all, requester, "
            "or a list of user names",
        ),
        (
            "watched",
            {"retention": "3d", "watched_by": "all"},
            "watched_by: this needs",
        ),
        ("user", {}, "users: it is missing"),
        ("user", {"users": []}, "users: the list is empty; it needs entries"),
        (
            "user",
            {"users": {"username": "a"}},
            "users: {'username': 'a'} must be a list",
        ),
        ("user", {"users": [{"username": "a"}]}, "users[1].retention: it is missing"),
        (
            "user",
            {"users": [{"username": "a", "user_id": 3, "retention": "3d"}]},
            "users[1]: give exactly one of user_id, username, email",
        ),
        (
            "user",
            {
                "users": [
                    {"username": "a", "retention": "3d"},
                    {"username": "A", "retention": "never"},
                ]
            },
            "users[2]: the same person is already in users[1]",
        ),
        (
            "user",
            {"users": [{"user_id": 0, "retention": "3d"}]},
            "users[1].user_id: 0 must be a whole number from 1",
        ),
        (
            "user",
            {"users": [{"user_id": "42", "retention": "3d"}]},
            "users[1].user_id: '42' must be a whole number",
        ),
        (
            "user",
            {"users": [{"email": "nobody", "retention": "3d"}]},
            "users[1].email: 'nobody' is not an email address",
        ),
        ("episode", {}, "an episode rule needs max_episodes, max_age or both"),
        ("episode", {"season_numbers": [1]}, "an episode rule needs max_episodes"),
        (
            "episode",
            {"max_episodes": 0},
            "max_episodes: 0 must be a whole number from 1",
        ),
        (
            "episode",
            {"max_age": "never"},
            "max_age: 'never' is not allowed here; leave it out or enter a "
            "duration such as 30d",
        ),
        ("episode", {"max_age": "0d"}, "max_age: '0d' is not allowed here"),
        ("episode", {"max_age": "999999d"}, "max_age: '999999d' is too long"),
        (
            "episode",
            {"max_age": "3d", "season_numbers": [-1]},
            "season_numbers: -1 must",
        ),
        (
            "episode",
            {"max_age": "3d", "retention_base": "added"},
            "retention_base: unknown",
        ),
        ("episode", {"max_age": "3d", "watched_by": "all"}, "watched_by: this needs"),
        (
            "episode",
            {"max_age": "3d", "episode_delete_strategy": "newest_first"},
            "episode_delete_strategy: 'newest_first' is not allowed; allowed: oldest",
        ),
        (
            "episode",
            {"max_age": "3d", "episode_delete_strategy": "oldest_first"},
            "episode_delete_strategy: oldest_first needs max_episodes",
        ),
        (
            "episode",
            {"max_episodes": 3, "episode_delete_strategy": "by_season_age"},
            "episode_delete_strategy: by_season_age needs max_age",
        ),
    ],
)
def test_bad_rules(type_: Any, data: dict[str, object], said: str) -> None:
    """One message with the rule, the key and what is allowed."""
    message = rule_fault(type_, **data)
    if said.startswith("an "):
        assert message.startswith(f"rule 'R': {said}")
    else:
        assert message.startswith(f"rule 'R', {said}")


def test_names_are_needed() -> None:
    """A rule without one is named by its place, or not at all."""
    for name in (None, "", "  ", 7):
        with pytest.raises(RuleErrors) as caught:
            rule_from_mapping("watched", {"name": name, "retention": "3d"})
        assert caught.value.errors[0].rule is None
    with pytest.raises(RuleErrors):
        rule_from_mapping("watched", {"retention": "3d"})


def test_rules_are_stored_as_mappings() -> None:
    """With the guide's keys, and with numbers as forms give them."""
    data = {
        "name": " TV ",
        "max_episodes": 5.0,
        "max_age": "2w",
        "season_numbers": [3, 1, 1],
        "require_watched": True,
        "watched_by": ["alice"],
    }
    rule = rule_from_mapping("episode", data)
    assert rule_type(rule) == "episode"
    assert rule_to_mapping(rule) == {
        "name": "TV",
        "type": "episode",
        "enabled": True,
        "max_episodes": 5,
        "max_age": "14d",
        "require_watched": True,
        "watched_by": ["alice"],
        "season_numbers": [1, 3],
    }
    everyone = WatchedRule(
        name="W",
        retention=parse_duration("3d"),
        require_watched=True,
        watched_by=Watchers.ALL,
        libraries=("Movies",),
    )
    assert rule_from_mapping("watched", rule_to_mapping(everyone)) == everyone
    by_date = rule_from_mapping(
        "watched",
        {
            "name": "W",
            "retention": "3d",
            "watched_by": "all",
            "retention_base": "last_watched",
        },
    )
    assert by_date.watched_by is Watchers.ALL
    standard = standard_from_mapping({})
    assert standard == StandardRules()
    assert standard_to_mapping(standard) == {
        "movie_retention": "90d",
        "tv_retention": "120d",
        "retention_base": "last_watched",
        "unwatched_behavior": "never",
    }
    with pytest.raises(RuleErrors):
        standard_from_mapping({"movie_retention": "soon"})


def test_the_longest_and_the_most() -> None:
    """What lies on a bound is allowed."""
    rule = TagRule(name="n" * 200, tag="t", retention=NEVER, priority=100_000)
    assert rule_from_mapping("tag", rule_to_mapping(rule)) == rule
    free = UserRule(
        name="U",
        users=(UserEntry(user_id=1, retention=NEVER, require_watched=True),),
        watched_by=Watchers.ANY,
    )
    # An entry that asks for a watch is enough for saying whose.
    assert rule_from_mapping("user", rule_to_mapping(free)) == free
    at_once = TagRule(name="T", tag="t", retention=parse_duration("0d"))
    assert rule_from_mapping("tag", rule_to_mapping(at_once)) == at_once
    off = StandardRules(
        movie_retention=parse_duration("0d"), tv_retention=parse_duration("0d")
    )
    assert standard_from_mapping(standard_to_mapping(off)) == off


@pytest.mark.parametrize(
    "rule",
    [
        "{name: R, type: tag, tag: t, retention: 3d, approval: true}",
        "{name: R, type: user, users: [{username: a, retention: 3d}], approval: true}",
        "{name: R, type: watched, retention: 3d, approval: true}",
        "{name: R, type: episode, max_episodes: 3, approval: true}",
    ],
)
def test_a_rule_that_asks_first(rule: str) -> None:
    """It is written only where it does; what is written is read again."""
    rules = parse_rules(f"advanced_rules: [{rule}]").rules
    assert rules.ask_first
    assert rules.asks_first("R")
    assert not rules.asks_first("standard")
    text = dump_rules(rules)
    assert "approval: true" in text
    assert parse_rules(text).rules == rules
    plain = parse_rules(f"advanced_rules: [{rule.replace('true', 'false')}]").rules
    assert not plain.ask_first
    assert "approval" not in dump_rules(plain)
    assert "must be true or false" in fault(
        f"advanced_rules: [{rule.replace('true', 'perhaps')}]"
    )


def test_long_names_stay_on_their_line() -> None:
    """In letters that can be read."""
    name = "Für Größe und Güte " * 10
    text = dump_rules(
        RetentionRules(
            advanced=(WatchedRule(name=name.strip(), retention=parse_duration("3d")),)
        )
    )
    assert f"\n- name: {name.strip()}\n  type: watched\n" in text


def test_what_is_written_reads_well() -> None:
    """An export that people can edit."""
    rules = parse_rules(fixture("guide-advanced")).rules
    assert (
        dump_rules(rules)
        == """\
rules:
  movie_retention: 90d
  tv_retention: 120d
  retention_base: last_watched
  unwatched_behavior: never
advanced_rules:
- name: Quick Cleanup - Watched Only
  type: tag
  enabled: true
  tag: quick-watch
  retention: 3d
  require_watched: true
- name: User-Based Watched Rule
  type: user
  enabled: true
  users:
  - username: alice
    retention: 7d
    require_watched: true
"""
    )


def test_errors() -> None:
    """They know their places, and keep those that they know already."""
    error = RuleError(Fault.MISSING, key="a")
    placed = error.at(rule="R", key="b", line=3)
    assert (placed.rule, placed.key, placed.line) == ("R", "a", 3)
    assert placed.at(rule="S", line=4).rule == "R"
    assert str(RuleError(Fault.MISSING)) == "it is missing"
    assert str(RuleErrors([placed, error])) == (
        "a: it is missing\nline 3, rule 'R', a: it is missing"
    )


def test_faults_in_order() -> None:
    """By their lines; what has none comes first. They are all that the error holds."""
    errors = [
        RuleError(Fault.NO_LIST, line=2),
        RuleError(Fault.NESTED, line=1),
        RuleError(Fault.MISSING),
    ]
    several = RuleErrors(errors)
    assert [error.line for error in several.errors] == [None, 1, 2]
    assert several.args == (several.errors,)


@pytest.mark.parametrize(("length", "whole"), [(60, True), (61, False)])
def test_keys_and_values_are_cut_short(length: int, whole: bool) -> None:
    """A line is for people."""
    key = "k" * length
    assert str(RuleError(Fault.MISSING, key=key)) == (
        f"{key}: it is missing" if whole else f"'{key[:59]}…: it is missing"
    )
    # With its quotation marks.
    name = "n" * (length - 2)
    said = f"'{name}'" if whole else f"'{name}…"
    assert str(RuleError(Fault.MISSING, rule=name)) == f"rule {said}: it is missing"


@pytest.mark.parametrize(
    ("standard", "rule", "codes"),
    [
        ("movie_retention: 7d", "retention: 1d", set()),
        ("retention_base: last_watched", "retention: never", set()),
        ("retention_base: last_watched", "retention: 1d, enabled: false", set()),
        ("retention_base: last_watched", "retention: 1d, require_watched: true", set()),
        ("retention_base: last_watched", "retention: 1d", {"base_is_default_only"}),
        ("retention_base: last_watched_or_added", "retention: 1d", set()),
        ("retention_base: added", "retention: 1d, retention_base: added", set()),
        (
            "retention_base: added",
            "retention: 1d, require_watched: true",
            {"base_is_default_only"},
        ),
        ("unwatched_behavior: added", "retention: 1d", set()),
        (
            "unwatched_behavior: never",
            "retention: 1d",
            {"unwatched_is_default_only"},
        ),
        (
            "unwatched_behavior: never",
            "retention: 1d, unwatched_behavior: never",
            set(),
        ),
        (
            "unwatched_behavior: never",
            "retention: 1d, retention_base: added",
            set(),
        ),
        ("unwatched_behavior: never", "retention: 1d, require_watched: true", set()),
    ],
)
def test_what_oxicleanarr_applies_to_every_rule(
    standard: str, rule: str, codes: set[str]
) -> None:
    """It is noted if a rule would decide otherwise by it, and else not."""
    text = (
        f"rules: {{{standard}}}\nadvanced_rules: [{{name: A, type: watched, {rule}}}]"
    )
    assert {one.code for one in parse_rules(text).notes} == codes


def test_what_a_base_does_not_reach_is_named() -> None:
    """Each rule that would count from it, and the base."""
    text = """
rules: {retention_base: added, unwatched_behavior: never}
advanced_rules:
  - {name: A, type: watched, retention: 1d}
  - {name: B, type: tag, tag: b, retention: 1d, retention_base: last_watched}
  - {name: C, type: tag, tag: c, retention: 1d, require_watched: true}
  - {name: D, type: episode, max_episodes: 1}
"""
    (note,) = parse_rules(text).notes
    assert note.code == "base_is_default_only"
    assert note.data == {"base": "added", "rules": ("A", "C")}
    first, second = parse_rules(text.replace("base: added", "base: last_watched")).notes
    assert first.data == {"base": "last_watched", "rules": ("A",)}
    assert second.code == "unwatched_is_default_only"
    assert second.data == {"rules": ("A",)}


def test_a_user_rule_is_noted_for_any_of_its_users() -> None:
    """One of them would lose unwatched titles."""
    text = """
rules: {unwatched_behavior: never}
advanced_rules:
  - name: People
    type: user
    require_watched: true
    users:
      - {username: alice, retention: 1d}
      - {username: bob, retention: 1d, require_watched: %s}
"""
    assert parse_rules(text % "true").notes == ()
    (note,) = parse_rules(text % "false").notes
    assert note.data == {"rules": ("People",)}
