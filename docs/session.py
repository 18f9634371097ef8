"""Records docs/session.svg: the demo of docs/local.md, as it runs.

    python3 docs/session.py        from the top of the repository

Starts the system on this machine, plays the commands, and draws what they print. Nothing is made up:
a command that fails ends the recording.
"""

import html
import pathlib
import subprocess
import sys
import time

DOFS = ["cargo", "run", "-q", "-p", "dofs", "--"]
SESSION = [
    ["local", "status"],
    ["order", "--customer-id", "CUST-1234", "--product-id", "PROD-5678", "--quantity", "2", "--price", "29.99"],
    ["load", "--count", "60", "--rate", "15", "--seed", "7"],
    ["orders", "--status", "failed", "--limit", "3"],
    ["verify"],
]
WIDTH, LINE, LETTER = 118, 18, 8.0
ROOT = pathlib.Path(__file__).resolve().parent.parent


def play():
    up = subprocess.Popen([*DOFS, "local", "up", "--fresh"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(600):
            if subprocess.run([*DOFS, "local", "status"], capture_output=True).returncode == 0:
                break
            if up.poll() is not None:
                sys.exit("`dofs local up` ended; run it by hand to see why")
            time.sleep(1)
        for command in SESSION:
            yield "$ dofs " + " ".join(command)
            done = subprocess.run([*DOFS, *command], capture_output=True, text=True)
            # An order that fails does not fail the recording: three of ten do.
            if done.returncode and command[0] != "order":
                sys.exit(f"dofs {' '.join(command)} failed:\n{done.stdout}{done.stderr}")
            # The recording must not show the path of the repository.
            yield from done.stdout.replace(f"{ROOT}/", "").rstrip().splitlines()
            yield ""
    finally:
        subprocess.run([*DOFS, "local", "down"], capture_output=True)
        up.wait()


def draw(lines):
    width, height = WIDTH * LETTER + 32, len(lines) * LINE + 32
    rows = []
    for number, line in enumerate(lines):
        kind = ' class="c"' if line.startswith("$ ") else ""
        text = html.escape(line[:WIDTH])
        rows.append(f'<text{kind} x="16" y="{28 + number * LINE}" xml:space="preserve">{text}</text>')
    style = (
        "text{font:13px ui-monospace,Menlo,Consolas,monospace;fill:#d7dae0}"
        ".c{fill:#8fd18f;font-weight:600}"
    )
    body = "\n".join(rows)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height}" width="{width:.0f}">\n'
        f"<title>A session with dofs</title>\n<style>{style}</style>\n"
        f'<rect width="100%" height="100%" rx="8" fill="#1d2026"/>\n{body}\n</svg>\n'
    )


pathlib.Path(__file__).with_name("session.svg").write_text(draw(list(play())), encoding="utf-8")
