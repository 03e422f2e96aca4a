# SPDX-FileCopyrightText: The Vantage authors
# SPDX-License-Identifier: Apache-2.0
"""Takes pictures of the viewer's pages in Chromium, for people to look at.

    python3 Tests/BrowserTests/ui-harness/look.py FOLDER [NAME…]

Starts server.py itself. Needs Playwright and /usr/bin/chromium.
"""

import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

HERE = Path(__file__).resolve().parent
DESKTOP = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}
NARROW = {"width": 360, "height": 740}
SMALL = {"width": 320, "height": 568}
SETTLED = "window.vantage.status.settled"


def upload(page, *names):
    files = [{"name": name, "mimeType": "application/octet-stream", "buffer": b"x" * 90000} for name in names]
    page.set_input_files("input[type=file]", files)


def cards(page):
    page.wait_for_selector(".cards:not([aria-busy])")
    page.wait_for_timeout(400)


def settled(page):
    page.wait_for_function(SETTLED)
    page.wait_for_timeout(500)


def uploading(page):
    cards(page)
    upload(page, "slow-castle.glb", "bad-accessor.glb", "notes.txt", "same.stl", "turbine.glb")
    page.wait_for_selector('[data-state=done] >> nth=1')
    page.wait_for_timeout(300)


def stats(page):
    settled(page)
    page.mouse.move(640, 400)
    page.mouse.down()
    for step in range(20):
        page.mouse.move(640 + step * 6, 400 + step)
    page.mouse.up()
    page.keyboard.press("s")
    page.wait_for_timeout(700)


def press(keys):
    def act(page):
        settled(page)
        for key in keys:
            page.keyboard.press(key)
        page.wait_for_timeout(500)
    return act


def click(label):
    def act(page):
        settled(page)
        page.get_by_role("button", name=label).click()
        page.wait_for_timeout(300)
    return act


def path_menu(page):
    page.locator(".path-button").click()
    page.wait_for_timeout(300)


def path_note(page):
    page.wait_for_selector(".path-note.is-shown")
    page.wait_for_timeout(600)


def path_stats(page):
    page.wait_for_timeout(500)


def failure(page):
    page.wait_for_selector(".notice-card")
    page.wait_for_timeout(200)


def wait(page):
    page.wait_for_timeout(1500)


# name: (address, viewport, colour scheme, what to do)
PICTURES = {
    "start": ("", DESKTOP, "light", cards),
    "start-dark": ("", DESKTOP, "dark", cards),
    "start-phone": ("", PHONE, "light", cards),
    "start-small": ("", SMALL, "dark", cards),
    "start-many": ("many/", DESKTOP, "light", cards),
    "start-empty": ("empty/", DESKTOP, "light", lambda page: page.wait_for_selector(".empty")),
    "start-empty-phone": ("empty/", SMALL, "light", lambda page: page.wait_for_selector(".empty")),
    "start-uploading": ("", DESKTOP, "light", uploading),
    "start-uploading-phone": ("", SMALL, "dark", uploading),
    "start-broken": ("broken/", DESKTOP, "light", failure),
    "start-token": ("token/", PHONE, "dark", failure),
    "viewer": ("?model=engine", DESKTOP, "light", settled),
    "viewer-dark": ("?model=engine", DESKTOP, "dark", settled),
    "viewer-phone": ("?model=engine", PHONE, "light", settled),
    "viewer-small": ("?model=engine", SMALL, "dark", settled),
    "viewer-stats": ("?model=engine", DESKTOP, "light", stats),
    "viewer-stats-phone": ("?model=engine", PHONE, "dark", press(["i"])),
    "viewer-help": ("?model=engine", DESKTOP, "light", press(["?"])),
    "viewer-help-phone": ("?model=engine", PHONE, "dark", press(["?"])),
    "viewer-views": ("?model=engine", DESKTOP, "light", click("Views")),
    "viewer-more-phone": ("?model=engine", SMALL, "light", click("More")),
    "viewer-top-ortho": ("?model=engine", DESKTOP, "light", press(["5", "o"])),
    "viewer-walk": ("?model=engine", DESKTOP, "light", press(["g", "w", "w", "w"])),
    "viewer-reconnecting": ("?model=engine&play=reconnecting", DESKTOP, "light", wait),
    "viewer-connecting": ("?model=engine&play=connecting", DESKTOP, "dark", wait),
    "viewer-missing": ("?model=enigne&play=missing", DESKTOP, "light", failure),
    "viewer-token": ("?model=engine&play=token", DESKTOP, "light", failure),
    "viewer-version": ("?model=engine&play=version", PHONE, "light", failure),
    "viewer-full": ("?model=engine&play=full", DESKTOP, "dark", failure),
    "viewer-webgl": ("?model=engine&play=webgl", DESKTOP, "light", failure),
    "path-menu": ("paths?state=client", DESKTOP, "light", path_menu),
    "path-menu-dark": ("paths?state=changing", DESKTOP, "dark", path_menu),
    "path-menu-phone": ("paths?state=denied", NARROW, "light", path_menu),
    "path-menu-small": ("paths?state=fixed", SMALL, "dark", path_menu),
    "path-note": ("paths?state=note", DESKTOP, "light", path_note),
    "path-note-phone": ("paths?state=note", NARROW, "dark", path_note),
    "path-stats": ("paths?state=changing&stats", DESKTOP, "light", path_stats),
    "path-stats-phone": ("paths?state=denied&stats", NARROW, "dark", path_stats),
}


def take(browser, base, folder, name):
    address, viewport, scheme, act = PICTURES[name]
    is_phone = viewport["width"] < 500
    context = browser.new_context(viewport=viewport, color_scheme=scheme, device_scale_factor=2 if is_phone else 1, has_touch=is_phone)
    page = context.new_page()
    problems = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda message: message.type == "error" and "503" not in message.text and "401" not in message.text
            and problems.append(message.text))
    try:
        page.goto(base + address)
        act(page)
    except Exception as error:
        problems.append(str(error).splitlines()[0])
    width = page.evaluate("document.documentElement.scrollWidth")
    if width > viewport["width"]:
        problems.append(f"wider than the screen: {width}")
    page.screenshot(path=str(folder / f"{name}.png"))
    context.close()
    print(name, *problems, sep="\n  ")
    return not problems


def main():
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    names = sys.argv[2:] or list(PICTURES)
    server = subprocess.Popen([sys.executable, str(HERE / "server.py"), "--port", "0"], stdout=subprocess.PIPE, text=True)
    try:
        base = server.stdout.readline().strip()
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", chromium_sandbox=False)
            results = [take(browser, base, folder, name) for name in names]
            browser.close()
    finally:
        server.terminate()
    sys.exit(0 if all(results) else 1)


if __name__ == "__main__":
    main()
