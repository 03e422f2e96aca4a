#version 450
// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0
#extension GL_GOOGLE_include_directive : require

#include "mesh-vertex.glsl"
