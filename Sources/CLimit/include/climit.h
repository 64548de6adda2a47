#ifndef CLIMIT_H
#define CLIMIT_H

#include <stdint.h>

/// The floor of what fanning out a stream costs: one epoll loop, one ring of framed bytes for each framing, one send per
/// viewer and flush. It checks nothing, starts viewers at the head, and skips those that lag.
///
///     struct climit_options options = {.policy = CLIMIT_PICTURE, .delay_ms = 10, .ring_bytes = 8 << 20};
///     int status = climit_run(&options);

enum climit_policy {
    /// Writes to every viewer after each read from the publisher.
    CLIMIT_READ = 0,
    /// Writes `delay_ms` after the first byte that waits.
    CLIMIT_TIMER = 1,
    /// Writes at a picture's end, when 8 kB wait, or when the last write is longer ago than `delay_ms`; else after it.
    CLIMIT_PICTURE = 2
};

struct climit_options {
    enum climit_policy policy;
    /// 1 ... 1,000; not used by CLIMIT_READ.
    uint32_t delay_ms;
    /// Bytes of each ring, a power of two from 1 MiB; a viewer further behind is skipped to the head.
    uint32_t ring_bytes;
    /// All on 127.0.0.1; 0: any free one.
    uint16_t publisher_port;
    uint16_t ws_port;
    uint16_t tcp_port;
    uint16_t http_port;
};

/// Runs until SIGTERM or SIGINT. Prints the ports that are open to stdout as one line of JSON, and at the end what it
/// counted to stderr.
///
/// Returns 0, or the errno of what failed at the start.
int climit_run(const struct climit_options *options);

#endif
