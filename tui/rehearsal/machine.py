"""The life of one simulated machine: power, shutdown, boot, and what its programs ask for.

Each machine has one thread, which takes its orders one after the other; a boot that is under way can be
overtaken by the next order, as a power button can.
"""

from __future__ import annotations

import contextlib
import queue
import shutil
import subprocess
import threading
import traceback
from pathlib import Path

from tui.rehearsal import boot_faults, faults, keys, processes, sandbox
from tui.rehearsal.face import Face
from tui.rehearsal.layout import MachineFiles
from tui.rehearsal.plan import Plan

# Seconds of demo time.
SHUTDOWN_DELAY = 0.5
SHUTDOWN_GRACE = 1.0
BOOT = 4.0
INIT_DELAY = 1.0
WATCHDOG = 20.0
# Never faster than this, whatever the pace: a program that asked for a reboot must be able to end first.
SHUTDOWN_FLOOR = 0.15

# Orders that overtake a boot under way.
URGENT = ("off", "on", "end")

# What does not survive a restart of the kernel.
VOLATILE = ("run", "sys/module", "var/run", "var/lock/subsys")
VOLATILE_CONTROL = ("memory-fragmented", "link-disabled", "noisy-link")


class Machine:
    """One simulated machine; its methods may be called from any thread."""

    def __init__(self, files: MachineFiles, name: str, plan: Plan, face: Face) -> None:
        self.files = files
        self.name = name
        self._plan = plan
        self.face = face
        """Its SSH server."""
        self._orders: queue.SimpleQueue[tuple[str, threading.Event]] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._urgent = 0
        self._overtaken = threading.Event()
        self._rebooting = False
        self._thread = threading.Thread(target=self._run, name=f"machine {name}", daemon=True)

    def start(self) -> None:
        """Begin to serve: a machine that was up is up still, one that was off boots without delay."""
        if self._power() == "up":
            if faults.take(self.files.control, "hostkey-changed"):
                keys.new_key(self.files.host_key)
            self.face.listen()
        else:
            self._boot()
        self._thread.start()

    def order(self, word: str) -> threading.Event:
        """Order `off`, `on`, `reboot`, `end` or `rescue`; the event is set when it has been carried out.

        A reboot counts as carried out when the machine is off, and `on` when its SSH server answers.
        """
        done = threading.Event()
        with self._lock:
            if word == "reboot" and self._rebooting:
                done.set()
                return done
            self._rebooting = self._rebooting or word == "reboot"
            if word in URGENT:
                self._urgent += 1
                self._overtaken.set()
            self._orders.put((word, done))
        return done

    def cut(self) -> None:
        """Drop every SSH connection of the machine."""
        self.face.cut()

    def lose_node_manager(self) -> None:
        """Let the Node Manager die; its watchdog starts it again later, unless somebody else does."""
        (self.files.sysroot / "var/run/dis_nodemgr.pid").unlink(missing_ok=True)
        timer = threading.Timer(WATCHDOG / self._plan.pace, lambda: self.order("rescue"))
        timer.daemon = True
        timer.start()

    def _run(self) -> None:
        while True:
            word, done = self._orders.get()
            with self._lock:
                self._urgent -= word in URGENT
                if not self._urgent:
                    self._overtaken.clear()
            try:
                self._carry_out(word, done)
            except (OSError, subprocess.SubprocessError):  # the next order must find somebody who takes it
                traceback.print_exc()
            finally:
                done.set()
            if word == "end":
                return

    def _carry_out(self, word: str, done: threading.Event) -> None:
        if word in URGENT and word != "on":
            self._go_down(delay=0, grace=0)
        elif word == "on" and self._power() != "up":
            self._boot()
        elif word == "rescue":
            self._rescue()
        elif word == "reboot":
            self._reboot(done)

    def _reboot(self, done: threading.Event) -> None:
        try:
            if self._power() == "up":
                self._restart(done)
        finally:
            self._rebooting = False

    def _restart(self, done: threading.Event) -> None:
        pace = self._plan.pace
        self._go_down(max(SHUTDOWN_FLOOR, SHUTDOWN_DELAY / pace), max(SHUTDOWN_FLOOR, SHUTDOWN_GRACE / pace))
        done.set()
        wait = BOOT / pace
        if faults.take(self.files.control, "no-return"):
            wait = 1.6 * self._plan.restart_timeout
        elif faults.take(self.files.control, "slow-return"):
            wait = 0.6 * self._plan.restart_timeout
        else:
            self._set_power("booting")
        if not self._overtaken.wait(wait):
            self._boot()

    def _go_down(self, delay: float, grace: float) -> None:
        self._overtaken.wait(delay)
        processes.end_all(self._processes, grace)
        self.face.refuse()
        self._set_power("off")
        self.face.cut()
        # a command may have slipped in before the door was shut
        processes.end_all(self._processes, 0)

    def _boot(self) -> None:
        files = self.files
        for directory in VOLATILE:
            _empty(files.sysroot / directory)
        for process in (files.sysroot / "proc").glob("[0-9]*"):
            shutil.rmtree(process)
        shutil.rmtree(files.control / "old-modules", ignore_errors=True)
        for name in VOLATILE_CONTROL:
            (files.control / name).unlink(missing_ok=True)
        boot_faults.strike(files, self._plan)
        count = files.control / "boots"
        boots = int(count.read_text()) + 1 if count.exists() else 1
        count.write_text(f"{boots}\n")
        files.boot_id.write_text(f"{sandbox.identity(self._plan, self.name, f'boot {boots}')}\n")
        (files.sysroot / "proc/uptime").write_text("5.00 5.00\n")
        if faults.take(files.control, "hostkey-changed"):
            keys.new_key(files.host_key)
        self._set_power("up")
        self.face.listen()
        # services and application start a little later, as under init
        late = faults.take(files.control, "services-late")
        delay = f"{self._plan.restart_timeout / 2 if late else INIT_DELAY / self._plan.pace:.3f}"
        self._spawn('sleep "$1"; exec sh "$2"', delay, str(files.control / "boot.sh"))

    def _rescue(self) -> None:
        """The watchdog's part: start the Node Manager unless its drivers were stopped too."""
        sysroot = self.files.sysroot
        if (sysroot / "sys/module/dis_irm").exists() and not (sysroot / "var/run/dis_nodemgr.pid").exists():
            self._spawn('CALLER=watchdog exec "$1" start', f"{sysroot}{self._plan.dis}/sbin/dis_services")

    def _spawn(self, script: str, *words: str) -> None:
        """Run a script as a process of the machine; nobody waits for it."""
        with (self.files.sysroot / "var/log/boot.log").open("ab") as log:
            child = subprocess.Popen(
                ["/bin/sh", "-c", f"export CALLER; {script}", "init", *words],
                cwd=self.files.sysroot,
                env=sandbox.environment(self.files),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        threading.Thread(target=child.wait, daemon=True).start()

    def _processes(self) -> list[int]:
        return processes.of_sysroots(self.files.sysroot)

    def _power(self) -> str:
        return self.files.power.read_text().strip()

    def _set_power(self, word: str) -> None:
        # in one step: the cluster view of another machine may be reading it
        scratch = self.files.power.with_suffix(".new")
        # a directory that was removed has no more use for it
        with contextlib.suppress(FileNotFoundError):
            scratch.write_text(f"{word}\n")
            scratch.replace(self.files.power)


def _empty(directory: Path) -> None:
    for entry in directory.iterdir():
        if entry.is_dir():
            shutil.rmtree(entry)
        else:
            entry.unlink()
