#ifdef __linux__

#include "ring.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int ring_open(struct ring *ring, enum framing framing, uint32_t bytes) {
    int code = 0;
    int file = memfd_create("ring", MFD_CLOEXEC);
    if (file < 0) return errno;
    // First the addresses, then the same pages at both halves of them.
    uint8_t *memory = MAP_FAILED;
    if (ftruncate(file, bytes) == 0) memory = mmap(NULL, 2 * (size_t)bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
        code = errno;
    } else {
        for (int half = 0; half < 2 && code == 0; half++) {
            void *at = memory + half * (size_t)bytes;
            if (mmap(at, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, file, 0) == MAP_FAILED) code = errno;
        }
    }
    close(file);
    *ring = (struct ring){.memory = memory, .bytes = bytes, .framing = framing};
    return code;
}

/// Bytes of the frame's header, which is written to `out`.
static uint32_t write_header(enum framing framing, uint32_t payload, uint8_t *out) {
    switch (framing) {
    case FRAMING_WS:  // RFC 6455 5.2: final, binary, not masked.
        out[0] = 0x82;
        if (payload < 126) {
            out[1] = (uint8_t)payload;
            return 2;
        }
        out[1] = 126;
        out[2] = (uint8_t)(payload >> 8);
        out[3] = (uint8_t)payload;
        return 4;
    case FRAMING_HTTP:  // RFC 9112 7.1.
        return (uint32_t)sprintf((char *)out, "%x\r\n", payload);
    case FRAMING_TCP:
    case FRAMINGS:
        break;
    }
    return 0;
}

void ring_append(struct ring *ring, const uint8_t *packets, uint32_t bytes) {
    uint8_t *at = ring->memory + (ring->head & (ring->bytes - 1));
    uint32_t header = write_header(ring->framing, bytes, at);
    memcpy(at + header, packets, bytes);
    uint32_t total = header + bytes;
    if (ring->framing == FRAMING_HTTP) {
        memcpy(at + total, "\r\n", 2);
        total += 2;
    }
    ring->head += total;
}

#endif
