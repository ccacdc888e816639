"""A server in a folder of its own, and clients for it that know nothing of its sources."""

import asyncio
import atexit
import json
import logging
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest
import urllib.error
import urllib.request
import uuid

import websockets

BINARY = os.environ["SYNCLINE_BINARY"]
PASSWORD = "syncline-demo"
_seeded = None
# unittest switches on a log of slow callbacks, and our blocking calls are meant to block.
logging.getLogger("asyncio").setLevel(logging.ERROR)


def run(*arguments, stdin=""):
    return subprocess.run([BINARY, *map(str, arguments)], input=stdin, capture_output=True, text=True, timeout=120)


def seeded_database(folder):
    """A copy of a small demo database, seeded once per process."""
    global _seeded
    if _seeded is None:
        _seeded = tempfile.mkdtemp(prefix="syncline-seed-")
        atexit.register(shutil.rmtree, _seeded)
        done = run("seed", "--db", f"{_seeded}/demo.db", "--size", "small")
        assert done.returncode == 0, done.stderr
    path = pathlib.Path(folder) / "demo.db"
    shutil.copy(f"{_seeded}/demo.db", path)
    return path


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        return json.loads(self.body) if self.body else None


class Server:
    def __init__(self, database, *options, log=None):
        self.database, self.options, self.process = database, options, None
        self.log_path = str(log or database) + ".log"

    def start(self):
        self.log = open(self.log_path, "a")
        self.process = subprocess.Popen(
            [BINARY, "serve", "--db", str(self.database), "--port", "0", *self.options],
            stdout=subprocess.PIPE, stderr=self.log, text=True)
        line = self.process.stdout.readline()
        if "http://" not in line:
            raise AssertionError("no server: " + pathlib.Path(self.log.name).read_text())
        self.port = int(line.rsplit(":", 1)[1])
        return self

    def end(self, how=signal.SIGTERM):
        """Ends the process and returns its exit code. With `how` None it only waits: a second SIGTERM kills at once."""
        if self.process is None:
            return None
        if how is not None and self.process.poll() is None:
            self.process.send_signal(how)
        code = self.process.wait(timeout=20)
        self.process.stdout.close()
        self.log.close()
        self.process = None
        return code

    def call(self, method, path, body=None, token=None, headers=None, raw=None):
        headers = dict(headers or {})
        data = raw
        if body is not None:
            data = json.dumps(body).encode()
        if data is not None:
            headers.setdefault("Content-Type", "application/json")
        if token:
            headers["Authorization"] = "Bearer " + token
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return Answer(answer.status, answer.headers, answer.read())
        except urllib.error.HTTPError as refusal:
            with refusal:
                return Answer(refusal.code, refusal.headers, refusal.read())

    def login(self, who="admin"):
        answer = self.call("POST", "/api/auth/login", {"email": f"{who}@example.com", "password": PASSWORD})
        assert answer.status == 200, answer.body
        return answer.json

    def token(self, who="admin"):
        return self.login(who)["accessToken"]

    def metric(self, name):
        for line in self.call("GET", "/metrics").body.decode().splitlines():
            if line.startswith(f"syncline_{name} "):
                return int(line.split()[1])
        raise AssertionError(f"no metric {name}")

    def socket(self, path="/events", protocol="syncline.events.v1", **more):
        return websockets.connect(f"ws://127.0.0.1:{self.port}{path}", subprotocols=[protocol], **more)

    def raw(self, data, timeout=10):
        """Sends bytes as they are and reads until the server closes."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=timeout) as connection:
            connection.sendall(data)
            answer = b""
            while chunk := connection.recv(65536):
                answer += chunk
            return answer


class ServerTest(unittest.IsolatedAsyncioTestCase):
    """Every test has a seeded server of its own."""

    options = ()

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="syncline-test-")
        self.addCleanup(shutil.rmtree, self.folder)
        self.server = Server(seeded_database(self.folder), *self.options).start()
        self.addCleanup(self.server.end, signal.SIGKILL)

    def lead(self, token, **fields):
        answer = self.server.call("POST", "/api/crm/leads", {"name": "Lena Test", **fields}, token)
        self.assertEqual(answer.status, 201, answer.body)
        return answer.json


def new_id():
    """A UUIDv7 (RFC 9562)."""
    number = (time.time_ns() // 1_000_000) << 80 | uuid.uuid4().int & ((1 << 80) - 1)
    number = number & ~(0xF << 76) | 0x7 << 76
    return str(uuid.UUID(int=number & ~(0x3 << 62) | 0x2 << 62))


class SyncTest(ServerTest):
    """With clients of the sync socket in its JSON form."""

    def open(self):
        return self.server.socket("/sync", "syncline.sync.v1+json")

    async def say(self, connection, **message):
        await connection.send(json.dumps(message))

    async def hear(self, connection, kind):
        message = json.loads(await asyncio.wait_for(connection.recv(), 5))
        self.assertEqual(message["type"], kind, message)
        return message

    async def hello(self, connection, who="admin"):
        client = new_id()
        await self.say(connection, type="hello", client=client, accessToken=self.server.token(who))
        return client, await self.hear(connection, "welcome")

    def schema(self):
        return json.loads(run("schema", "--format", "json").stdout)
