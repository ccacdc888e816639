"""Signing in and out, and what ends a session at once."""

import asyncio
import base64
import json
import signal
import unittest

from support import PASSWORD, Server, ServerTest
from websockets.exceptions import ConnectionClosed


def unpadded(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Accounts(ServerTest):
    def me(self, token):
        return self.server.call("GET", "/api/auth/me", token=token)

    def test_login_gives_a_token_that_works(self):
        answer = self.server.login("agent")
        self.assertEqual(answer["user"]["email"], "agent@example.com")
        self.assertEqual(self.me(answer["accessToken"]).json["role"], "agent")
        self.assertNotIn("password", json.dumps(answer).lower())

    def test_wrong_credentials_all_look_alike(self):
        answers = [self.server.call("POST", "/api/auth/login", {"email": email, "password": password})
                   for email, password in (("admin@example.com", "wrong"), ("nobody@example.com", PASSWORD))]
        self.assertEqual({answer.status for answer in answers}, {401})
        self.assertEqual(len({answer.body for answer in answers}), 1)

    def test_the_eleventh_failure_waits_and_others_do_not(self):
        wrong = {"email": "admin@example.com", "password": "wrong"}
        statuses = [self.server.call("POST", "/api/auth/login", wrong).status for _ in range(11)]
        self.assertEqual(statuses, [401] * 10 + [429])
        refused = self.server.call("POST", "/api/auth/login", wrong)
        self.assertTrue(int(refused.headers["Retry-After"]) > 0)
        self.server.login("manager")

    def test_refresh_repeats_a_lost_answer_and_rotates(self):
        refresh = self.server.login()["refreshToken"]
        first = self.server.call("POST", "/api/auth/refresh", {"refreshToken": refresh})
        again = self.server.call("POST", "/api/auth/refresh", {"refreshToken": refresh})
        self.assertEqual(first.json["refreshToken"], again.json["refreshToken"])
        self.assertEqual(first.json["accessToken"], again.json["accessToken"])
        self.assertNotEqual(first.json["refreshToken"], refresh)

    def test_an_old_refresh_token_ends_the_session(self):
        login = self.server.login()
        refresh = login["refreshToken"]
        # Its answer can be had again for a minute, unless so many came after it that nobody is still waiting for it.
        for _ in range(34):
            refresh = self.server.call("POST", "/api/auth/refresh", {"refreshToken": refresh}).json["refreshToken"]
        reused = self.server.call("POST", "/api/auth/refresh", {"refreshToken": login["refreshToken"]})
        self.assertEqual((reused.status, reused.json["code"]), (401, "refresh_reused"))
        self.assertEqual(self.server.call("POST", "/api/auth/refresh", {"refreshToken": refresh}).status, 401)
        self.assertEqual(self.me(login["accessToken"]).status, 401)

    def test_forged_tokens_are_refused(self):
        token = self.server.token()
        header, claims, signature = token.split(".")
        body = json.loads(base64.urlsafe_b64decode(claims + "=="))
        as_admin = unpadded(json.dumps({**body, "role": "admin"}).encode())
        none = unpadded(b'{"alg":"none","typ":"JWT"}')
        for forged in (f"{none}.{claims}.", f"{none}.{claims}.{signature}", f"{header}.{as_admin}.{signature}",
                       f"{header}.{claims}", f"{header}.{claims}.{signature[:-4]}AAAA", "x", "", "." * 50, "A" * 5000):
            self.assertEqual(self.me(forged or " ").status, 401, forged[:60])
        self.assertEqual(self.me(token).status, 200)

    async def test_logout_ends_the_token_and_its_sockets(self):
        token, other = self.server.token(), self.server.token()
        async with self.server.socket() as mine, self.server.socket() as theirs:
            for connection, its in ((mine, token), (theirs, other)):
                await connection.send(json.dumps({"type": "auth", "token": its}))
                await connection.send(json.dumps({"type": "subscribe", "rooms": ["crm"]}))
                self.assertEqual(json.loads(await asyncio.wait_for(connection.recv(), 5))["type"], "subscribed")
            self.assertEqual(self.server.call("POST", "/api/auth/logout", token=token).status, 204)
            self.assertEqual(self.me(token).status, 401)
            with self.assertRaises(ConnectionClosed):
                while True:
                    await asyncio.wait_for(mine.recv(), 5)
            self.assertEqual(self.me(other).status, 200)
            self.lead(other)
            self.assertEqual(json.loads(await asyncio.wait_for(theirs.recv(), 5))["type"], "lead_created")

    def test_deletion_and_a_changed_role_act_at_once(self):
        admin, viewer = self.server.token(), self.server.login("viewer")
        path = "/api/users/" + viewer["user"]["id"]
        token = viewer["accessToken"]
        self.assertEqual(self.server.call("POST", "/api/crm/leads", {"name": "No"}, token).status, 403)
        self.assertEqual(self.server.call("PATCH", path, {"role": "manager"}, admin).status, 200)
        self.assertEqual(self.server.call("POST", "/api/crm/leads", {"name": "Yes"}, token).status, 201)
        self.assertEqual(self.server.call("PATCH", path, {"canLogIn": False}, admin).status, 200)
        self.assertEqual(self.me(token).status, 401)
        self.assertEqual(self.server.call("PATCH", path, {"canLogIn": True}, admin).status, 200)
        token = self.server.token("viewer")
        self.assertEqual(self.server.call("DELETE", path, token=admin).status, 204)
        self.assertEqual(self.me(token).status, 401)
        self.assertEqual(self.server.call("POST", "/api/auth/login",
                                          {"email": "viewer@example.com", "password": PASSWORD}).status, 401)

    def test_sessions_survive_a_killed_server(self):
        login = self.server.login()
        refresh = self.server.call("POST", "/api/auth/refresh", {"refreshToken": login["refreshToken"]}).json
        self.server.end(signal.SIGKILL)
        restarted = Server(self.server.database).start()
        self.addCleanup(restarted.end)
        self.assertEqual(restarted.call("GET", "/api/auth/me", token=refresh["accessToken"]).status, 200)
        self.assertEqual(restarted.call("POST", "/api/auth/refresh", {"refreshToken": refresh["refreshToken"]}).status, 200)


if __name__ == "__main__":
    unittest.main()
