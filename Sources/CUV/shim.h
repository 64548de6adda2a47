#include <uv.h>

#ifdef __linux__
#include <sched.h>
// Declared by <sys/socket.h> and <sched.h> for _GNU_SOURCE alone, which a module cannot set for the C library.
int accept4(int socket, struct sockaddr *address, socklen_t *bytes, int flags);
int sched_setaffinity(pid_t thread, size_t bytes, const cpu_set_t *set);
#endif
