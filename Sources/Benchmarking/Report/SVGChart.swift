// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// Curves over one axis, or stacked areas, as a figure with SVG in it.
struct SVGChart {
    let title: String
    let series: [Report.Series]

    private static let width = 480.0
    private static let height = 220.0
    private static let left = 44.0
    private static let right = 10.0
    private static let top = 18.0
    private static let bottom = 30.0
    private static let colorCount = 7

    private var isStacked: Bool { series.contains { $0.isStacked == true } }

    /// Nothing where there are no points.
    var markup: String {
        let drawn = isStacked ? stacked : series.map(\.points)
        let points = drawn.joined().filter { $0.count == 2 && $0[0].isFinite && $0[1].isFinite }
        guard let first = points.first else { return "" }
        var (low, high) = (first[0], first[0])
        var peak = 0.0
        var floor = Double.infinity
        for point in points {
            low = min(low, point[0])
            high = max(high, point[0])
            peak = max(peak, point[1])
            floor = min(floor, point[1])
        }
        // Where all values are close to each other, from 0 on nothing would be seen.
        let base = !isStacked && floor > 0.6 * peak && floor < peak ? floor - (peak - floor) * 0.15 : 0
        let x = Axis(low: min(low, low > 0.2 * high ? low : 0), high: high)
        let y = Axis(low: max(0, base), high: peak)
        return """
            <figure>
            <figcaption>\(HTMLReport.escaped(title))</figcaption>
            <svg viewBox="0 0 \(SVGChart.width.short) \(SVGChart.height.short)" role="img" aria-label="\(HTMLReport.escaped(title))">
            \(axes(x, y))
            \(isStacked ? areas(drawn, x, y) : curves(drawn, x, y))
            </svg>
            \(key)
            </figure>
            """
    }

    /// Each series on top of those before it. They have the same xs.
    private var stacked: [[[Double]]] {
        var sums = [Double](repeating: 0, count: series.map(\.points.count).min() ?? 0)
        return series.map { series in
            sums.indices.map { index in
                sums[index] += max(0, series.points[index].last ?? 0)
                return [series.points[index].first ?? 0, sums[index]]
            }
        }
    }

    // MARK: Parts

    private func axes(_ x: Axis, _ y: Axis) -> String {
        var parts: [String] = []
        for tick in y.ticks(about: 4) {
            let at = place(y: tick, y)
            parts.append(
                "<line class=\"grid\" x1=\"\(SVGChart.left.short)\" x2=\"\((SVGChart.width - SVGChart.right).short)\" y1=\"\(at)\" y2=\"\(at)\"/>"
                    + "<text x=\"\((SVGChart.left - 6).short)\" y=\"\(at)\" dy=\"0.35em\" text-anchor=\"end\">\(tick.short)</text>"
            )
        }
        let line = SVGChart.height - SVGChart.bottom
        for tick in x.ticks(about: 6) {
            parts.append(
                "<text x=\"\(place(x: tick, x))\" y=\"\((line + 15).short)\" text-anchor=\"middle\">\(tick.short)</text>"
            )
        }
        let (unitX, unitY) = (HTMLReport.escaped(series.first?.x ?? ""), HTMLReport.escaped(series.first?.y ?? ""))
        parts.append(
            "<text x=\"\((SVGChart.width - SVGChart.right).short)\" y=\"\((line + 28).short)\" text-anchor=\"end\">\(unitX)</text>"
                + "<text x=\"\((SVGChart.left - 6).short)\" y=\"9\" text-anchor=\"end\">\(unitY)</text>")
        return parts.joined(separator: "\n")
    }

    private func curves(_ drawn: [[[Double]]], _ x: Axis, _ y: Axis) -> String {
        drawn.enumerated().map { number, points in
            let color = "var(--s\(number % SVGChart.colorCount))"
            let dots =
                points.count > 24
                ? ""
                : points.map {
                    "<circle cx=\"\(place(x: $0[0], x))\" cy=\"\(place(y: $0[1], y))\" r=\"2.6\" fill=\"\(color)\">"
                        + "<title>\(ReportTable.number($0[0])), \(ReportTable.number($0[1]))</title></circle>"
                }.joined()
            return "<polyline class=\"curve\" stroke=\"\(color)\" points=\"\(list(points, x, y))\"/>\(dots)"
        }.joined(separator: "\n")
    }

    private func areas(_ drawn: [[[Double]]], _ x: Axis, _ y: Axis) -> String {
        drawn.enumerated().reversed().map { number, points in
            let under = number == 0 ? points.map { [$0[0], 0] } : drawn[number - 1]
            let outline = list(points + under.reversed(), x, y)
            return
                "<polygon fill=\"var(--s\(number % SVGChart.colorCount))\" fill-opacity=\"0.85\" points=\"\(outline)\"/>"
        }.joined(separator: "\n")
    }

    private var key: String {
        guard series.count > 1 else { return "" }
        let entries = series.enumerated().map { number, series in
            "<span><i style=\"background: var(--s\(number % SVGChart.colorCount))\"></i>\(HTMLReport.escaped(series.title))</span>"
        }
        return "<div class=\"key\">\(entries.joined())</div>"
    }

    private func list(_ points: [[Double]], _ x: Axis, _ y: Axis) -> String {
        points.map { "\(place(x: $0[0], x)),\(place(y: $0[1], y))" }.joined(separator: " ")
    }

    private func place(x value: Double, _ axis: Axis) -> String {
        let room = SVGChart.width - SVGChart.left - SVGChart.right
        return tenths(SVGChart.left + room * axis.share(of: value))
    }

    private func place(y value: Double, _ axis: Axis) -> String {
        let room = SVGChart.height - SVGChart.top - SVGChart.bottom
        return tenths(SVGChart.height - SVGChart.bottom - room * axis.share(of: value))
    }

    private func tenths(_ value: Double) -> String { ((value * 10).rounded() / 10).short }
}

/// What an axis shows: a little more than its values, from one round number to another.
struct Axis: Equatable {
    private(set) var low: Double
    private(set) var high: Double

    init(low: Double, high: Double) {
        (self.low, self.high) = (low, high > low ? high : low + 1)
        let step = self.step(about: 5)
        self.low = (self.low / step).rounded(.down) * step
        if high > self.high - 0.999 * step, self.high > high { return }
        self.high = (self.high / (step / 2)).rounded(.up) * (step / 2)
    }

    func share(of value: Double) -> Double { min(max((value - low) / (high - low), 0), 1) }

    /// Round numbers: 1, 2 or 5 times a power of ten apart.
    func ticks(about count: Int) -> [Double] {
        let step = step(about: count)
        var result: [Double] = []
        var number = (low / step).rounded(.up)
        while number * step <= high + step * 1e-9 {
            result.append(number * step)
            number += 1
        }
        return result
    }

    private func step(about count: Int) -> Double {
        let rough = (high - low) / Double(count)
        var power = 1.0
        while power > rough { power /= 10 }
        while power * 10 <= rough { power *= 10 }
        return [1.0, 2, 5, 10].first { $0 * power >= rough }.map { $0 * power } ?? power * 10
    }
}
