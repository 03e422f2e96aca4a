#!/usr/bin/env bash
# SPDX-FileCopyrightText: The Vantage authors
# SPDX-License-Identifier: Apache-2.0
#
# Two common ways from a CAD assembly to glTF disagree about unit and axis, and each keeps one half of what glTF 2.0 says
# (metres, Y up). A post of 10 × 20 × 100 mm that stands on Z:
#   cadquery 2.8.0, Assembly.export("x.glb"): turned so that it stands on Y, but still 100 units high, so 100 metres.
#   cascadio 0.1.1, step_to_glb of the same assembly's STEP file: 0.1 metres, but it still points along Z and lies down.
# Neither warns, and neither file says its unit or axis. Import the
# first with `--unit mm`, the second with `--up z`.
#
# Seen: cadquery 2.8.0 (cadquery-ocp 7.9.3.1.1), cascadio 0.1.1, Python 3.11. Downloads about 200 MB.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/python"
"$folder/python/bin/pip" install --quiet cadquery==2.8.0 cadquery-ocp==7.9.3.1.1 cascadio==0.1.1

cat > "$folder/post.py" <<'PYTHON'
import json
import struct

import cadquery
import cascadio


def size(path):
    """Extents along the three axes of everything the file's scene shows, as a glTF viewer sees them."""
    data = open(path, "rb").read()
    gltf = json.loads(data[20:20 + struct.unpack("<I", data[12:16])[0]])
    corners = []

    def visit(number, turns):
        node = gltf["nodes"][number]
        assert "translation" not in node and "scale" not in node and "matrix" not in node
        turns = turns + [node["rotation"]] if "rotation" in node else turns
        for primitive in gltf["meshes"][node["mesh"]]["primitives"] if "mesh" in node else []:
            box = gltf["accessors"][primitive["attributes"]["POSITION"]]
            for corner in ((x, y, z) for x in (0, 1) for y in (0, 1) for z in (0, 1)):
                point = [(box["min"], box["max"])[side][axis] for axis, side in enumerate(corner)]
                for turn in reversed(turns):
                    point = rotated(turn, point)
                corners.append(point)
        for child in node.get("children", []):
            visit(child, turns)

    for root in gltf["scenes"][gltf.get("scene", 0)]["nodes"]:
        visit(root, [])
    return [round(max(values) - min(values), 4) for values in zip(*corners)]


def rotated(quaternion, point):
    x, y, z, w = quaternion
    cross = lambda a, b: [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
    inner = [c + w * p for c, p in zip(cross((x, y, z), point), point)]
    return [p + 2 * c for p, c in zip(point, cross((x, y, z), inner))]


post = cadquery.Workplane("XY").box(10, 20, 100)
assembly = cadquery.Assembly(name="frame").add(post, name="post")
assembly.export("post.step")
assembly.export("cadquery.glb")
cascadio.step_to_glb("post.step", "cascadio.glb", 0.1, 0.5)
print("cadquery", size("cadquery.glb"))
print("cascadio", size("cascadio.glb"))
PYTHON

(cd "$folder" && python/bin/python post.py 2> "$folder/errors") | grep -E '^(cadquery|cascadio) ' > "$folder/seen"
cat "$folder/seen"
diff - "$folder/seen" <<'SEEN'
cadquery [10.0, 100.0, 20.0]
cascadio [0.01, 0.02, 0.1]
SEEN
