"""A full or read-only disk under the real binary: it says so, goes on being read, and goes on being written when it can."""

import asyncio
import json
import os
import pathlib
import resource
import shutil
import signal
import subprocess
import tempfile
import unittest

from support import BINARY, Server, SyncTest, seeded_database
from websockets.exceptions import ConnectionClosed

SIZE_MB = 64


class Tmpfs:
    """A small disk of its own. Raises OSError where nothing may be mounted."""

    def __init__(self, folder):
        self.folder = folder
        self.filler = pathlib.Path(folder) / "filler"
        self.mount(f"size={SIZE_MB}m")

    def mount(self, options):
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", self.folder], capture_output=True, check=False)
        if done.returncode != 0:
            raise OSError(done.stderr.decode())

    def fill(self, server):
        with open(self.filler, "wb", buffering=0) as file:
            try:
                while file.write(bytes(65536)):
                    pass
            except OSError:
                pass

    def make_room(self, server):
        self.filler.unlink()

    def make_read_only(self):
        self.mount("remount,ro")

    def remove(self):
        subprocess.run(["umount", "--lazy", self.folder], check=True)


class SizeLimit:
    """The system lets no file of the server's grow any more."""

    def fill(self, server):
        longest = max(os.stat(str(server.database) + end).st_size for end in ("", "-wal"))
        self.before = resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (longest, self.before[1]))

    def make_room(self, server):
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, self.before)

    def remove(self):
        pass


class FullDisk(SyncTest):
    """By a limit, which every system knows; by a disk of its own below."""

    def make_disk(self):
        return SizeLimit()

    def setUp(self):
        # The log lies elsewhere: it says that the disk is full.
        parent = tempfile.mkdtemp(prefix="syncline-disk-")
        self.addCleanup(shutil.rmtree, parent)
        self.folder = os.path.join(parent, "disk")
        os.mkdir(self.folder)
        self.disk = self.make_disk()
        self.addCleanup(self.disk.remove)
        self.server = Server(seeded_database(self.folder), log=os.path.join(parent, "server")).start()
        self.addCleanup(self.server.end, signal.SIGKILL)
        self.token = self.server.token()
        self.leads = next(each for each in self.schema()["collections"] if each["name"] == "leads")
        self.name = next(field["id"] for field in self.leads["fields"] if field["name"] == "name")

    def write(self, name):
        return self.server.call("POST", "/api/crm/leads", {"name": name, "notes": "n" * 20_000}, self.token)

    def fill_until_refused(self):
        """What was acknowledged meanwhile, and the refusal."""
        self.disk.fill(self.server)
        acknowledged = []
        for number in range(2_000):
            answer = self.write(f"Filler {number}")
            if answer.status != 201:
                return acknowledged, answer
            acknowledged.append(f"Filler {number}")
        self.fail("the disk is never full")

    def stored(self):
        answer = self.server.call("GET", "/api/crm/leads?limit=1000&fields=name&name[like]=Filler%25", token=self.token)
        self.assertEqual(answer.status, 200, answer.body)
        return [row["name"] for row in answer.json["data"]]

    def logged(self, event):
        lines = pathlib.Path(self.server.log_path).read_text().splitlines()
        return [line for line in map(json.loads, filter(None, lines)) if line["event"] == event]

    def assert_full(self, answer):
        self.assertEqual(answer.status, 503, answer.body)
        self.assertEqual(answer.headers["Content-Type"], "application/problem+json")
        self.assertIn("Retry-After", answer.headers)
        self.assertEqual(answer.json["code"], "storage_failed")
        self.assertIn("The disk is full", answer.json["detail"])

    def test_programs_hear_why_and_go_on_when_there_is_space(self):
        acknowledged, refusal = self.fill_until_refused()
        self.assert_full(refusal)
        for number in range(10):
            self.assert_full(self.write(f"Filler again {number}"))
        self.assert_full(self.server.call("POST", "/api/auth/login", {"email": "agent@example.com", "password": "syncline-demo"}))
        self.assert_full(self.server.call("GET", "/readyz"))
        self.assertEqual(self.server.call("GET", "/healthz").status, 200)
        self.assertEqual(self.server.metric("storage_refuses_writes"), 1)
        self.assertEqual(sorted(self.stored()), sorted(acknowledged))
        self.assertEqual(len(self.logged("storage_failed")), 1)
        self.assertEqual(self.logged("storage_recovered"), [])

        self.disk.make_room(self.server)
        self.assertEqual(self.server.call("GET", "/readyz").status, 200)
        self.assertEqual(self.server.metric("storage_refuses_writes"), 0)
        self.assertEqual(self.write("Filler last").status, 201)
        self.assertEqual(len(self.logged("storage_failed")), 1)
        self.assertEqual(len(self.logged("storage_recovered")), 1)
        # And it is the same database after all that.
        self.assertEqual(self.server.end(), 0)
        self.server.start()
        self.token = self.server.token()
        self.assertEqual(sorted(self.stored()), sorted([*acknowledged, "Filler last"]))

    def insertion(self, client, sequence, welcome):
        return {"id": {"client": client, "sequence": sequence}, "name": "crm.leads.insert", "createdAt": welcome["now"],
                "arguments": [{"field": self.name, "kind": "assign", "value": "Filler sync"}]}

    async def hello_as(self, connection, client):
        await self.say(connection, type="hello", client=client, accessToken=self.token)
        return await self.hear(connection, "welcome")

    async def subscribe(self, connection):
        await self.say(connection, type="subscribe", queryId=1, query={
            "collection": self.leads["id"],
            "where": {"kind": "compare", "field": self.name, "op": "eq", "values": ["Filler sync"]}})
        return (await self.hear(connection, "poke"))["segments"][0]["puts"]

    async def test_browsers_keep_what_they_sent_and_stay_live(self):
        async with self.open() as reader:
            await self.hello(reader, "manager")
            self.assertEqual(await self.subscribe(reader), [])
            self.fill_until_refused()
            client = None
            for _ in range(3):
                async with self.open() as author:
                    if client is None:
                        client, welcome = await self.hello_author(author)
                    else:
                        welcome = await self.hello_as(author, client)
                    self.assertEqual(await self.subscribe(author), [])
                    await self.say(author, type="push", mutations=[self.insertion(client, 1, welcome)])
                    failure = await self.hear(author, "failure")
                    self.assertEqual(failure["error"]["code"], "storage_failed")
                    with self.assertRaises(ConnectionClosed):
                        await asyncio.wait_for(author.recv(), 5)
                    self.assertEqual(author.close_code, 1013, "try again later")
            # The reader's live query was hydrated anew when a commit failed; it has not changed.
            self.disk.make_room(self.server)
            async with self.open() as author:
                welcome = await self.hello_as(author, client)
                await self.say(author, type="push", mutations=[self.insertion(client, 1, welcome)])
                verdicts = (await self.hear(author, "poke"))["verdicts"]
                self.assertEqual([verdict["outcome"] for _, verdict in verdicts], ["applied"])
            shown = []
            while not shown:
                for segment in (await self.hear(reader, "poke"))["segments"]:
                    shown += [put["record"]["name"] for put in segment["puts"]]
            self.assertEqual(shown, ["Filler sync"])
            self.assertEqual(self.stored().count("Filler sync"), 1)

    async def hello_author(self, connection):
        """As hello(), with a token from before: nobody can sign in."""
        client = "01920000-0000-7000-8000-" + os.urandom(6).hex()
        return client, await self.hello_as(connection, client)


class FullDiskOfItsOwn(FullDisk):
    """Where something may be mounted; the limit once more elsewhere."""

    def make_disk(self):
        try:
            return Tmpfs(self.folder)
        except OSError:
            return SizeLimit()


class Starting(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="syncline-disk-")
        self.addCleanup(shutil.rmtree, self.folder)

    def serve(self, database, **more):
        return subprocess.run([BINARY, "serve", "--db", str(database), "--port", "0"],
                              capture_output=True, text=True, timeout=20, check=False, **more)

    def test_a_read_only_disk_is_named(self):
        try:
            disk = Tmpfs(self.folder)
        except OSError:
            self.not_writable_for_others()
            return
        self.addCleanup(disk.remove)
        database = seeded_database(self.folder)
        disk.make_read_only()
        for path in (database, pathlib.Path(self.folder) / "new.db"):
            done = self.serve(path)
            self.assertEqual(done.returncode, 1, done.stdout)
            self.assertIn(str(path if path == database else self.folder), done.stderr)
            self.assertIn("Read-only file system", done.stderr)
        self.assertEqual(sorted(os.listdir(self.folder)), ["demo.db"])

    def not_writable_for_others(self):
        database = seeded_database(self.folder)
        os.chmod(database, 0o400)
        if os.geteuid() == 0:
            self.skipTest("the administrator may write everywhere; commands_test asks as somebody else")
        done = self.serve(database)
        self.assertEqual(done.returncode, 1)
        self.assertIn("may not be read and written", done.stderr)

    def test_a_full_disk_is_named_and_nothing_is_left_half_done(self):
        limit = (4096, resource.getrlimit(resource.RLIMIT_FSIZE)[1])
        database = pathlib.Path(self.folder) / "new.db"
        done = self.serve(database, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, limit))
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("The disk is full", done.stderr)
        server = Server(database).start()
        self.assertEqual(server.call("GET", "/readyz").status, 200)
        self.assertEqual(server.end(), 0)


if __name__ == "__main__":
    unittest.main()
