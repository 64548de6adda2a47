/// Makes one call of a process fail: the n-th of a function that has this name, of libuv or of the C library.
///
/// Not linked into anything: a test names the library in LD_PRELOAD, and in the environment
///
///     FAULT_CALL    the function: `uv_poll_init`, `setsockopt`. Only calls by the program itself are counted, which are
///                   those of LoopIO, since nothing else in it knows libuv or sockets. `libuv.read` counts the calls that
///                   libuv makes on sockets in its place.
///     FAULT_NUMBER  which of them fails, from 1
///     FAULT_ERRNO   what it fails with
///
/// The call that fails does nothing else, and says so on stderr: `fault: call 3 of uv_poll_init`.
#ifndef FAULT_INJECTOR_H
#define FAULT_INJECTOR_H
#endif
