"""The sync socket in its JSON form, with a WebSocket client that is not ours."""

import asyncio
import unittest

from support import SyncTest
from websockets.exceptions import ConnectionClosed


class SyncJson(SyncTest):
    async def test_a_query_is_live_and_a_push_is_judged(self):
        leads = next(each for each in self.schema()["collections"] if each["name"] == "leads")
        name = next(field["id"] for field in leads["fields"] if field["name"] == "name")
        async with self.open() as author, self.open() as reader:
            client, welcome = await self.hello(author)
            await self.hello(reader, "manager")
            await self.say(reader, type="subscribe", queryId=1, query={
                "collection": leads["id"],
                "where": {"kind": "compare", "field": name, "op": "eq", "values": ["Jason Sync"]}})
            first = await self.hear(reader, "poke")
            self.assertEqual(first["segments"][0]["kind"], "snapshot")
            self.assertEqual(first["segments"][0]["puts"], [])
            await self.say(author, type="push", mutations=[
                {"id": {"client": client, "sequence": 1}, "name": "crm.leads.insert", "createdAt": welcome["now"],
                 "arguments": [{"field": name, "kind": "assign", "value": "Jason Sync"}]},
                {"id": {"client": client, "sequence": 2}, "name": "crm.leads.insert", "createdAt": welcome["now"],
                 "arguments": []}])
            verdicts = []
            while len(verdicts) < 2:
                verdicts += (await self.hear(author, "poke"))["verdicts"]
            self.assertEqual([verdict["outcome"] for _, verdict in verdicts], ["applied", "rejected"])
            self.assertEqual(verdicts[1][1]["error"]["code"], "required")
            told = await self.hear(reader, "poke")
            shown = told["segments"][0]["puts"][0]
            self.assertEqual((shown["collection"], shown["record"]["name"]), ("leads", "Jason Sync"))
            await self.say(reader, type="ping", nonce=7)
            self.assertEqual((await self.hear(reader, "pong"))["nonce"], 7)

    async def test_what_is_no_message_ends_its_connection_only(self):
        async with self.open() as good:
            await self.hello(good)
            for message in ("", "nonsense", "{}", '{"type":"dance"}', '{"type":"ping","nonce":"x"}', "[" * 10_000):
                async with self.open() as bad:
                    await bad.send(message)
                    with self.assertRaises(ConnectionClosed, msg=message[:50]):
                        while True:
                            await asyncio.wait_for(bad.recv(), 5)
                    self.assertEqual(bad.close_code, 1008, message[:50])
            await self.say(good, type="ping", nonce=1)
            await self.hear(good, "pong")

    async def test_a_frame_in_the_wrong_form_is_refused(self):
        async with self.open() as connection:
            await connection.send(b"\x05\0\0\0\0\0\0\0\0")
            with self.assertRaises(ConnectionClosed):
                while True:
                    await asyncio.wait_for(connection.recv(), 5)
            self.assertEqual(connection.close_code, 1003)


if __name__ == "__main__":
    unittest.main()
