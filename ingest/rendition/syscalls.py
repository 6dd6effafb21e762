"""The system calls no media tool needs, refused by the kernel: the second layer of the cage.

The namespaces of the cage are made by the kernel, and an error in a rarely used part of it is the
way out.  So a caged child may not start a process (threads it may), open a socket, or call what
only administrators, debuggers and containers use; what every program uses stays allowed, so that
the list does not age with ffmpeg.  libseccomp, which Debian's own systemd and apt stand on, knows
the numbers and writes the program; bubblewrap loads it last (``--seccomp``).
"""

from __future__ import annotations

import ctypes
import errno
import os
from ctypes import POINTER, Structure, byref, c_char_p, c_int, c_uint, c_uint32, c_uint64, c_void_p
from functools import cache

_LIBRARY = "libseccomp.so.2"
_ALLOW = 0x7FFF_0000
_ERRNO = 0x0005_0000
"""SCMP_ACT_ERRNO: the call fails with the number in the lower half (seccomp.h)."""
_MASKED_EQUAL = 7
_UNKNOWN = -1
"""What libseccomp says of a name it does not know; below that: of another machine's call."""
_CLONE_THREAD = 0x0001_0000
_NAMELESS = 0x0040_0000
"""The bit of O_TMPFILE that no other flag has (asm-generic/fcntl.h)."""
_TIOCSTI, _TIOCLINUX = 0x5412, 0x541C
"""Typing into the terminal we were started from."""
_ALL = 0xFFFF_FFFF

_REFUSED = (
    # processes: one child, one process, so that its limit on memory is one on all it takes
    *("fork", "vfork"),
    # others' processes
    *("ptrace", "process_vm_readv", "process_vm_writev", "process_madvise", "kcmp", "pidfd_getfd"),
    # namespaces and mounts
    *("unshare", "setns", "mount", "umount", "umount2", "pivot_root", "chroot", "open_tree"),
    *("move_mount", "fsopen", "fsconfig", "fsmount", "fspick", "mount_setattr"),
    # files without a name, which nobody sees who weighs the tray
    *("unlink", "unlinkat", "rename", "renameat", "renameat2", "link", "linkat"),
    # memory that is held without an address, which the limit on address space does not count
    *("shmget", "shmat", "msgget", "semget", "mq_open", "memfd_create", "memfd_secret"),
    # network
    *("socket", "socketpair", "socketcall", "connect", "bind", "listen", "accept", "accept4"),
    # keys of whoever started us, which no namespace divides
    *("add_key", "request_key", "keyctl"),
    # large parts of the kernel, new or rarely used, in which errors keep being found
    *("bpf", "perf_event_open", "userfaultfd", "io_uring_setup", "io_uring_enter"),
    *("io_uring_register", "fanotify_init", "name_to_handle_at", "open_by_handle_at"),
    *("vmsplice", "personality", "modify_ldt", "mbind", "set_mempolicy", "migrate_pages"),
    *("move_pages", "lookup_dcookie", "uselib", "ustat", "sysfs", "nfsservctl"),
    # the machine itself
    *("init_module", "finit_module", "delete_module", "create_module", "kexec_load"),
    *("kexec_file_load", "reboot", "swapon", "swapoff", "syslog", "acct", "quotactl"),
    *("quotactl_fd", "iopl", "ioperm", "vhangup", "settimeofday", "clock_settime"),
    *("clock_settime64", "clock_adjtime", "clock_adjtime64", "adjtimex", "sethostname"),
    *("setdomainname", "mknod", "mknodat"),
)


class _Compare(Structure):
    """``struct scmp_arg_cmp``: argument *arg*, masked with *mask*, equals *value*."""

    _fields_ = (("arg", c_uint), ("op", c_int), ("mask", c_uint64), ("value", c_uint64))


@cache
def refusal() -> bytes | None:
    """The filter as a program for this machine's kernel; None where libseccomp is not there."""
    try:
        library = _load()
    except (OSError, AttributeError):
        return None
    context = library.seccomp_init(_ALLOW)
    if not context:
        return None
    try:
        _fill(library, context)
        return _written(library, context)
    finally:
        library.seccomp_release(context)


@cache
def unknown() -> tuple[str, ...]:
    """The calls that libseccomp, where it is installed, is too old to know, and so to refuse."""
    try:
        resolve = _load().seccomp_syscall_resolve_name
    except (OSError, AttributeError):
        return ()
    return tuple(name for name in _REFUSED if resolve(name.encode("ascii")) == _UNKNOWN)


def _load() -> ctypes.CDLL:
    library = ctypes.CDLL(_LIBRARY)
    library.seccomp_init.restype, library.seccomp_init.argtypes = c_void_p, (c_uint32,)
    library.seccomp_release.restype, library.seccomp_release.argtypes = None, (c_void_p,)
    library.seccomp_syscall_resolve_name.argtypes = (c_char_p,)
    library.seccomp_rule_add_array.argtypes = (
        *(c_void_p, c_uint32, c_int, c_uint, POINTER(_Compare)),
    )
    library.seccomp_export_bpf.argtypes = (c_void_p, c_int)
    return library


def _fill(library: ctypes.CDLL, context: int) -> None:
    for name in _REFUSED:
        _refuse(library, context, name)
    _refuse(library, context, "clone3", number=errno.ENOSYS)  # its flags lie where no filter reads
    _refuse(library, context, "openat2", number=errno.ENOSYS)  # likewise
    for name, flags in (("open", 1), ("openat", 2)):
        nameless = _Compare(flags, _MASKED_EQUAL, _NAMELESS, _NAMELESS)
        _refuse(library, context, name, nameless)
    _refuse(library, context, "clone", _Compare(0, _MASKED_EQUAL, _CLONE_THREAD, 0))
    for request in (_TIOCSTI, _TIOCLINUX):
        _refuse(library, context, "ioctl", _Compare(1, _MASKED_EQUAL, _ALL, request))


def _refuse(
    library: ctypes.CDLL, context: int, name: str, when: _Compare | None = None, number: int = 1
) -> None:
    """Let the call *name* fail with errno *number* (1: not permitted), always or *when*."""
    call = library.seccomp_syscall_resolve_name(name.encode("ascii"))
    if call == _UNKNOWN:
        return  # a call newer than this libseccomp, see unknown()
    compared = (0, None) if when is None else (1, byref(when))
    failed = library.seccomp_rule_add_array(context, _ERRNO | number, call, *compared)
    if failed and call >= 0:
        raise OSError(-failed, f"libseccomp takes no rule for {name}")


def _written(library: ctypes.CDLL, context: int) -> bytes:
    handle = os.memfd_create("seccomp")
    try:
        failed = library.seccomp_export_bpf(context, handle)
        if failed:
            raise OSError(-failed, "libseccomp wrote no program")
        return os.pread(handle, os.fstat(handle).st_size, 0)
    finally:
        os.close(handle)


def descriptor(program: bytes) -> int:
    """*program* as a file that a child inherits and reads from its start; the caller closes it."""
    handle = os.memfd_create("seccomp")
    os.write(handle, program)
    os.lseek(handle, 0, os.SEEK_SET)
    return handle
