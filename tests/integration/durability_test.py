"""An acknowledged write is there after SIGKILL, and none is there twice."""

import shutil
import signal
import threading
import unittest
import uuid

from support import Server, ServerTest, SyncTest

KILLS = 10
WRITERS = 4


class Durability(ServerTest):
    def setUp(self):
        super().setUp()
        self.acknowledged, self.tried = set(), set()

    def write_until_gone(self, token):
        while True:
            name = f"Lead {uuid.uuid4()}"
            self.tried.add(name)
            try:
                answer = self.server.call("POST", "/api/crm/leads", {"name": name}, token, {"Idempotency-Key": name})
            except OSError:
                return
            if answer.status == 201:
                self.acknowledged.add(name)

    def stored(self, token):
        names, cursor = [], ""
        while cursor is not None:
            page = self.server.call("GET", "/api/crm/leads?limit=1000&fields=name&name[like]=Lead%20%25" + cursor, token=token).json
            names += [row["name"] for row in page["data"]]
            cursor = "&cursor=" + page["nextCursor"] if page["nextCursor"] else None
        return names

    def test_killed_under_load_again_and_again(self):
        token = self.server.token()
        for kill in range(KILLS):
            before = len(self.acknowledged)
            writers = [threading.Thread(target=self.write_until_gone, args=(token,)) for _ in range(WRITERS)]
            for writer in writers:
                writer.start()
            while len(self.acknowledged) < before + 20 + kill:
                self.assertIsNone(self.server.process.poll())
                writers[0].join(0.005)
            self.server.end(signal.SIGKILL)
            for writer in writers:
                writer.join()
            self.server = Server(self.server.database).start()
            self.addCleanup(self.server.end, signal.SIGKILL)
            names = self.stored(token)
            self.assertEqual(len(names), len(set(names)), "a write is there twice")
            self.assertLessEqual(self.acknowledged, set(names), "an acknowledged write is lost")
        # Whoever got no answer asks again with the same key and hears what became of it.
        for name in sorted(self.tried - self.acknowledged):
            answer = self.server.call("POST", "/api/crm/leads", {"name": name}, token, {"Idempotency-Key": name})
            self.assertEqual(answer.status, 201)
        names = self.stored(token)
        self.assertEqual(sorted(names), sorted(self.tried))


class Backups(SyncTest):
    def start_again(self, restore=None):
        self.server.end()
        if restore:
            shutil.copy(restore, self.server.database)
        self.server = Server(self.server.database).start()
        self.addCleanup(self.server.end, signal.SIGKILL)

    async def history(self):
        async with self.open() as connection:
            _, welcome = await self.hello(connection)
            return welcome["cursor"]

    async def test_one_that_comes_back_is_another_history(self):
        self.server.end()
        backup = f"{self.folder}/backup.db"
        shutil.copy(self.server.database, backup)
        self.start_again()
        before = await self.history()
        self.lead(self.server.token())
        self.start_again()
        self.assertEqual(await self.history(), {"epoch": before["epoch"], "version": before["version"] + 1})
        self.start_again(restore=backup)
        after = await self.history()
        self.assertGreater(after["version"], before["version"] + 1, "versions that were seen are not given again")
        self.assertNotEqual(after["epoch"], before["epoch"])


if __name__ == "__main__":
    unittest.main()
