/// Counts what a process asks of the C library: memory, and system calls.
///
/// Not linked into anything: a test names the library in LD_PRELOAD and a file in CALL_COUNTS, and reads the file, which
/// holds one 64-bit number per kind, in the order of `call_kind`, while the process runs.
#ifndef CALL_COUNTER_H
#define CALL_COUNTER_H

/// What is counted.
enum call_kind {
    /// malloc, calloc, realloc, aligned_alloc and their like.
    CALLS_ALLOCATE,
    /// Bytes that they asked for.
    CALLS_ALLOCATED_BYTES,
    CALLS_FREE,
    /// write, writev and the send family: one system call each.
    CALLS_WRITE,
    /// read, readv and the recv family.
    CALLS_READ,
    /// epoll_wait and poll: how often a loop blocked or looked.
    CALLS_WAIT,
    /// Every other system call that a loop makes: epoll_ctl, accept4, close, socket options, ioctl, futex by syscall().
    CALLS_OTHER,
    CALLS_KINDS
};

#endif
