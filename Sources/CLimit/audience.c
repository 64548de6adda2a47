#ifdef __linux__

#include "server.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

int audience_add(struct server *server, int fd, uint8_t framing) {
    struct audience *audience = &server->audiences[framing];
    if (audience->count == audience->capacity) {
        uint32_t capacity = audience->capacity ? 2 * audience->capacity : 64;
        struct viewer *viewers = realloc(audience->viewers, capacity * sizeof *viewers);
        if (!viewers) return ENOMEM;
        audience->viewers = viewers;
        audience->capacity = capacity;
    }
    server->table[fd].role = ROLE_VIEWER;
    server->table[fd].index = audience->count;
    audience->viewers[audience->count++] = (struct viewer){.cursor = audience->ring.head, .fd = fd};
    server->counters.viewers++;
    return 0;
}

static void drop(struct server *server, struct audience *audience, uint32_t index) {
    int fd = audience->viewers[index].fd;
    audience->viewers[index] = audience->viewers[--audience->count];
    server->table[audience->viewers[index].fd].index = index;
    ports_forget(server, fd);
}

/// One `send` of all that the viewer has not got. Returns 0 when it is to be dropped.
static inline int write_to(struct server *server, const struct ring *ring, struct viewer *viewer) {
    uint64_t bytes = ring->head - viewer->cursor;
    if (bytes > ring->bytes) {
        server->counters.viewers_dropped++;
        return 0;
    }
    if (viewer->is_blocked || bytes == 0) return 1;
    ssize_t sent = send(viewer->fd, ring_at(ring, viewer->cursor), bytes, MSG_NOSIGNAL);
    server->counters.writes++;
    if (sent == (ssize_t)bytes) {
        viewer->cursor = ring->head;
    } else if (sent >= 0) {
        viewer->cursor += (uint64_t)sent;
        viewer->is_blocked = 1;
        server->counters.partial_writes++;
    } else if (errno == EAGAIN) {
        viewer->is_blocked = 1;
        server->counters.partial_writes++;
        return 1;
    } else {
        return 0;
    }
    server->counters.bytes_out += (uint64_t)sent;
    return 1;
}

void audience_flush(struct server *server) {
    server->is_dirty = 0;
    server->counters.flushes++;
    for (int framing = 0; framing < FRAMINGS; framing++) {
        struct audience *audience = &server->audiences[framing];
        for (uint32_t index = 0; index < audience->count;) {
            if (write_to(server, &audience->ring, &audience->viewers[index])) {
                index++;
            } else {
                drop(server, audience, index);  // another viewer has its place
            }
        }
    }
}

void audience_event(struct server *server, int fd, uint32_t events) {
    struct audience *audience = &server->audiences[server->table[fd].framing];
    uint32_t index = server->table[fd].index;
    int is_gone = 0;
    if (events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) {
        // What viewers say is thrown away: pings too get no answer.
        char rubbish[4096];
        ssize_t count;
        do count = recv(fd, rubbish, sizeof rubbish, 0);
        while (count > 0);
        is_gone = count == 0 || errno != EAGAIN;
    }
    if (!is_gone && (events & EPOLLOUT) && audience->viewers[index].is_blocked) {
        audience->viewers[index].is_blocked = 0;
        is_gone = !write_to(server, &audience->ring, &audience->viewers[index]);
    }
    if (is_gone) drop(server, audience, index);
}

#endif
