"""Queries that would read or nest too much: refused over REST and the sync socket, with their cost and the limit."""

import json
import unittest
import urllib.parse

from support import SyncTest


class QueryCost(SyncTest):
    options = ("--query-cost-max", "20")

    def assert_too_costly(self, error, fields):
        self.assertEqual(error["code"], "query_too_costly", error)
        cost, limit = (next(each["message"] for each in error[fields] if each["field"] == name)
                       for name in ("cost", "limit"))
        self.assertGreater(int(cost), 20)
        self.assertEqual(limit, "20")
        text = error.get("detail") or error["message"]
        self.assertIn(cost, text)
        self.assertIn(limit, text)

    async def test_over_rest(self):
        token = self.server.token()
        deep = {"exists": {"field": "companyId", "where":
                {"exists": {"collection": "crm.deals", "field": "companyId", "where":
                            {"exists": {"field": "ownerId"}}}}}}
        for query in ({"name[like]": "%a%"}, {"limit": 1, "count": "true"}, {"where": json.dumps(deep)}):
            answer = self.server.call("GET", "/api/crm/deals?" + urllib.parse.urlencode(query), token=token)
            self.assertEqual(answer.status, 422, (query, answer.body))
            self.assert_too_costly(answer.json, "errors")
        few = self.server.call("GET", "/api/crm/deals?limit=5&sort=-createdAt", token=token)
        self.assertEqual((few.status, len(few.json["data"])), (200, 5))

    async def test_over_the_sync_socket(self):
        deals = next(each for each in self.schema()["collections"] if each["name"] == "deals")
        ids = {field["name"]: field["id"] for field in deals["fields"]}
        company = {"kind": "exists", "field": ids["companyId"], "children": [{"kind": "always"}]}
        async with self.open() as connection:
            await self.hello(connection)
            await self.say(connection, type="subscribe", queryId=1,
                           query={"collection": deals["id"], "where": company})
            failed = await self.hear(connection, "queryFailed")
            self.assertEqual(failed["queryId"], 1)
            self.assert_too_costly(failed["error"], "fields")
            nested = {"kind": "always"}
            for _ in range(14):
                nested = {"kind": "negation", "children": [nested]}
            await self.say(connection, type="subscribe", queryId=2,
                           query={"collection": deals["id"], "where": nested})
            failed = await self.hear(connection, "queryFailed")
            self.assertEqual(failed["error"]["code"], "query_too_costly")
            self.assertIn("more than 12 nested conditions", failed["error"]["message"])
            await self.say(connection, type="subscribe", queryId=3, query={
                "collection": deals["id"], "where": {"kind": "compare", "field": ids["name"], "op": "eq",
                                                     "values": ["Nobody"]}})
            self.assertEqual((await self.hear(connection, "poke"))["segments"][0]["queryId"], 3)


if __name__ == "__main__":
    unittest.main()
