#ifndef CLIMIT_H
#define CLIMIT_H

#include <stdint.h>

/// The floor of what fanning out a stream costs, as small as it can be while the bytes still come right: one epoll
/// loop, one ring of framed bytes for each framing that has viewers, one `send` per viewer and flush.
///
///     struct climit_options options = {
///         .policy = CLIMIT_PICTURE, .delay_ms = 10, .ring_bytes = 4 << 20, .address = 0x7f000001};
///     int code = climit_run(&options);
///
/// What it leaves out on purpose: it checks nothing but the sync bytes, keeps no history (a viewer starts at the next
/// frame, not at a random access point), answers no ping, never skips within a stream (a viewer that is further behind
/// than the ring is closed, and counted), and has one publisher. Linux only.

enum climit_policy {
    /// Writes to every viewer after each read from the publisher.
    CLIMIT_READ = 0,
    /// Writes `delay_ms` after the first byte that waits.
    CLIMIT_TIMER = 1,
    /// Writes at a picture's end, when 43 packets wait, or when the last write is longer ago than `delay_ms`; else
    /// `delay_ms` after the first byte that waits.
    CLIMIT_PICTURE = 2
};

struct climit_options {
    enum climit_policy policy;
    /// 1 ... 10,000; CLIMIT_READ does not use it.
    uint32_t delay_ms;
    /// Bytes of each ring: a power of two, 1 MiB ... 1 GiB.
    uint32_t ring_bytes;
    /// IPv4 in host order.
    uint32_t address;
    /// 0: any free one.
    uint16_t publisher_port;
    uint16_t ws_port;
    uint16_t tcp_port;
    uint16_t http_port;
};

/// Runs until SIGTERM or SIGINT. The ports that are open go to stdout as one line of JSON before the first connection
/// is taken, and what was counted as another at the end.
///
/// Returns 0, EINVAL for an option out of its range, or the errno of what failed at the start: EADDRINUSE for a port
/// that is taken, ENOSYS on other systems than Linux.
int climit_run(const struct climit_options *options);

#endif
