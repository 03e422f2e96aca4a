// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

#include <libwebsockets.h>

// A timer with the owner that its callback needs: C reaches the owner by `container_of`, which Swift cannot write.
// `timer` is first, so the callback's argument is also a pointer to this.
struct cwebsockets_timer {
    lws_sorted_usec_list_t timer;
    void *owner;
};
