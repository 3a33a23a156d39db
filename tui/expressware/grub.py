"""Which kernel GRUB boots next: its menu, the entry that it is told to take, and what that entry loads.

An entry is named by its place in the menu, its title or its id; inside a submenu by both with `>` between.
The name stands in grub.cfg itself, or there as `${saved_entry}`, which grubenv holds; `next_entry` in grubenv
is for a single boot and comes first. A Boot Loader Specification menu (`blscfg`) has one file an entry.
"""

import itertools
import re
import shlex
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from tui.expressware.tagged import Answer

IMAGE = re.compile(r"(?:vmlinu[xz]|Image)-([^\s\"']{1,200})")
_DEFAULT = re.compile(r"""set default=(?:"([^"]*)"|'([^']*)'|([^\s"';]*))""")
_VARIABLE = re.compile(r"\$\{?(saved_entry)\}?")
_ID_OPTIONS = ("$menuentry_id_option", "--id")
LINES = 3000
"""Lines of a menu that are read; of a longer one nothing is believed."""


@dataclass(frozen=True, slots=True)
class Next:
    """The kernel of the next boot (None: not known), how that was told, and whether for one boot only."""

    kernel: str | None
    how: str
    once: bool = False
    silent: bool = False
    """Nothing was found that could tell: another boot loader, or none."""


@dataclass
class _Entry:
    """A line of the menu; a submenu has entries of its own and no kernel."""

    title: str
    id: str = ""
    kernel: str | None = None
    inside: "list[_Entry] | None" = None


@dataclass
class _Menu:
    """What grub.cfg says: the entries in order, and every value that it gives to `default`."""

    entries: list[_Entry] = field(default_factory=list)
    defaults: list[str] = field(default_factory=list)
    readable: bool = True


def grub_shell() -> str:
    """Shell lines that bring the menu, its entries' files and the saved names."""
    return rf"""
lines='set default|linux(16|efi)?[[:space:]]|(menuentry|submenu|function)[[:space:]]|blscfg'
for directory in "$R"/boot/grub2 "$R"/boot/grub; do
  [ -r "$directory"/grub.cfg ] || continue
  say grub.config "${{directory#"$R"}}/grub.cfg"
  for config in "$directory"/grub.cfg "$directory"/custom.cfg; do
    [ -r "$config" ] && grep -E "^[[:space:]]*($lines|[}}])" "$config"
  done | head -n {LINES} | say_lines grub
  [ -r "$directory"/grubenv ] && say grub.saved yes
  grep -E '^(saved_entry|prev_saved_entry|next_entry)=' "$directory"/grubenv | head -n 4 | say_lines grub.env
  break
done
for entry in "$R"/boot/loader/entries/*.conf; do
  [ -r "$entry" ] || continue
  name=${{entry##*/}}
  say bls.entry "${{name%.conf}}"
  grep -E '^(title|linux)[[:space:]]' "$entry" | head -n 4 | say_lines bls
done
"""


def next_boot(answer: Answer, named: str | None) -> Next:
    """What an answer says. ``named`` is the kernel that the node's own tool (`grubby`) calls the default."""
    environment = dict(line.partition("=")[::2] for line in answer.all("grub.env"))
    menu = _menu(answer)
    once = environment.get("next_entry", "").strip()
    if once and (not menu.defaults or any("next_entry" in value for value in menu.defaults)):
        found = _resolved(menu, once)
        return Next(found.kernel, f"next_entry in grubenv is {once!r}{_lacking(found)}", once=True)
    if named is not None:
        return Next(named, "grubby names it")
    if answer.one("grub.config") is None:
        return Next(None, "no grub.cfg could be read", silent=True)
    rules = [value for value in menu.defaults if "next_entry" not in value]
    if len(set(rules)) > 1 or not menu.readable:
        return Next(None, "grub.cfg is not as grub-mkconfig writes it")
    rule = (rules or ["0"])[0].strip()
    key, how = rule, f"grub.cfg names entry {rule!r}"
    if variable := _VARIABLE.fullmatch(rule):
        if answer.one("grub.saved") is None:
            return Next(None, "grub.cfg takes the saved entry, and grubenv could not be read")
        key = (environment.get("prev_saved_entry") or environment.get(variable[1], "")).strip()
        how = f"saved_entry in grubenv is {key!r}" if key else "no entry is saved in grubenv: the first one"
    found = _resolved(menu, key or "0")
    return Next(found.kernel, f"{how}{_lacking(found)}")


def _lacking(found: _Entry) -> str:
    """The end of a sentence about an entry without a kernel."""
    if found.kernel is not None:
        return ""
    return f", which boots no kernel by name ({found.title})" if found.title else ", which is not in its menu"


def _menu(answer: Answer) -> _Menu:
    menu = _Menu()
    stack: list[_Entry | None] = []
    entries = _bls_entries(answer)
    lines = tuple(answer.all("grub"))
    for line in lines:
        inner = next((each for each in reversed(stack) if each is not None), None)
        level = menu.entries if inner is None else inner.inside
        if found := _DEFAULT.fullmatch(line):
            menu.defaults.append(found[1] or found[2] or found[3] or "")
        elif line.startswith("set default"):
            menu.readable = False
        elif line.startswith("}"):
            if stack:
                stack.pop()
        elif line.startswith("blscfg"):
            (menu.entries if level is None else level).extend(entries)
        elif line.startswith("function"):
            stack.append(None)
        elif line.startswith(("menuentry", "submenu")):
            made = _entry(line)
            if made is None or level is None or not line.endswith("{"):
                menu.readable = False
            else:
                level.append(made)
                stack.append(made)
        elif inner is not None and inner.kernel is None and (image := IMAGE.search(line)):
            inner.kernel = image[1]
    menu.readable = menu.readable and len(lines) < LINES and not stack
    return menu


def _entry(line: str) -> _Entry | None:
    try:
        words = shlex.split(line)
    except ValueError:
        return None
    if len(words) < 3:
        return None
    name = ""
    for word, following in itertools.pairwise(words):
        if word in _ID_OPTIONS:
            name = following
        elif word.startswith("--id="):
            name = word.removeprefix("--id=")
    return _Entry(words[1], name, inside=[] if words[0] == "submenu" else None)


def _bls_entries(answer: Answer) -> list[_Entry]:
    """In the order of their menu: by their file's name, the newest version first."""
    found: list[_Entry] = []
    for key, value in answer.lines:
        if key == "bls.entry":
            found.append(_Entry("", value))
        elif key == "bls" and found:
            word, _, rest = value.partition(" ") if " " in value else value.partition("\t")
            if word == "title":
                found[-1].title = rest.strip()
            elif image := IMAGE.search(rest):
                found[-1].kernel = image[1]
    return sorted(found, key=lambda entry: order(entry.id), reverse=True)


def _resolved(menu: _Menu, key: str) -> _Entry:
    """The entry of that name; one without title and kernel when there is none that is surely meant."""
    nothing, level, entry = _Entry(""), menu.entries, None
    for word in _words(key):
        entry = _chosen(level, word)
        if entry is None:
            return nothing
        level = entry.inside or []
    # a submenu by itself waits for a person; what it would take then is not known
    return entry if entry is not None and menu.readable else nothing


def _chosen(level: list[_Entry], word: str) -> _Entry | None:
    if re.fullmatch("[0-9]{1,4}", word):
        index = int(word)
        # an entry that only some machines show (firmware settings) makes every later place uncertain
        sure = all(entry.kernel or entry.inside is not None for entry in level[:index])
        return level[index] if index < len(level) and sure else None
    return next((entry for entry in level if word in (entry.id, entry.title)), None)


def _words(key: str) -> Iterator[str]:
    """The parts of a name; `>>` is a `>` of a title."""
    for part in re.split(r"(?<!>)>(?!>)", key):
        yield part.replace(">>", ">")


def order(name: str) -> tuple[tuple[int, int, str], ...]:
    """A key that sorts kernel names as people do: runs of digits are numbers."""
    words: Iterable[str] = re.findall(r"[0-9]{1,18}|[A-Za-z]+", name)
    return tuple((1, int(word), "") if word.isdigit() else (0, 0, word) for word in words)
