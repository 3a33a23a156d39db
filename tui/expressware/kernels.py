"""The kernels of a node: which one runs, which are installed, and which one its next boot takes.

Dolphin's drivers are built for the running kernel. A node that boots another one comes back without them.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from tui.expressware.tagged import Answer

_IMAGE = re.compile(r"(?:vmlinu[xz]|Image)-([^\s\"']{1,200})")
_DEFAULT = re.compile(r"set default=[\"']?([^\"']*)[\"']?")
_ONCE = "${next_entry}"
"""What grub.cfg sets for a single boot that somebody asked for; the other `set default` is the rule."""


@dataclass(frozen=True, slots=True)
class Kernels:
    """`installed` are the kernels that could be booted, oldest first. `default` is the one that the boot
    loader takes next; None where it does not tell.
    """

    running: str | None
    installed: tuple[str, ...]
    default: str | None

    @property
    def newer(self) -> tuple[str, ...]:
        """Installed kernels that are newer than the running one, oldest first."""
        if self.running is None:
            return ()
        return tuple(name for name in self.installed if _order(name) > _order(self.running))


def kernels_shell() -> str:
    """Shell lines that tell of the kernels; they need `there` (see `lookup_shell`)."""
    return r"""
say kernel.running "$(uname -r)"
for image in "$R"/boot/vmlinuz-* "$R"/boot/vmlinux-* "$R"/boot/Image-* "$R"/lib/modules/*/vmlinuz; do
  [ -e "$image" ] || continue
  case $image in
    */vmlinuz) image=${image%/vmlinuz} image=vmlinuz-${image##*/} ;;
  esac
  say kernel.image "${image##*/}"
done
for tree in "$R"/lib/modules/*/modules.dep; do
  [ -e "$tree" ] && tree=${tree%/*} && say kernel.tree "${tree##*/}"
done
if there grubby; then
  say kernel.default "$(timeout 10 grubby --default-kernel)"
else
  for config in "$R"/boot/grub2/grub.cfg "$R"/boot/grub/grub.cfg; do
    grep -E '^[[:space:]]*(set default=|linux(16|efi)?[[:space:]])' "$config" | head -n 20 | say_lines grub
  done
fi
"""


def read_kernels(answer: Answer) -> Kernels:
    """Return what an answer says. A kernel counts as installed when it has both an image and modules."""
    images = {found[1] for value in answer.all("kernel.image") if (found := _IMAGE.fullmatch(value))}
    installed = images & set(answer.all("kernel.tree"))
    named = _IMAGE.search(answer.one("kernel.default") or "")
    return Kernels(
        running=answer.one("kernel.running"),
        installed=tuple(sorted(installed, key=_order)),
        default=named[1] if named else _of_grub(answer.all("grub")),
    )


def _of_grub(lines: Iterable[str]) -> str | None:
    """The kernel of the first menu entry, if grub.cfg says that the first one is booted."""
    defaults: list[str] = []
    images: list[str] = []
    for line in lines:
        if found := _DEFAULT.match(line):
            defaults.append(found[1])
        elif found := _IMAGE.search(line):
            images.append(found[1])
    rule = [default for default in defaults if default != _ONCE]
    return images[0] if rule == ["0"] and images else None


def _order(name: str) -> tuple[tuple[int, int, str], ...]:
    """A key that sorts kernel names as people do: runs of digits are numbers."""
    words = re.findall(r"[0-9]+|[A-Za-z]+", name)
    return tuple((1, int(word), "") if word.isdigit() else (0, 0, word) for word in words)
