"""`syncline import` with the real binary: into a running server and without one, and the public sample data where it is there."""

import asyncio
import csv
import decimal
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

from support import PASSWORD, Server, ServerTest, run

ROOT = pathlib.Path(__file__).resolve().parents[2]
MAPPING = ROOT / "docs/import/crm-sales/crm-sales.json"
DATA = pathlib.Path(os.environ.get("SYNCLINE_DATA", ROOT.parent / "shared/data")) / "crm-sales"
DEALS = "sales_pipeline.csv → deals"
COMPANIES = {"steps": [{
    "file": "companies.csv", "collection": "companies", "key": "externalId",
    "fields": {"externalId": "id", "name": "name", "employees": {"column": "size", "onMisfit": "warn"}}}]}


def awk_per_stage(path):
    """{stage: (count, sum of close_value)} as plain awk has it; no cell of this file is quoted."""
    program = 'NR > 1 { n[$5]++; v[$5] += $8 } END { for (s in n) printf "%s\\t%d\\t%.2f\\n", s, n[s], v[s] }'
    lines = subprocess.run(["awk", "-F,", program, path], capture_output=True, text=True, check=True).stdout.splitlines()
    return {stage: (int(count), decimal.Decimal(value)) for stage, count, value in (line.split("\t") for line in lines)}


class Commands(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="syncline-test-"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.database = self.folder / "new.db"
        self.assertEqual(run("migrate", "--db", self.database).returncode, 0)
        self.mapping = self.folder / "mapping.json"
        self.mapping.write_text(json.dumps(COMPANIES))

    def import_companies(self, text, *options):
        path = self.folder / "companies.csv"
        path.write_text(text)
        return run("import", "--db", self.database, "--mapping", self.mapping, *options, path)

    def test_without_a_server_the_command_opens_the_database(self):
        first = self.import_companies("id,name,size\n1,Acme,5\n2,Beta,many\n")
        self.assertEqual(first.returncode, 0, first.stderr)
        self.assertIn("2 inserted, 0 updated, 0 unchanged, 1 warnings, 0 refused", first.stdout)
        again = self.import_companies("id,name,size\n1,Acme,6\n2,Beta,many\n")
        self.assertIn("0 inserted, 1 updated, 1 unchanged", again.stdout)

    def test_a_dry_run_writes_nothing(self):
        self.assertIn("1 inserted", self.import_companies("id,name,size\n1,Acme,5\n", "--dry-run").stdout)
        self.assertIn("1 inserted", self.import_companies("id,name,size\n1,Acme,5\n").stdout)

    def test_refused_rows_are_in_the_report_and_the_exit_code(self):
        report = self.folder / "report.jsonl"
        done = self.import_companies("id,name,size\n1,Acme\n2,Beta,7\n", "--report", report)
        self.assertEqual(done.returncode, 3)
        refused, taken = (json.loads(line) for line in report.read_text().splitlines())
        self.assertEqual((refused["outcome"], refused["line"]), ("refused", 2))
        self.assertIn("2 cells", refused["message"])
        self.assertEqual((taken["outcome"], taken["line"], taken["key"]), ("inserted", 3, "2"))

    def test_what_cannot_begin_is_one_line_and_exit_1(self):
        csv_file = self.folder / "companies.csv"
        csv_file.write_text("id,name\n")
        for options in (["--db", self.folder / "no.db", "--mapping", self.mapping],
                        ["--db", self.database, "--mapping", self.folder / "no.json"],
                        ["--db", self.database, "--mapping", csv_file],
                        ["--db", self.database, "--mapping", self.mapping]):
            done = run("import", *options, csv_file)
            self.assertEqual(done.returncode, 1, done.stdout)
            self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
        self.assertEqual(run("import", "--db", self.database, csv_file).returncode, 2)


class IntoARunningServer(ServerTest):
    async def test_those_who_listen_see_it_arrive(self):
        mapping = pathlib.Path(self.folder) / "mapping.json"
        mapping.write_text(json.dumps(COMPANIES))
        path = pathlib.Path(self.folder) / "companies.csv"
        path.write_text("id,name,size\nIMPORTED-1,Imported by test,5\n")
        async with self.server.socket() as socket:
            await socket.send(json.dumps({"type": "auth", "token": self.server.token()}))
            await socket.send(json.dumps({"type": "subscribe", "rooms": ["crm:companies"]}))
            while json.loads(await socket.recv())["type"] != "subscribed":
                pass
            done = await asyncio.to_thread(run, "import", "--db", self.server.database, "--mapping", mapping, path)
            self.assertEqual(done.returncode, 0, done.stderr)
            while (event := json.loads(await asyncio.wait_for(socket.recv(), 10)))["type"] != "company_created":
                pass
            self.assertEqual(event["data"]["name"], "Imported by test")


@unittest.skipUnless(DATA.is_dir(), f"the sample data is not at {DATA}")
class CrmSales(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="syncline-test-"))
        self.addCleanup(shutil.rmtree, self.folder)
        database = self.folder / "new.db"
        self.assertEqual(run("migrate", "--db", database).returncode, 0)
        done = run("user", "add", "--db", database, "--email", "admin@example.com", "--role", "admin", "--password", PASSWORD)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.server = Server(database).start()
        self.addCleanup(self.server.end)
        self.token = self.server.token()

    def get(self, path):
        answer = self.server.call("GET", path, token=self.token)
        self.assertEqual(answer.status, 200, answer.body)
        return answer

    def import_all(self):
        """The summary's line per step."""
        done = run("import", "--db", self.server.database, "--mapping", MAPPING, *sorted(DATA.glob("*.csv")))
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return dict(line.split(": ", 1) for line in done.stdout.splitlines() if line.startswith(("accounts", "sales", "Together")))

    def per_stage(self):
        stages = self.get("/api/crm/pipeline").json["stages"]
        return {s["name"]: (s["count"], decimal.Decimal(s["value"])) for s in stages if s["count"] > 0}

    def test_all_of_it_is_taken_and_counts_as_the_file_does(self):
        first = self.import_all()
        self.assertIn("8,800 inserted, 0 updated, 0 unchanged", first[DEALS])
        self.assertIn(" 0 refused", first["Together"])
        expected = awk_per_stage(DATA / "sales_pipeline.csv")
        self.assertEqual(sum(count for count, _ in expected.values()), 8800)
        self.assertEqual(self.per_stage(), expected)
        self.check_a_few_rows()

        version = self.get("/api/crm/deals?limit=1").headers["Syncline-Version"]
        again = self.import_all()
        self.assertIn("0 inserted, 0 updated, 8,800 unchanged", again[DEALS])
        self.assertIn("0 inserted, 0 updated", again["Together"])
        self.assertEqual(self.get("/api/crm/deals?limit=1").headers["Syncline-Version"], version)

    def check_a_few_rows(self):
        with open(DATA / "sales_pipeline.csv", newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        gap = next(row for row in rows if not row["account"] and not row["engage_date"])
        misspelt = next(row for row in rows if row["product"] == "GTXPro" and row["account"])
        deal = self.only("/api/crm/deals?externalId=" + gap["opportunity_id"])
        for field in ("companyId", "openedOn", "closedOn", "value"):
            self.assertIsNone(deal[field], field)
        deal = self.only("/api/crm/deals?externalId=" + misspelt["opportunity_id"])
        self.assertEqual(deal["name"], "GTX Pro – " + misspelt["account"])
        month, day, year = map(int, misspelt["engage_date"].split("/"))
        self.assertEqual(deal["openedOn"], f"{year:04}-{month:02}-{day:02}")
        owner = self.only("/api/users?id=" + deal["ownerId"])
        self.assertEqual((owner["name"], owner["role"], owner["canLogIn"]), (misspelt["sales_agent"], "agent", False))
        self.assertEqual(self.only("/api/users?id=" + owner["managerId"])["role"], "manager")
        company = self.only("/api/crm/companies?id=" + deal["companyId"])
        self.assertEqual(company["name"], misspelt["account"])

    def only(self, path):
        found = self.get(path).json["data"]
        self.assertEqual(len(found), 1, path)
        return found[0]


if __name__ == "__main__":
    unittest.main()
