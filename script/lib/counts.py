"""Adds up test results for script/test.

    counts.py ctest JUNIT_XML GTEST_JSON_DIR   one ctest run; the cases of a GoogleTest binary
                                               and of Python's unittest count singly
    counts.py vitest REPORT_JSON
    counts.py sum DIR                          all of a run's *.counts files

Prints "passed failed skipped". A binary that died before it wrote its report, or that failed although
none of its cases did (a leak found at exit, a time-out), counts as one failure.
"""

import json
import pathlib
import re
import sys
import xml.etree.ElementTree as ET


def gtest_counts(path):
    passed = failed = skipped = 0
    for suite in json.loads(path.read_text())["testsuites"]:
        for case in suite["testsuite"]:
            if case.get("failures"):
                failed += 1
            elif case.get("result") == "SKIPPED" or case.get("status") == "NOTRUN":
                skipped += 1
            else:
                passed += 1
    return passed, failed, skipped


def unittest_counts(output):
    """The cases that Python's unittest ran, by its closing lines; None when they are not there."""
    ran = re.search(r"^Ran (\d+) tests? in ", output, flags=re.M)
    if not ran:
        return None
    closing = output[ran.end():]
    number = lambda word: int((re.search(rf"{word}=(\d+)", closing) or [0, 0])[1])
    failed, skipped = number("failures") + number("errors"), number("skipped")
    return int(ran[1]) - failed - skipped, failed, skipped


def ctest_counts(junit, reports):
    total = [0, 0, 0]
    for case in ET.parse(junit).getroot().iter("testcase"):
        ok = case.get("status") == "run" and case.find("failure") is None
        not_run = case.get("status") in ("notrun", "disabled")
        report = pathlib.Path(reports) / (case.get("name") + ".json")
        try:
            counts = gtest_counts(report)
        except (OSError, ValueError, KeyError):
            counts = unittest_counts(case.findtext("system-out") or "")
            counts = counts or ((1, 0, 0) if ok else (0, 0, 1) if not_run else (0, 1, 0))
        if not ok and not not_run and counts[1] == 0:
            counts = (counts[0], 1, counts[2])
        total = [a + b for a, b in zip(total, counts)]
    return total


def vitest_counts(report):
    data = json.loads(pathlib.Path(report).read_text())
    broken = sum(1 for f in data["testResults"] if f["status"] == "failed" and not f["assertionResults"])
    skipped = data.get("numPendingTests", 0) + data.get("numTodoTests", 0)
    return data["numPassedTests"], data["numFailedTests"] + broken, skipped


def sum_counts(folder):
    total = [0, 0, 0]
    for path in pathlib.Path(folder).glob("*.counts"):
        total = [a + int(b) for a, b in zip(total, path.read_text().split())]
    return total


def main(arguments):
    modes = {"ctest": ctest_counts, "vitest": vitest_counts, "sum": sum_counts}
    print(*modes[arguments[0]](*arguments[1:]))


if __name__ == "__main__":
    main(sys.argv[1:])
