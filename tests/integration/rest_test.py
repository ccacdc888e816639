"""REST through the whole binary: what it reads it has written, and hostile input gets a clear answer."""

import json
import unittest
import uuid

from support import ServerTest


class Rest(ServerTest):
    def test_a_record_lives(self):
        token = self.server.token()
        lead = self.lead(token, value="395000.00", status="qualified")
        path = "/api/crm/leads/" + lead["id"]
        read = self.server.call("GET", path, token=token)
        self.assertEqual(read.json, lead)
        self.assertEqual(read.headers["ETag"], f'"{lead["version"]}"')
        self.assertTrue(int(read.headers["Syncline-Version"]) >= lead["version"])
        changed = self.server.call("PATCH", path, {"value": "1.50"}, token, {"If-Match": f'"{lead["version"]}"'})
        self.assertEqual(changed.json["value"], "1.50")
        conflict = self.server.call("PATCH", path, {"value": "2.00"}, token, {"If-Match": f'"{lead["version"]}"'})
        self.assertEqual(conflict.status, 409)
        self.assertEqual(conflict.json["conflict"]["fields"]["value"]["theirs"], "1.50")
        merged = self.server.call("PATCH", path, {"score": 7}, token, {"If-Match": f'"{lead["version"]}"'})
        self.assertEqual((merged.status, merged.json["value"], merged.json["score"]), (200, "1.50", 7))
        self.assertEqual(self.server.call("DELETE", path, token=token).status, 204)
        self.assertEqual(self.server.call("GET", path, token=token).status, 404)

    def test_an_idempotency_key_writes_once(self):
        token = self.server.token()
        key = {"Idempotency-Key": str(uuid.uuid4())}
        first = self.server.call("POST", "/api/crm/leads", {"name": "Once"}, token, key)
        again = self.server.call("POST", "/api/crm/leads", {"name": "Once"}, token, key)
        self.assertEqual((first.status, first.body), (again.status, again.body))
        self.assertEqual(self.server.call("POST", "/api/crm/leads", {"name": "Twice"}, token, key).status, 422)
        found = self.server.call("GET", "/api/crm/leads?name=Once&count=true", token=token)
        self.assertEqual(found.json["total"], 1)

    def test_lists_page_through_everything_once(self):
        token = self.server.token()
        total = self.server.call("GET", "/api/crm/activities?count=true&limit=1", token=token).json["total"]
        seen, cursor = [], ""
        while cursor is not None:
            page = self.server.call("GET", "/api/crm/activities?limit=50&sort=-at,subject" + cursor, token=token).json
            seen += [row["id"] for row in page["data"]]
            cursor = "&cursor=" + page["nextCursor"] if page["nextCursor"] else None
        self.assertEqual((len(seen), len(set(seen))), (total, total))

    def test_the_dashboard_is_the_sum_of_its_parts(self):
        token = self.server.token()
        whole = self.server.call("GET", "/api/crm/dashboard", token=token).json
        for part, path in (("analytics", "/api/crm/lead-analytics"), ("pipeline", "/api/crm/pipeline")):
            self.assertEqual(whole[part], self.server.call("GET", path, token=token).json, part)
        self.assertEqual(set(whole), {"metrics", "analytics", "pipeline", "activities", "tasks"})

    def test_hostile_input_gets_a_clear_answer(self):
        token = self.server.token()
        post = lambda raw, **more: self.server.call("POST", "/api/crm/leads", token=token, raw=raw, **more)
        cases = (
            (post(b"{"), 400), (post(b"[]"), 400), (post(b'{"name":"\xff\xfe"}'), 400), (post(b"\x00" * 100), 400),
            (post(b'{"name":7}'), 422), (post(b'{"name":"x","nonsense":1}'), 422), (post(b"{}"), 422),
            (post(b'{"name":"x","value":"a lot"}'), 422), (post(b'{"name":"x","status":"bogus"}'), 422),
            (post(b"[" * 100_000), 400), (post(b'{"name":"' + b"x" * 1_100_000 + b'"}'), 413),
            (self.server.call("GET", "/api/crm/leads?bogus=1", token=token), 400),
            (self.server.call("GET", "/api/crm/leads?limit=1001", token=token), 400),
            (self.server.call("GET", "/api/crm/leads?cursor=bogus", token=token), 400),
            (self.server.call("GET", "/api/crm/leads/not-an-id", token=token), 404),
            (self.server.call("GET", "/api/crm/nothing", token=token), 404),
            (self.server.call("GET", "/api/../../etc/passwd", token=token), 404),
            (self.server.call("GET", "/%2e%2e/%2e%2e/etc/passwd"), 404),
            (self.server.call("PUT", "/api/crm/leads", {}, token), 405),
            (self.server.call("GET", "/api/crm/leads"), 401),
        )
        for number, (answer, status) in enumerate(cases):
            self.assertEqual(answer.status, status, f"case {number}: {answer.body[:200]}")
            self.assertTrue(answer.headers["Content-Type"].startswith("application/problem+json"), f"case {number}")
            self.assertTrue(answer.json["code"], f"case {number}")

    def test_sql_in_values_is_text(self):
        token = self.server.token()
        name = "Robert'); DROP TABLE crm_leads;--"
        lead = self.lead(token, name=name)
        found = self.server.call("GET", "/api/crm/leads?name=" + "Robert%27%29%3B%20DROP%20TABLE%20crm_leads%3B--", token=token)
        self.assertEqual([row["id"] for row in found.json["data"]], [lead["id"]])
        self.assertEqual(found.json["data"][0]["name"], name)

    def test_the_description_names_every_path(self):
        description = self.server.call("GET", "/api/openapi.json").json
        self.assertEqual(description["openapi"][:3], "3.1")
        for path in ("/api/crm/leads", "/api/crm/leads/{id}", "/api/auth/login", "/api/users", "/api/mutate"):
            self.assertIn(path, description["paths"])
        json.dumps(description)


if __name__ == "__main__":
    unittest.main()
