"""A real Dovecot on loopback: its own folder, a free port, one passwd file; root not needed."""

from __future__ import annotations

import contextlib
import imaplib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.absent import missing

DOVECOT = shutil.which("dovecot") or "/usr/sbin/dovecot"
START_SECONDS = 10.0


def is_installed() -> bool:
    """Whether this machine has Dovecot with its IMAP part."""
    return Path(DOVECOT).exists() and Path("/usr/lib/dovecot/imap").exists()


def free_port() -> int:
    """A port on loopback that nobody uses right now."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def _config(base: Path, port: int, user: str, group: str, uid: int, gid: int, limit: str) -> str:
    # Only what an ordinary user may do: no chroot, no other user, no privileged port.
    return f"""
base_dir = {base}/run
state_dir = {base}/state
log_path = {base}/dovecot.log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = {uid or 1}
first_valid_gid = {gid or 1}
mail_location = maildir:{base}/mail/%u
mail_uid = {uid}
mail_gid = {gid}
mailbox_idle_check_interval = 1 secs
auth_failure_delay = 0 secs
{limit}
passdb {{
  driver = passwd-file
  args = scheme=PLAIN {base}/users/%u
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={base}/mail/%u allow_all_users=yes
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
namespace inbox {{
  inbox = yes
  separator = /
}}
"""


class Dovecot:
    """A server that can be started, stopped and restarted; mailboxes stay."""

    host = "127.0.0.1"

    def __init__(self, base: Path, *, as_user: tuple[str, str, int, int] | None = None,
                 capabilities: str = "", more: str = "",
                 encrypted: bool = False) -> None:  # fmt: skip
        self.base = base
        self.port = free_port()
        self.encrypted = encrypted  # from the first byte: the greeting cannot be read plainly
        self._process: subprocess.Popen[bytes] | None = None
        self._as = as_user or _ordinary_user()
        user, group, uid, gid = self._as
        limit = f"imap_capability = {capabilities}" if capabilities else ""
        for name in ("run", "state", "mail", "users"):
            (base / name).mkdir(parents=True, exist_ok=True)
        self._users: dict[str, str] = {}
        config = _config(base, self.port, user, group, uid, gid, limit) + more
        (base / "dovecot.conf").write_text(config)
        self._hand_over()

    def add_user(self, name: str, password: str) -> None:
        """A user with an empty mailbox."""
        self._users[name] = password
        # A file for each user: Dovecot looks at most once a second whether a file has changed.
        (self.base / "users" / name).write_text(f"{name}:{{PLAIN}}{password}\n")
        self._hand_over()

    def _hand_over(self) -> None:
        if os.geteuid() == 0:
            _, _, uid, gid = self._as
            for path in (self.base, *self.base.rglob("*")):
                os.chown(path, uid, gid, follow_symlinks=False)

    def _command(self) -> list[str]:
        own = [DOVECOT, "-F", "-c", str(self.base / "dovecot.conf")]
        if os.geteuid() != 0:
            return own
        _, _, uid, gid = self._as
        setpriv = shutil.which("setpriv") or "/usr/bin/setpriv"
        return [setpriv, f"--reuid={uid}", f"--regid={gid}", "--clear-groups", *own]

    def start(self) -> None:
        """Start and wait until it answers."""
        self._process = subprocess.Popen(
            self._command(), cwd=self.base, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            if self._process.poll() is not None:
                break
            try:
                with socket.create_connection((self.host, self.port), timeout=0.5) as sock:
                    if self.encrypted or sock.recv(100).startswith(b"* OK"):
                        return
            except OSError:
                time.sleep(0.05)
        log = self.base / "dovecot.log"
        self.stop()
        raise RuntimeError("Dovecot did not start: " + (log.read_text() if log.exists() else ""))

    @property
    def pid(self) -> int:
        """Of the running server."""
        if self._process is None:
            raise RuntimeError("Dovecot is not running")
        return self._process.pid

    def stop(self) -> None:
        """Stop it with all its processes."""
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(5)
        with contextlib.suppress(ProcessLookupError):  # sessions of clients may outlive the master
            os.killpg(process.pid, signal.SIGKILL)

    def restart(self) -> None:
        """Stop and start on the same port with the same mail."""
        self.stop()
        self.start()

    @contextmanager
    def client(self, user: str, folder: str | None = "INBOX") -> Iterator[imaplib.IMAP4]:
        """Another mail program that is logged in."""
        client = imaplib.IMAP4(self.host, self.port, timeout=10)
        try:
            client.login(user, self._users[user])
            if folder is not None:
                client.select(folder)
            yield client
        finally:
            client.logout()

    def deliver(self, user: str, raw: bytes, folder: str = "INBOX", flags: str = "") -> None:
        """Put a mail into a folder."""
        with self.client(user, None) as client:
            answer, _ = client.append(folder, flags, "", raw)
            if answer != "OK":
                raise RuntimeError(f"APPEND: {answer}")

    def flags(self, user: str, folder: str = "INBOX") -> dict[int, str]:
        """The flags of each mail by UID."""
        with self.client(user, folder) as client:
            _, data = client.uid("FETCH", "1:*", "(FLAGS)")
        found = {}
        for item in data:
            if isinstance(item, bytes) and b"UID" in item:
                text = item.decode()
                uid = int(text.split("UID ", 1)[1].split()[0].rstrip(")"))
                found[uid] = text.split("FLAGS (", 1)[1].split(")")[0]
        return found

    def delete(self, user: str, uid: int, folder: str = "INBOX") -> None:
        """Delete one mail for good."""
        with self.client(user, folder) as client:
            client.uid("STORE", str(uid), "+FLAGS", "(\\Deleted)")
            client.expunge()


def _ordinary_user() -> tuple[str, str, int, int]:
    """Name, group, uid and gid of a user without privileges: ourselves, or nobody for root."""
    import grp
    import pwd

    entry = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
    return entry.pw_name, grp.getgrgid(entry.pw_gid).gr_name, entry.pw_uid, entry.pw_gid


@pytest.fixture(scope="module")
def dovecot() -> Iterator[Dovecot]:
    """A running server; give each test a user of its own."""
    if not is_installed():
        missing("There is no Dovecot here; on Debian: `sudo apt-get install -y dovecot-imapd`.")
    # Not tmp_path: its parents are closed to the ordinary user that the server runs as.
    base = Path(tempfile.mkdtemp(prefix="parley-dovecot-"))
    base.chmod(0o755)
    server = Dovecot(base)
    try:
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(base, ignore_errors=True)
