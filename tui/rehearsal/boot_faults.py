"""What can be wrong with a machine from its next boot on: other drivers, another image, another kernel."""

from __future__ import annotations

import re
import shutil

from tui.rehearsal import faults
from tui.rehearsal.layout import MachineFiles
from tui.rehearsal.plan import Plan

OTHER_KERNELS = {"redhat": "5.14.0-503.11.1.el9_5.x86_64", "debian": "5.15.0-112-generic"}


def strike(files: MachineFiles, plan: Plan) -> None:
    """Let the ordered ones act; called while the kernel starts, before any service does."""
    before = files.control / "before"
    if (before / "returns-old").exists() and faults.take(files.control, "returns-old"):
        shutil.copytree(before / "returns-old" / "ko", files.control / "old-modules")
    if (before / "rolls-back").exists() and faults.take(files.control, "rolls-back"):
        _roll_back(files, plan)
    if faults.take(files.control, "other-kernel"):
        _other_kernel(files, plan)
    if faults.take(files.control, "boot-start-fails"):
        (files.control / "memory-fragmented").touch()


def _roll_back(files: MachineFiles, plan: Plan) -> None:
    image = files.control / "before" / "rolls-back"
    modules = files.sysroot / plan.dis.lstrip("/") / "lib/modules" / files.kernel.read_text().strip()
    for source, target in ((image / "ko", modules), (image / "packages", files.sysroot / "var/lib/packages")):
        shutil.rmtree(target)
        shutil.copytree(source, target)


def _other_kernel(files: MachineFiles, plan: Plan) -> None:
    """As after an update of the system: it has an image, modules and headers, but no Dolphin driver."""
    kernel = OTHER_KERNELS[plan.platform]
    modules = files.sysroot / "lib/modules" / kernel
    for path in (
        files.sysroot / f"boot/vmlinuz-{kernel}",
        modules / "modules.dep",
        modules / "build/Makefile",
    ):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    (files.sysroot / "proc/sys/kernel/osrelease").write_text(f"{kernel}\n")
    settings = files.control / "settings"
    settings.write_text(re.sub(r"(?m)^KERNEL=.*$", f"KERNEL={kernel}", settings.read_text()))
    files.kernel.write_text(f"{kernel}\n")
