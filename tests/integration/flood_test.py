"""Whoever sends more than the engine can work through waits for it: others are answered meanwhile, and little is held for him."""

import contextlib
import socket
import struct
import threading
import time
import unittest

import sync_frames
from polling_test import Poll
from support import ServerTest

WRITES = 20
WRITE_SECONDS_MAX = 5  # for a busy machine: a turn of the engine is some 20 ms; without limits these writes took from 7 to 30 s
HELD_FRAMES_MAX = 1_000  # of a session at the engine (or a MiB of them)


def name_like(pattern):
    compare, like, of_text = 2, 7, b"\x04"
    leads = next(each for each in sync_frames.schema()["collections"] if each["name"] == "leads")
    field = next(each["id"] for each in leads["fields"] if each["name"] == "name")
    return (struct.pack("<BHBBI", compare, field, like, 0, 1) + of_text + sync_frames.text(pattern) + bytes(4)
            + struct.pack("<H", sync_frames.NO_COLLECTION))


def masked(frame):
    """As a message of a WebSocket; a mask of zeros changes nothing."""
    size = bytes([0x80 | len(frame)]) if len(frame) < 126 else b"\xfe" + struct.pack(">H", len(frame))
    return b"\x82" + size + bytes(4) + frame


class Flood(ServerTest):
    def setUp(self):
        super().setUp()
        self.token, self.agent = self.server.token(), self.server.token("agent")
        leads = sync_frames.collection_id("crm", "leads")
        # A query in the place of another each time, so that all are work.
        self.frames = [sync_frames.subscribe(1 + i % 900, leads, name_like(f"%{i}%")) for i in range(9_000)]

    def assert_others_are_served(self):
        """Writes while the flood goes on, once it has come so far that its sender must wait."""
        deadline = time.monotonic() + 20
        while self.server.metric("sync_sessions_waiting") == 0:
            self.assertLess(time.monotonic(), deadline, "nobody ever had to wait: nothing was tried")
        slowest = held = 0
        for _ in range(WRITES):
            began = time.monotonic()
            self.lead(self.token)
            slowest = max(slowest, time.monotonic() - began)
            held = max(held, self.server.metric("sync_untaken_bytes"))
        self.assertLess(slowest, WRITE_SECONDS_MAX)
        self.assertLessEqual(held, HELD_FRAMES_MAX * max(map(len, self.frames)))
        self.assertGreater(held, 0)

    def test_by_a_socket(self):
        connection = socket.create_connection(("127.0.0.1", self.server.port))
        self.addCleanup(connection.close)
        connection.sendall((
            f"GET /sync HTTP/1.1\r\nHost: 127.0.0.1:{self.server.port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Protocol: syncline.sync.v1\r\n\r\n").encode())
        self.assertIn(b" 101 ", connection.recv(65_536))
        connection.sendall(masked(sync_frames.hello(self.agent)))
        flood = b"".join(map(masked, self.frames))

        def send():
            with contextlib.suppress(OSError):  # until the test ends it
                while True:
                    connection.sendall(flood)

        def read():
            with contextlib.suppress(OSError):
                while connection.recv(1 << 20):
                    pass

        threads = [threading.Thread(target=each) for each in (send, read)]
        for thread in threads:
            thread.start()
        try:
            self.assert_others_are_served()
        finally:
            connection.shutdown(socket.SHUT_RDWR)
            for thread in threads:
                thread.join()
        # What waits of it is worked through, and it is gone.
        deadline = time.monotonic() + 20
        while self.server.metric("sync_sessions") > 0:
            self.assertLess(time.monotonic(), deadline)
        self.assertEqual(self.server.metric("sync_untaken_bytes"), 0)
        self.assertEqual(self.server.metric("sync_sessions_waiting"), 0)

    def test_by_polling(self):
        poll = Poll(self.server)
        poll.ask(sync_frames.hello(self.agent))
        stop, acknowledged = threading.Event(), []

        def send():
            while not stop.is_set():
                first = poll.first
                poll.ask(*self.frames, wait_ms=0)
                acknowledged.append(poll.first - first)

        sender = threading.Thread(target=send)
        sender.start()
        self.addCleanup(sender.join)
        self.addCleanup(stop.set)
        self.assert_others_are_served()
        stop.set()
        sender.join()
        # Only what found room was acknowledged, and no more of what is said again than there is room for.
        self.assertGreater(sum(acknowledged), 0)
        self.assertLessEqual(max(acknowledged), 2_000)
        # A request whose frames find no room is answered when they may come, however long it would wait.
        began, first = time.monotonic(), poll.first
        while poll.first < first + 3_000:
            poll.ask(*self.frames[:3_000 - (poll.first - first)], wait_ms=25_000)
        self.assertLess(time.monotonic() - began, 20, "it waited to its end")
        poll.ask(ended=True)


if __name__ == "__main__":
    unittest.main()
