#include "climit.h"

#include <errno.h>

#ifdef __linux__

#include "server.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#define EVENTS_PER_TURN 1024
#define DESCRIPTORS_MAX (1u << 20)

int64_t clock_now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static void handle(struct server *server, int fd, uint32_t events) {
    switch ((enum role)server->table[fd].role) {
    case ROLE_VIEWER: return audience_event(server, fd, events);
    case ROLE_PUBLISHER: return ingest_read(server);
    case ROLE_LISTENER: return ports_accept(server, fd);
    case ROLE_HEAD: return ports_read_head(server, fd);
    case ROLE_SIGNALS: server->is_stopping = 1; return;
    case ROLE_NONE: return;  // closed earlier in this turn
    }
}

/// Milliseconds that the loop may sleep, rounded up; -1 for ever.
static int patience(const struct server *server) {
    if (server->due == 0) return -1;
    int64_t left = server->due - server->now;
    return left <= 0 ? 0 : (int)((left + 999999) / 1000000);
}

static void turn(struct server *server) {
    static struct epoll_event events[EVENTS_PER_TURN];
    server->now = clock_now();
    int count = epoll_wait(server->epoll, events, EVENTS_PER_TURN, patience(server));
    server->now = clock_now();
    for (int index = 0; index < count; index++) handle(server, events[index].data.fd, events[index].events);
    if (server->due != 0 && server->now >= server->due) ingest_due(server);
    if (server->is_dirty) audience_flush(server);
}

static int watch_signals(struct server *server) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    if (sigprocmask(SIG_BLOCK, &set, NULL) != 0) return errno;
    int fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    return fd < 0 ? errno : ports_watch(server, fd, ROLE_SIGNALS, FRAMINGS, EPOLLIN);
}

/// Room for every descriptor that the process may have; pages that are not touched take no memory.
static int make_table(struct server *server) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return errno;
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0) return errno;
    server->table_count = limit.rlim_cur > DESCRIPTORS_MAX ? DESCRIPTORS_MAX : (uint32_t)limit.rlim_cur;
    server->table = calloc(server->table_count, sizeof *server->table);
    return server->table ? 0 : ENOMEM;
}

static int start(struct server *server) {
    static const char *const policies[] = {"read", "timer", "picture"};
    const struct climit_options *options = &server->options;
    const uint16_t ports[] = {options->ws_port, options->tcp_port, options->http_port, options->publisher_port};
    int open[FRAMINGS + 1];
    signal(SIGPIPE, SIG_IGN);
    int code = make_table(server);
    if (code != 0) return code;
    server->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (server->epoll < 0) return errno;
    code = watch_signals(server);
    for (int framing = 0; framing < FRAMINGS && code == 0; framing++) {
        code = ring_open(&server->audiences[framing].ring, (enum framing)framing, options->ring_bytes);
    }
    for (uint8_t framing = 0; framing <= FRAMINGS && code == 0; framing++) {
        open[framing] = ports_open(server, framing, ports[framing]);
        if (open[framing] < 0) code = -open[framing];
    }
    if (code != 0) return code;
    printf(
        "{\"policy\":\"%s\",\"publisherPort\":%d,\"wsPort\":%d,\"tcpPort\":%d,\"httpPort\":%d}\n",
        policies[options->policy], open[FRAMINGS], open[FRAMING_WS], open[FRAMING_TCP], open[FRAMING_HTTP]);
    fflush(stdout);
    return 0;
}

static void tell(const struct counters *c) {
    printf(
        "{\"reads\":%" PRIu64 ",\"bytesIn\":%" PRIu64 ",\"frames\":%" PRIu64 ",\"flushes\":%" PRIu64
        ",\"writes\":%" PRIu64 ",\"bytesOut\":%" PRIu64 ",\"partialWrites\":%" PRIu64 ",\"viewers\":%" PRIu64
        ",\"viewersDropped\":%" PRIu64 ",\"publishers\":%" PRIu64 ",\"publishersRefused\":%" PRIu64
        ",\"syncLosses\":%" PRIu64 "}\n",
        c->reads, c->bytes_in, c->frames, c->flushes, c->writes, c->bytes_out, c->partial_writes, c->viewers,
        c->viewers_dropped, c->publishers, c->publishers_refused, c->sync_losses);
    fflush(stdout);
}

int climit_run(const struct climit_options *options) {
    uint32_t ring = options->ring_bytes;
    if (options->policy > CLIMIT_PICTURE || options->delay_ms < 1 || options->delay_ms > 10000) return EINVAL;
    if (ring < 1u << 20 || ring > 1u << 30 || (ring & (ring - 1)) != 0) return EINVAL;
    static struct server server;
    server = (struct server){.options = *options, .publisher = -1, .picture = {.pid = -1}};
    int code = start(&server);
    if (code != 0) return code;
    while (!server.is_stopping) turn(&server);
    tell(&server.counters);
    return 0;
}

#else

int climit_run(const struct climit_options *options) {
    (void)options;
    return ENOSYS;
}

#endif
