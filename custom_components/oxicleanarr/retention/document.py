"""Rules as a text of YAML: the guide's blocks, or OxiCleanarr's whole configuration.

The files of other programs are told apart here, and read in ``janitorr`` and
``maintainerr``.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
import re
from typing import Any

import yaml

from ..model import Reason
from .errors import Fault, RuleError, RuleErrors, shown
from .foreign import Foreign
from .janitorr import from_janitorr, is_janitorr
from .maintainerr import from_maintainerr, is_maintainerr
from .mapping import (
    rule_from_mapping,
    rule_to_mapping,
    standard_from_mapping,
    standard_to_mapping,
)
from .reasons import ImportNote
from .rules import (
    RULE_TYPES,
    EpisodeRule,
    RetentionBase,
    RetentionRules,
    Rule,
    StandardRules,
    UnwatchedBehavior,
    UserRule,
)

MAX_CHARACTERS = 128 * 1024
MAX_DEPTH = 16

IGNORED_SECTIONS = ("admin", "app", "integrations", "server", "sync")
"""The other parts of OxiCleanarr's configuration."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedRules:
    """What a text says."""

    rules: RetentionRules
    ignored: tuple[Reason, ...] = ()
    """What in the text has no effect here. It tells no values."""
    notes: tuple[Reason, ...] = ()
    """What in the text means something else in OxiCleanarr."""
    has_standard: bool = False
    """Whether the text has a part ``rules``; if not, the usual ones are given."""
    has_advanced: bool = False
    """Whether the text has a part ``advanced_rules``, if only an empty one."""


def parse_rules(text: str) -> ImportedRules:
    """Return the rules in a text, or raise everything that is wrong with it.

    It takes ``rules`` and ``advanced_rules``, and of a whole configuration only these.
    Of the files of other programs it takes what means the same here.
    """
    faults: list[RuleError] = []
    root = _compose(text, faults)
    if not isinstance(root.value, dict):
        raise RuleErrors([RuleError(Fault.NO_RULES, line=root.line)])
    if not root.value:
        raise RuleErrors([RuleError(Fault.NO_RULES)])
    for is_theirs, rules_of in _OTHERS:
        if is_theirs(plain := root.plain()):
            if faults:
                raise RuleErrors(faults)
            return _foreign(rules_of(plain), root.value)
    if root.value.keys().isdisjoint({"rules", "advanced_rules", *IGNORED_SECTIONS}):
        raise RuleErrors([RuleError(Fault.NO_RULES, line=root.line)])
    ignored: list[Reason] = []
    standard = StandardRules()
    advanced: tuple[Rule, ...] = ()
    for key, node in root.value.items():
        try:
            if key == "rules":
                standard = _standard(node, ignored)
            elif key == "advanced_rules":
                advanced = _advanced(node)
            elif key in IGNORED_SECTIONS:
                ignored.append(_ignored(key, node))
            else:
                ignorable = {"ignored": ", ".join(IGNORED_SECTIONS)}
                faults.append(
                    RuleError(Fault.UNKNOWN_SECTION, ignorable, key=key, line=node.line)
                )
        except RuleErrors as several:
            faults += several.errors
    if faults:
        raise RuleErrors(faults)
    return ImportedRules(
        rules=RetentionRules(standard=standard, advanced=advanced),
        ignored=tuple(ignored),
        notes=tuple(_notes(root.value.get("rules"), standard, advanced)),
        has_standard="rules" in root.value,
        has_advanced="advanced_rules" in root.value,
    )


def dump_rules(rules: RetentionRules) -> str:
    """Return rules as a text from which `parse_rules` reads the same rules."""
    document = {
        "rules": standard_to_mapping(rules.standard),
        "advanced_rules": [rule_to_mapping(rule) for rule in rules.advanced],
    }
    return yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=1000)


_OTHERS = ((is_janitorr, from_janitorr), (is_maintainerr, from_maintainerr))


def _foreign(found: Foreign, sections: dict[str, _Node]) -> ImportedRules:
    """Return what is taken over from the file of another program."""
    return ImportedRules(
        rules=RetentionRules(advanced=tuple(found.rules)),
        ignored=tuple(_ignored(key, sections[key]) for key in found.unread),
        notes=found.all_notes(),
        has_advanced=bool(found.rules),
    )


def _standard(node: _Node, ignored: list[Reason]) -> StandardRules:
    """Return the standard rules that a part of the text describes."""
    if node.value is None:
        return StandardRules()
    if not isinstance(node.value, dict):
        raise RuleErrors([RuleError(Fault.NO_MAPPING, key="rules", line=node.line)])
    try:
        rules = standard_from_mapping(node.plain())
    except RuleErrors as several:
        raise RuleErrors(_placed(several, node)) from None
    by_watch = rules.retention_base is RetentionBase.LAST_WATCHED
    stays = rules.unwatched_behavior is UnwatchedBehavior.NEVER
    if stays and "unwatched_behavior" in node.value and not by_watch:
        ignored.append(
            Reason(
                ImportNote.UNWATCHED_BEHAVIOR_UNUSED,
                {"base": rules.retention_base.value},
            )
        )
    if rules.unwatched_retention is not None and not (
        by_watch and rules.unwatched_behavior is UnwatchedBehavior.ADDED
    ):
        ignored.append(Reason(ImportNote.UNWATCHED_RETENTION_UNUSED))
    return rules


def _notes(
    node: _Node | None, standard: StandardRules, advanced: Iterable[Rule]
) -> Iterator[Reason]:
    """Yield what the text says for the default retention and OxiCleanarr for all rules.

    Only what it says itself, and only if a rule would decide otherwise by it.
    """
    said = node.value if node is not None and isinstance(node.value, dict) else {}
    base = standard.retention_base
    bases = {rule.name: _usual_bases(rule) for rule in advanced if rule.enabled}
    if "retention_base" in said:
        names = tuple(name for name, usual in bases.items() if usual - {base})
        if names:
            yield Reason(
                ImportNote.BASE_IS_DEFAULT_ONLY, {"base": base.value, "rules": names}
            )
    stays = standard.unwatched_behavior is UnwatchedBehavior.NEVER
    if "unwatched_behavior" in said and stays and base is RetentionBase.LAST_WATCHED:
        names = tuple(
            rule.name
            for rule in advanced
            if not isinstance(rule, EpisodeRule)
            and rule.unwatched_behavior is None
            and RetentionBase.LAST_WATCHED_OR_ADDED in bases.get(rule.name, ())
        )
        if names:
            yield Reason(ImportNote.UNWATCHED_IS_DEFAULT_ONLY, {"rules": names})


def _usual_bases(rule: Rule) -> set[RetentionBase]:
    """Return what a rule counts from because it doesn't say so itself, for anybody."""
    if isinstance(rule, EpisodeRule) or rule.retention_base is not None:
        return set()
    terms = (
        [(rule.retention, None)]
        if not isinstance(rule, UserRule)
        else [(one.retention, one.require_watched) for one in rule.users]
    )
    return {
        RetentionBase.LAST_WATCHED
        if (rule.require_watched if watched is None else watched)
        else RetentionBase.LAST_WATCHED_OR_ADDED
        for retention, watched in terms
        if not retention.is_never
    }


def _advanced(node: _Node) -> tuple[Rule, ...]:
    """Return the rules that a part of the text describes."""
    if node.value is None:
        return ()
    if not isinstance(node.value, list):
        raise RuleErrors(
            [RuleError(Fault.NO_LIST_OF_RULES, key="advanced_rules", line=node.line)]
        )
    faults: list[RuleError] = []
    rules: list[Rule] = []
    lines: dict[str, int] = {}
    for number, entry in enumerate(node.value, 1):
        place = f"advanced_rules[{number}]"
        if not isinstance(entry.value, dict):
            faults.append(RuleError(Fault.NO_MAPPING, rule=place, line=entry.line))
            continue
        data = entry.plain()
        name = data.get("name")
        if isinstance(name, str) and name.strip():
            place = name.strip()
            if (first := lines.get(place.casefold())) is not None:
                faults.append(
                    RuleError(
                        Fault.SAME_NAME,
                        {"first": str(first)},
                        rule=place,
                        key="name",
                        line=entry.value["name"].line,
                    )
                )
            lines.setdefault(place.casefold(), entry.line)
        if "type" not in data:
            faults.append(
                RuleError(
                    Fault.MISSING_OF,
                    {"allowed": ", ".join(RULE_TYPES)},
                    rule=place,
                    key="type",
                    line=entry.line,
                )
            )
            continue
        try:
            rules.append(rule_from_mapping(data["type"], data))
        except RuleErrors as several:
            faults += (fault.at(rule=place) for fault in _placed(several, entry))
    if faults:
        raise RuleErrors(faults)
    return tuple(rules)


def _ignored(section: str, node: _Node) -> Reason:
    """Return that a part of the text is passed over, by name only: it has secrets."""
    if section == "integrations" and isinstance(node.value, dict):
        section += f" ({', '.join(key[:40] for key in list(node.value)[:10])})"
    return Reason(ImportNote.SECTION_UNUSED, {"section": section})


def _placed(several: RuleErrors, node: _Node) -> Iterator[RuleError]:
    """Return faults with their lines."""
    for fault in several.errors:
        yield fault.at(line=node.line_of(fault.key))


@dataclass(slots=True)
class _Node:
    """A value of the text and where it stands."""

    value: Any
    """A text, a number …, a list of nodes, or a mapping of texts to nodes."""
    line: int

    def plain(self) -> Any:
        """Return the value without the lines."""
        match self.value:
            case dict() as mapping:
                return {key: node.plain() for key, node in mapping.items()}
            case list() as nodes:
                return [node.plain() for node in nodes]
        return self.value

    def line_of(self, key: str | None) -> int:
        """Return the line of what a key such as ``users[2].retention`` leads to."""
        node = self
        for step in _STEP.findall(key or ""):
            match node.value:
                case dict() as mapping if step in mapping:
                    node = mapping[step]
                case list() as nodes if step.isdigit() and int(step) <= len(nodes):
                    node = nodes[int(step) - 1]
        return node.line


_STEP = re.compile(r"[^.\[\]]+")


@dataclass(slots=True)
class _Open:
    """A list or mapping whose end has not been read yet."""

    node: _Node
    key: tuple[str, int] | None = None
    lines: dict[str, int] = field(default_factory=dict)


# libyaml's parser where it is there, as in Home Assistant.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_STRANGE = yaml.reader.Reader.NON_PRINTABLE
_LINE_END = re.compile(r"\r\n|[\r\n\x85\u2028\u2029]")
_WHOLE_NUMBER = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})")


def _compose(text: str, faults: list[RuleError]) -> _Node:
    """Return the nodes of a text; keys that are there twice go to ``faults``.

    The events are read one by one and not by PyYAML's own composer: that one would
    follow aliases and nest as deep as the text asks for, and would take the last of
    several equal keys.
    """
    if len(text) > MAX_CHARACTERS:
        raise _broken(
            Fault.TOO_MANY_CHARACTERS,
            characters=str(len(text)),
            most=str(MAX_CHARACTERS),
        )
    if (strange := _STRANGE.search(text)) is not None:
        line = len(_LINE_END.findall(text, 0, strange.start())) + 1
        raise _broken(Fault.BAD_CHARACTER, line, value=shown(strange[0]))
    loader = _Loader(text)
    try:
        return _read_events(loader, faults)
    except yaml.YAMLError as error:
        raise RuleErrors([*faults, _syntax_error(error, text)]) from None
    finally:
        loader.dispose()


def _read_events(loader: Any, faults: list[RuleError]) -> _Node:
    """Return the one document of a text."""
    root: _Node | None = None
    opened: list[_Open] = []
    while loader.check_event():
        event = loader.get_event()
        line = event.start_mark.line + 1
        match event:
            case yaml.DocumentStartEvent() if root is not None:
                raise _broken(Fault.SEVERAL_DOCUMENTS, line)
            case yaml.AliasEvent():
                raise _broken(Fault.REFERENCE, line)
            case yaml.CollectionEndEvent():
                opened.pop()
                continue
            case yaml.ScalarEvent() | yaml.CollectionStartEvent():
                pass
            case _:
                continue
        if event.tag is not None:
            # Perhaps it is a password that begins with this sign, so it isn't shown.
            raise _broken(Fault.TAG, line)
        node = _Node(None, line)
        match event:
            case yaml.MappingStartEvent():
                node.value = {}
            case yaml.SequenceStartEvent():
                node.value = []
            case yaml.ScalarEvent():
                tag = loader.resolve(yaml.ScalarNode, event.value, event.implicit)
                node.value = _scalar(tag.rpartition(":")[2], event.value)
        if opened:
            _hang(node, event, opened[-1], faults)
        else:
            root = node
        if isinstance(event, yaml.CollectionStartEvent):
            if len(opened) == MAX_DEPTH:
                raise _broken(Fault.NESTED, line)
            opened.append(_Open(node))
    if root is None:
        raise _broken(Fault.NO_RULES)
    return root


def _hang(node: _Node, event: Any, parent: _Open, faults: list[RuleError]) -> None:
    """Put a node where it belongs, if it is not the key for the next one."""
    holder = parent.node.value
    if isinstance(holder, list):
        holder.append(node)
        return
    if parent.key is None:
        if not isinstance(event, yaml.ScalarEvent):
            raise _broken(Fault.STRANGE_KEY, node.line)
        parent.key = (event.value, node.line)
        return
    key, line = parent.key
    parent.key = None
    first = parent.lines.setdefault(key, line)
    if key in holder:
        faults.append(
            RuleError(Fault.SAME_KEY, {"first": str(first)}, key=key, line=line)
        )
    else:
        # A fault is shown where the key stands, also if the value is below it.
        node.line = line
        holder[key] = node


def _scalar(tag: str, text: str) -> object:
    """Return the value of a text that YAML takes for a value of a kind."""
    match tag:
        case "bool":
            return text.lower() in ("yes", "true", "on")
        case "null":
            return None
        case "int" if _WHOLE_NUMBER.fullmatch(text):
            return int(text)
        case "float":
            try:
                return float(text)
            except ValueError:
                return text
    # Dates, numbers in base 60 and the like mean nothing in a rule.
    return text


def _syntax_error(error: yaml.YAMLError, text: str) -> RuleError:
    """Return what YAML does not like about a text, with a line and without values."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    problem = getattr(error, "problem", None)
    fault = RuleError(Fault.NO_YAML)
    if problem:
        fault = RuleError(Fault.BAD_YAML, {"problem": problem})
    if mark is None:
        return fault
    lines = _LINE_END.split(text)
    line = lines[mark.line] if mark.line < len(lines) else ""
    if "\t" in line[: len(line) - len(line.lstrip())]:
        fault = RuleError(Fault.TABS)
    return fault.at(line=mark.line + 1)


def _broken(code: Fault, line: int | None = None, **data: str) -> RuleErrors:
    """Return the one fault that ends the reading of a text."""
    return RuleErrors([RuleError(code, data, line=line)])
