#include "fault_injector.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>
#include <uv.h>

static const char *wanted;
static bool is_libuvs;
static long number;
static int code;
static long calls;

__attribute__((constructor)) static void read_environment(void) {
    const char *text = getenv("FAULT_CALL");
    if (!text) return;
    is_libuvs = strncmp(text, "libuv.", 6) == 0;
    number = atol(getenv("FAULT_NUMBER") ?: "1");
    code = atoi(getenv("FAULT_ERRNO") ?: "12");
    wanted = is_libuvs ? text + 6 : text;
    // What other threads of the test opened in the moment of the start is none of the process's descriptors.
    syscall(SYS_close_range, 3, ~0U, 0);
}

// Whether the caller is libuv, or else the program: the door through which Swift calls variadic functions included.
static bool is_by_whom_we_want(void *caller) {
    Dl_info object;
    if (!dladdr(caller, &object) || !object.dli_fname) return false;
    if (is_libuvs) return strstr(object.dli_fname, "libuv.so");
    return strstr(object.dli_fname, "libswiftGlibc.so") || !strstr(object.dli_fname, ".so");
}

static bool is_socket(int fd) {
    struct stat about;
    return fstat(fd, &about) == 0 && S_ISSOCK(about.st_mode);
}

static bool must_fail(const char *name, void *caller) {
    if (!wanted || strcmp(name, wanted) != 0 || !is_by_whom_we_want(caller)) return false;
    if (__atomic_add_fetch(&calls, 1, __ATOMIC_RELAXED) != number) return false;
    char line[128];
    int length = snprintf(line, sizeof line, "fault: call %ld of %s\n", number, name);
    syscall(SYS_write, 2, line, length);
    errno = code;
    return true;
}

#define CALLER __builtin_return_address(0)

#define NEXT(result, name, parameters)                                                                                 \
    static result(*next) parameters;                                                                                   \
    if (!next) next = (result(*) parameters)dlsym(RTLD_NEXT, #name)

// Defines the function of libuv, which fails with the negated number.
#define UV(name, parameters, arguments)                                                                                \
    int name parameters {                                                                                              \
        NEXT(int, name, parameters);                                                                                   \
        return must_fail(#name, CALLER) ? -code : next arguments;                                                      \
    }

// Defines the function of the C library, which fails with -1 and errno; libuv's calls only `when`.
#define LIBC(result, name, parameters, arguments, when)                                                                \
    result name parameters {                                                                                           \
        NEXT(result, name, parameters);                                                                                \
        return (!is_libuvs || (when)) && must_fail(#name, CALLER) ? -1 : next arguments;                               \
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
UV(uv_interface_addresses, (uv_interface_address_t * *list, int *count), (list, count))

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
LIBC(ssize_t, read, (int fd, void *bytes, size_t length), (fd, bytes, length), is_socket(fd))
LIBC(ssize_t, write, (int fd, const void *bytes, size_t length), (fd, bytes, length), is_socket(fd))
LIBC(ssize_t, writev, (int fd, const struct iovec *list, int length), (fd, list, length), is_socket(fd))

int open(const char *path, int flags, ...) {
    NEXT(int, open, (const char *path, int flags, ...));
    va_list list;
    va_start(list, flags);
    mode_t mode = va_arg(list, mode_t);
    va_end(list);
    return !is_libuvs && must_fail("open", CALLER) ? -1 : next(path, flags, mode);
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
