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
    assert kernels.default is None


def test_grubby_tells_the_default(ready_tree: Tree) -> None:
    ready_tree.program("/usr/sbin/grubby", f'[ "$1" = --default-kernel ] && echo /boot/vmlinuz-{NEXT}')
    assert look(ready_tree).kernels.default == NEXT
    ready_tree.program("/usr/sbin/grubby", "exit 1")
    assert look(ready_tree).kernels.default is None


# As grub-mkconfig writes it (Debian 12), cut to what matters.
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

if [ x"${feature_menuentry_id}" = xy ]; then
  menuentry_id_option="--id"
else
  menuentry_id_option=""
fi

export menuentry_id_option

if [ "${prev_saved_entry}" ]; then
  set saved_entry="${prev_saved_entry}"
  save_env saved_entry
  set prev_saved_entry=
  save_env prev_saved_entry
  set boot_once=true
fi

function savedefault {
  if [ -z "${boot_once}" ]; then
    saved_entry="${chosen}"
    save_env saved_entry
  fi
}
function gfxmode {
	set gfxpayload="${1}"
}
menuentry 'Debian GNU/Linux' --class debian $menuentry_id_option 'gnulinux-simple-7f1c2a' {
	load_video
	if [ x$grub_platform = xxen ]; then insmod xzio; insmod lzopio; fi
	echo	'Loading Linux 6.1.0-22-amd64 ...'
	linux	/boot/vmlinuz-6.1.0-22-amd64 root=UUID=7f1c2a ro  quiet
	initrd	/boot/initrd.img-6.1.0-22-amd64
}
submenu 'Advanced options' $menuentry_id_option 'gnulinux-advanced-7f1c2a' {
	menuentry 'Debian, with Linux 6.1.0-22-amd64' --id 'gnulinux-6.1.0-22-amd64-advanced-7f1c2a' {
		linux	/boot/vmlinuz-6.1.0-22-amd64 root=UUID=7f1c2a ro  quiet
	}
	menuentry 'Debian, with Linux 6.1.0-22-amd64 (safe)' $menuentry_id_option 'gnulinux-6.1.0-22-amd64-safe' {
		linux	/boot/vmlinuz-6.1.0-22-amd64 root=UUID=7f1c2a ro single
	}
	menuentry 'Debian, with Linux 6.1.0-18-amd64' $menuentry_id_option 'gnulinux-6.1.0-18-amd64-old' {
		linux	/boot/vmlinuz-6.1.0-18-amd64 root=UUID=7f1c2a ro  quiet
	}
}
if [ "$grub_platform" = "efi" ]; then
	fwsetup --is-supported
	if [ "$?" = 0 ]; then
		menuentry 'UEFI Firmware Settings' $menuentry_id_option 'uefi-firmware' {
			fwsetup
		}
	fi
fi
menuentry 'Dave'\\''s own' {
	linux /boot/vmlinuz-6.1.0-18-amd64 root=/dev/sda2
}
"""
DAY, NIGHT = "6.1.0-22-amd64", "6.1.0-18-amd64"
ADVANCED, INSIDE = "gnulinux-advanced-7f1c2a", "gnulinux-6.1.0-18-amd64-old"
TITLES = "Advanced options>Debian, with Linux 6.1.0-18-amd64"


@pytest.mark.parametrize(
    ("default", "kernel_name"),
    [
        ("0", DAY),
        ("Debian GNU/Linux", DAY),
        ("gnulinux-simple-7f1c2a", DAY),
        (f"{ADVANCED}>{INSIDE}", NIGHT),
        (TITLES, NIGHT),
        ("1>0", DAY),
        ("1>2", NIGHT),
        (f"1>{INSIDE}", NIGHT),
        (f"{ADVANCED}>2", NIGHT),
        ("Dave's own", NIGHT),
        # a submenu alone, what is not there, firmware, and places behind it that only some machines have
        ("1", None),
        (INSIDE, None),
        ("gnulinux", None),
        ("1>7", None),
        ("0>0", None),
        ("uefi-firmware", None),
        ("2", None),
        ("3", None),
        ("99", None),
    ],
)
def test_the_entry_that_grub_is_told_to_take(ready_tree: Tree, default: str, kernel_name: str | None) -> None:
    ready_tree.file("/boot/grub/grub.cfg", GRUB_CFG.replace("DEFAULT", default))
    kernels = look(ready_tree).kernels
    assert kernels.default == kernel_name
    assert repr(default)[1:-1] in kernels.how


@pytest.mark.parametrize(
    ("environment", "kernel_name", "once"),
    [
        ("", DAY, False),
        ("saved_entry=\n", DAY, False),
        (f"saved_entry={ADVANCED}>{INSIDE}\n", NIGHT, False),
        (f"saved_entry={TITLES}\n", NIGHT, False),
        ("saved_entry=gone\n", None, False),
        (f"saved_entry=0\nnext_entry={ADVANCED}>{INSIDE}\n", NIGHT, True),
        ("saved_entry=1>2\nnext_entry=0\n", DAY, True),
        ("saved_entry=1>2\nnext_entry=\n", NIGHT, False),
        ("saved_entry=0\nnext_entry=gone\n", None, True),
        ("saved_entry=0\nprev_saved_entry=1>2\n", NIGHT, False),
    ],
)
def test_the_entry_that_is_saved(
    ready_tree: Tree, environment: str, kernel_name: str | None, once: bool
) -> None:
    ready_tree.file("/boot/grub/grub.cfg", GRUB_CFG.replace("DEFAULT", "${saved_entry}"))
    ready_tree.file("/boot/grub/grubenv", f"# GRUB Environment Block\n{environment}{'#' * 700}")
    kernels = look(ready_tree).kernels
    assert (kernels.default, kernels.once) == (kernel_name, once)


@pytest.mark.parametrize(
    "config",
    [
        GRUB_CFG.replace("DEFAULT", "${saved_entry}"),  # and no grubenv
        GRUB_CFG.replace("DEFAULT", "0") + 'set default="1>2"\n',
        GRUB_CFG.replace("DEFAULT", "0") + "menuentry 'without an end {\n",
        GRUB_CFG.replace("DEFAULT", "0") + "menuentry 'open' {\n",
        GRUB_CFG.replace('"DEFAULT"', '"0"; set timeout=5'),
        GRUB_CFG.replace("DEFAULT", "$chosen"),
        GRUB_CFG.replace("DEFAULT", "0") + "}\n" * 3000,
    ],
)
def test_a_menu_that_is_not_understood_tells_nothing(ready_tree: Tree, config: str) -> None:
    ready_tree.file("/boot/grub2/grub.cfg", config)
    kernels = look(ready_tree).kernels
    assert (kernels.default, kernels.silent) == (None, False)
    assert kernels.how


MACHINE = "5f0c5f0c5f0c5f0c5f0c5f0c5f0c5f0c"
# As grub2-mkconfig writes it (Rocky 9), cut to what matters.
BLS_CFG = """
if [ "${next_entry}" ] ; then
   set default="${next_entry}"
   set next_entry=
   save_env next_entry
   set boot_once=true
else
   set default="${saved_entry}"
fi
insmod blscfg
blscfg
menuentry 'UEFI Firmware Settings' $menuentry_id_option 'uefi-firmware' {
	fwsetup
}
"""


def bls_node(tree: Tree, environment: str) -> None:
    tree.file("/boot/grub2/grub.cfg", BLS_CFG)
    tree.file("/boot/grub2/grubenv", environment)
    for name in (RUNNING, NEXT):
        text = f"title Rocky Linux ({name}) 9.4 (Blue Onyx)\nversion {name}\nlinux /vmlinuz-{name}\n"
        tree.file(f"/boot/loader/entries/{MACHINE}-{name}.conf", f"{text}initrd /initramfs-{name}.img\n")
    rescue = f"title Rocky Linux (0-rescue-{MACHINE})\nlinux\t/vmlinuz-0-rescue-{MACHINE}\n"
    tree.file(f"/boot/loader/entries/{MACHINE}-0-rescue.conf", rescue)


@pytest.mark.parametrize(
    ("environment", "kernel_name"),
    [
        (f"saved_entry={MACHINE}-{RUNNING}\n", RUNNING),
        (f"saved_entry={MACHINE}-{NEXT}\n", NEXT),
        (f"saved_entry=Rocky Linux ({RUNNING}) 9.4 (Blue Onyx)\n", RUNNING),
        ("saved_entry=1\n", RUNNING),
        ("", NEXT),
        (f"saved_entry={MACHINE}-6.0.0-removed\n", None),
        (f"saved_entry={MACHINE}-{RUNNING}\nnext_entry={MACHINE}-{NEXT}\n", NEXT),
    ],
)
def test_entries_in_files_of_their_own(ready_tree: Tree, environment: str, kernel_name: str | None) -> None:
    bls_node(ready_tree, environment)
    assert look(ready_tree).kernels.default == kernel_name


def test_one_boot_comes_before_what_grubby_says(ready_tree: Tree) -> None:
    bls_node(ready_tree, f"saved_entry={MACHINE}-{RUNNING}\nnext_entry={MACHINE}-{NEXT}\n")
    ready_tree.program("/usr/sbin/grubby", f"echo /boot/vmlinuz-{RUNNING}")
    kernels = look(ready_tree).kernels
    assert (kernels.default, kernels.once) == (NEXT, True)


@given(st.lists(st.integers(0, 999), min_size=3, max_size=5), st.integers(0, 4))
def test_kernels_are_ordered_by_their_numbers(numbers: list[int], place: int) -> None:
    place %= len(numbers)
    later = [*numbers[:place], numbers[place] + 1, *numbers[place + 1 :]]
    older, newer = (".".join(map(str, each)) + "-generic" for each in (numbers, later))
    answer = "".join(f"@kernel.image vmlinuz-{each}\n@kernel.tree {each}\n" for each in (newer, older))
    kernels = parse_readiness(answered(f"@kernel.running {older}\n{answer}@end \n")).kernels
    assert kernels.installed == (older, newer)
