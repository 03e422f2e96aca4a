// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0
//
// The browser's Draco decoder: a chunk's Draco bytes in linear memory → arrays in linear memory, ready for WebGL.
// Compiled to WebAssembly by tools/build-draco-wasm together with Debian's Draco sources; not a SwiftPM target.
//
// It reads exactly what DracoCoding writes: bitstream 2.2, edgebreaker, no metadata. One mesh at a time, one thread.
// Bad bytes give an error value. Memory for what the bytes claim is bounded before anything is decoded: the caller
// says how many triangles the chunk may have. The module's memory has a maximum as well; beyond it an allocation traps
// (there are no exceptions here), and the owner of the instance then makes a new one.

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <type_traits>

#include "draco/compression/config/decoder_options.h"
#include "draco/compression/mesh/mesh_edgebreaker_decoder.h"
#include "draco/core/varint_decoding.h"
#include "draco/mesh/mesh.h"

#define EXPORT(name) extern "C" __attribute__((export_name(#name)))

namespace {

enum Failure : int32_t {
    kNotAChunk = -1,         // not Draco 2.2 edgebreaker without metadata
    kTooManyTriangles = -2,  // more than the caller allows
    kDamaged = -3,           // Draco refused the bytes
};
enum ValueType : uint32_t { kFloat32 = 0, kUInt16 = 1, kInt32 = 2, kUInt8 = 3 };

std::unique_ptr<draco::Mesh> mesh;

const draco::PointAttribute *attributeWithId(uint32_t uniqueId) {
    return mesh ? mesh->GetAttributeByUniqueId(uniqueId) : nullptr;
}

// Reads the header and the claimed counts, which are the first two varints of the connectivity (Draco's bitstream
// specification, sections 3.1 and 3.3), and leaves `bytes` unread.
int32_t checkClaims(draco::DecoderBuffer bytes, uint32_t maximumTriangles) {
    draco::DracoHeader header;
    if (!bytes.Decode(header.draco_string, 5) || memcmp(header.draco_string, "DRACO", 5) != 0) return kNotAChunk;
    uint8_t traversal;
    if (!bytes.Decode(&header.version_major) || !bytes.Decode(&header.version_minor) ||
        !bytes.Decode(&header.encoder_type) || !bytes.Decode(&header.encoder_method) || !bytes.Decode(&header.flags) ||
        !bytes.Decode(&traversal))
        return kNotAChunk;
    if (header.version_major != 2 || header.version_minor != 2 || header.encoder_type != draco::TRIANGULAR_MESH ||
        header.encoder_method != draco::MESH_EDGEBREAKER_ENCODING || (header.flags & METADATA_FLAG_MASK))
        return kNotAChunk;
    uint32_t vertices, triangles;
    if (!draco::DecodeVarint(&vertices, &bytes) || !draco::DecodeVarint(&triangles, &bytes)) return kDamaged;
    return triangles <= maximumTriangles ? 0 : kTooManyTriangles;
}

bool indicesAreValid(const draco::Mesh &decoded) {
    for (uint32_t f = 0; f < decoded.num_faces(); ++f)
        for (const auto &corner : decoded.face(draco::FaceIndex(f)))
            if (corner.value() >= decoded.num_points()) return false;
    return true;
}

template <typename Value>
constexpr draco::DataType dataType() {
    if (std::is_same<Value, float>::value) return draco::DT_FLOAT32;
    if (std::is_same<Value, int32_t>::value) return draco::DT_INT32;
    return sizeof(Value) == 2 ? draco::DT_UINT16 : draco::DT_UINT8;
}

template <typename Value>
void *copyValues(const draco::PointAttribute &attribute, uint32_t pointCount) {
    const size_t components = attribute.num_components();
    auto *values = static_cast<Value *>(malloc(sizeof(Value) * components * pointCount + 1));  // never a size of 0
    if (!values) return nullptr;
    const bool sameType = attribute.data_type() == dataType<Value>();
    for (uint32_t i = 0; i < pointCount; ++i) {
        const auto index = attribute.mapped_index(draco::PointIndex(i));
        Value *destination = values + i * components;
        bool copied = index.value() < attribute.size();
        if (copied && sameType)
            memcpy(destination, attribute.GetAddress(index), sizeof(Value) * components);
        else if (copied)
            copied = attribute.ConvertValue<Value>(index, int8_t(components), destination);
        if (!copied) {
            free(values);
            return nullptr;
        }
    }
    return values;
}

}  // namespace

// `byteCount` bytes for the caller to fill, or 0. Growing the memory detaches every view the caller holds.
EXPORT(draco_alloc) void *draco_alloc(uint32_t byteCount) { return malloc(byteCount); }
EXPORT(draco_release) void draco_release(void *pointer) { free(pointer); }

// Decodes `byteCount` bytes at `bytes`, which may be released afterwards, in place of the mesh held before.
// Returns the triangle count, or a `Failure`; then no mesh is held.
EXPORT(draco_decode) int32_t draco_decode(const char *bytes, uint32_t byteCount, uint32_t maximumTriangles) {
    mesh.reset();
    draco::DecoderBuffer buffer;
    buffer.Init(bytes, byteCount);
    if (const int32_t failure = checkClaims(buffer, maximumTriangles)) return failure;

    auto decoded = std::make_unique<draco::Mesh>();
    const draco::DecoderOptions options;
    draco::MeshEdgebreakerDecoder decoder;
    if (!decoder.Decode(options, &buffer, decoded.get()).ok() || !indicesAreValid(*decoded)) return kDamaged;
    mesh = std::move(decoded);
    return int32_t(mesh->num_faces());
}

EXPORT(draco_point_count) uint32_t draco_point_count() { return mesh ? mesh->num_points() : 0; }
EXPORT(draco_triangle_count) uint32_t draco_triangle_count() { return mesh ? mesh->num_faces() : 0; }

// 3 × triangle count uint32, each < point count; valid until the next decode or done. 0 without triangles.
EXPORT(draco_indices) const void *draco_indices() {
    static_assert(sizeof(draco::Mesh::Face) == 3 * sizeof(uint32_t), "faces are three packed indices");
    return mesh && mesh->num_faces() ? &mesh->face(draco::FaceIndex(0)) : nullptr;
}

// Components per point of an attribute, or 0 if the mesh has none of that unique id.
EXPORT(draco_component_count) uint32_t draco_component_count(uint32_t uniqueId) {
    const auto *attribute = attributeWithId(uniqueId);
    return attribute ? attribute->num_components() : 0;
}

// Point count × component count values, converted to `type` (a `ValueType`), for the caller to draco_release().
// 0 when there is no such attribute, a value does not fit the type, or memory ran out.
EXPORT(draco_attribute) void *draco_attribute(uint32_t uniqueId, uint32_t type) {
    const auto *attribute = attributeWithId(uniqueId);
    if (!attribute) return nullptr;
    switch (type) {
    case kFloat32: return copyValues<float>(*attribute, mesh->num_points());
    case kUInt16: return copyValues<uint16_t>(*attribute, mesh->num_points());
    case kInt32: return copyValues<int32_t>(*attribute, mesh->num_points());
    case kUInt8: return copyValues<uint8_t>(*attribute, mesh->num_points());
    default: return nullptr;
    }
}

// Frees the mesh.
EXPORT(draco_done) void draco_done() { mesh.reset(); }

// libc++ prints before it aborts, and printing would import WASI's file functions. Here its every way to abort is a
// trap, so the module imports nothing. The macro names libc++'s inline namespace.
extern "C" void abort_message(const char *, ...) { __builtin_trap(); }
extern "C" void __cxa_pure_virtual() { __builtin_trap(); }
_LIBCPP_BEGIN_NAMESPACE_STD
[[noreturn]] void __libcpp_verbose_abort(const char *, ...) { __builtin_trap(); }
_LIBCPP_END_NAMESPACE_STD

static void *allocateOrTrap(size_t size) {
    void *pointer = malloc(size ? size : 1);
    if (!pointer) __builtin_trap();
    return pointer;
}
void *operator new(size_t size) { return allocateOrTrap(size); }
void *operator new[](size_t size) { return allocateOrTrap(size); }
void *operator new(size_t size, const std::nothrow_t &) noexcept { return malloc(size ? size : 1); }
void *operator new[](size_t size, const std::nothrow_t &) noexcept { return malloc(size ? size : 1); }
void operator delete(void *pointer) noexcept { free(pointer); }
void operator delete[](void *pointer) noexcept { free(pointer); }
void operator delete(void *pointer, size_t) noexcept { free(pointer); }
void operator delete[](void *pointer, size_t) noexcept { free(pointer); }
