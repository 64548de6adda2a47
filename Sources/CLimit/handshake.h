#ifndef CLIMIT_HANDSHAKE_H
#define CLIMIT_HANDSHAKE_H

#include <stddef.h>

#define HEAD_BYTES_MAX 4096

/// The answer to a whole request head, which ends with an empty line.
///
/// Writes at most 256 bytes to `answer` and returns how many; 0 when the head is no upgrade to WebSocket.
size_t handshake_ws(const char *head, size_t bytes, char answer[256]);

/// The answer to any GET: 200 with a chunked body.
size_t handshake_http(char answer[256]);

#endif
