#!/usr/bin/env bash
# SPDX-FileCopyrightText: The Vantage authors
# SPDX-License-Identifier: Apache-2.0
#
# Draco keeps integer attributes exactly, whatever their size, and that is how one keeps borders between tiles together.
# DracoPy 2.2.0 takes integer positions and gives integers back (uint32 in, uint32 out), but they pass through 32-bit
# floats on the way in: from 2^24 on they come back as their nearest multiples of 2, 4, 8, …, without a word. Signed
# integers come back as floats besides. Up to 2^24 they are exact, so a test with small numbers does not show it.
#
# Seen: DracoPy 2.2.0, numpy 2.4.6, Python 3.11.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/python"
"$folder/python/bin/pip" install --quiet DracoPy==2.2.0 numpy==2.4.6

cat > "$folder/integers.py" <<'PYTHON'
import DracoPy
import numpy

faces = numpy.array([(0, 1, 2), (0, 2, 3)], numpy.uint32)
for width in (16_777_213, 100_000_003):
    square = numpy.array([(0, 0, 0), (width, 0, 0), (width, width, 0), (0, width, 0)])
    for kind in (numpy.uint32, numpy.int32):
        decoded = DracoPy.decode(DracoPy.encode(square.astype(kind), faces)).points
        print(f"{kind.__name__} {width}: {decoded.dtype} {int(decoded.max())}")
PYTHON

"$folder/python/bin/python" "$folder/integers.py" > "$folder/seen"
cat "$folder/seen"
diff - "$folder/seen" <<'SEEN'
uint32 16777213: uint32 16777213
int32 16777213: float32 16777213
uint32 100000003: uint32 100000000
int32 100000003: float32 100000000
SEEN
