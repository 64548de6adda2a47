#ifdef __linux__

#include "server.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

/// Frames the packets `from ..< to` of the input, once for each framing that has viewers.
static void emit(struct server *server, uint32_t from, uint32_t to) {
    while (from < to) {
        uint32_t bytes = to - from > FRAME_BYTES_MAX ? FRAME_BYTES_MAX : to - from;
        for (int framing = 0; framing < FRAMINGS; framing++) {
            struct audience *audience = &server->audiences[framing];
            if (audience->count) ring_append(&audience->ring, server->input + from, bytes);
        }
        server->counters.frames++;
        from += bytes;
    }
    server->is_dirty = 1;
    server->last_emit = server->now;
    server->due = 0;
}

/// Takes the first `bytes` out of the input.
static void consume(struct server *server, uint32_t bytes) {
    if (bytes == 0) return;
    server->filled -= bytes;
    server->scanned -= server->scanned < bytes ? server->scanned : bytes;
    memmove(server->input, server->input + bytes, server->filled);
}

/// Bytes of whole packets that wait.
static uint32_t whole_bytes(const struct server *server) { return server->filled - server->filled % PACKET_BYTES; }

static void emit_all(struct server *server) {
    uint32_t bytes = whole_bytes(server);
    if (bytes == 0) return;
    emit(server, 0, bytes);
    consume(server, bytes);
    server->scanned = 0;
}

/// Emits at picture ends and wherever 43 packets wait; what is behind them waits on.
static void emit_pictures(struct server *server) {
    uint32_t whole = whole_bytes(server);
    uint32_t start = 0;
    while (server->scanned < whole) {
        int edges = picture_look(&server->picture, server->input + server->scanned);
        if ((edges & EDGE_START) && server->scanned > start) {
            emit(server, start, server->scanned);
            start = server->scanned;
        }
        server->scanned += PACKET_BYTES;
        if ((edges & EDGE_END) || server->scanned - start == CHUNK_PACKETS * PACKET_BYTES) {
            emit(server, start, server->scanned);
            start = server->scanned;
        }
    }
    consume(server, start);
}

/// Decides about what has come.
static void decide(struct server *server) {
    int64_t delay = (int64_t)server->options.delay_ms * 1000000;
    switch (server->options.policy) {
    case CLIMIT_READ:
        emit_all(server);
        return;
    case CLIMIT_PICTURE:
        emit_pictures(server);
        if (server->now - server->last_emit >= delay) emit_all(server);
        break;
    case CLIMIT_TIMER:
        if (server->filled >= WAITING_BYTES_MAX) emit_all(server);
        break;
    }
    if (whole_bytes(server) > 0 && server->due == 0) server->due = server->now + delay;
}

/// Sync bytes are all that is checked: a publisher out of step would spoil every frame from there on.
static int is_in_step(const struct server *server, uint32_t from) {
    for (uint32_t at = from - from % PACKET_BYTES; at < server->filled; at += PACKET_BYTES) {
        if (server->input[at] != 0x47) return 0;
    }
    return 1;
}

static void lose_publisher(struct server *server) {
    emit_all(server);
    ports_forget(server, server->publisher);
    server->publisher = -1;
    server->filled = 0;
    server->scanned = 0;
    server->due = 0;
    server->picture = (struct picture){.pid = -1};
}

void ingest_read(struct server *server) {
    uint32_t before = server->filled;  // below WAITING_BYTES_MAX: decide() saw to it
    ssize_t count = recv(server->publisher, server->input + before, READ_BYTES, 0);
    if (count < 0 && errno == EAGAIN) return;
    if (count <= 0) return lose_publisher(server);
    server->counters.reads++;
    server->counters.bytes_in += (uint64_t)count;
    server->filled += (uint32_t)count;
    if (!is_in_step(server, before)) {
        server->filled = before;
        server->counters.sync_losses++;
        return lose_publisher(server);
    }
    decide(server);
}

void ingest_due(struct server *server) {
    server->due = 0;
    emit_all(server);
}

#endif
