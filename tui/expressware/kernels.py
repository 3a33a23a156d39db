"""The kernels of a node: which one runs, which are installed, and which one its next boot takes.

Dolphin's drivers are built for the running kernel. A node that boots another one comes back without them.
"""

from dataclasses import dataclass

from tui.expressware.grub import IMAGE, grub_shell, next_boot, order
from tui.expressware.tagged import Answer


@dataclass(frozen=True, slots=True)
class Kernels:
    """`installed` are the kernels that could be booted, oldest first. `default` is the one that the boot
    loader takes next, None where that is not known; `how` tells by what it is or is not known, `once` that it
    is asked for a single boot. `silent`: nothing was found that could tell.
    """

    running: str | None
    installed: tuple[str, ...]
    default: str | None
    how: str = ""
    once: bool = False
    silent: bool = False


def kernels_shell() -> str:
    """Shell lines that tell of the kernels; they need `there` (see `lookup_shell`)."""
    return f"""{_KERNELS}{grub_shell().lstrip()}"""


_KERNELS = r"""
first_line "$R"/proc/sys/kernel/osrelease || line=$(uname -r)
running=$line
say kernel.running "$running"
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
fi
"""


def read_kernels(answer: Answer) -> Kernels:
    """Return what an answer says. A kernel counts as installed when it has both an image and modules."""
    images = {found[1] for value in answer.all("kernel.image") if (found := IMAGE.fullmatch(value))}
    installed = images & set(answer.all("kernel.tree"))
    named = IMAGE.search(answer.one("kernel.default") or "")
    following = next_boot(answer, named[1] if named else None)
    return Kernels(
        running=answer.one("kernel.running"),
        installed=tuple(sorted(installed, key=order)),
        default=following.kernel,
        how=following.how,
        once=following.once,
        silent=following.silent,
    )
