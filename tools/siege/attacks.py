# SPDX-FileCopyrightText: The Vantage authors
# SPDX-License-Identifier: Apache-2.0
"""The table of attacks, in the order in which they are run."""

from . import files, floods, loads
from .attack import Attack

DESCRIPTORS = 1024

ALL = (
    Attack("empty-lines", "four connections full of empty lines before a request", floods.empty_lines),
    Attack("byte-chunks", "four uploads in chunks of one byte", floods.byte_chunks),
    Attack("byte-frames", "four WebSocket messages in frames of one byte and none", floods.byte_frames),
    Attack("deep-json", "60 KB of lists in lists to POST /api/v1/sessions, again and again", floods.deep_bodies),
    Attack("deep-hello", "the same as a viewer's Hello", floods.deep_hellos),
    Attack("storm", "200 WebSocket handshakes a second", floods.storm),
    Attack("pictures", "64 pictures at once by GET /api/v1/render", loads.pictures),
    Attack("uploads", "50 uploads of small models at once", loads.uploads),
    Attack("slow-uploads", "40 uploads of a byte now and then; a good one must be taken", loads.slow_uploads,
           has_work_to_finish=True),
    Attack("descriptors", f"1,100 idle connections to a server that may open {DESCRIPTORS} files", loads.descriptors,
           descriptors=DESCRIPTORS, has_work_to_finish=True),
    Attack("descriptors-2", "the same to a server that has just started", loads.descriptors_at_start,
           descriptors=DESCRIPTORS, has_work_to_finish=True),
    Attack("hostile", "files that ended or stalled servers, uploaded and looked at", files.hostile_files,
           has_work_to_finish=True),
    Attack("bombs", "twelve 16384² pictures in 35 KB, 300,000 objects, 300,000 triangles over 300 corners",
           files.bombs, has_work_to_finish=True),
    Attack("overwritten", "an archive overwritten in place in six ways while it is shown", files.overwritten,
           has_work_to_finish=True),
    Attack("two-servers", "a second server on the folder of the first, both uploaded to", files.two_servers,
           has_work_to_finish=True),
)
