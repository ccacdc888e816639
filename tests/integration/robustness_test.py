"""Bad neighbours: they get a close code or an error, and everybody else is served."""

import asyncio
import os
import resource
import signal
import socket
import unittest

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
