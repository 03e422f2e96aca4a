// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

#define _GNU_SOURCE
#include "clinux.h"

#include <fcntl.h>
#include <malloc.h>
#include <poll.h>
#include <sys/mman.h>

void *clinux_mremap(void *address, size_t old_byte_count, size_t new_byte_count) {
    return mremap(address, old_byte_count, new_byte_count, MREMAP_MAYMOVE);
}

int clinux_open_unnamed(const char *directory) { return open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600); }

void clinux_trim_memory(void) { (void)malloc_trim(0); }

int clinux_poll(void *descriptors, size_t count, long long nanoseconds) {
    struct timespec timeout = {.tv_sec = nanoseconds / 1000000000, .tv_nsec = nanoseconds % 1000000000};
    return ppoll(descriptors, count, nanoseconds < 0 ? NULL : &timeout, NULL);
}
