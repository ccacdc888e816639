"""Ends with 0 when node_modules holds what package-lock.json asks for: npm_current.py FOLDER"""

import json
import pathlib
import platform
import sys

folder = pathlib.Path(sys.argv[1])
wanted = json.loads((folder / "package-lock.json").read_text())["packages"]
try:
    there = json.loads((folder / "node_modules/.package-lock.json").read_text())["packages"]
except OSError:
    sys.exit(1)
cpu = {"x86_64": "x64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())


def is_for_this_machine(package):
    return ("linux" in package.get("os", ["linux"]) and cpu in package.get("cpu", [cpu])
            and "glibc" in package.get("libc", ["glibc"]))


for path, package in wanted.items():
    # The workspaces themselves, and what is for other systems, are not there.
    if not path.startswith("node_modules/") or package.get("link") or not is_for_this_machine(package):
        continue
    # Peers that nobody asked for, and packages built for wasm, may be left out.
    if package.get("optional") and path not in there and "os" not in package:
        continue
    if path not in there or there[path].get("version") != package.get("version"):
        sys.exit(1)
