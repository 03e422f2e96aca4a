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
// pipe2(2) with close-on-exec: both ends, for reading first; -1 on failure.
int clinux_pipe(int ends[2]);
// posix_spawn_file_actions_addclosefrom_np(3) on a posix_spawn_file_actions_t: the child has no descriptor from `first` on.
int clinux_spawn_close_from(void *actions, int first);
// prctl(2): the kernel sends `signal` to this process when the thread that made it ends; -1 on failure.
int clinux_set_parent_death_signal(int signal);
// renameat2(2) with RENAME_NOREPLACE: fails with EEXIST where the new name is taken; -1 on failure.
int clinux_rename_to_new(const char *from, const char *to);
// A crash (SIGSEGV, SIGILL, SIGABRT and the like) writes one line to standard error and ends the process at once, in
// place of whatever handler was there. `program` (at most 60 bytes are shown) is copied.
void clinux_end_at_once_on_crash(const char *program);

#endif
