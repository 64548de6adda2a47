#ifndef CLIMIT_PICTURE_H
#define CLIMIT_PICTURE_H

#include <stdint.h>

#define PACKET_BYTES 188u

/// Where pictures start and end, as far as the packets' headers show it.
struct picture {
    /// The first PID on which a video PES began; -1 before.
    int pid;
    int is_open;
    /// Bytes of the PES packet that are still to come; -1 where PES_packet_length does not say.
    int32_t missing;
};

enum picture_edge { EDGE_NONE = 0, EDGE_START = 1, EDGE_END = 2 };

/// Looks at one packet, in the order of the stream. Returns a set of edges: a picture starts with it, a picture ends
/// with it.
int picture_look(struct picture *picture, const uint8_t *packet);

#endif
