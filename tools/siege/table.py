# SPDX-FileCopyrightText: The Vantage authors
# SPDX-License-Identifier: Apache-2.0
"""The siege's results for people."""

COLUMNS = (("attack", -14), ("program", -9), ("quiet p95", 10), ("beside", 10), ("ratio", 7), ("frames/s", 9),
           ("beside", 7), ("share", 6), ("server", 7), ("MB before", 10), ("peak", 6), ("after", 6), ("verdict", -8))


def line(cells):
    return " ".join(f"{cell:<{-width}}" if width < 0 else f"{cell:>{width}}"
                    for cell, (_, width) in zip(cells, COLUMNS)).rstrip()


def header():
    return line([name for name, _ in COLUMNS])


def milliseconds(seconds):
    return "-" if seconds is None else f"{1000 * seconds:.1f} ms"


def number(value, digits=1):
    return "-" if value is None else f"{value:.{digits}f}"


def row(result):
    return line([
        result.attack, result.program, milliseconds(result.quiet_p95), milliseconds(result.beside_p95),
        number(result.ratio), number(result.quiet_frames), number(result.beside_frames),
        number(result.frames_ratio, 2), "alive" if result.is_alive else "gone", f"{result.memory_before / 1e6:.0f}",
        f"{result.memory_peak / 1e6:.0f}", f"{result.memory_after / 1e6:.0f}", "broken" if result.faults else "good"])


def details(result):
    """Why, and what else was seen; lines under a row."""
    lines = [f"    ! {fault}" for fault in result.faults] + [f"    · {note}" for note in result.notes]
    if result.counts:
        lines.append("    · " + ", ".join(f"{count:,} {what}" for what, count in sorted(result.counts.items())))
    return lines
