// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

#include <libwebsockets.h>

// Linux's, which Swift's Glibc does not show.
int accept4(int socket, struct sockaddr *address, socklen_t *byteCount, int flags);

// A timer with the owner that its callback needs: C reaches the owner by `container_of`, which Swift cannot write.
// `timer` is first, so the callback's argument is also a pointer to this.
struct cwebsockets_timer {
    lws_sorted_usec_list_t timer;
    void *owner;
};

// Macros that Swift cannot read. A renegotiation costs the server much and the peer little.
static const uint64_t cwebsockets_tls_options =
    SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE;
