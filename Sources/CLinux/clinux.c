// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

#define _GNU_SOURCE
#include "clinux.h"

#include <fcntl.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

void *clinux_mremap(void *address, size_t old_byte_count, size_t new_byte_count) {
    return mremap(address, old_byte_count, new_byte_count, MREMAP_MAYMOVE);
}

int clinux_open_unnamed(const char *directory) { return open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600); }

void clinux_trim_memory(void) { (void)malloc_trim(0); }

int clinux_poll(void *descriptors, size_t count, long long nanoseconds) {
    struct timespec timeout = {.tv_sec = nanoseconds / 1000000000, .tv_nsec = nanoseconds % 1000000000};
    return ppoll(descriptors, count, nanoseconds < 0 ? NULL : &timeout, NULL);
}

int clinux_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC); }

int clinux_spawn_close_from(void *actions, int first) {
    return posix_spawn_file_actions_addclosefrom_np(actions, first);
}

int clinux_set_parent_death_signal(int signal) { return prctl(PR_SET_PDEATHSIG, signal); }

int clinux_rename_to_new(const char *from, const char *to) {
    return renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE);
}

// The signals of a crash, and what the handler writes for each: made before, because a handler may not format.
static const int crash_signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGFPE, SIGABRT, SIGSYS};
enum { crash_signal_count = sizeof crash_signals / sizeof crash_signals[0] };
static char crash_lines[crash_signal_count][128];

static void end_at_once(int number) {
    for (int i = 0; i < crash_signal_count; i++) {
        if (crash_signals[i] != number) continue;
        ssize_t written = write(STDERR_FILENO, crash_lines[i], strlen(crash_lines[i]));
        (void)written;
    }
    // SA_RESETHAND has put the default back: this ends the process, with the signal as its status.
    raise(number);
}

void clinux_end_at_once_on_crash(const char *program) {
    struct sigaction action = {.sa_handler = end_at_once, .sa_flags = SA_RESETHAND | SA_NODEFER | SA_ONSTACK};
    sigemptyset(&action.sa_mask);
    // Whoever started this process may have blocked some: threads of a pool do.
    sigset_t unblocked;
    sigemptyset(&unblocked);
    for (int i = 0; i < crash_signal_count; i++) sigaddset(&unblocked, crash_signals[i]);
    sigprocmask(SIG_UNBLOCK, &unblocked, NULL);
    for (int i = 0; i < crash_signal_count; i++) {
        snprintf(crash_lines[i], sizeof crash_lines[i], "%.60s: crashed (%s)\n", program, strsignal(crash_signals[i]));
        sigaction(crash_signals[i], &action, NULL);
    }
}
