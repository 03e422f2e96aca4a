// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0
//
// A C API over libdraco 1.5, because Swift cannot import its C++ templates; it can go when Swift can.
// No policy, no logging, no shared state. Exceptions never cross: a thrown one becomes CDRACO_FAILED.
#ifndef CDRACO_H
#define CDRACO_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { CDRACO_OK = 0, CDRACO_FAILED = 1, CDRACO_NO_ATTRIBUTE = 2, CDRACO_TOO_SMALL = 3 };
// Draco's own GeometryAttribute::Type and DataType values.
enum { CDRACO_POSITION = 0, CDRACO_NORMAL = 1, CDRACO_COLOR = 2, CDRACO_TEX_COORD = 3, CDRACO_GENERIC = 4 };
enum { CDRACO_INT8 = 1, CDRACO_UINT8 = 2, CDRACO_INT16 = 3, CDRACO_UINT16 = 4, CDRACO_INT32 = 5, CDRACO_UINT32 = 6, CDRACO_FLOAT32 = 9 };

typedef struct {
    const void *data;           // tightly packed, component_count values per point
    uint8_t kind;               // CDRACO_POSITION ...
    uint8_t data_type;          // CDRACO_INT32 ...
    uint8_t component_count;    // 1...4
    uint8_t quantization_bits;  // floats only: 1...30, octahedral for CDRACO_NORMAL; 0: lossless
    uint32_t unique_id;         // names the attribute in the bitstream
} cdraco_attribute;

// Edgebreaker-encodes a mesh. `speed` 0 (small) ... 10 (fast). `*bytes` is malloc'ed; free it with free().
// `message` (capacity bytes) receives the reason on failure, NUL-terminated.
int32_t cdraco_encode(const cdraco_attribute *attributes, size_t attribute_count, size_t point_count,
                      const uint32_t *indices, size_t triangle_count, int32_t speed, uint8_t **bytes,
                      size_t *byte_count, char *message, size_t message_capacity);

typedef struct cdraco_mesh cdraco_mesh;

// NULL on failure, with the reason in `message`. Destroy the result with cdraco_mesh_destroy().
cdraco_mesh *cdraco_decode(const uint8_t *bytes, size_t byte_count, char *message, size_t message_capacity);
void cdraco_mesh_destroy(cdraco_mesh *mesh);
size_t cdraco_mesh_point_count(const cdraco_mesh *mesh);
size_t cdraco_mesh_triangle_count(const cdraco_mesh *mesh);
// 3 × triangle count values, each < point count; owned by the mesh.
const uint32_t *cdraco_mesh_indices(const cdraco_mesh *mesh);
// Component count of an attribute, or 0 if there is none of that id.
size_t cdraco_mesh_component_count(const cdraco_mesh *mesh, uint32_t unique_id);
// Copies point count × component count values, converted to data_type, to `destination`.
int32_t cdraco_mesh_copy_attribute(const cdraco_mesh *mesh, uint32_t unique_id, uint8_t data_type, void *destination,
                                   size_t destination_byte_count);

#ifdef __cplusplus
}
#endif
#endif
