"""`syncline explain`: of a database file, and of the server that runs on it."""

import json
import unittest

from support import SyncTest, run

QUERY = "crm.leads?status=qualified&sort=-value&limit=50"


class Explain(SyncTest):
    def explain(self, *arguments):
        done = run("explain", "--db", self.server.database, *arguments)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def told(self, *arguments):
        return json.loads(self.explain("--json", *arguments))

    def test_a_file_is_explained_without_a_server(self):
        self.server.end()
        told = self.told(QUERY)
        self.assertEqual(told["routes"], [{"collection": "crm.leads", "by": "equality", "field": "status", "keys": 1}])
        self.assertIn("SEARCH crm_leads USING INDEX", told["reads"][0]["how"])
        self.assertEqual((told["cost"], told["allowed"], told["running"]), (told["reads"][0]["rows"], True, None))
        text = self.explain(QUERY)
        for word in ("equality of status", "SEARCH crm_leads", "allowed", "Nobody listens"):
            self.assertIn(word, text)
        refused = run("explain", "--db", self.server.database, "--running")
        self.assertEqual(refused.returncode, 1)
        self.assertIn("No server runs", refused.stderr)

    def test_what_cannot_be_explained_is_refused(self):
        for arguments, code, word in ((["crm.lead"], 1, "no collection"), (["crm.leads?colour=red"], 1, "colour"),
                                      ([], 2, "--running"), (["crm.leads", "--role", "king"], 2, "king")):
            done = run("explain", "--db", self.server.database, *arguments)
            self.assertEqual(done.returncode, code, done.stderr)
            self.assertIn(word, done.stderr)

    async def test_a_running_server_tells_what_its_queries_have_cost(self):
        leads = next(each for each in self.schema()["collections"] if each["name"] == "leads")
        name = next(field["id"] for field in leads["fields"] if field["name"] == "name")
        query = {"collection": leads["id"],
                 "where": {"kind": "compare", "field": name, "op": "like", "values": ["%Explained%"]}}
        self.assertEqual(self.told("--running")["queries"], [])
        async with self.open() as reader:
            await self.hello(reader)
            await self.say(reader, type="subscribe", queryId=1, query=query)
            await self.hear(reader, "poke")
            token = self.server.token()
            self.lead(token, name="Explained")
            self.lead(token, name="Another")
            await self.hear(reader, "poke")
            running = self.told("--running")
            self.assertEqual((running["groups"], running["sessions"]), (1, 1))
            only = running["queries"][0]
            self.assertEqual((only["residual"], only["sessions"], only["rows"], only["hydrated"]), (True, 1, 1, 1))
            self.assertEqual((only["routed"], only["altered"]), (2, 1))
            self.assertGreater(only["nanoseconds"], 0)
            self.assertGreater(only["bytes"], 0)
            one = self.told(json.dumps(query))
            self.assertEqual(one["running"]["sessions"], 1)
            self.assertIsNone(self.told(QUERY)["running"])
            text = self.explain("--running")
            self.assertIn("crm.leads where name like", text)
            self.assertIn("1 live queries", text)


if __name__ == "__main__":
    unittest.main()
