#!/usr/bin/env bash
# SPDX-FileCopyrightText: The Vantage authors
# SPDX-License-Identifier: Apache-2.0
#
# A STEP assembly that places one bolt eight times becomes a glTF file with eight meshes, not one mesh used by eight nodes.
# Equal meshes refer to the same accessors, so the file is small; but a reader that finds instances by mesh, as glTF's
# own structure suggests, finds none and uploads the bolt eight times. What tells equal parts is the numbers of their
# accessors. cadquery also writes each face of the bolt as a primitive of its own, so one part is five draws; cascadio
# joins them.
#
# Seen: cadquery 2.8.0 (cadquery-ocp 7.9.3.1.1), cascadio 0.1.1, Python 3.11. Downloads about 200 MB.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/python"
"$folder/python/bin/pip" install --quiet cadquery==2.8.0 cadquery-ocp==7.9.3.1.1 cascadio==0.1.1

cat > "$folder/bolts.py" <<'PYTHON'
import json
import re
import struct

import cadquery
import cascadio


def describe(name, path):
    data = open(path, "rb").read()
    meshes = json.loads(data[20:20 + struct.unpack("<I", data[12:16])[0]])["meshes"]
    contents = {json.dumps([[p["attributes"], p["indices"]] for p in mesh["primitives"]]) for mesh in meshes}
    primitives = sorted({len(mesh["primitives"]) for mesh in meshes})
    print(f"{name}: meshes {len(meshes)}, different {len(contents)}, primitives each {primitives}")


bolt = cadquery.Workplane("XY").circle(5).extrude(20).faces(">Z").workplane().circle(9).extrude(6)
assembly = cadquery.Assembly(name="row")
for number in range(8):
    assembly.add(bolt, name=f"bolt{number}", loc=cadquery.Location((30 * number, 0, 0)))
assembly.export("bolts.step")
assembly.export("cadquery.glb")
cascadio.step_to_glb("bolts.step", "cascadio.glb", 0.1, 0.5)
print("solids in the STEP file:", len(re.findall(r"MANIFOLD_SOLID_BREP\(", open("bolts.step").read())))
describe("cadquery", "cadquery.glb")
describe("cascadio", "cascadio.glb")
PYTHON

(cd "$folder" && python/bin/python bolts.py 2> "$folder/errors") | grep -E '^(solids|cadquery:|cascadio:)' > "$folder/seen"
cat "$folder/seen"
diff - "$folder/seen" <<'SEEN'
solids in the STEP file: 1
cadquery: meshes 8, different 1, primitives each [5]
cascadio: meshes 8, different 1, primitives each [1]
SEEN
