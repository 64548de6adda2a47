#ifdef __linux__

#include "handshake.h"

#include <openssl/evp.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/// The value of the header line, without blanks around it; NULL when there is none. `*bytes` is its length.
static const char *field(const char *head, size_t total, const char *name, size_t *bytes) {
    size_t length = strlen(name);
    const char *end = head + total;
    const char *line = memchr(head, '\n', total);
    while (line && ++line < end) {
        const char *next = memchr(line, '\n', (size_t)(end - line));
        if (!next) break;
        if ((size_t)(next - line) > length && strncasecmp(line, name, length) == 0 && line[length] == ':') {
            const char *value = line + length + 1;
            while (value < next && (*value == ' ' || *value == '\t')) value++;
            while (next > value && (next[-1] == '\r' || next[-1] == ' ' || next[-1] == '\t')) next--;
            *bytes = (size_t)(next - value);
            return value;
        }
        line = next;
    }
    return NULL;
}

size_t handshake_ws(const char *head, size_t total, char answer[256]) {
    // RFC 6455 4.2.2.
    static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    size_t bytes = 0;
    const char *key = field(head, total, "Sec-WebSocket-Key", &bytes);
    if (!key || bytes != 24) return 0;
    unsigned char text[24 + sizeof guid - 1];
    memcpy(text, key, 24);
    memcpy(text + 24, guid, sizeof guid - 1);
    unsigned char digest[SHA_DIGEST_LENGTH];
    SHA1(text, sizeof text, digest);
    unsigned char accept[32];
    EVP_EncodeBlock(accept, digest, sizeof digest);
    return (size_t)snprintf(
        answer, 256,
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Accept: %s\r\n\r\n",
        accept);
}

size_t handshake_http(char answer[256]) {
    return (size_t)snprintf(
        answer, 256,
        "HTTP/1.1 200 OK\r\nContent-Type: video/mp2t\r\nCache-Control: no-store\r\nTransfer-Encoding: chunked\r\n\r\n");
}

#endif
