// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

#include <libwebsockets.h>

// LWS_PRE is a function-like macro, which Swift does not import.
static inline size_t cwebsockets_headroom(void) { return LWS_PRE; }
