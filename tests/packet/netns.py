# SPDX-License-Identifier: GPL-2.0-or-later
"""Network namespaces without names.

A namespace here is an open descriptor of this process. When the process ends, however it ends, the
kernel closes the descriptors and takes the namespaces, their links and their rulesets away: there is
nothing to clean up and nothing that a dead run could leave behind.
"""
import contextlib
import ctypes
import os

CLONE_NEWNS = 0x00020000
CLONE_NEWNET = 0x40000000
PR_SET_PDEATHSIG = 1

_libc = ctypes.CDLL(None, use_errno=True)


def _check(result, what):
    if result != 0:
        err = ctypes.get_errno()
        raise OSError(err, f"{what}: {os.strerror(err)}")


def unshare_net():
    """Moves this process into a new network namespace; returns its descriptor."""
    _check(_libc.unshare(CLONE_NEWNET), "unshare")
    return os.open("/proc/self/ns/net", os.O_RDONLY | os.O_CLOEXEC)


def enter(fd):
    """Moves the calling thread into the namespace of the descriptor."""
    _check(_libc.setns(fd, CLONE_NEWNET), "setns")


@contextlib.contextmanager
def inside(fd):
    """Enters a namespace for the length of a block. Sockets made inside stay there."""
    before = os.open("/proc/self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    enter(fd)
    try:
        yield
    finally:
        enter(before)
        os.close(before)


@contextlib.contextmanager
def owner(uid):
    """Sockets made inside belong to the user and the group of that number; rights are kept."""
    _libc.setfsgid(uid)
    _libc.setfsuid(uid)
    try:
        yield
    finally:
        _libc.setfsuid(0)
        _libc.setfsgid(0)


def path_of(fd):
    """A path under which other programs can reach the namespace while this process lives."""
    return f"/proc/{os.getpid()}/fd/{fd}"


def die_with_parent():
    """For preexec_fn: a child must not keep the namespaces when the lab is killed."""
    _libc.prctl(PR_SET_PDEATHSIG, 9, 0, 0, 0)


def unavailable():
    """Why namespaces cannot be made here, or None."""
    pid = os.fork()
    if pid == 0:
        os._exit(0 if _libc.unshare(CLONE_NEWNET) == 0 else 1)
    if os.waitpid(pid, 0)[1] != 0:
        return "cannot make network namespaces (not root?)"
    return None


def sysctl(path, value, required=True):
    """Writes a sysctl of the current namespace, e.g. "net/ipv4/ip_forward"."""
    try:
        with open("/proc/sys/" + path, "w") as f:
            f.write(str(value))
    except OSError:
        if required:
            raise
