"""The interface's Chinese: one catalogue per room, kept without system gettext.

A message's home is the room whose file uses it: `projects/needs/**` and `templates/needs/**` belong
to `projects/needs/locale`; templates that no room has for its own belong to the foundation. At run
time Django merges all catalogues, so a message translated in one room is translated in all of them.

Catalogues are written one line a field, sorted by msgid and without line numbers, so that two
people adding different messages hardly ever meet in a merge.
"""

import logging
import re
import tempfile
from collections.abc import Iterator, Sequence
from io import BytesIO, StringIO
from pathlib import Path
from typing import NamedTuple

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po
from django.conf import settings
from django.utils.translation.template import templatize

logger = logging.getLogger(__name__)

LOCALE = "zh_Hans"
DEFAULT_ROOM = "banyang/foundation"
# A translation without a Chinese character is a mistake, unless this comment stands above it.
AS_IS = "as is"

_PLAIN = ("_", "gettext", "gettext_lazy", "gettext_noop")
_KEYWORDS: dict[str, tuple | None] = (
    dict.fromkeys(_PLAIN)
    | dict.fromkeys(("ngettext", "ngettext_lazy"), (1, 2))
    | dict.fromkeys(("pgettext", "pgettext_lazy"), ((1, "c"), 2))
    | dict.fromkeys(("npgettext", "npgettext_lazy"), ((1, "c"), 2, 3))
)
_PLACEHOLDER = re.compile(r"%\(\w+\)[a-zA-Z]|%[sd]|\{\w*\}")
_CHINESE = re.compile(r"[\u3400-\u9fff]")
# A blank beside a Chinese character or sign: as in dates (2026年11月22日) and in what people type
# (3号楼), Chinese stands close to letters and digits, and the style sheet sets the gap.
_HAN = r"[\u3000-\u303f\u3400-\u9fff\uff00-\uff5e“”‘’…—]"
_BLANK = re.compile(rf"(?<={_HAN}) +(?=[\w%{{.]|{_HAN})|(?<=[\w%}}]) +(?={_HAN})")
_LETTER = re.compile(r"[a-zA-Z]")
_CONFLICT = re.compile(
    r"^<{7} .*\n(?P<ours>(?:.*\n)*?)(?:\|{7} .*\n(?:.*\n)*?)?={7}\n(?P<theirs>(?:.*\n)*?)>{7} .*\n",
    re.MULTILINE,
)
_HEADER = (
    'msgid ""\n'
    'msgstr ""\n'
    f'"Language: {LOCALE}\\n"\n'
    '"MIME-Version: 1.0\\n"\n'
    '"Content-Type: text/plain; charset=UTF-8\\n"\n'
    '"Content-Transfer-Encoding: 8bit\\n"\n'
    '"Plural-Forms: nplurals=1; plural=0;\\n"\n'
)


class Key(NamedTuple):
    """What makes two messages the same one for gettext."""

    msgid: str
    context: str

    def __str__(self) -> str:
        return f"{self.msgid!r} ({self.context})" if self.context else repr(self.msgid)


class Use(NamedTuple):
    """A place in the source that shows a message."""

    key: Key
    plural: str
    location: str
    room: str


class Entry(NamedTuple):
    """What a catalogue says about a message; `translation` is empty when it is missing."""

    key: Key
    plural: str
    translation: str
    fuzzy: bool
    comments: tuple[str, ...]


def rooms() -> list[str]:
    """Return the folders of the project's own applications, the foundation first, as installed."""
    folders = [app.replace(".", "/") for app in settings.INSTALLED_APPS]
    ours = [name for name in folders if (settings.BASE_DIR / name / "__init__.py").exists()]
    return list(dict.fromkeys([DEFAULT_ROOM, *ours]))


def catalogue_path(room: str) -> Path:
    """Return the path of a room's catalogue, whether it exists or not."""
    return settings.BASE_DIR / room / "locale" / LOCALE / "LC_MESSAGES" / "django.po"


# Extracting


def find_uses() -> list[Use]:
    """Extract every message that our code and templates show, in a stable order."""
    uses = [use for room in rooms() for use in _uses_in_code(room)]
    templates = settings.BASE_DIR / "templates"
    by_folder = {Path(room).name: room for room in rooms()}
    for path in sorted(p for p in templates.rglob("*") if p.suffix in {".html", ".txt", ".xml"}):
        room = by_folder.get(path.relative_to(templates).parts[0], DEFAULT_ROOM)
        # Within brackets Python, as which it is read, lets lines be indented anyhow.
        source = f"({templatize(path.read_text(encoding='utf-8'), origin=str(path))}\n)"
        uses += _extract(source, path, room)
    return uses


def _uses_in_code(room: str) -> Iterator[Use]:
    within = [settings.BASE_DIR / other for other in rooms() if other.startswith(f"{room}/")]
    for path in sorted((settings.BASE_DIR / room).rglob("*.py")):
        is_anothers = any(path.is_relative_to(other) for other in within)
        if "migrations" not in path.parts and not is_anothers:
            yield from _extract(path.read_text(encoding="utf-8"), path, room)


def _extract(source: str, path: Path, room: str) -> Iterator[Use]:
    location = path.relative_to(settings.BASE_DIR).as_posix()
    found = extract("python", BytesIO(source.encode()), keywords=_KEYWORDS)
    for line, messages, _comments, context in found:
        msgid, plural = messages if isinstance(messages, tuple) else (messages, "")
        if msgid:
            yield Use(Key(msgid, context or ""), plural, f"{location}:{line}", room)


# Reading and writing catalogues


def read_catalogue(path: Path) -> list[Entry]:
    """Read a catalogue's entries; a missing file is an empty one.

    Raises ValueError, naming the file, for one that cannot be parsed or holds a merge conflict.
    """
    sides = _read_sides(path)
    if len(sides) > 1:
        raise ValueError(f"{path}: merge conflict; `manage.py translations --update` joins it")
    return list(sides[0].values())


def _read_joined(path: Path) -> dict[Key, Entry]:
    """Read a catalogue, joining both sides of a merge conflict entry by entry.

    Where they translate a message differently the first one stands, marked fuzzy.
    """
    joined, *others = _read_sides(path)
    for key, theirs in (item for other in others for item in other.items()):
        ours = joined.get(key, theirs)
        if ours.translation and theirs.translation not in {"", ours.translation}:
            note = f"or: {theirs.translation}"
            ours = ours._replace(fuzzy=True, comments=(*ours.comments, note))
        joined[key] = ours if ours.translation else theirs
    return joined


def _read_sides(path: Path) -> list[dict[Key, Entry]]:
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    texts = [text]
    if _CONFLICT.search(text):
        # Git marks whole conflicting stretches, so leaving one side out gives the other one whole.
        texts = [_CONFLICT.sub(rf"\g<{side}>", text) for side in ("ours", "theirs")]
    return [_parse(text, path) for text in texts]


def _parse(text: str, path: Path) -> dict[Key, Entry]:
    try:
        catalog = read_po(StringIO(text), locale=LOCALE, abort_invalid=True)
    except PoFileError as error:
        raise ValueError(f"{path}: {error}") from error
    return {entry.key: entry for entry in map(_entry, catalog) if entry.key.msgid}


def _entry(message: Message) -> Entry:
    msgid, *plurals = _strings(message.id)
    translation, *_more = _strings(message.string)
    key = Key(msgid, message.context or "")
    return Entry(key, "".join(plurals), translation, message.fuzzy, tuple(message.user_comments))


def _strings(value: str | Sequence[str] | None) -> Sequence[str]:
    """One string or several, as Babel has it, as several."""
    return [value] if isinstance(value, str) else value or [""]


def write_catalogue(path: Path, entries: list[Entry]) -> None:
    """Write entries to a catalogue, sorted, in the layout that merges quietly."""
    blocks = [_HEADER, *(_block(entry) for entry in sorted(entries, key=lambda e: e.key))]
    content = "\n".join(blocks).encode()
    if not path.exists() or path.read_bytes() != content:
        path.parent.mkdir(parents=True, exist_ok=True)
        _replace(path, content)


def _block(entry: Entry) -> str:
    lines = [f"# {comment}" for comment in entry.comments]
    if entry.fuzzy:
        lines.append("#, fuzzy")
    if entry.key.context:
        lines.append(f"msgctxt {_quote(entry.key.context)}")
    lines.append(f"msgid {_quote(entry.key.msgid)}")
    if entry.plural:
        lines.append(f"msgid_plural {_quote(entry.plural)}")
    lines.append(f"msgstr{'[0]' if entry.plural else ''} {_quote(entry.translation)}")
    return "\n".join(lines) + "\n"


def _quote(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t")
    return '"' + escaped.replace("\r", "\\r").replace("\n", "\\n") + '"'


def _replace(path: Path, content: bytes) -> None:
    """Replace a file in one step, since several processes may compile at the same moment."""
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        file.write(content)
    written = Path(file.name)
    written.chmod(0o644)
    written.replace(path)


# What the command does


def compile_catalogues() -> list[Path]:
    """Compile every catalogue newer than its compiled form; return those that were compiled."""
    compiled = []
    for path in filter(Path.exists, map(catalogue_path, rooms())):
        target = path.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime_ns > path.stat().st_mtime_ns:
            continue
        _replace(target, _compiled(read_catalogue(path)))
        compiled.append(path)
    return compiled


def compile_at_start() -> None:
    """Compile what is out of date; where that can't be, say so and go on with what there is.

    Where the files can't be written, such as in a container, they were compiled with the image.
    """
    try:
        compile_catalogues()
    except (OSError, ValueError) as error:
        logger.warning("The translations are not up to date: %s", error)


def _compiled(entries: list[Entry]) -> bytes:
    catalog = Catalog(locale=LOCALE, fuzzy=False)
    for key, plural, translation, fuzzy, _comments in entries:
        if translation and not fuzzy:
            msgid = (key.msgid, plural) if plural else key.msgid
            forms = (translation,) if plural else translation
            catalog.add(msgid, forms, context=key.context or None)
    content = BytesIO()
    write_mo(content, catalog)
    return content.getvalue()


def update_catalogues() -> tuple[list[Key], list[Key]]:
    """Give every message an entry and drop those no longer shown; return the added and dropped.

    A message that some room already has is left there. A new one goes to the first room that
    shows it. Existing translations, comments and flags are kept.
    """
    uses = _by_key(find_uses())
    catalogues = {room: _read_joined(catalogue_path(room)) for room in rooms()}
    known = {key for entries in catalogues.values() for key in entries}
    for key in uses.keys() - known:
        first = uses[key]
        catalogues[first.room][key] = Entry(key, first.plural, "", False, ())
    for room, entries in catalogues.items():
        kept = [
            entry._replace(plural=uses[key].plural) for key, entry in entries.items() if key in uses
        ]
        if kept or catalogue_path(room).exists():
            write_catalogue(catalogue_path(room), kept)
    return sorted(uses.keys() - known), sorted(known - uses.keys())


def _by_key(uses: list[Use]) -> dict[Key, Use]:
    """Index uses by message: the first place wins, a plural from any place is kept."""
    index: dict[Key, Use] = {}
    for use in uses:
        known = index.setdefault(use.key, use)
        if use.plural and not known.plural:
            index[use.key] = known._replace(plural=use.plural)
    return index


def find_problems() -> list[str]:
    """Return one line for everything wrong with the catalogues; an empty list when all is well."""
    uses = _by_key(find_uses())
    problems: list[str] = []
    translated: dict[Key, tuple[str, str]] = {}
    for room in rooms():
        for entry in read_catalogue(catalogue_path(room)):
            problems += [f"{room}: {problem}" for problem in _entry_problems(entry, uses)]
            if not entry.translation:
                continue
            other = translated.setdefault(entry.key, (room, entry.translation))
            if other[1] != entry.translation:
                problems.append(
                    f"{room}: {entry.key}: «{entry.translation}» here, «{other[1]}» in {other[0]}"
                )
    problems += [
        f"{use.room}: {key}: no translation ({use.location})"
        for key, use in uses.items()
        if key not in translated
    ]
    return sorted(problems)


def _entry_problems(entry: Entry, uses: dict[Key, Use]) -> Iterator[str]:
    if entry.key not in uses:
        yield f"{entry.key}: no longer shown anywhere"
    if entry.fuzzy:
        yield f"{entry.key}: marked fuzzy"
    if not entry.translation:
        return
    expected = set(_PLACEHOLDER.findall(entry.plural or entry.key.msgid))
    if set(_PLACEHOLDER.findall(entry.translation)) != expected:
        wanted = ", ".join(sorted(expected)) or "none"
        yield f"{entry.key}: placeholders differ in «{entry.translation}» (expected: {wanted})"
    bare = _PLACEHOLDER.sub("", entry.translation)
    if AS_IS not in entry.comments and not _CHINESE.search(bare) and _LETTER.search(bare):
        yield f"{entry.key}: «{entry.translation}» is not Chinese (if it should be so: # {AS_IS})"
    if _BLANK.search(entry.translation):
        yield f"{entry.key}: a blank beside Chinese in «{entry.translation}»"
