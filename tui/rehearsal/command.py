"""One command, or a person's shell, behind a channel of the built-in SSH server."""

from __future__ import annotations

import contextlib
import errno
import os
import selectors
import signal
import subprocess
import termios
import threading
from collections.abc import Callable
from typing import IO

import paramiko

CHUNK = 65536
# How often a silent command looks whether its channel is still there, in seconds.
LOOK = 0.25
END_OF_INPUT = b"\x04"

Spawn = Callable[[bytes, int | None], subprocess.Popen[bytes] | None]
"""Starts a command, on a terminal if one is given; None when the machine is going down."""


class Command:
    """One exec: pumps bytes between the channel and a /bin/sh until both are done."""

    def __init__(
        self, spawn: Spawn, channel: paramiko.Channel, command: bytes, size: tuple[int, int] | None
    ) -> None:
        """`size`: rows and columns of the terminal that it is to run on; None for pipes."""
        self._spawn = spawn
        self._channel = channel
        self._command = command
        self._size = size

    def run(self) -> None:
        """Start the command, pump, tell how it ended, close."""
        process, files = self._begin()
        try:
            if process is None:
                self._channel.send_exit_status(255)
                return
            threading.Thread(target=self._feed, args=(files[0],), daemon=True).start()
            self._drain(process, files[-2:])
        except (OSError, EOFError, paramiko.SSHException):
            return  # the connection is gone; the command finds out when it writes into its closed pipes
        finally:
            self._channel.close()
            for file in files[-2:]:
                file.close()
            if process is not None:
                process.wait()

    def _begin(self) -> tuple[subprocess.Popen[bytes] | None, list[IO[bytes]]]:
        """The command, if it could be started, and our ends: its input first, its outputs last."""
        if self._size is None:
            process = self._spawn(self._command, None)
            pipes = (process.stdin, process.stdout, process.stderr) if process is not None else ()
            return process, [pipe for pipe in pipes if pipe is not None]
        ours, its = os.openpty()
        termios.tcsetwinsize(ours, self._size)
        try:
            return self._spawn(self._command, its), [os.fdopen(ours, "r+b", buffering=0)]
        finally:
            os.close(its)

    def _feed(self, file: IO[bytes]) -> None:
        """Hand the client's bytes to the command until either ends."""
        with contextlib.suppress(OSError, EOFError, ValueError):
            while data := self._channel.recv(CHUNK):
                file.write(data)
                file.flush()
        with contextlib.suppress(OSError, ValueError):
            if self._size is None:
                file.close()
            else:
                file.write(END_OF_INPUT)

    def _drain(self, process: subprocess.Popen[bytes], files: list[IO[bytes]]) -> None:
        """Hand the command's bytes to the client.

        The exit status is told as soon as the command has ended, the end of the output only when nobody holds
        the pipes any more: a daemon that the command left behind keeps a session open, here as under sshd.
        """
        channel = self._channel
        told = False
        with selectors.DefaultSelector() as selector:
            for file, send in zip(files, (channel.sendall, channel.sendall_stderr), strict=False):
                selector.register(file, selectors.EVENT_READ, send)
            while selector.get_map():
                ready = selector.select(LOOK)
                for entry, _ in ready:
                    if data := _read(entry.fd):
                        entry.data(data)
                    else:
                        selector.unregister(entry.fileobj)
                if not ready:
                    if channel.closed:
                        return
                    if not told and process.poll() is not None:
                        told = self._tell(process.returncode)
        channel.shutdown_write()
        if not told:
            self._wait(process)

    def _wait(self, process: subprocess.Popen[bytes]) -> None:
        """A command may close its output and live on."""
        while not self._channel.closed:
            try:
                self._tell(process.wait(LOOK))
            except subprocess.TimeoutExpired:
                continue
            return

    def _tell(self, code: int) -> bool:
        if code >= 0:
            self._channel.send_exit_status(code)
        else:
            _send_exit_signal(self._channel, signal.Signals(-code))
        return True


def _read(descriptor: int) -> bytes:
    """What has come; nothing at the end, which a terminal that nobody holds tells by an error."""
    try:
        return os.read(descriptor, CHUNK)
    except OSError as error:
        if error.errno != errno.EIO:
            raise
        return b""


def _send_exit_signal(channel: paramiko.Channel, number: signal.Signals) -> None:
    """Tell that a command died of a signal (RFC 4254, 6.10); paramiko has no method for it."""
    message = paramiko.Message()
    message.add_byte(paramiko.common.cMSG_CHANNEL_REQUEST)
    message.add_int(channel.remote_chanid)
    message.add_string("exit-signal")
    message.add_boolean(False)
    message.add_string(number.name.removeprefix("SIG"))
    message.add_boolean(False)
    message.add_string("")
    message.add_string("")
    transport = channel.get_transport()
    assert transport is not None
    transport._send_user_message(message)  # type: ignore[attr-defined]
