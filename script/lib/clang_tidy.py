"""Runs clang-tidy over the C++ sources of a build folder, skipping what has not changed since it was last found clean.

    clang_tidy.py BUILD_DIR [PATH...]      only sources below these paths; default shared server wasm

A source is clean for as long as it, every file of the project it includes, .clang-tidy and its flags stay the same
(Ninja's dependency log says what it includes). Prints "N clean, N with findings".
"""

import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
VERSION = subprocess.run(["clang-tidy", "--version"], capture_output=True, check=True).stdout


def dependencies(build):
    """Object file -> the project's files it was made from."""
    listed = subprocess.run(["ninja", "-C", build, "-t", "deps"], capture_output=True, text=True, check=True).stdout
    found, current = {}, None
    for line in listed.splitlines():
        if line.startswith("    "):
            path = (build / line.strip()).resolve()
            if current is not None and path.is_relative_to(ROOT):
                current.append(path)
        elif ": #deps" in line:
            current = found.setdefault(line.split(": #deps")[0], [])
    return found


def key(build, entry, files):
    digest = hashlib.sha256((ROOT / ".clang-tidy").read_bytes())
    digest.update(VERSION)
    digest.update(re.sub(r"-o \S+", "", entry["command"]).replace(str(ROOT), "").replace(str(build), "").encode())
    for path in sorted(files):
        digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def check(build, entry):
    done = subprocess.run(["clang-tidy", "--quiet", "-p", build, entry["file"],
                           # Flags of g++ that clang does not know; warnings are the compilers' business.
                           "--extra-arg=-Wno-everything"], capture_output=True, text=True)
    return done.returncode == 0, done.stdout + ("" if done.returncode == 0 else done.stderr)


def main(arguments):
    build = pathlib.Path(arguments[0]).resolve()
    wanted = [str((ROOT / path).resolve()) for path in arguments[1:] or ["shared", "server", "wasm"]]
    # Beside ccache's, so that a new clone finds it.
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "syncline-clang-tidy"
    cache.mkdir(parents=True, exist_ok=True)
    includes = dependencies(build)
    work, clean, dirty = [], 0, 0
    for entry in json.loads((build / "compile_commands.json").read_text()):
        if not any(entry["file"] == path or entry["file"].startswith(path + os.sep) for path in wanted):
            continue
        output = re.search(r" -o (\S+)", entry["command"]).group(1)
        stamp = cache / key(build, entry, includes.get(output) or [pathlib.Path(entry["file"])])
        if stamp.exists():
            clean += 1
        else:
            work.append((entry, stamp))
    with concurrent.futures.ThreadPoolExecutor(int(os.environ.get("SYNCLINE_JOBS", os.cpu_count()))) as pool:
        for (entry, stamp), (good, text) in zip(work, pool.map(lambda item: check(build, item[0]), work)):
            if good:
                clean += 1
                stamp.touch()
            else:
                dirty += 1
                print(text, flush=True)
    print(f"{clean} clean, {dirty} with findings")
    return 1 if dirty else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
