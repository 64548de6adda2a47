#ifdef __linux__

#include "server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

/// Unsent bytes that the kernel holds of a viewer, as tsrelay has it: more would be stale.
#define UNSENT_BYTES (128 << 10)
#define ACCEPTS_PER_EVENT 256

int ports_watch(struct server *server, int fd, enum role role, uint8_t framing, uint32_t events) {
    if ((uint32_t)fd >= server->table_count) return EMFILE;
    struct epoll_event event = {.events = events, .data.fd = fd};
    if (epoll_ctl(server->epoll, EPOLL_CTL_ADD, fd, &event) != 0) return errno;
    server->table[fd] = (struct descriptor){.role = (uint8_t)role, .framing = framing};
    return 0;
}

void ports_forget(struct server *server, int fd) {
    free(server->table[fd].head);
    server->table[fd] = (struct descriptor){.role = ROLE_NONE};
    close(fd);
}

int ports_open(struct server *server, uint8_t framing, uint16_t port) {
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return -errno;
    int yes = 1;
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(server->options.address)};
    socklen_t bytes = sizeof address;
    int code = 0;
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) != 0 ||
        bind(fd, (struct sockaddr *)&address, bytes) != 0 || listen(fd, 4096) != 0 ||
        getsockname(fd, (struct sockaddr *)&address, &bytes) != 0) {
        code = errno;
    } else {
        code = ports_watch(server, fd, ROLE_LISTENER, framing, EPOLLIN);
    }
    if (code != 0) {
        close(fd);
        return -code;
    }
    return ntohs(address.sin_port);
}

/// Takes a connection in. Returns 0 when it cannot be served.
static int admit(struct server *server, int fd, uint8_t framing) {
    if (framing == FRAMINGS) {
        if (server->publisher >= 0) {
            server->counters.publishers_refused++;
            return 0;
        }
        if (ports_watch(server, fd, ROLE_PUBLISHER, framing, EPOLLIN) != 0) return 0;
        server->publisher = fd;
        server->counters.publishers++;
        return 1;
    }
    int yes = 1;
    int unsent = UNSENT_BYTES;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent, sizeof unsent);
    // Edge triggered, and once for all: no call more when a viewer's socket is full.
    uint32_t events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
    if (ports_watch(server, fd, ROLE_HEAD, framing, events) != 0) return 0;
    return framing != FRAMING_TCP || audience_add(server, fd, framing) == 0;
}

void ports_accept(struct server *server, int listener) {
    for (int round = 0; round < ACCEPTS_PER_EVENT; round++) {
        int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0) {
            // Out of descriptors: no more viewers, rather than a loop that turns for nothing.
            if (errno == EMFILE || errno == ENFILE) epoll_ctl(server->epoll, EPOLL_CTL_DEL, listener, NULL);
            return;
        }
        if (!admit(server, fd, server->table[listener].framing)) {
            if ((uint32_t)fd < server->table_count) ports_forget(server, fd);
            else close(fd);
        }
    }
}

void ports_read_head(struct server *server, int fd) {
    struct descriptor *entry = &server->table[fd];
    if (!entry->head) entry->head = malloc(HEAD_BYTES_MAX);
    if (!entry->head) return ports_forget(server, fd);
    ssize_t count;
    while ((count = recv(fd, entry->head + entry->head_bytes, (size_t)(HEAD_BYTES_MAX - entry->head_bytes), 0)) > 0) {
        entry->head_bytes += (uint16_t)count;
        if (memmem(entry->head, entry->head_bytes, "\r\n\r\n", 4)) break;
    }
    if (count < 0 && errno == EAGAIN) return;
    // Gone, or the head is too long: recv was left no room.
    if (count <= 0) return ports_forget(server, fd);
    char answer[256];
    size_t bytes = entry->framing == FRAMING_WS ? handshake_ws(entry->head, entry->head_bytes, answer)
                                                : handshake_http(answer);
    if (bytes == 0) {
        static const char refusal[] = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        (void)!send(fd, refusal, sizeof refusal - 1, MSG_NOSIGNAL);
        return ports_forget(server, fd);
    }
    free(entry->head);
    entry->head = NULL;
    // The socket is new and empty: it takes so few bytes whole.
    if (send(fd, answer, bytes, MSG_NOSIGNAL) != (ssize_t)bytes || audience_add(server, fd, entry->framing) != 0) {
        ports_forget(server, fd);
    }
}

#endif
