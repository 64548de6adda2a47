#ifndef CLIMIT_SERVER_H
#define CLIMIT_SERVER_H

#include "climit.h"
#include "handshake.h"
#include "picture.h"
#include "ring.h"

/// Packets of one frame in the picture policy, 8,084 bytes.
#define CHUNK_PACKETS 43u
/// Largest frame: whole packets below 64 KiB, so that a WebSocket length takes two bytes.
#define FRAME_BYTES_MAX (348u * PACKET_BYTES)
/// Bytes that may wait for the timer; then they are written at once.
#define WAITING_BYTES_MAX (64u << 10)
/// Bytes of one read, as tsrelay has it.
#define READ_BYTES (64u << 10)
/// The buffer that reads go to, and where bytes wait.
#define INPUT_BYTES (WAITING_BYTES_MAX + READ_BYTES)

/// What a descriptor is.
enum role { ROLE_NONE, ROLE_SIGNALS, ROLE_LISTENER, ROLE_PUBLISHER, ROLE_HEAD, ROLE_VIEWER };

/// What is known of a descriptor; the table is indexed by it.
struct descriptor {
    uint8_t role;
    /// Of listeners, heads and viewers; FRAMINGS for the publisher's listener.
    uint8_t framing;
    uint16_t head_bytes;
    /// Of viewers: where in the audience.
    uint32_t index;
    /// Of those whose request head is not complete.
    char *head;
};

/// All that a write touches; 16 bytes.
struct viewer {
    uint64_t cursor;
    int fd;
    /// The kernel took less than there was: nothing is tried before it says that there is room.
    int is_blocked;
};

struct audience {
    struct ring ring;
    struct viewer *viewers;
    uint32_t count;
    uint32_t capacity;
};

struct counters {
    uint64_t reads, bytes_in, frames, flushes, writes, bytes_out, partial_writes;
    uint64_t viewers, viewers_dropped, publishers, publishers_refused, sync_losses;
};

struct server {
    struct climit_options options;
    struct counters counters;
    struct audience audiences[FRAMINGS];
    struct descriptor *table;
    uint32_t table_count;
    int epoll;
    int publisher;
    int is_stopping;
    /// Something was framed that was not written yet.
    int is_dirty;
    /// Nanoseconds of the monotonic clock, read once a turn.
    int64_t now;
    int64_t last_emit;
    /// When what waits is written; 0: nothing waits.
    int64_t due;
    struct picture picture;
    /// Bytes in `input`, and how many of them the picture policy has looked at.
    uint32_t filled, scanned;
    uint8_t input[INPUT_BYTES];
};

int64_t clock_now(void);

// ports.c
/// Opens the listener of a framing, FRAMINGS being the publisher's. Returns the port, or a negative errno.
int ports_open(struct server *server, uint8_t framing, uint16_t port);
/// Adds a descriptor to the loop and the table. Returns 0 or an errno.
int ports_watch(struct server *server, int fd, enum role role, uint8_t framing, uint32_t events);
void ports_forget(struct server *server, int fd);
void ports_accept(struct server *server, int listener);
/// Bytes of a request head have come.
void ports_read_head(struct server *server, int fd);

// ingest.c
/// The publisher can be read.
void ingest_read(struct server *server);
/// `due` has come.
void ingest_due(struct server *server);

// audience.c
/// Takes a viewer in, at the head. Returns 0, or ENOMEM.
int audience_add(struct server *server, int fd, uint8_t framing);
/// Writes to every viewer what it has not got.
void audience_flush(struct server *server);
/// A viewer can be read, written, or is gone.
void audience_event(struct server *server, int fd, uint32_t events);

#endif
