#include "picture.h"

/// Whether an adaptation field of `length` bytes behind its length byte holds more than its flags explain (ISO/IEC
/// 13818-1 2.4.3.4).
static int is_stuffed(const uint8_t *field, uint32_t length) {
    uint8_t flags = length > 0 ? field[0] : 0;
    if (flags == 0) return 1;  // one or two bytes of filling: nothing else needed the field
    uint32_t bytes = 1;
    if (flags & 0x10) bytes += 6;  // PCR
    if (flags & 0x08) bytes += 6;  // OPCR
    if (flags & 0x04) bytes += 1;  // splice_countdown
    if (flags & 0x02) bytes += bytes < length ? 1u + field[bytes] : 1u;  // private data
    if (flags & 0x01) bytes += bytes < length ? 1u + field[bytes] : 1u;  // extension
    return length > bytes;
}

int picture_look(struct picture *picture, const uint8_t *packet) {
    int pid = (packet[1] & 0x1f) << 8 | packet[2];
    int starts = packet[1] & 0x40;
    // Neither a start nor the picture that is open: nearly every packet of other PIDs leaves here.
    if (pid != picture->pid && (picture->pid >= 0 || !starts)) return EDGE_NONE;
    if (!(packet[3] & 0x10)) return EDGE_NONE;
    uint32_t at = 4;
    int is_filled = 0;
    if (packet[3] & 0x20) {
        uint32_t length = packet[4];
        if (length > 182) return EDGE_NONE;  // no room for payload behind it
        is_filled = is_stuffed(packet + 5, length);
        at += 1 + length;
    }
    int32_t payload = (int32_t)(PACKET_BYTES - at);
    int edges = EDGE_NONE;
    if (starts) {
        const uint8_t *pes = packet + at;
        int is_pes = payload >= 6 && pes[0] == 0 && pes[1] == 0 && pes[2] == 1;
        if (picture->pid < 0) {
            if (!is_pes || (pes[3] & 0xf0) != 0xe0) return EDGE_NONE;
            picture->pid = pid;
        }
        edges = EDGE_START;
        picture->is_open = 1;
        uint32_t length = is_pes ? (uint32_t)pes[4] << 8 | pes[5] : 0;
        picture->missing = length ? (int32_t)length + 6 : -1;
    } else if (!picture->is_open) {
        return EDGE_NONE;
    }
    if (picture->missing >= 0) {
        picture->missing -= payload;
        if (picture->missing > 0) return edges;
    } else if (!is_filled || starts) {
        // Encoders put fields of their own into a picture's first packet: it is no end without a length.
        return edges;
    }
    picture->is_open = 0;
    return edges | EDGE_END;
}
