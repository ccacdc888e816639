"""Whoever stops reading costs the server a fixed budget, however much happens, and is right once it has read on.

SYNCLINE_CHANGES says how much happens: 10,000 changes in 6 s, unless told otherwise; the nightly run makes 100,000 in 60 s.
"""

import asyncio
import json
import os
import pathlib
import socket
import unittest

from support import SyncTest

CHANGES = int(os.environ.get("SYNCLINE_CHANGES", "10000"))
CHANGES_PER_SECOND = 100_000 / 60
LEADS = 500
BATCH = 100
TEXT_BYTES = 2_000  # of each change: all of them are many times what the budget holds
MEGABYTE = 1 << 20
BUDGET = 8 * MEGABYTE  # of a session
POKE_MAX = MEGABYTE  # the poke that goes past the budget may end beyond it
# What the server may grow by, the budget already used, while the rest happens: caches and the write-ahead log's index.
GROWTH_MAX = 48 * MEGABYTE
SIGN_OF_LIFE_SECONDS = 20  # the server gives up who says nothing for 75 s


class Reader:
    """The rows of one query, as its pokes make them."""

    def __init__(self, connection):
        self.connection = connection
        self.rows, self.version, self.snapshots, self.last_nonce = {}, 0, 0, 0

    async def read_until(self, version):
        while self.version < version:
            message = json.loads(await asyncio.wait_for(self.connection.recv(), 60))
            if message["type"] != "pong":
                assert message["type"] == "poke", message
                self.apply(message)

    def apply(self, poke):
        self.version = poke["version"]
        for segment in poke["segments"]:
            if segment["kind"] == "snapshot":
                self.snapshots += 1
                self.rows = {kept["id"]: self.rows[kept["id"]] for kept in segment["kept"]}
            for removal in segment["removals"]:
                self.rows.pop(removal["id"], None)
            for put in segment["puts"]:
                self.rows[put["record"]["id"]] = put["record"]

    async def show_signs_of_life(self):
        while True:
            await asyncio.sleep(SIGN_OF_LIFE_SECONDS)
            self.last_nonce += 1
            await self.connection.send(json.dumps({"type": "ping", "nonce": self.last_nonce}))


class SlowReader(SyncTest):
    options = ("--limits", "off")

    def open_slowly(self):
        """A socket that holds little, and of which nobody reads more than he asks for."""
        plain = socket.socket()
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8_192)
        plain.connect(("127.0.0.1", self.server.port))
        return self.server.socket("/sync", "syncline.sync.v1+json", sock=plain, max_size=None, max_queue=1, read_limit=4_096,
                                  ping_interval=None)

    def resident_bytes(self):
        status = pathlib.Path(f"/proc/{self.server.process.pid}/status").read_text()
        return next(int(line.split()[1]) << 10 for line in status.splitlines() if line.startswith("VmRSS:"))

    async def push(self, author, mutations):
        """Sends them and returns the version of the last one."""
        first, self.sequence = self.sequence + 1, self.sequence + len(mutations)
        await self.say(author, type="push", mutations=[
            {"id": {"client": self.client, "sequence": first + i}, "name": name, "createdAt": self.began, "arguments": [
                {"field": field, "kind": "assign", "value": value} for field, value in fields.items()]}
            for i, (name, fields) in enumerate(mutations)])
        versions = []
        while len(versions) < len(mutations):
            message = json.loads(await asyncio.wait_for(author.recv(), 60))
            for _, verdict in message["verdicts"]:
                self.assertEqual(verdict["outcome"], "applied", verdict)
                versions.append(verdict["version"])
        return max(versions)

    def stored(self, token):
        rows, cursor = {}, ""
        while cursor is not None:
            page = self.server.call("GET", "/api/crm/leads?limit=1000&name[like]=Slow%20%25" + cursor, token=token).json
            rows.update((row["id"], row) for row in page["data"])
            cursor = "&cursor=" + page["nextCursor"] if page["nextCursor"] else None
        return rows

    async def change_all(self, author, ids):
        """Makes the changes while somebody does not read, and says what the server told of itself: the most bytes that it kept,
        and by how much it grew from when it stopped keeping more."""
        version, unread_max, resident, begun = 0, 0, None, asyncio.get_running_loop().time()
        for number in range(0, CHANGES, BATCH):
            version = await self.push(author, [
                ("crm.leads.update", {0: {"id": ids[i % LEADS]}, self.notes: f"{i} ".ljust(TEXT_BYTES, ".")})
                for i in range(number, number + BATCH)])
            unread_max = max(unread_max, self.server.metric("sync_unread_bytes"))
            if resident is None and self.server.metric("sync_sessions_behind") == 1:
                resident = self.resident_bytes()
            due = begun + (number + BATCH) / CHANGES_PER_SECOND
            await asyncio.sleep(max(0, due - asyncio.get_running_loop().time()))
        self.assertIsNotNone(resident, "the reader never fell behind: nothing was tried")
        return version, unread_max, self.resident_bytes() - resident

    async def test_who_reads_nothing_costs_its_budget_and_is_right_after_it_drains(self):
        leads = next(each for each in self.schema()["collections"] if each["name"] == "leads")
        field = {each["name"]: each["id"] for each in leads["fields"]}
        self.notes, self.sequence = field["notes"], 0
        token = self.server.token()
        async with self.open() as author, self.open_slowly() as socket_of_reader:
            self.client, welcome = await self.hello(author)
            self.began = welcome["now"]
            for first in range(0, LEADS, BATCH):
                version = await self.push(author, [
                    ("crm.leads.insert", {field["name"]: f"Slow {i}"}) for i in range(first, first + BATCH)])
            ids = sorted(self.stored(token))
            self.assertEqual(len(ids), LEADS)

            await self.hello(socket_of_reader, "manager")
            reader = Reader(socket_of_reader)
            await self.say(socket_of_reader, type="subscribe", queryId=1, query={
                "collection": leads["id"],
                "where": {"kind": "compare", "field": field["name"], "op": "like", "values": ["Slow %"]}})
            await reader.read_until(version)
            alive = asyncio.ensure_future(reader.show_signs_of_life())
            version, unread_max, growth = await self.change_all(author, ids)
            alive.cancel()
            self.assertGreater(unread_max, BUDGET - POKE_MAX)
            self.assertLess(unread_max, BUDGET + POKE_MAX)
            self.assertLess(growth, GROWTH_MAX)

            # It reads again, with room for it.
            socket_of_reader.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, MEGABYTE)
            await reader.read_until(version)
            self.assertEqual(reader.rows, self.stored(token))
            self.assertEqual(reader.snapshots, 2, "one catch-up after the first answer")
            last = await self.push(author, [("crm.leads.update", {0: {"id": ids[0]}, self.notes: "after"})])
            await reader.read_until(last)
            self.assertEqual(reader.rows[ids[0]]["notes"], "after")
            self.assertEqual(self.server.metric("sync_sessions_behind"), 0)
        print(f"{CHANGES} changes: at most {unread_max} bytes unread, {growth >> 10} kB more memory once it was behind")


if __name__ == "__main__":
    unittest.main()
