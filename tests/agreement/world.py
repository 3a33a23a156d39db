"""A world of its own for both programs: accounts, homes, /etc and a loopback that are nobody else's.

ssh(1) takes the home directory from the account, whatever HOME says, and reads /etc/ssh: within a mount
namespace both are scratch files. Its own network has every port free, 22 too.
"""

from __future__ import annotations

import os
import pwd
import shutil
from pathlib import Path

from tests.rigs.sudo import write

PASSWORD = "right one"
_HASH = "$6$agreement$OjdXag2.YR3UYYudVflBxOzH/AM11kbJyKHQji9WV.5539DZyni.z2ITI1MJDthq2sIKcgp96Yf7NJWjzNeAY/"

OPERATOR = "op"
"""A login that is not root; its password is PASSWORD, as root's."""
_ACCOUNTS = {
    OPERATOR: ("/bin/sh", _HASH),
    "other": ("/bin/sh", _HASH),
    "nologin": ("/usr/sbin/nologin", _HASH),
    "locked": ("/bin/sh", f"!{_HASH}"),
    "open": ("/bin/sh", ""),
    "noisy": ("/bin/bash", _HASH),
    "shell-gone": ("/nonexistent", _HASH),
}
_FIRST_UID = 64300
PAM = "auth required pam_unix.so nodelay"
"""What sshd asks where it has UsePAM: one password, and no waiting after a wrong one."""
_PAM_ELSE = "account required pam_unix.so\nsession required pam_permit.so\n"
FAR = "198.18.0.1"
"""An address of this machine that is not local to ssh(1), as 127.0.0.1 is; ``far.example`` by name.

With a dot at its end as well, as ssh(1) asks for a name that it makes canonical.
"""
_HOSTS = f"""127.0.0.1 localhost
{FAR} far.example far.example.
127.0.0.1 px01.cluster.example px01
127.0.0.1 both.example
::1 both.example six.example
"""


def no_world() -> str:
    """Why there can be none here; empty when there can."""
    if os.getuid() != 0 or not all(shutil.which(tool) for tool in ("unshare", "ip")):
        return "needs root, unshare and ip (iproute2): accounts and a network of its own"
    codes = any(Path("/lib").glob("*/security/pam_oath.so"))
    return "" if codes else "needs pam_oath (libpam-oath): servers that ask for one-time codes"


def made(directory: Path) -> list[str]:
    """Make the files of a world in ``directory``; returns the command under which it is in place."""
    upper, work, homes = directory / "etc-upper", directory / "etc-work", directory / "homes"
    for path in (upper / "pam.d", upper / "ssh", work, homes):
        path.mkdir(parents=True)
    home_of_root(directory).mkdir(mode=0o700)
    lines = [line for line in Path("/etc/passwd").read_text().splitlines() if not line.startswith("root:")]
    passwd = [f"root:x:0:0::{home_of_root(directory)}:/bin/sh", *lines]
    secret = [line for line in Path("/etc/shadow").read_text().splitlines() if not line.startswith("root:")]
    shadow = [f"root:{_HASH}:19000:0:99999:7:::", *secret]
    group = Path("/etc/group").read_text().splitlines()
    for uid, (name, (shell, hashed)) in enumerate(_ACCOUNTS.items(), _FIRST_UID):
        (homes / name).mkdir(mode=0o755)
        os.chown(homes / name, uid, uid)
        passwd.append(f"{name}:x:{uid}:{uid}::{homes / name}:{shell}")
        shadow.append(f"{name}:{hashed}:19000:0:99999:7:::")
        group.append(f"{name}:x:{uid}:")
    for file, content in (("passwd", passwd), ("group", group), ("shadow", shadow)):
        write(upper / file, "\n".join(content) + "\n", 0o640 if file == "shadow" else 0o644)
    write(upper / "pam.d/sshd", "", 0o644)
    write(upper / "ssh/ssh_config", "", 0o644)
    write(upper / "hosts", _HOSTS, 0o644)
    write(upper / "nsswitch.conf", "passwd: files\ngroup: files\nshadow: files\nhosts: files\n", 0o644)
    mount = f"mount -t overlay overlay -o lowerdir=/etc,upperdir={upper},workdir={work} /etc"
    network = f"ip link set lo up && ip address add {FAR}/32 dev lo"
    # Processes of its own, too: whatever a try leaves behind ends with the world.
    unshare = ["unshare", "-m", "-n", "-p", "-f", "--kill-child", "--mount-proc"]
    return [*unshare, "sh", "-c", f'{mount} && {network} && exec "$@"', "sh"]


def ask_by_pam(lines: str) -> None:
    """What sshd asks from now on. Only inside a world."""
    write(Path("/etc/pam.d/sshd"), f"{lines}\n{_PAM_ELSE}", 0o644)


def home_of_root(directory: Path) -> Path:
    """Where ssh_config, known_hosts and keys of whoever tries lie."""
    return directory / "homes/root"


def assert_inside(directory: Path) -> None:
    """Nothing is tried, let alone written to /etc, where the world is not in place."""
    assert pwd.getpwuid(0).pw_dir == str(home_of_root(directory)), "not in a world of its own"
