/// Makes calls of a process fail: those of a function that has this name, of libuv or of the C library.
///
/// Not linked into anything: a test names the library in LD_PRELOAD, and in the environment
///
///     FAULT_CALL    the function: `uv_poll_init`, `setsockopt`, or several by comma. Only calls by the program itself
///                   are counted, which are those of LoopIO, since nothing else in it knows libuv or sockets.
///                   `libuv.read` counts the calls that libuv makes on sockets in its place.
///     FAULT_NUMBER  the first of them that fails, from 1; 0: those that come while the page says so
///     FAULT_COUNT   how many fail from there on, 1 unless it is there; 0: all
///     FAULT_ERRNO   what they fail with
///     FAULT_PAGE    a file of five 64-bit words, shared with the test:
///                   0  written by the test: not 0 while calls fail
///                   1  calls that have failed
///                   2  bytes of the heap that are in use
///                   3  waits of the loops
///                   4  the test writes 1: look for leaks. The answer is 2: none; 3: some, told on stderr; 4: no
///                      sanitizer is there to tell
///
/// A call that fails does nothing else; the first says so on stderr: `fault: call 3 of uv_poll_init`.
///
/// Sanitizers that are linked into the program need not come first among the libraries: a function that they watch is
/// defined in the program, whose definition calls the one here.
#ifndef FAULT_INJECTOR_H
#define FAULT_INJECTOR_H
#endif
