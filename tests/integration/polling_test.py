"""The frames of /sync by POST /api/sync, made by hand from PROTOCOL.md."""

import concurrent.futures
import itertools
import os
import struct
import unittest

import sync_frames
from support import ServerTest

BINARY_BODY = {"Content-Type": "application/octet-stream"}


class Poll:
    """One polled connection. `ask` does what a browser does; `post` sends what it is given."""

    def __init__(self, server):
        self.server, self.session = server, os.urandom(16)
        self.received, self.first = 0, 1

    def post(self, frames=(), wait_ms=10_000, ended=False, received=None, first=None, headers=None):
        body = self.session + struct.pack(
            "<Q?IQI", self.received if received is None else received, ended, wait_ms,
            self.first if first is None else first, len(frames))
        for frame in frames:
            body += struct.pack("<I", len(frame)) + frame
        return self.server.call("POST", "/api/sync", raw=body, headers={**BINARY_BODY, **(headers or {})})

    @staticmethod
    def read(answer):
        """(received, ended, first, frames)"""
        assert answer.status == 200, answer.body
        received, ended, first, count = struct.unpack_from("<Q?QI", answer.body)
        at, frames = 21, []
        for _ in range(count):
            (size,) = struct.unpack_from("<I", answer.body, at)
            frames.append(answer.body[at + 4:at + 4 + size])
            at += 4 + size
        assert at == len(answer.body)
        return received, ended, first, frames

    def ask(self, *frames, **more):
        """The frames that came with the answer."""
        received, ended, first, came = self.read(self.post(frames, **more))
        assert first <= self.received + 1
        self.first = received + 1
        came = came[self.received + 1 - first:]
        self.received += len(came)
        self.ended = ended
        return came


class Polling(ServerTest):
    def setUp(self):
        super().setUp()
        self.pool = concurrent.futures.ThreadPoolExecutor()
        self.addCleanup(self.pool.shutdown)

    def signed_in(self, who="admin"):
        poll = Poll(self.server)
        (welcome,) = poll.ask(sync_frames.hello(self.server.token(who)))
        self.assertEqual(welcome[0], sync_frames.WELCOME)
        return poll

    def waiting(self, ask):
        """Starts the request `ask` makes, and returns when the server has it."""
        requests = self.server.metric("http_requests_total")
        made = self.pool.submit(ask, wait_ms=25_000)
        for asked in itertools.count(1):
            # Each of these is one itself.
            if self.server.metric("http_requests_total") > requests + asked:
                return made

    def assert_pong(self, frame, nonce):
        self.assertEqual((frame[0], frame[1:9]), (sync_frames.PONG, struct.pack("<Q", nonce)))

    def test_a_connection_is_as_over_a_socket(self):
        poll = self.signed_in()
        self.assertEqual(self.server.metric("polled_sessions"), 1)
        self.assertEqual(self.server.metric("sync_sessions"), 1)
        (pong,) = poll.ask(sync_frames.ping(5))
        self.assert_pong(pong, 5)
        poll.ask(ended=True)
        self.assertEqual(self.server.metric("polled_sessions"), 0)
        self.assertEqual(poll.post().status, 404)

    def test_a_request_that_waits_hears_of_a_change_at_once(self):
        poll = self.signed_in()
        (snapshot,) = poll.ask(sync_frames.subscribe(7, sync_frames.collection_id("crm", "leads")))
        self.assertEqual(snapshot[0], sync_frames.POKE)
        token = self.server.token()
        leads = self.server.call("GET", "/api/crm/leads?limit=200", token=token).json["data"]
        shown = next(lead["id"] for lead in leads if bytes.fromhex(lead["id"].replace("-", "")) in snapshot)
        waiting = self.waiting(poll.ask)
        changed = self.server.call("PATCH", f"/api/crm/leads/{shown}", {"jobTitle": "Heard at once"}, token)
        self.assertEqual(changed.status, 200, changed.body)
        (poke,) = waiting.result(timeout=10)
        self.assertEqual(poke[0], sync_frames.POKE)
        self.assertIn(b"Heard at once", poke)
        self.assertEqual(poll.ask(wait_ms=0), [])

    def test_a_second_request_answers_the_first(self):
        poll = self.signed_in()
        waiting = self.waiting(poll.post)
        (pong,) = poll.ask(sync_frames.ping(1))
        self.assert_pong(pong, 1)
        self.assertEqual(Poll.read(waiting.result(timeout=10))[3], [])

    def test_what_is_sent_again_comes_once_and_an_answer_until_it_is_named(self):
        poll = self.signed_in()
        first = Poll.read(poll.post([sync_frames.ping(1)]))
        again = Poll.read(poll.post([sync_frames.ping(1)]))
        self.assertEqual(first, again)
        more = Poll.read(poll.post([sync_frames.ping(1), sync_frames.ping(2)], wait_ms=0))
        poll.received += 1
        poll.first += 1
        (pong,) = poll.ask(sync_frames.ping(2), wait_ms=10_000)
        self.assert_pong(pong, 2)
        self.assertEqual(more[2], 2)
        self.assertEqual(poll.ask(wait_ms=0), [])

    def test_bad_tokens_and_first_frames_are_refused_with_a_failure(self):
        for frame in (sync_frames.hello("forged"), sync_frames.ping(1), b"", os.urandom(200)):
            poll = Poll(self.server)
            frames = poll.ask(frame)
            while not poll.ended:
                frames += poll.ask()
            self.assertEqual([each[0] for each in frames], [sync_frames.FAILURE])
        self.assertEqual(self.server.metric("sync_sessions"), 0)

    def test_refused_ones_keep_nobody_of_their_address_out(self):
        for _ in range(110):  # 100 strangers may be there at a time
            self.assertEqual(Poll(self.server).post([sync_frames.hello("expired")], wait_ms=1_000).status, 200)
        self.signed_in()

    def test_what_is_no_poll_is_refused(self):
        def post(body):
            return self.server.call("POST", "/api/sync", raw=body, headers=BINARY_BODY).status
        self.assertEqual([post(body) for body in (b"", b"{}", os.urandom(40), bytes(41))], [400] * 4)
        self.assertEqual(post(bytes(2 << 20)), 413)
        self.assertEqual(self.server.call("GET", "/api/sync").status, 405)
        self.assertEqual(Poll(self.server).post().status, 404)
        poll = self.signed_in()
        self.assertEqual(poll.post([sync_frames.ping(1)], first=9).status, 400)
        self.assertEqual(poll.post([sync_frames.ping(1)]).status, 404)

    def test_a_foreign_origin_is_refused(self):
        poll = Poll(self.server)
        frames = [sync_frames.hello(self.server.token())]
        self.assertEqual(poll.post(frames, headers={"Origin": "https://evil.example"}).status, 403)
        self.assertEqual(self.server.metric("polled_sessions"), 0)

    def test_waiting_requests_hold_up_nobody(self):
        polls = [self.signed_in() for _ in range(40)]
        pool = concurrent.futures.ThreadPoolExecutor(40)
        self.addCleanup(pool.shutdown)
        waiting = [pool.submit(poll.post, wait_ms=25_000) for poll in polls]
        for _ in range(20):
            self.assertEqual(self.server.call("GET", "/healthz").status, 200)
        self.server.token("manager")
        for poll in polls:
            poll.ask(ended=True)
        for each in waiting:
            self.assertEqual(each.result(timeout=10).status, 200)

    def test_the_server_ends_with_requests_waiting(self):
        poll = self.signed_in()
        waiting = self.waiting(poll.post)
        self.assertEqual(self.server.end(), 0)
        self.assertEqual(waiting.result(timeout=10).status, 503)


if __name__ == "__main__":
    unittest.main()
