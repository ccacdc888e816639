"""script/lib/counts.py never takes a broken run for a good one."""

import json
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "script" / "lib"))
import counts


class CountsTest(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.folder = pathlib.Path(holder.name)

    def ctest(self, status, cases=None):
        failure = "<failure/>" if status == "fail" else ""
        (self.folder / "ctest.xml").write_text(
            f'<testsuite><testcase name="unit_x" status="{status}">{failure}</testcase></testsuite>')
        if cases is not None:
            (self.folder / "unit_x.json").write_text(json.dumps({"testsuites": [{"testsuite": cases}]}))
        return tuple(counts.ctest_counts(self.folder / "ctest.xml", self.folder))

    good = {"name": "A", "status": "RUN", "result": "COMPLETED"}
    bad = {"name": "B", "status": "RUN", "result": "COMPLETED", "failures": [{"failure": "no"}]}
    skipped = {"name": "C", "status": "RUN", "result": "SKIPPED"}

    def test_cases_of_a_binary_count_singly(self):
        self.assertEqual((2, 0, 1), self.ctest("run", [self.good, self.good, self.skipped]))
        self.assertEqual((1, 1, 0), self.ctest("fail", [self.good, self.bad]))

    def test_a_test_without_a_report_counts_once(self):
        self.assertEqual((1, 0, 0), self.ctest("run"))
        self.assertEqual((0, 1, 0), self.ctest("fail"))

    def test_cases_of_unittest_count_singly(self):
        self.assertEqual((4, 0, 1), counts.unittest_counts("...\nRan 5 tests in 1.2s\n\nOK (skipped=1)\n"))
        self.assertEqual((2, 3, 0), counts.unittest_counts("Ran 5 tests in 1.2s\n\nFAILED (failures=1, errors=2)\n"))
        self.assertIsNone(counts.unittest_counts("Segmentation fault\n"))

    def test_a_binary_that_fails_after_its_last_case_is_a_failure(self):
        self.assertEqual((1, 1, 0), self.ctest("fail", [self.good]))

    def test_a_web_suite_that_could_not_be_loaded_is_a_failure(self):
        report = self.folder / "vitest.json"
        report.write_text(json.dumps({
            "numPassedTests": 3, "numFailedTests": 0, "numPendingTests": 1,
            "testResults": [{"status": "failed", "assertionResults": []},
                            {"status": "passed", "assertionResults": [{}]}]}))
        self.assertEqual((3, 1, 1), counts.vitest_counts(report))

    def test_the_sum_takes_every_stage(self):
        (self.folder / "a.counts").write_text("3 0 1\n")
        (self.folder / "b.counts").write_text("2 1 0\n")
        self.assertEqual([5, 1, 1], counts.sum_counts(self.folder))


if __name__ == "__main__":
    unittest.main()
