#include <uv.h>

#ifdef __linux__
// Declared by <sys/socket.h> for _GNU_SOURCE alone, which a module cannot set for the C library.
int accept4(int socket, struct sockaddr *address, socklen_t *bytes, int flags);
#endif
