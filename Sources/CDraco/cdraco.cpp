// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

#include "cdraco.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <memory>
#include <type_traits>

#include "draco/compression/decode.h"
#include "draco/compression/expert_encode.h"
#include "draco/mesh/mesh.h"

struct cdraco_mesh {
    std::unique_ptr<draco::Mesh> mesh;
};

namespace {

void report(char *message, size_t capacity, const char *text) {
    if (message && capacity) snprintf(message, capacity, "%s", text);
}

void addAttribute(draco::Mesh &mesh, const cdraco_attribute &attribute, size_t pointCount) {
    const auto type = draco::DataType(attribute.data_type);
    const size_t size = size_t(draco::DataTypeLength(type)) * attribute.component_count;
    draco::GeometryAttribute description;
    description.Init(draco::GeometryAttribute::Type(attribute.kind), nullptr, int8_t(attribute.component_count), type,
                     false, int64_t(size), 0);
    const int id = mesh.AddAttribute(description, true, uint32_t(pointCount));
    mesh.attribute(id)->set_unique_id(attribute.unique_id);  // AddAttribute() overwrites it
    memcpy(mesh.attribute(id)->buffer()->data(), attribute.data, size * pointCount);
}

template <typename Value>
int32_t copyValues(const draco::PointAttribute &attribute, size_t pointCount, void *destination, size_t byteCount) {
    const auto components = size_t(attribute.num_components());
    const size_t size = sizeof(Value) * components;
    if (byteCount < size * pointCount) return CDRACO_TOO_SMALL;
    auto *out = static_cast<Value *>(destination);
    const bool sameType = draco::DataTypeLength(attribute.data_type()) == int32_t(sizeof(Value)) &&
                          (attribute.data_type() == draco::DT_FLOAT32) == std::is_same<Value, float>::value;
    for (size_t i = 0; i < pointCount; ++i) {
        const auto index = attribute.mapped_index(draco::PointIndex(uint32_t(i)));
        if (index.value() >= attribute.size()) return CDRACO_FAILED;
        if (sameType)
            memcpy(out + i * components, attribute.GetAddress(index), size);
        else if (!attribute.ConvertValue<Value>(index, int8_t(components), out + i * components))
            return CDRACO_FAILED;
    }
    return CDRACO_OK;
}

}  // namespace

extern "C" {

int32_t cdraco_encode(const cdraco_attribute *attributes, size_t attribute_count, size_t point_count,
                      const uint32_t *indices, size_t triangle_count, int32_t speed, uint8_t **bytes,
                      size_t *byte_count, char *message, size_t message_capacity) try {
    draco::Mesh mesh;
    mesh.set_num_points(uint32_t(point_count));
    mesh.SetNumFaces(triangle_count);
    for (size_t t = 0; t < triangle_count; ++t)
        mesh.SetFace(draco::FaceIndex(uint32_t(t)),
                     {draco::PointIndex(indices[3 * t]), draco::PointIndex(indices[3 * t + 1]),
                      draco::PointIndex(indices[3 * t + 2])});
    for (size_t a = 0; a < attribute_count; ++a) addAttribute(mesh, attributes[a], point_count);

    draco::ExpertEncoder encoder(mesh);
    encoder.SetSpeedOptions(speed, speed);
    encoder.SetEncodingMethod(draco::MESH_EDGEBREAKER_ENCODING);
    for (size_t a = 0; a < attribute_count; ++a)
        if (attributes[a].quantization_bits)
            encoder.SetAttributeQuantization(int32_t(a), attributes[a].quantization_bits);

    draco::EncoderBuffer buffer;
    const draco::Status status = encoder.EncodeToBuffer(&buffer);
    if (!status.ok()) {
        report(message, message_capacity, status.error_msg());
        return CDRACO_FAILED;
    }
    *bytes = static_cast<uint8_t *>(malloc(buffer.size()));
    if (!*bytes) {
        report(message, message_capacity, "out of memory");
        return CDRACO_FAILED;
    }
    memcpy(*bytes, buffer.data(), buffer.size());
    *byte_count = buffer.size();
    return CDRACO_OK;
} catch (const std::exception &failure) {
    report(message, message_capacity, failure.what());
    return CDRACO_FAILED;
}

cdraco_mesh *cdraco_decode(const uint8_t *bytes, size_t byte_count, char *message, size_t message_capacity) try {
    draco::DecoderBuffer buffer;
    buffer.Init(reinterpret_cast<const char *>(bytes), byte_count);
    draco::Decoder decoder;
    auto result = decoder.DecodeMeshFromBuffer(&buffer);
    if (!result.ok()) {
        report(message, message_capacity, result.status().error_msg());
        return nullptr;
    }
    auto mesh = std::move(result).value();
    const uint32_t points = mesh->num_points();
    for (uint32_t f = 0; f < mesh->num_faces(); ++f)
        for (const auto &corner : mesh->face(draco::FaceIndex(f)))
            if (corner.value() >= points) {
                report(message, message_capacity, "a face names a point that does not exist");
                return nullptr;
            }
    return new cdraco_mesh{std::move(mesh)};
} catch (const std::exception &failure) {
    report(message, message_capacity, failure.what());
    return nullptr;
}

void cdraco_mesh_destroy(cdraco_mesh *mesh) { delete mesh; }
size_t cdraco_mesh_point_count(const cdraco_mesh *mesh) { return mesh->mesh->num_points(); }
size_t cdraco_mesh_triangle_count(const cdraco_mesh *mesh) { return mesh->mesh->num_faces(); }

const uint32_t *cdraco_mesh_indices(const cdraco_mesh *mesh) {
    static_assert(sizeof(draco::Mesh::Face) == 3 * sizeof(uint32_t), "faces are three packed indices");
    if (mesh->mesh->num_faces() == 0) return nullptr;
    return reinterpret_cast<const uint32_t *>(&mesh->mesh->face(draco::FaceIndex(0)));
}

size_t cdraco_mesh_component_count(const cdraco_mesh *mesh, uint32_t unique_id) {
    const auto *attribute = mesh->mesh->GetAttributeByUniqueId(unique_id);
    return attribute ? size_t(attribute->num_components()) : 0;
}

int32_t cdraco_mesh_copy_attribute(const cdraco_mesh *mesh, uint32_t unique_id, uint8_t data_type, void *destination,
                                   size_t destination_byte_count) {
    const auto *attribute = mesh->mesh->GetAttributeByUniqueId(unique_id);
    if (!attribute) return CDRACO_NO_ATTRIBUTE;
    const size_t count = mesh->mesh->num_points();
    switch (data_type) {
    case CDRACO_FLOAT32: return copyValues<float>(*attribute, count, destination, destination_byte_count);
    case CDRACO_INT8: return copyValues<int8_t>(*attribute, count, destination, destination_byte_count);
    case CDRACO_UINT8: return copyValues<uint8_t>(*attribute, count, destination, destination_byte_count);
    case CDRACO_INT16: return copyValues<int16_t>(*attribute, count, destination, destination_byte_count);
    case CDRACO_UINT16: return copyValues<uint16_t>(*attribute, count, destination, destination_byte_count);
    case CDRACO_INT32: return copyValues<int32_t>(*attribute, count, destination, destination_byte_count);
    case CDRACO_UINT32: return copyValues<uint32_t>(*attribute, count, destination, destination_byte_count);
    default: return CDRACO_FAILED;
    }
}

}  // extern "C"
