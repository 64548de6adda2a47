#ifndef CLIMIT_RING_H
#define CLIMIT_RING_H

#include <stdint.h>

/// How a ring wraps packets.
enum framing { FRAMING_WS, FRAMING_TCP, FRAMING_HTTP, FRAMINGS };

/// The last `bytes` framed bytes. The memory is mapped twice in a row, so any run of at most `bytes` is contiguous and
/// goes out in one `send`, wherever it lies.
struct ring {
    uint8_t *memory;
    uint64_t bytes;
    /// Bytes that were ever put in; what viewers point at are such offsets too.
    uint64_t head;
    enum framing framing;
};

/// Returns 0 or an errno. `bytes` is a power of two and a multiple of the page size.
int ring_open(struct ring *ring, enum framing framing, uint32_t bytes);

/// Puts whole packets in as one frame; 1 ... 65,535 bytes.
void ring_append(struct ring *ring, const uint8_t *packets, uint32_t bytes);

static inline const uint8_t *ring_at(const struct ring *ring, uint64_t offset) {
    return ring->memory + (offset & (ring->bytes - 1));
}

#endif
