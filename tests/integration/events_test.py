"""JSON events as an integration sees them, with a WebSocket client that is not ours."""

import asyncio
import json
import unittest

import websockets
from support import ServerTest
from websockets.exceptions import ConnectionClosed, InvalidStatusCode


async def receive(connection, seconds=5):
    return json.loads(await asyncio.wait_for(connection.recv(), seconds))


class Events(ServerTest):
    async def listen(self, connection, token, rooms, **more):
        await connection.send(json.dumps({"type": "auth", "token": token}))
        await connection.send(json.dumps({"type": "subscribe", "rooms": rooms, **more}))
        answer = await receive(connection)
        self.assertEqual(answer["type"], "subscribed", answer)
        return answer

    async def test_a_change_arrives_with_what_changed(self):
        token = self.server.token()
        lead = self.lead(token, value="1.00")
        async with self.server.socket() as connection:
            await self.listen(connection, token, ["leads:" + lead["id"]])
            self.server.call("PATCH", "/api/crm/leads/" + lead["id"], {"value": "395000.00"}, token)
            event = await receive(connection)
            self.assertEqual(event["type"], "lead_updated")
            self.assertEqual((event["module"], event["collection"], event["action"]), ("crm", "leads", "updated"))
            self.assertEqual(event["recordId"], lead["id"])
            self.assertEqual(event["data"], {"value": "395000.00"})
            self.assertGreater(event["version"], lead["version"])

    async def test_a_conversion_tells_generic_events_before_its_own(self):
        token = self.server.token()
        lead = self.lead(token, companyName="Quite New Company")
        async with self.server.socket() as connection:
            await self.listen(connection, token, ["crm"])
            self.server.call("POST", f"/api/crm/leads/{lead['id']}/convert", {}, token)
            events = [await receive(connection) for _ in range(6)]
            types = [event["type"] for event in events]
            self.assertEqual(len({event["version"] for event in events}), 1)
            self.assertLess(types.index("lead_updated"), types.index("lead_converted"))
            for expected in ("company_created", "contact_created", "deal_created", "activity_created"):
                self.assertIn(expected, types)

    async def test_a_deleted_record_that_comes_back_is_a_new_one_to_who_listens(self):
        token = self.server.token()
        lead = self.lead(token, jobTitle="Clerk")
        restore = {"name": "crm.leads.restore", "args": {"id": lead["id"], "score": 7}}
        async with self.server.socket() as connection:
            await self.listen(connection, token, ["leads:" + lead["id"]])
            self.server.call("DELETE", "/api/crm/leads/" + lead["id"], None, token)
            self.assertEqual(self.server.call("POST", "/api/mutate", restore, self.server.token("viewer")).status, 403)
            self.assertEqual(self.server.call("POST", "/api/mutate", restore, token).status, 200)
            events = [await receive(connection) for _ in range(2)]
            self.assertEqual([event["type"] for event in events], ["lead_deleted", "lead_created"])
        back = self.server.call("GET", "/api/crm/leads/" + lead["id"], None, token).json
        self.assertEqual((back["jobTitle"], back["score"], back["createdAt"]), ("Clerk", 7, lead["createdAt"]))

    async def test_replay_equals_what_was_live(self):
        token = self.server.token()
        async with self.server.socket() as live, self.server.socket() as late:
            start = (await self.listen(live, token, ["leads"]))["version"]
            ids = [self.lead(token, name=f"Lead {n}")["id"] for n in range(20)]
            for record in ids:
                self.server.call("PATCH", "/api/crm/leads/" + record, {"score": 5}, token)
            heard = [await receive(live) for _ in range(40)]
            await self.listen(late, token, ["leads"], since=start)
            self.assertEqual([await receive(late) for _ in range(40)], heard)

    async def test_an_agent_hears_only_what_an_agent_may_see(self):
        admin, agent = self.server.token(), self.server.login("agent")
        async with self.server.socket() as connection:
            await self.listen(connection, agent["accessToken"], ["leads"])
            hidden = self.lead(admin, ownerId=self.server.login("manager")["user"]["id"])
            shown = self.lead(admin, ownerId=agent["user"]["id"])
            event = await receive(connection)
            self.assertEqual(event["recordId"], shown["id"])
            self.assertNotEqual(event["recordId"], hidden["id"])

    async def test_a_changed_role_is_felt_by_an_open_connection(self):
        admin, viewer = self.server.token(), self.server.login("viewer")
        user = "/api/users/" + viewer["user"]["id"]
        async with self.server.socket() as connection:
            await self.listen(connection, viewer["accessToken"], ["leads"])
            for role, name in (("viewer", "before"), ("engineer", "hidden"), ("viewer", "after")):
                self.assertEqual(self.server.call("PATCH", user, {"role": role}, admin).status, 200)
                self.lead(admin, name=name)
            told = [(await receive(connection))["data"]["name"] for _ in range(2)]
            self.assertEqual(told, ["before", "after"])

    async def test_masked_fields_are_not_in_events(self):
        admin, agent, viewer = self.server.token(), self.server.token("agent"), self.server.login("viewer")
        user = "/api/users/" + viewer["user"]["id"]
        async with self.server.socket() as all_of_it, self.server.socket() as connection:
            await self.listen(all_of_it, admin, ["users"])
            await self.listen(connection, agent, ["users"])
            self.server.call("PATCH", user, {"phone": "+49 30 1"}, admin)
            self.server.call("PATCH", user, {"phone": "+49 30 2", "name": "Vera"}, admin)
            self.assertEqual((await receive(all_of_it))["data"], {"phone": "+49 30 1"})
            self.assertEqual((await receive(all_of_it))["data"], {"phone": "+49 30 2", "name": "Vera"})
            heard = await receive(connection)
            while heard["data"] == {}:
                heard = await receive(connection)
            self.assertEqual(heard["data"], {"name": "Vera"})

    async def test_a_removed_user_is_shown_out_and_others_stay(self):
        admin, viewer = self.server.token(), self.server.login("viewer")
        async with self.server.socket() as other, self.server.socket() as connection:
            await self.listen(other, admin, ["leads"])
            await self.listen(connection, viewer["accessToken"], ["leads"])
            self.server.call("DELETE", "/api/users/" + viewer["user"]["id"], token=admin)
            with self.assertRaises(ConnectionClosed):
                while True:
                    await asyncio.wait_for(connection.recv(), 5)
            self.assertEqual(connection.close_code, 1008)
            self.lead(admin)
            self.assertEqual((await receive(other))["type"], "lead_created")

    async def test_a_stream_says_the_same(self):
        token = self.server.token()
        ticket = self.server.call("POST", "/api/auth/ticket", {}, token).json["ticket"]
        reader, writer = await asyncio.open_connection("127.0.0.1", self.server.port)
        writer.write(f"GET /api/events?rooms=leads&ticket={ticket} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)
        self.assertIn(b"200 OK", head)
        self.assertIn(b"text/event-stream", head)
        await asyncio.wait_for(reader.readuntil(b'"subscribed"'), 5)
        lead = self.lead(token)
        told = await asyncio.wait_for(reader.readuntil(b'"version":%d}' % lead["version"]), 5)
        self.assertIn(b'"type":"lead_created"', told)
        writer.close()
        used = self.server.call("GET", f"/api/events?rooms=leads&ticket={ticket}")
        self.assertEqual(used.status, 401)

    async def test_strangers_and_nonsense_are_shown_out(self):
        async with self.server.socket() as silent:
            with self.assertRaises(ConnectionClosed):
                while True:
                    await asyncio.wait_for(silent.recv(), 8)
            self.assertEqual(silent.close_code, 1008)
        for message in ("", "nonsense", "[]", "{}", '{"type":"subscribe","rooms":["leads"]}', '{"type":"auth","token":"x"}',
                        '{"type":7}', "[" * 10_000):
            async with self.server.socket() as connection:
                await connection.send(message)
                with self.assertRaises(ConnectionClosed, msg=message[:50]):
                    while True:
                        await asyncio.wait_for(connection.recv(), 5)

    async def test_wrong_rooms_and_types_are_answered_and_the_connection_stays(self):
        token = self.server.token()
        async with self.server.socket() as connection:
            await self.listen(connection, token, ["leads"])
            for message in ({"type": "subscribe", "rooms": ["nothing"]}, {"type": "subscribe", "rooms": "leads"},
                            {"type": "shout"}, {"type": "subscribe", "rooms": ["leads"], "form": 1},
                            {"type": "unsubscribe", "rooms": ["leads"], "since": 1}):
                await connection.send(json.dumps(message))
                self.assertEqual((await receive(connection))["type"], "error", message)
            self.lead(token)
            self.assertEqual((await receive(connection))["type"], "lead_created")

    async def test_foreign_pages_and_unknown_protocols_are_refused(self):
        for more, status in (({"origin": "http://evil.example"}, 403), ({"protocol": "other.v1"}, 400)):
            with self.assertRaises(InvalidStatusCode) as refused:
                await self.server.socket(**more)
            self.assertEqual(refused.exception.status_code, status)
        async with self.server.socket(origin=f"http://127.0.0.1:{self.server.port}") as connection:
            self.assertEqual(connection.subprotocol, "syncline.events.v1")


if __name__ == "__main__":
    unittest.main()
