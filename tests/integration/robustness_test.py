"""Bad neighbours: they get a close code or an error, and everybody else is served."""

import asyncio
import os
import resource
import signal
import socket
import struct
import unittest

import sync_frames
import websockets
from support import ServerTest
from websockets.exceptions import ConnectionClosed, InvalidStatusCode


class Robustness(ServerTest):
    def assert_serves(self):
        self.assertEqual(self.server.call("GET", "/healthz").status, 200)
        self.server.token("manager")

    async def test_frames_that_are_none_close_their_socket_only(self):
        for frame in (b"", b"\x00", b"\xff" * 7, os.urandom(100), os.urandom(10_000), b"\x00" * 1_000_000):
            async with self.server.socket("/sync", "syncline.sync.v1", max_size=None) as connection:
                await connection.send(frame)
                with self.assertRaises(ConnectionClosed):
                    while True:
                        await asyncio.wait_for(connection.recv(), 5)
                self.assertEqual(connection.close_code, 1008)
        self.assert_serves()

    async def sync(self, token):
        """A socket that has said hello and was welcomed."""
        connection = await self.server.socket("/sync", "syncline.sync.v1", max_size=None)
        await connection.send(sync_frames.hello(token))
        welcome = await asyncio.wait_for(connection.recv(), 5)
        self.assertEqual(welcome[0], sync_frames.WELCOME, welcome)
        return connection

    async def assert_alive(self, connection, nonce):
        await connection.send(sync_frames.ping(nonce))
        pong = await asyncio.wait_for(connection.recv(), 5)
        self.assertEqual((pong[0], pong[1:9]), (sync_frames.PONG, struct.pack("<Q", nonce)))

    async def refusal(self, token, frame):
        """What came after the welcome when this frame was sent, and the close code."""
        connection, answers = await self.sync(token), []
        try:
            await connection.send(frame)
            while True:
                answers.append(await asyncio.wait_for(connection.recv(), 5))
        except ConnectionClosed:
            return answers, connection.close_code
        finally:
            await connection.close()

    async def test_bad_frames_after_the_hello_close_their_socket_only(self):
        token, leads = self.server.token(), sync_frames.collection_id("crm", "leads")
        good = sync_frames.subscribe(7, leads)
        everything = sync_frames.predicate()
        deep = everything
        for _ in range(40):
            deep = sync_frames.predicate(5, deep, 1)
        client = os.urandom(16)
        frames = {
            "nothing": b"",
            "an unknown kind": b"\x06" + good[1:],
            "the last kind there could be": b"\xff",
            "noise": b"\x02" + os.urandom(500),
            "a byte too many": sync_frames.ping(1) + b"\x00",
            "half a ping": sync_frames.ping(1)[:5],
            "a second hello": sync_frames.hello(token),
            "text that is not UTF-8": sync_frames.reauthenticate(b"\xff\xfe"),
            "text longer than its frame": b"\x01" + struct.pack("<I", 0xFFFFFFFF) + b"x",
            "a token that is none": sync_frames.reauthenticate("nonsense"),
            "a predicate of no kind": sync_frames.subscribe(7, leads, b"\x07" + everything[1:]),
            "a condition too deep": sync_frames.subscribe(7, leads, deep),
            "more children than bytes": sync_frames.subscribe(7, leads, sync_frames.predicate(3, b"", 0xFFFFFFFF)),
            "a bit that is none": good[:-5] + b"\x02" + bytes(4),
            "mutations of a stranger": sync_frames.push([(client, 1, "crm.leads.insert")]),
            "half a mutation": sync_frames.push([(client, 1, "crm.leads.insert")])[:-3],
            **{f"a subscription that ends after {size} bytes": good[:size] for size in range(1, len(good), 5)},
        }
        witness = await self.sync(token)
        self.addAsyncCleanup(witness.close)
        await witness.send(good)  # the frame that is damaged above is a good one
        self.assertEqual((await asyncio.wait_for(witness.recv(), 5))[0], sync_frames.POKE)
        for nonce, (what, frame) in enumerate(frames.items()):
            answers, code = await self.refusal(token, frame)
            self.assertEqual([answer[0] for answer in answers], [sync_frames.FAILURE], what)
            self.assertEqual(code, 1008, what)
            await self.assert_alive(witness, nonce)
        self.assert_serves()

    async def test_too_much_after_the_hello_has_its_own_close_code(self):
        token = self.server.token()
        many = [(os.urandom(16), number, "crm.leads.insert") for number in range(501)]
        witness = await self.sync(token)
        self.addAsyncCleanup(witness.close)
        answers, code = await self.refusal(token, sync_frames.push(many))
        self.assertEqual(([answer[0] for answer in answers], code), ([sync_frames.FAILURE], 1009))
        answers, code = await self.refusal(token, sync_frames.ping(1) + bytes(1 << 20))
        self.assertEqual((answers, code), ([], 1009))  # the socket refuses it before anybody reads it
        await self.assert_alive(witness, 1)

    async def test_a_hello_that_does_not_fit_is_refused(self):
        token = self.server.token()
        for what, frame in {
            "another schema": sync_frames.hello(token, schema_hash=1),
            "a newer protocol": sync_frames.hello(token, protocol=99),
            "no client": sync_frames.hello(token, client=bytes(16)),
            "no token": sync_frames.hello(""),
            "half a hello": sync_frames.hello(token)[:-9],
        }.items():
            async with self.server.socket("/sync", "syncline.sync.v1") as connection:
                await connection.send(frame)
                self.assertEqual((await asyncio.wait_for(connection.recv(), 5))[0], sync_frames.FAILURE, what)
                with self.assertRaises(ConnectionClosed):
                    await asyncio.wait_for(connection.recv(), 5)
                self.assertEqual(connection.close_code, 1008, what)
        self.assert_serves()

    async def test_a_page_opened_as_localhost_may_call_and_sync(self):
        port, token = self.server.port, self.server.token()  # the server listens on 127.0.0.1
        for page, allowed in ((f"http://localhost:{port}", True), (f"http://127.0.0.1:{port}", False),
                              ("http://evil.example", False)):
            names = {"Host": f"localhost:{port}", "Origin": page}
            self.assertEqual(self.server.call("GET", "/api/crm/leads", token=token, headers=names).status,
                             200 if allowed else 403, page)
            connecting = websockets.connect(f"ws://localhost:{port}/sync", origin=page, subprotocols=["syncline.sync.v1"])
            if allowed:
                async with connecting as connection:
                    await connection.send(sync_frames.hello(token))
                    self.assertEqual((await asyncio.wait_for(connection.recv(), 5))[0], sync_frames.WELCOME)
            else:
                with self.assertRaises(InvalidStatusCode) as refused:
                    await connecting
                self.assertEqual(refused.exception.status_code, 403, page)

    def test_a_body_far_too_large_is_refused_where_the_client_can_read_it(self):
        answer = self.server.call("POST", "/api/crm/leads", token=self.server.token(), raw=b"x" * (50 << 20))
        self.assertEqual((answer.status, answer.json["code"]), (413, "too_large"))
        self.assert_serves()

    def test_refusals_of_the_edge_look_like_those_of_the_api(self):
        for path, status, code in (("/nothing.js", 404, "not_found"), ("/sync", 426, "upgrade_required"),
                                   ("/events", 426, "upgrade_required")):
            answer = self.server.call("GET", path)
            self.assertEqual(answer.status, status)
            self.assertEqual(set(answer.json), {"type", "title", "status", "detail", "code", "errors"})
            self.assertEqual((answer.json["code"], answer.json["type"]), (code, "urn:syncline:error:" + code))

    def test_options_says_what_an_address_answers(self):
        for path, allow in (("/api/auth/login", "POST, OPTIONS"), ("/healthz", "GET, HEAD, OPTIONS"),
                            ("/", "GET, HEAD, OPTIONS"), ("/sync", "GET, HEAD, OPTIONS")):
            answer = self.server.call("OPTIONS", path)
            self.assertEqual((answer.status, answer.headers["Allow"], answer.body), (204, allow, b""), path)
        self.assertEqual(self.server.call("PUT", "/api/auth/login", {}).headers["Allow"], "POST, OPTIONS")

    async def test_text_and_oversized_messages_have_close_codes(self):
        for message, code in (("text", 1003), (b"x" * ((1 << 20) + 1), 1009)):
            async with self.server.socket("/sync", "syncline.sync.v1") as connection:
                try:
                    await connection.send(message)
                    while True:
                        await asyncio.wait_for(connection.recv(), 5)
                except ConnectionClosed:
                    pass
                self.assertEqual(connection.close_code, code)

    async def test_who_says_nothing_is_shown_out(self):
        async with self.server.socket("/sync", "syncline.sync.v1") as connection:
            with self.assertRaises(ConnectionClosed):
                while True:
                    await asyncio.wait_for(connection.recv(), 8)
            self.assertEqual(connection.close_code, 1008)
        self.assertEqual(self.server.metric("sync_sessions"), 0)

    async def test_a_hundred_strangers_are_enough_and_do_not_hurt_requests(self):
        connections = [await self.server.socket("/sync", "syncline.sync.v1") for _ in range(100)]
        with self.assertRaises(InvalidStatusCode) as refused:
            await self.server.socket("/sync", "syncline.sync.v1")
        self.assertEqual(refused.exception.status_code, 429)
        self.assert_serves()
        await asyncio.gather(*(connection.close() for connection in connections))

    def test_ten_thousand_connections_of_one_address_hurt_nobody(self):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = 10_000
        if hard < wanted + 100:
            self.skipTest("this machine allows too few open files")
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted + 100), hard))
        self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        connections = []
        try:
            for _ in range(wanted):
                connections.append(socket.create_connection(("127.0.0.1", self.server.port), timeout=10))
                if len(connections) % 1_000 == 0:
                    connections[-1].sendall(b"GET / HTTP/1.1\r\nHost: x\r\n")  # and never the end of it
            self.assert_serves()
            self.assertGreaterEqual(self.server.metric("connections_total"), wanted)
        finally:
            for connection in connections:
                connection.close()

    def test_broken_requests_are_answered(self):
        for request in (b"\x16\x03\x01\x02\x00", b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"\x00" * 1000,
                        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n"):
            try:
                answer = self.server.raw(request + b"\r\n\r\n")
            except ConnectionResetError:
                answer = b""
            self.assertIn(b"400", answer[:20], request)
        self.assertIn(b" 431 ", self.server.raw(b"GET / HTTP/1.1\r\nX: " + b"x" * 20_000 + b"\r\n\r\n")[:20])
        self.assert_serves()

    async def test_sigterm_says_goodbye_and_ends_well(self):
        async with self.server.socket() as events, self.server.socket("/sync", "syncline.sync.v1") as sync:
            self.server.process.send_signal(signal.SIGTERM)
            for connection in (events, sync):
                with self.assertRaises(ConnectionClosed):
                    await asyncio.wait_for(connection.recv(), 5)
                self.assertEqual(connection.close_code, 1001)
        self.assertEqual(self.server.end(how=None), 0)
        leftovers = [name for name in os.listdir(self.folder) if name.endswith(("-wal", "-shm", ".sock"))]
        self.assertEqual(leftovers, [])


if __name__ == "__main__":
    unittest.main()
