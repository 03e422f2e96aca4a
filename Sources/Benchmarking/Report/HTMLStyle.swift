// SPDX-FileCopyrightText: The Vantage authors
// SPDX-License-Identifier: Apache-2.0

/// How the page of a report looks, by day and by night.
enum HTMLStyle {
    static let sheet = """
        :root { color-scheme: light dark; --page: #f6f7f9; --card: #fff; --text: #1d2329; --soft: #69737d;
          --line: #e2e6ea; --accent: #2563a8; --warn: #9a5b00; --warn-page: #fff6e5; --bad: #b3261e;
          --s0: #2f6fb5; --s1: #d98032; --s2: #4c9a6a; --s3: #a65a9e; --s4: #c2504f; --s5: #3d9aa6; --s6: #8a8f98; }
        @media (prefers-color-scheme: dark) { :root { --page: #14171a; --card: #1d2125; --text: #e6e9ec;
          --soft: #98a2ac; --line: #30363c; --accent: #7db4f0; --warn: #f0c274; --warn-page: #2e2616; --bad: #f2918b;
          --s0: #6ea8e6; --s1: #e6a15f; --s2: #74c193; --s3: #cb8ac3; --s4: #e27d7b; --s5: #6bc0cb; --s6: #a5abb3; } }
        * { box-sizing: border-box; }
        body { margin: 0; background: var(--page); color: var(--text);
          font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
        main { max-width: 1120px; margin: 0 auto; padding: 40px 24px 64px; }
        h1 { font-size: 26px; font-weight: 650; letter-spacing: -0.01em; margin: 0 0 6px; }
        h2 { font-size: 18px; font-weight: 620; margin: 0 0 14px; }
        .facts { color: var(--soft); margin: 0; }
        .notes { margin: 18px 0 0; padding: 10px 16px 10px 32px; border-radius: 10px; background: var(--warn-page);
          color: var(--warn); }
        section, .scroll { background: var(--card); border: 1px solid var(--line); border-radius: 14px; margin-top: 22px; }
        section { padding: 22px 24px; scroll-margin-top: 16px; }
        .scroll { overflow-x: auto; padding: 8px 14px; }
        table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
        th, td { padding: 7px 10px; text-align: right; vertical-align: bottom; border-top: 1px solid var(--line); }
        th:first-child { text-align: left; font-weight: 500; }
        thead th { border-top: 0; color: var(--soft); font-weight: 500; font-size: 13px; line-height: 1.3; }
        tbody tr:first-child > * { border-top: 0; }
        thead + tbody tr:first-child > * { border-top: 1px solid var(--line); }
        th small { display: block; font-size: 12px; opacity: 0.75; }
        .overview tbody th { white-space: nowrap; }
        .overview thead th:not(:first-child) { min-width: 78px; }
        a { color: var(--accent); text-decoration: none; }
        a:hover { text-decoration: underline; }
        .figures { max-width: 660px; margin-top: 8px; font-size: 14px; }
        .figures .unit { text-align: left; color: var(--soft); padding-left: 0; white-space: nowrap; }
        .figures .range { color: var(--soft); white-space: nowrap; }
        summary { cursor: pointer; color: var(--soft); margin-top: 16px; }
        .charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(440px, 100%), 1fr)); gap: 22px 28px; }
        figure { margin: 0; min-width: 0; }
        figcaption { font-weight: 550; font-size: 14px; margin-bottom: 2px; }
        svg { display: block; width: 100%; height: auto; overflow: visible; }
        svg text { fill: var(--soft); font-size: 11px; font-variant-numeric: tabular-nums; }
        .grid { stroke: var(--line); stroke-width: 1; }
        .curve { fill: none; stroke-width: 1.8; stroke-linejoin: round; stroke-linecap: round; }
        .key { display: flex; flex-wrap: wrap; gap: 2px 14px; color: var(--soft); font-size: 12.5px; margin-top: 4px; }
        .key i { display: inline-block; width: 10px; height: 10px; border-radius: 3px; margin-right: 5px; }
        .failed { color: var(--bad); }
        footer { color: var(--soft); font-size: 13px; margin-top: 28px; }
        """
}
