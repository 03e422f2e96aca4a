// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0
//
// What Embedded Swift expects of a C library, for core.wasm: memory and copying. One thread.
//
// Blocks come in sizes 2^k and 1.5 × 2^k from 32 bytes on, each with a list of freed ones; nothing is split or merged.
// The core's arrays grow by doubling, so what lies in the lists is less than what was in use at the busiest moment.

#include <stddef.h>
#include <stdint.h>

enum { kHeaderSize = 16, kClassCount = 56, kPageSize = 65536 };

typedef struct Block {
    uint32_t sizeClass;
    struct Block *next;
} Block;

extern unsigned char __heap_base;

static Block *freed[kClassCount];
static uintptr_t heapTop;

static size_t sizeOfClass(uint32_t sizeClass) {
    size_t power = (size_t)32 << (sizeClass / 2);
    return sizeClass % 2 ? power + power / 2 : power;
}

/* The block is 16 bytes aligned, which is enough for every type of Swift's and for SIMD. */
static Block *newBlock(uint32_t sizeClass) {
    if (heapTop == 0) heapTop = ((uintptr_t)&__heap_base + 15) & ~(uintptr_t)15;
    size_t size = sizeOfClass(sizeClass);
    size_t end = (size_t)__builtin_wasm_memory_size(0) * kPageSize;
    if (size > UINT32_MAX - heapTop) return NULL;
    if (heapTop + size > end) {
        size_t pages = (heapTop + size - end + kPageSize - 1) / kPageSize;
        if (__builtin_wasm_memory_grow(0, pages) == SIZE_MAX) return NULL;
    }
    Block *block = (Block *)heapTop;
    heapTop += size;
    block->sizeClass = sizeClass;
    return block;
}

void *malloc(size_t size) {
    if (size > 0x40000000) return NULL;
    uint32_t sizeClass = 0;
    while (sizeOfClass(sizeClass) < size + kHeaderSize) sizeClass += 1;
    Block *block = freed[sizeClass];
    if (block) {
        freed[sizeClass] = block->next;
    } else {
        block = newBlock(sizeClass);
        if (!block) return NULL;
    }
    return (char *)block + kHeaderSize;
}

void free(void *pointer) {
    if (!pointer) return;
    Block *block = (Block *)((char *)pointer - kHeaderSize);
    block->next = freed[block->sizeClass];
    freed[block->sizeClass] = block;
}

int posix_memalign(void **result, size_t alignment, size_t size) {
    if (alignment > 16) return 22;
    *result = malloc(size);
    return *result ? 0 : 12;
}

void *memcpy(void *restrict to, const void *restrict from, size_t size) { return __builtin_memcpy(to, from, size); }
void *memmove(void *to, const void *from, size_t size) { return __builtin_memmove(to, from, size); }
void *memset(void *to, int value, size_t size) { return __builtin_memset(to, value, size); }

int memcmp(const void *a, const void *b, size_t size) {
    const unsigned char *left = a, *right = b;
    for (size_t i = 0; i < size; i += 1) {
        if (left[i] != right[i]) return left[i] < right[i] ? -1 : 1;
    }
    return 0;
}
