#include "fault_injector.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>
#include <unwind.h>
#include <uv.h>

// The words of the page that the test shares, in this order.
enum word { WORD_IS_ON, WORD_STRUCK, WORD_HEAP, WORD_WAITS, WORD_LEAKS, WORDS };
enum leaks { LEAKS_UNKNOWN, LEAKS_ASKED, LEAKS_NONE, LEAKS_FOUND, LEAKS_CANNOT_TELL };

static const char *wanted;
static long first;
static long count;
static int code;
static long calls;
static uint64_t no_page[WORDS];
static uint64_t *page = no_page;

// Those of a sanitizer, where the program has one.
extern size_t __sanitizer_get_current_allocated_bytes(void) __attribute__((weak));
extern int __lsan_do_recoverable_leak_check(void) __attribute__((weak));

static long number_of(const char *variable, long otherwise) {
    const char *text = getenv(variable);
    return text ? atol(text) : otherwise;
}

static void open_page(const char *path) {
    int file = syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC, 0);
    if (file < 0) abort();
    void *shared = mmap(NULL, sizeof no_page, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (shared == MAP_FAILED) abort();
    page = shared;
    syscall(SYS_close, file);
}

__attribute__((constructor)) static void read_environment(void) {
    wanted = getenv("FAULT_CALL");
    if (!wanted) return;
    // A sanitizer reads symbols by another program, which is none of the test.
    unsetenv("LD_PRELOAD");
    first = number_of("FAULT_NUMBER", 1);
    count = number_of("FAULT_COUNT", 1);
    code = number_of("FAULT_ERRNO", ENOMEM);
    // What other threads of the test opened in the moment of the start is none of the process's descriptors.
    syscall(SYS_close_range, 3, ~0U, 0);
    const char *path = getenv("FAULT_PAGE");
    if (path) open_page(path);
}

// Whether the list of names has this one, of libuv's calls or the program's.
static bool is_listed(const char *name, bool by_libuv) {
    size_t length = strlen(name);
    for (const char *entry = wanted; entry; entry = strchr(entry, ',')) {
        if (*entry == ',') entry++;
        bool is_libuvs = strncmp(entry, "libuv.", 6) == 0;
        const char *bare = is_libuvs ? entry + 6 : entry;
        bool is_name = strncmp(bare, name, length) == 0 && (bare[length] == 0 || bare[length] == ',');
        if (is_name && is_libuvs == by_libuv) return true;
    }
    return false;
}

struct walk {
    void *from;
    void *found;
    bool is_next;
};

static _Unwind_Reason_Code walked(struct _Unwind_Context *context, void *state) {
    struct walk *walk = state;
    void *at = (void *)_Unwind_GetIP(context);
    if (walk->is_next) {
        walk->found = at;
        return _URC_END_OF_STACK;
    }
    walk->is_next = at == walk->from;
    return _URC_NO_REASON;
}

// A sanitizer defines functions of the C library in the program itself, which call us: who has called those?
static void *true_caller(const char *name, void *caller) {
    if (!__sanitizer_get_current_allocated_bytes) return caller;
    Dl_info object;
    void *defined = dlsym(RTLD_DEFAULT, name);
    if (!defined || !dladdr(defined, &object) || strstr(object.dli_fname, ".so")) return caller;
    struct walk walk = {.from = caller};
    _Unwind_Backtrace(walked, &walk);
    return walk.found ? walk.found : caller;
}

// Whether the caller is libuv, or else the program: the door through which Swift calls variadic functions included.
static bool is_by_whom_we_want(const char *name, void *caller) {
    Dl_info object;
    if (!dladdr(true_caller(name, caller), &object) || !object.dli_fname) return false;
    if (strstr(object.dli_fname, "libuv.so")) return is_listed(name, true);
    bool is_program = strstr(object.dli_fname, "libswiftGlibc.so") || !strstr(object.dli_fname, ".so");
    return is_program && is_listed(name, false);
}

static bool is_socket(int fd) {
    struct stat about;
    return fstat(fd, &about) == 0 && S_ISSOCK(about.st_mode);
}

// Of the calls on descriptors of all kinds the program's, and libuv's on sockets: its pipes are no peers.
static bool is_meant(const char *name, int fd) { return wanted && (is_listed(name, false) || is_socket(fd)); }

static bool must_fail(const char *name, void *caller) {
    if (!wanted || (!is_listed(name, true) && !is_listed(name, false))) return false;
    if (!is_by_whom_we_want(name, caller)) return false;
    if (first == 0) {
        if (__atomic_load_n(&page[WORD_IS_ON], __ATOMIC_RELAXED) == 0) return false;
    } else {
        long number = __atomic_add_fetch(&calls, 1, __ATOMIC_RELAXED);
        if (number < first || (count > 0 && number >= first + count)) return false;
    }
    // One line, as the log of the program may be what is counted.
    long call = __atomic_load_n(&calls, __ATOMIC_RELAXED);
    if (__atomic_fetch_add(&page[WORD_STRUCK], 1, __ATOMIC_RELAXED) == 0) {
        char line[128];
        int length = snprintf(line, sizeof line, "fault: call %ld of %s\n", call, name);
        syscall(SYS_write, 2, line, length);
    }
    errno = code;
    return true;
}

#define CALLER __builtin_return_address(0)

#define NEXT(result, name, parameters)                                                                                 \
    static result(*known) parameters;                                                                                  \
    result(*next) parameters = __atomic_load_n(&known, __ATOMIC_RELAXED);                                              \
    if (!next) {                                                                                                       \
        next = (result(*) parameters)dlsym(RTLD_NEXT, #name);                                                          \
        __atomic_store_n(&known, next, __ATOMIC_RELAXED);                                                              \
    }

// Defines the function of libuv, which fails with the negated number.
#define UV(name, parameters, arguments)                                                                                \
    int name parameters {                                                                                              \
        NEXT(int, name, parameters);                                                                                   \
        return must_fail(#name, CALLER) ? -code : next arguments;                                                      \
    }

// Defines the function of the C library, which fails with -1 and errno; only `when`.
#define LIBC(result, name, parameters, arguments, when)                                                                \
    result name parameters {                                                                                           \
        NEXT(result, name, parameters);                                                                                \
        return (when) && must_fail(#name, CALLER) ? -1 : next arguments;                                               \
    }

// MARK: libuv

UV(uv_loop_init, (uv_loop_t * loop), (loop))
UV(uv_async_init, (uv_loop_t * loop, uv_async_t *async, uv_async_cb then), (loop, async, then))
UV(uv_timer_init, (uv_loop_t * loop, uv_timer_t *timer), (loop, timer))
UV(uv_prepare_init, (uv_loop_t * loop, uv_prepare_t *prepare), (loop, prepare))
UV(uv_prepare_start, (uv_prepare_t * prepare, uv_prepare_cb then), (prepare, then))
UV(uv_signal_init, (uv_loop_t * loop, uv_signal_t *signal), (loop, signal))
UV(uv_signal_start, (uv_signal_t * signal, uv_signal_cb then, int which), (signal, then, which))
UV(uv_poll_init, (uv_loop_t * loop, uv_poll_t *poll, int fd), (loop, poll, fd))
UV(uv_poll_start, (uv_poll_t * poll, int events, uv_poll_cb then), (poll, events, then))
UV(uv_tcp_init, (uv_loop_t * loop, uv_tcp_t *tcp), (loop, tcp))
UV(uv_tcp_open, (uv_tcp_t * tcp, uv_os_sock_t fd), (tcp, fd))
UV(uv_tcp_connect, (uv_connect_t * request, uv_tcp_t *tcp, const struct sockaddr *to, uv_connect_cb then),
    (request, tcp, to, then))
UV(uv_read_start, (uv_stream_t * stream, uv_alloc_cb lend, uv_read_cb then), (stream, lend, then))
UV(uv_try_write, (uv_stream_t * stream, const uv_buf_t list[], unsigned length), (stream, list, length))
UV(uv_write, (uv_write_t * request, uv_stream_t *stream, const uv_buf_t list[], unsigned length, uv_write_cb then),
    (request, stream, list, length, then))
UV(uv_shutdown, (uv_shutdown_t * request, uv_stream_t *stream, uv_shutdown_cb then), (request, stream, then))
UV(uv_udp_init_ex, (uv_loop_t * loop, uv_udp_t *udp, unsigned flags), (loop, udp, flags))
UV(uv_udp_bind, (uv_udp_t * udp, const struct sockaddr *to, unsigned flags), (udp, to, flags))
UV(uv_udp_recv_start, (uv_udp_t * udp, uv_alloc_cb lend, uv_udp_recv_cb then), (udp, lend, then))
UV(uv_udp_try_send, (uv_udp_t * udp, const uv_buf_t list[], unsigned length, const struct sockaddr *to),
    (udp, list, length, to))
UV(uv_udp_set_membership, (uv_udp_t * udp, const char *group, const char *interface, uv_membership join),
    (udp, group, interface, join))
UV(uv_udp_set_source_membership,
    (uv_udp_t * udp, const char *group, const char *interface, const char *source, uv_membership join),
    (udp, group, interface, source, join))
UV(uv_udp_set_multicast_interface, (uv_udp_t * udp, const char *interface), (udp, interface))
UV(uv_udp_set_multicast_ttl, (uv_udp_t * udp, int hops), (udp, hops))
UV(uv_fileno, (const uv_handle_t *handle, uv_os_fd_t *fd), (handle, fd))
UV(uv_getaddrinfo,
    (uv_loop_t * loop, uv_getaddrinfo_t *request, uv_getaddrinfo_cb then, const char *node, const char *service,
        const struct addrinfo *hints),
    (loop, request, then, node, service, hints))
UV(uv_thread_create, (uv_thread_t * thread, uv_thread_cb body, void *argument), (thread, body, argument))
UV(uv_cond_init, (uv_cond_t * condition), (condition))
UV(uv_os_environ, (uv_env_item_t * *items, int *count), (items, count))
UV(uv_os_gethostname, (char *name, size_t *size), (name, size))
UV(uv_gettimeofday, (uv_timeval64_t * now), (now))
UV(uv_exepath, (char *path, size_t *size), (path, size))
UV(uv_pipe_init, (uv_loop_t * loop, uv_pipe_t *pipe, int passes), (loop, pipe, passes))
UV(uv_interface_addresses, (uv_interface_address_t * *list, int *count), (list, count))

// It has put the handle into its loop's list before it fails, so it must really begin.
int uv_spawn(uv_loop_t *loop, uv_process_t *process, const uv_process_options_t *options) {
    NEXT(int, uv_spawn, (uv_loop_t * loop, uv_process_t *process, const uv_process_options_t *options));
    if (!must_fail("uv_spawn", CALLER)) return next(loop, process, options);
    uv_process_options_t nowhere = *options;
    nowhere.file = "/nowhere/at/all";
    next(loop, process, &nowhere);
    return -code;
}

// MARK: The C library

LIBC(int, socket, (int family, int type, int protocol), (family, type, protocol), true)
LIBC(int, bind, (int fd, const struct sockaddr *to, socklen_t size), (fd, to, size), true)
LIBC(int, listen, (int fd, int backlog), (fd, backlog), true)
LIBC(int, connect, (int fd, const struct sockaddr *to, socklen_t size), (fd, to, size), true)
LIBC(int, accept4, (int fd, struct sockaddr *from, socklen_t *size, int flags), (fd, from, size, flags), true)
LIBC(int, accept, (int fd, struct sockaddr *from, socklen_t *size), (fd, from, size), true)
LIBC(int, getsockname, (int fd, struct sockaddr *address, socklen_t *size), (fd, address, size), true)
LIBC(int, setsockopt, (int fd, int level, int name, const void *value, socklen_t size),
    (fd, level, name, value, size), true)
LIBC(int, getsockopt, (int fd, int level, int name, void *value, socklen_t *size), (fd, level, name, value, size), true)
LIBC(int, shutdown, (int fd, int how), (fd, how), true)
LIBC(ssize_t, send, (int fd, const void *bytes, size_t length, int flags), (fd, bytes, length, flags), true)
LIBC(ssize_t, sendmsg, (int fd, const struct msghdr *message, int flags), (fd, message, flags), true)
LIBC(ssize_t, recvmsg, (int fd, struct msghdr *message, int flags), (fd, message, flags), true)
LIBC(ssize_t, read, (int fd, void *bytes, size_t length), (fd, bytes, length), is_meant("read", fd))
LIBC(ssize_t, write, (int fd, const void *bytes, size_t length), (fd, bytes, length), is_meant("write", fd))
LIBC(ssize_t, writev, (int fd, const struct iovec *list, int length), (fd, list, length), is_meant("writev", fd))

int open(const char *path, int flags, ...) {
    NEXT(int, open, (const char *path, int flags, ...));
    va_list list;
    va_start(list, flags);
    mode_t mode = va_arg(list, mode_t);
    va_end(list);
    return must_fail("open", CALLER) ? -1 : next(path, flags, mode);
}

// libuv 1.44 calls recvmmsg and sendmmsg by their numbers.
long syscall(long which, ...) {
    NEXT(long, syscall, (long which, ...));
    long argument[6];
    va_list list;
    va_start(list, which);
    for (int index = 0; index < 6; index++) argument[index] = va_arg(list, long);
    va_end(list);
    if (which == SYS_recvmmsg && must_fail("recvmmsg", CALLER)) return -1;
    return next(which, argument[0], argument[1], argument[2], argument[3], argument[4], argument[5]);
}

// MARK: What a test asks for, answered before a loop waits

static void tell(void) {
    struct mallinfo2 memory;
    uint64_t bytes = 0;
    if (__sanitizer_get_current_allocated_bytes) {
        bytes = __sanitizer_get_current_allocated_bytes();
    } else {
        memory = mallinfo2();
        bytes = memory.uordblks + memory.hblkhd;
    }
    __atomic_store_n(&page[WORD_HEAP], bytes, __ATOMIC_RELAXED);
    __atomic_fetch_add(&page[WORD_WAITS], 1, __ATOMIC_RELAXED);
    uint64_t asked = LEAKS_ASKED;
    if (!__atomic_compare_exchange_n(
            &page[WORD_LEAKS], &asked, LEAKS_UNKNOWN, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
        return;
    uint64_t answer = LEAKS_CANNOT_TELL;
    if (__lsan_do_recoverable_leak_check) answer = __lsan_do_recoverable_leak_check() ? LEAKS_FOUND : LEAKS_NONE;
    __atomic_store_n(&page[WORD_LEAKS], answer, __ATOMIC_RELAXED);
}

int epoll_wait(int fd, struct epoll_event *events, int most, int timeout) {
    NEXT(int, epoll_wait, (int fd, struct epoll_event *events, int most, int timeout));
    if (page != no_page) tell();
    return next(fd, events, most, timeout);
}

int epoll_pwait(int fd, struct epoll_event *events, int most, int timeout, const sigset_t *signals) {
    NEXT(int, epoll_pwait, (int fd, struct epoll_event *events, int most, int timeout, const sigset_t *signals));
    if (page != no_page) tell();
    return next(fd, events, most, timeout, signals);
}
