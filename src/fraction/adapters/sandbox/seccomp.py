"""The system-call filter of the box: a classic BPF program, assembled here byte by byte.

It denies what a program has no use for and what kernels have been attacked through (EPERM), beneath the
namespaces that already hide the machine. Flatpak and Docker filter in the same way.

    wrong architecture, x32      kill the process
    clone3                       ENOSYS: libc falls back to clone, whose flags a filter can see
    clone with CLONE_NEW*        EPERM
    socket of another family     EPERM; only AF_UNIX is left
    the table below              EPERM
    everything else              allowed

Sources: Linux arch/x86/entry/syscalls/syscall_64.tbl and include/uapi/asm-generic/unistd.h for the numbers,
include/uapi/linux/{filter,seccomp,audit}.h for the encoding.
"""

import platform
import struct
from dataclasses import dataclass

from fraction.base import Unavailable

LOAD_WORD, JUMP_EQUAL, JUMP_GREATER_OR_EQUAL, AND, RETURN = 0x20, 0x15, 0x35, 0x54, 0x06
ALLOW, KILL, EPERM, ENOSYS = 0x7FFF0000, 0x80000000, 0x00050001, 0x00050026
NUMBER_AT, ARCHITECTURE_AT, FIRST_ARGUMENT_AT = 0, 4, 16  # offsets in struct seccomp_data, little endian
X32_BIT = 0x40000000
NEW_NAMESPACE_FLAGS = 0x7E020000  # CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET
AF_UNIX = 1

# fmt: off
SINCE_LINUX_5 = {  # numbers that all architectures share
    "io_uring_setup": 425, "io_uring_enter": 426, "io_uring_register": 427, "open_tree": 428,
    "move_mount": 429, "fsopen": 430, "fsconfig": 431, "fsmount": 432, "fspick": 433, "pidfd_getfd": 438,
    "mount_setattr": 442, "quotactl_fd": 443, "memfd_secret": 447, "set_mempolicy_home_node": 450,
}
DENIED_X86_64 = SINCE_LINUX_5 | {
    "shmget": 29, "msgget": 68, "ptrace": 101, "syslog": 103, "uselib": 134, "personality": 135,
    "vhangup": 153, "modify_ldt": 154, "pivot_root": 155, "adjtimex": 159, "chroot": 161, "acct": 163,
    "settimeofday": 164, "mount": 165, "umount2": 166, "swapon": 167, "swapoff": 168, "reboot": 169,
    "sethostname": 170, "setdomainname": 171, "iopl": 172, "ioperm": 173, "init_module": 175,
    "delete_module": 176, "quotactl": 179, "nfsservctl": 180, "io_setup": 206, "lookup_dcookie": 212,
    "clock_settime": 227, "mbind": 237, "set_mempolicy": 238, "mq_open": 240, "kexec_load": 246,
    "add_key": 248, "request_key": 249, "keyctl": 250, "migrate_pages": 256, "unshare": 272,
    "vmsplice": 278, "move_pages": 279, "perf_event_open": 298, "fanotify_init": 300,
    "name_to_handle_at": 303, "open_by_handle_at": 304, "clock_adjtime": 305, "setns": 308,
    "process_vm_readv": 310, "process_vm_writev": 311, "kcmp": 312, "finit_module": 313,
    "memfd_create": 319, "kexec_file_load": 320, "bpf": 321, "userfaultfd": 323,
}
DENIED_AARCH64 = SINCE_LINUX_5 | {
    "io_setup": 0, "lookup_dcookie": 18, "umount2": 39, "mount": 40, "pivot_root": 41, "chroot": 51,
    "quotactl": 60, "vmsplice": 75, "acct": 89, "personality": 92, "unshare": 97, "kexec_load": 104,
    "init_module": 105, "delete_module": 106, "clock_settime": 112, "syslog": 116, "ptrace": 117,
    "reboot": 142, "sethostname": 161, "setdomainname": 162, "settimeofday": 170, "adjtimex": 171,
    "mq_open": 180, "msgget": 186, "shmget": 194, "add_key": 217, "request_key": 218, "keyctl": 219,
    "swapon": 224, "swapoff": 225, "mbind": 235, "set_mempolicy": 237, "migrate_pages": 238,
    "move_pages": 239, "perf_event_open": 241, "fanotify_init": 262, "name_to_handle_at": 264,
    "open_by_handle_at": 265, "clock_adjtime": 266, "setns": 268, "process_vm_readv": 270,
    "process_vm_writev": 271, "kcmp": 272, "finit_module": 273, "memfd_create": 279, "bpf": 280,
    "userfaultfd": 282, "kexec_file_load": 294,
}
# fmt: on


@dataclass(frozen=True, slots=True)
class Architecture:
    """What the filter must know of a kind of machine."""

    audit_code: int
    denied: dict[str, int]
    clone: int
    socket: int
    clone3: int = 435


ARCHITECTURES = {
    "x86_64": Architecture(0xC000003E, DENIED_X86_64, clone=56, socket=41),
    "aarch64": Architecture(0xC00000B7, DENIED_AARCH64, clone=220, socket=198),
}


def filter_program(machine: str | None = None) -> bytes:
    """Return the filter as an array of `struct sock_filter`, for this machine unless another is named.

    Raises:
        Unavailable: there is no table for this kind of machine.
    """
    name = machine or platform.machine()
    architecture = ARCHITECTURES.get(name)
    if architecture is None:
        raise Unavailable(f"The sandbox runs on x86_64 and aarch64; this machine is {name}.")
    return b"".join(
        struct.pack("<HBBI", code, if_true, if_false, value)
        for code, value, if_true, if_false in _instructions(architecture)
    )


def _instructions(architecture: Architecture) -> list[tuple[int, int, int, int]]:
    """Return (code, operand, jump if true, jump if false); a jump counts the instructions it leaves out."""
    return [
        (LOAD_WORD, ARCHITECTURE_AT, 0, 0),
        (JUMP_EQUAL, architecture.audit_code, 1, 0),
        (RETURN, KILL, 0, 0),
        (LOAD_WORD, NUMBER_AT, 0, 0),
        (JUMP_GREATER_OR_EQUAL, X32_BIT, 0, 1),
        (RETURN, KILL, 0, 0),
        (JUMP_EQUAL, architecture.clone3, 0, 1),
        (RETURN, ENOSYS, 0, 0),
        (JUMP_EQUAL, architecture.clone, 0, 4),
        (LOAD_WORD, FIRST_ARGUMENT_AT, 0, 0),
        (AND, NEW_NAMESPACE_FLAGS, 0, 0),
        (JUMP_EQUAL, 0, 1, 0),
        (RETURN, EPERM, 0, 0),
        (LOAD_WORD, NUMBER_AT, 0, 0),  # after a clone the accumulator holds its flags
        (JUMP_EQUAL, architecture.socket, 0, 4),
        (LOAD_WORD, FIRST_ARGUMENT_AT, 0, 0),
        (JUMP_EQUAL, AF_UNIX, 1, 0),
        (RETURN, EPERM, 0, 0),
        (RETURN, ALLOW, 0, 0),
        *(
            instruction
            for number in sorted(architecture.denied.values())
            for instruction in ((JUMP_EQUAL, number, 0, 1), (RETURN, EPERM, 0, 0))
        ),
        (RETURN, ALLOW, 0, 0),
    ]
