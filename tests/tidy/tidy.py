"""The rules of the tree that no compiler checks: who may include whom, what shared/ must not use, dead links.

    tidy.py ROOT            prints "path:line: what is wrong" and ends with 1 if there is anything
    tidy.py ROOT --length   lists files and functions that have grown long; always ends with 0

tidy_test.py is its own test. Each rule is a function (path, text) -> [(line, message)].
"""

import pathlib
import re
import subprocess
import sys
from urllib.parse import unquote

# The layer table. A module may include lower layers and itself; modules of one layer never include each other.
LAYERS = [
    ("shared/syncline/base", 0),
    ("shared/syncline/model", 1),
    ("shared/syncline/query", 2),
    ("shared/syncline/store", 2),
    ("shared/syncline/ivm", 3),
    ("shared/syncline/invalidation", 3),
    ("shared/syncline/mutation", 3),
    ("shared/syncline/protocol", 3),
    ("shared/syncline/client", 4),
    ("shared/syncline/authority", 4),
    ("shared/domain", 4),
    ("server/http", 4),  # plain values below api and net
    ("server/storage", 5),
    ("server/auth", 5),
    ("server/api", 5),
    ("server/net", 5),
    ("server/app", 6),
    ("wasm", 5),
]
# Composes the modules of its own folder, or of the layer it stands in.
COMPOSERS = ("server/app",)
# The engine never knows the domain, not even by name.
ENGINE = "shared/syncline/"

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')

# <atomic> is not among them: immutable values count their references so that the server's threads may share them.
BANNED_IN_SHARED = {
    "thread": "shared/ has no threads",
    "mutex": "shared/ has no threads",
    "shared_mutex": "shared/ has no threads",
    "condition_variable": "shared/ has no threads",
    "future": "shared/ has no threads",
    "stop_token": "shared/ has no threads",
    "semaphore": "shared/ has no threads",
    "latch": "shared/ has no threads",
    "barrier": "shared/ has no threads",
    "fstream": "shared/ has no files",
    "filesystem": "shared/ has no files",
    "iostream": "shared/ has no streams of the process; return text instead",
    "cstdio": "shared/ has no files; use charconv and std::string",
    "stdio.h": "shared/ has no files; use charconv and std::string",
    "ctime": "shared/ has no clock; use syncline/base/time.hpp",
    "time.h": "shared/ has no clock; use syncline/base/time.hpp",
    "random": "shared/ has no random device; use syncline/base/random.hpp",
    "locale": "shared/ has one collation of its own, in syncline/model",
    "ranges": "not in Emscripten's libc++; use <algorithm>",
    "format": "in neither standard library",
    "source_location": "not in Emscripten's libc++",
    "coroutine": "not in Emscripten's libc++",
    "memory_resource": "not in Emscripten's libc++",
}
BANNED_PREFIXES_IN_SHARED = ("boost/", "sqlite3", "emscripten", "sys/", "unistd", "openssl/", "sodium", "nlohmann/")
# nlohmann/json throws: it stays at the edges. These edges inside shared/ are the ones that read or write JSON.
JSON_EDGES = re.compile(r"^shared/syncline/(model|query|protocol|mutation)/[a-z_]*json[a-z_]*\.(cpp|hpp)$")

BANNED_CALLS_IN_SHARED = [
    (re.compile(r"\b(system_clock|steady_clock|high_resolution_clock)\b"), "shared/ has no clock; time is an argument"),
    (re.compile(r"\b(random_device|mt19937\w*)\b"), "shared/ has no random source of its own; it is given one"),
    (re.compile(r"\bthread_local\b"), "shared/ has no mutable globals"),
    (re.compile(r"\bstd::(bit_cast|from_range)\b"), "not in Emscripten's libc++; use memcpy"),
    (re.compile(r"\b(getenv|printf|fprintf)\s*\("), "shared/ does not talk to the process around it"),
]
# A variable at namespace scope or a function's static that is not const: `static` or `inline` and no (.
MUTABLE_GLOBAL = re.compile(r"^\s*(?:static|inline|inline static|static inline)\s+(?!const\b|constexpr\b|consteval\b|constinit const\b|assert\b)[\w:<>,\s*&]+?\b\w+\s*(?:=[^=]|\{[^}]*\}\s*;|;)")

MARKS = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b")
MACHINE_PATH = re.compile(r"(?<![\w.])/(?:home|root|Users)/[\w.-]+|(?<![\w.])/work/\w+")
REGISTRY = re.compile(r'"resolved"\s*:\s*"[a-z+]+:|registry\.npm' r"js\.org|https?://[^/\s\"']*(?:registry|artifact)[^/\s\"']*/")
MARKDOWN_LINK = re.compile(r"(?<!\\)!?\[[^\]]*\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)")

CODE = (".cpp", ".hpp", ".h", ".ts", ".tsx", ".js", ".mjs", ".py", ".cmake", ".css", ".html", ".sh", ".sql")


def module_of(path):
    """(module, layer) of a path inside the tree, or None: the longest folder of the table it lies in."""
    found = [(folder, layer) for folder, layer in LAYERS if path == folder or path.startswith(folder + "/")]
    return max(found, key=lambda entry: len(entry[0]), default=None)


def target_of(include):
    """The path inside the tree that an include names, by the folder it starts with."""
    if include.startswith(("syncline/", "domain/")):
        return "shared/" + include
    if include.startswith(("server/", "wasm/", "tests/")):
        return include
    return None


def check_layers(path, text):
    own = module_of(path)
    problems = []
    for number, line in enumerate(text.splitlines(), 1):
        match = INCLUDE.match(line)
        target = match and target_of(match.group(2))
        if not own or not target:
            continue
        other = module_of(target)
        if target.startswith("tests/"):
            problems.append((number, f"{own[0]} includes a test's header"))
        elif other is None:
            problems.append((number, f"{match.group(2)} is in no module of the layer table"))
        elif path.startswith(ENGINE) and target.startswith("shared/domain"):
            problems.append((number, "the engine never knows the domain"))
        elif other[0] != own[0] and other[1] >= own[1] and own[0] not in COMPOSERS:
            problems.append((number, f"{own[0]} (layer {own[1]}) may not include {other[0]} (layer {other[1]})"))
        elif own[0] == "shared/domain" and other[0] != own[0] and other[1] > 3:
            problems.append((number, f"shared/domain uses layers 0 to 3, and {other[0]} is above"))
    return problems


def check_links(path, text):
    """A folder's CMakeLists.txt links what its layer may see."""
    own = module_of(path)
    if not own or not path.endswith("CMakeLists.txt"):
        return []
    targets = {folder.replace("shared/syncline/", "syncline_").replace("shared/", "syncline_")
               .replace("server/", "syncline_server_"): (folder, layer) for folder, layer in LAYERS}
    problems = []
    for number, line in enumerate(text.splitlines(), 1):
        for word in re.findall(r"\bsyncline_\w+", line.split("#")[0]):
            folder, layer = targets.get(word, (own[0], -1))
            if folder != own[0] and layer >= own[1] and own[0] not in COMPOSERS:
                problems.append((number, f"{own[0]} (layer {own[1]}) may not link {word} (layer {layer})"))
    return problems


def without_comments(text):
    """The text with comments and string contents blanked, line by line as it was."""
    def blank(match):
        kept = match.group(0)
        if kept.startswith(('"', "'")):
            return kept[0] + re.sub(r"[^\n]", " ", kept[1:-1]) + kept[-1]
        return re.sub(r"[^\n]", " ", kept)
    return re.sub(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|(?<![\w])\'(?:\\.|[^\'\\\n])+\'', blank, text, flags=re.S)


def check_shared(path, text):
    if not path.startswith("shared/") or not path.endswith((".cpp", ".hpp", ".h")):
        return []
    problems = []
    for number, line in enumerate(text.splitlines(), 1):
        match = INCLUDE.match(line)
        if not match:
            continue
        header = match.group(2)
        if header in BANNED_IN_SHARED:
            problems.append((number, f"<{header}>: {BANNED_IN_SHARED[header]}"))
        elif header.startswith(BANNED_PREFIXES_IN_SHARED):
            if not (header.startswith("nlohmann/") and JSON_EDGES.match(path)):
                problems.append((number, f"<{header}> does not belong in shared/"))
    for number, line in enumerate(without_comments(text).splitlines(), 1):
        problems += [(number, message) for pattern, message in BANNED_CALLS_IN_SHARED if pattern.search(line)]
        if MUTABLE_GLOBAL.match(line) and "(" not in line.split("=")[0]:
            problems.append((number, "a mutable global or static; pass the state in"))
    return problems


def check_headers(path, text):
    if path.endswith(".hpp") and "#pragma once" not in text:
        return [(1, "a header starts with #pragma once")]
    return []


def check_words(path, text):
    problems = []
    for number, line in enumerate(text.splitlines(), 1):
        if path.endswith(CODE) and MARKS.search(line):
            problems.append((number, f"a leftover {MARKS.search(line).group(1)}"))
        if MACHINE_PATH.search(line):
            problems.append((number, f"a path of one machine: {MACHINE_PATH.search(line).group(0)}"))
        if path.endswith((".json", ".npmrc", ".yaml", ".yml", ".lock")) and REGISTRY.search(line):
            problems.append((number, "the address of a package registry"))
    return problems


def heading_anchors(text):
    headings = re.findall(r"^#{1,6}\s+(.+?)\s*#*$", re.sub(r"^```.*?^```", "", text, flags=re.S | re.M), flags=re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def check_markdown(root, path, text):
    if not path.endswith(".md"):
        return []
    problems = []
    prose = re.sub(r"^```.*?^```|`[^`\n]*`", lambda m: re.sub(r"[^\n]", " ", m.group(0)), text, flags=re.S | re.M)
    for number, line in enumerate(prose.splitlines(), 1):
        for link in MARKDOWN_LINK.findall(line):
            if re.match(r"[a-z]+:", link):
                continue
            file, _, anchor = unquote(link).partition("#")
            target = (root / path).parent / file if file else root / path
            if not target.exists():
                problems.append((number, f"the link {link} leads nowhere"))
            elif anchor and target.suffix == ".md" and anchor not in heading_anchors(target.read_text()):
                problems.append((number, f"the link {link} names no heading there"))
    return problems


RULES = [check_layers, check_links, check_shared, check_headers, check_words]


def check_file(root, path, text):
    # This checker and its test name what they forbid.
    rules = [] if path.startswith("tests/tidy/") else RULES
    problems = [problem for rule in rules for problem in rule(path, text)]
    return sorted(problems + check_markdown(root, path, text))


def tree(root):
    """The tree's text files: what git tracks, or would."""
    listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                            cwd=root, capture_output=True, check=True).stdout.decode()
    for path in sorted(filter(None, set(listed.split("\0")))):
        try:
            yield path, (root / path).read_text(encoding="utf-8")
        except (UnicodeDecodeError, FileNotFoundError, IsADirectoryError):
            continue


def long_things(path, text, file_lines=500, function_lines=60):
    lines = text.splitlines()
    found = []
    if path.endswith((".cpp", ".hpp", ".h", ".ts", ".tsx", ".py")) and len(lines) > file_lines:
        found.append((1, f"{len(lines)} lines"))
    if path.endswith((".cpp", ".hpp")):
        start = None
        for number, line in enumerate(lines, 1):
            if re.match(r"^[A-Za-z_].*[)\w]\s*\{$", line) and not re.match(r"^(namespace|class|struct|enum|union|extern)\b", line):
                start = number
            elif line == "}" and start:
                if number - start > function_lines:
                    found.append((start, f"a function of {number - start} lines"))
                start = None
    return found


def main(arguments):
    root = pathlib.Path(arguments[0]).resolve()
    only_length = "--length" in arguments[1:]
    problems = files = 0
    for path, text in tree(root):
        files += 1
        for number, message in long_things(path, text) if only_length else check_file(root, path, text):
            print(f"{path}:{number}: {message}")
            problems += 1
    print(f"{files} files, {problems} {'long' if only_length else 'problems'}")
    return 1 if problems and not only_length else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
