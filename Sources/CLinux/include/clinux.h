// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0
//
// Linux calls that Swift's Glibc module hides because it is built without _GNU_SOURCE; goes when it exports them.
#ifndef CLINUX_H
#define CLINUX_H

#include <stddef.h>

// mremap(2) with MREMAP_MAYMOVE; MAP_FAILED on failure.
void *clinux_mremap(void *address, size_t old_byte_count, size_t new_byte_count);
// open(2) of an unnamed file in `directory` (O_TMPFILE), readable and writable, close-on-exec; -1 on failure.
int clinux_open_unnamed(const char *directory);

// ppoll(2) without signals: waits for `count` descriptors (struct pollfd) at most `nanoseconds`, for ever if negative.
int clinux_poll(void *descriptors, size_t count, long long nanoseconds);

// malloc_trim(3): hands memory that was freed back to the kernel.
void clinux_trim_memory(void);

#endif
