"""The kernels of a node: installed, running, and the one that its next boot takes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.expressware.node import Tree, answered
from tests.expressware.ready import NEXT, RUNNING, add_kernel, look
from tui.expressware.readiness import parse_readiness


@pytest.mark.parametrize("image", ["/boot/vmlinuz-{}", "/lib/modules/{}/vmlinuz", "/boot/Image-{}"])
def test_a_newer_kernel_waits_for_the_next_boot(ready_tree: Tree, image: str) -> None:
    add_kernel(ready_tree, NEXT, image)
    add_kernel(ready_tree, "4.18.0-80.el8.x86_64")
    ready_tree.file("/boot/vmlinuz-0-rescue-5f0c5f0c5f0c5f0c5f0c5f0c5f0c5f0c")
    ready_tree.file("/boot/vmlinuz-6.0.0-removed.x86_64")
    kernels = look(ready_tree).kernels
    assert kernels.installed == ("4.18.0-80.el8.x86_64", RUNNING, NEXT)
    assert (kernels.newer, kernels.default) == ((NEXT,), None)


def test_grubby_tells_the_default(ready_tree: Tree) -> None:
    ready_tree.program("/usr/sbin/grubby", f'[ "$1" = --default-kernel ] && echo /boot/vmlinuz-{NEXT}')
    assert look(ready_tree).kernels.default == NEXT
    ready_tree.program("/usr/sbin/grubby", "exit 1")
    assert look(ready_tree).kernels.default is None


# As update-grub writes it (Debian 12), cut to what matters.
GRUB_CFG = """
if [ -s $prefix/grubenv ]; then
  set have_grubenv=true
  load_env
fi
if [ "${next_entry}" ] ; then
   set default="${next_entry}"
   set next_entry=
   save_env next_entry
   set boot_once=true
else
   set default="DEFAULT"
fi
menuentry 'Debian GNU/Linux' --class debian --class gnu-linux --class gnu --class os {
	echo	'Loading Linux 6.1.0-22-amd64 ...'
	linux	/boot/vmlinuz-6.1.0-22-amd64 root=UUID=7f1c ro  quiet
	initrd	/boot/initrd.img-6.1.0-22-amd64
}
submenu 'Advanced options for Debian GNU/Linux' {
	menuentry 'Debian GNU/Linux, with Linux 6.1.0-18-amd64' {
		linux	/boot/vmlinuz-6.1.0-18-amd64 root=UUID=7f1c ro  quiet
	}
}
"""


@pytest.mark.parametrize(
    ("default", "kernel_name"),
    [("0", "6.1.0-22-amd64"), ("${saved_entry}", None), ("1>2", None), ("gnulinux", None)],
)
def test_grubs_first_entry_is_the_default_when_it_says_so(
    ready_tree: Tree, default: str, kernel_name: str | None
) -> None:
    ready_tree.file("/boot/grub/grub.cfg", GRUB_CFG.replace("DEFAULT", default))
    assert look(ready_tree).kernels.default == kernel_name


@given(st.lists(st.integers(0, 999), min_size=3, max_size=5), st.integers(0, 4))
def test_kernels_are_ordered_by_their_numbers(numbers: list[int], place: int) -> None:
    place %= len(numbers)
    later = [*numbers[:place], numbers[place] + 1, *numbers[place + 1 :]]
    older, newer = (".".join(map(str, each)) + "-generic" for each in (numbers, later))
    answer = "".join(f"@kernel.image vmlinuz-{each}\n@kernel.tree {each}\n" for each in (newer, older))
    kernels = parse_readiness(answered(f"@kernel.running {older}\n{answer}@end \n")).kernels
    assert (kernels.installed, kernels.newer) == ((older, newer), (newer,))
