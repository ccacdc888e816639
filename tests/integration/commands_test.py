"""The program as people call it: clear errors on one line, exit codes, one writer per database."""

import json
import os
import pathlib
import re
import shlex
import shutil
import signal
import sqlite3
import stat
import subprocess
import tempfile
import unittest

from support import BINARY, PASSWORD, Server, ServerTest, run, seeded_database


class CommandTest(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="syncline-test-"))
        self.addCleanup(shutil.rmtree, self.folder)

    def assert_refused(self, done, code, *words):
        self.assertEqual(done.returncode, code, done.stderr)
        self.assertEqual(len(done.stderr.strip().splitlines()), 1, done.stderr)
        self.assertEqual(done.stdout, "")
        for word in words:
            self.assertIn(word, done.stderr)


class Commands(CommandTest):
    def test_every_command_has_help(self):
        for command in (["--help"], ["serve", "--help"], ["migrate", "--help"], ["seed", "--help"],
                        ["user", "--help"], ["user", "add", "--help"], ["schema", "--help"], ["explain", "--help"]):
            done = run(*command)
            self.assertEqual(done.returncode, 0, command)
            self.assertIn("-h,--help", done.stdout)

    def test_what_is_wrong_is_one_line_that_names_it_and_exit_2(self):
        for command, words in (
            (["serv"], ['there is no command "serv"; did you mean "serve"? see syncline --help']),
            (["imprt", "x.csv"], ['"imprt"', 'did you mean "import"?']),
            (["sede"], ['did you mean "seed"?']),
            (["nonsense"], ['"nonsense"', "serve", "migrate", "seed", "user", "import", "schema"]),
            (["backup", "--help"], ['there is no command "backup"', "syncline --help"]),
            (["user", "ad"], ['there is no command "ad" under "user"; did you mean "add"? see syncline user --help']),
            (["user"], ['"syncline user" needs a command', "add", "see syncline user --help"]),
            (["serve", "--bogus"], ['there is no option "--bogus"', "see syncline serve --help"]),
            (["serve", "--prot", "80"], ['"--prot"; did you mean "--port"?']),
            (["user", "add", "--emial=ada@example.com"], ['"--emial"; did you mean "--email"?']),
            (["--db", "x.db", "serve"], ['"--db" stands after the command: syncline serve --db']),
            (["--bogus", "serve"], ['there is no option "--bogus"']),
            (["serve", "more"], ['"more"', "see syncline serve --help"]),
            (["serve", "--port", "none"], ["--port", "none"]), (["serve", "--port", "99999"], ["--port", "99999"]),
            (["serve", "--port"], ["--port"]), (["serve", "--web", "/no/such/folder"], ["--web", "/no/such/folder"]),
            (["serve", "--limits", "maybe"], ["--limits", "maybe", "on", "off"]),
            (["seed", "--size", "huge"], ["--size", "huge", "small"]),
            (["serve", "--port", "99999"], ["99999", "0 to 65535"]),
            (["serve", "--port", "http"], ["http", "0 to 65535"]),
            (["user", "add"], ["--email is required", "see syncline user add --help"]),
            (["schema", "--format", "xml"], ["--format", "xml", "typescript"]),
        ):
            with self.subTest(command=command):
                self.assert_refused(run(*command), 2, "syncline: ", *words)

    def test_alone_it_prints_its_help_and_exits_with_2(self):
        done = run()
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        for word in ("Usage: syncline", "serve", "migrate", "user", "--version"):
            self.assertIn(word, done.stderr)

    def test_the_version_is_the_projects(self):
        cmake = (pathlib.Path(__file__).parents[2] / "CMakeLists.txt").read_text()
        version = re.search(r"project\(syncline VERSION ([\d.]+)", cmake).group(1)
        done = run("--version")
        self.assertEqual((done.returncode, done.stdout), (0, f"syncline {version}\n"))

    def test_migrate_makes_a_private_database_and_may_be_repeated(self):
        path = self.folder / "new.db"
        first, second = run("migrate", "--db", path), run("migrate", "--db", path)
        self.assertEqual(first.returncode, 0, first.stderr)
        self.assertEqual(first.stdout, second.stdout)
        self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o600)

    def test_demo_data_goes_into_a_new_database_only(self):
        self.assert_refused(run("seed", "--db", seeded_database(self.folder)), 1, "new database")

    def test_a_demo_database_stays_on_this_machine(self):
        path = seeded_database(self.folder)
        self.assert_refused(run("serve", "--db", path, "--host", "0.0.0.0", "--port", "0"), 1, "--demo-public")
        server = Server(path, "--host", "0.0.0.0", "--demo-public").start()
        self.assertEqual(server.call("GET", "/healthz").status, 200)
        self.assertEqual(server.end(), 0)

    def test_user_add_makes_an_account(self):
        path = self.folder / "new.db"
        add = ["user", "add", "--db", path, "--email", "ada@example.com", "--role", "admin"]
        self.assert_refused(run(*add, stdin="long enough\n"), 1, "There is no database")
        self.assertFalse(path.exists())
        self.assertEqual(run("migrate", "--db", path).returncode, 0)
        self.assert_refused(run(*add, stdin="short\n"), 1, "10 characters")
        self.assertEqual(run(*add, stdin="long enough\n").returncode, 0)
        self.assert_refused(run(*add, stdin="long enough\n"), 1, "email")
        server = Server(path).start()
        self.addCleanup(server.end)
        answer = server.call("POST", "/api/auth/login", {"email": "ada@example.com", "password": "long enough"})
        self.assertEqual(answer.json["user"]["role"], "admin")

    def all_that_it_prints(self, server):
        """Starts and ends the server; what it says after its address."""
        server.start()
        server.process.send_signal(signal.SIGTERM)
        printed = server.process.stdout.read()
        self.assertEqual(server.end(how=None), 0)
        return printed

    def test_serve_says_how_the_first_user_is_made(self):
        path = self.folder / "new.db"
        server = Server(path)
        self.addCleanup(server.end, signal.SIGKILL)
        printed = self.all_that_it_prints(server)
        self.assertIn("no users", printed)
        commands = [shlex.split(line) for line in printed.splitlines() if line.startswith("  ")]
        self.assertTrue(all(pathlib.Path(command[0]).is_file() for command in commands), commands)
        add, seed = (command[1:] for command in commands)
        # Both do what they promise where no user is yet: an administrator, or demo data.
        shutil.copy(path, self.folder / "copy.db")
        self.assertEqual(run(*[word.replace("new.db", "copy.db") for word in seed]).returncode, 0)
        self.assertEqual(run(*add, stdin=PASSWORD + "\n").returncode, 0)
        self.assertEqual(self.all_that_it_prints(server), "")
        server.start()
        answer = server.call("POST", "/api/auth/login", {"email": "you@example.com", "password": PASSWORD})
        self.assertEqual(answer.json["user"]["role"], "admin")

    def test_schema_is_json_and_typescript(self):
        names = {collection["name"] for collection in json.loads(run("schema").stdout)["collections"]}
        self.assertIn("leads", names)
        self.assertIn("LeadInsert", run("schema", "--format", "typescript").stdout)


class WhatIsNoDatabase(CommandTest):
    """A path that holds something else, or cannot be used: said on one line, and everything is left as it was."""

    def commands(self, path):
        mapping = self.folder / "mapping.json"
        mapping.write_text("{}")
        importing = ["import", "--db", path, "--mapping", mapping]
        return (["migrate", "--db", path], ["seed", "--db", path], ["serve", "--db", path, "--port", "0"],
                ["user", "add", "--db", path, "--email", "ada@example.com", "--password", PASSWORD],
                [*importing, "rows.csv"], [*importing, "--dry-run", "rows.csv"])

    def files(self):
        return {str(path): path.read_bytes() if path.is_file() else None for path in self.folder.rglob("*")}

    def assert_all_refuse(self, path, *words):
        commands = self.commands(path)
        before = self.files()
        for command in commands:
            with self.subTest(command=command[0], path=str(path)):
                done = run(*command)
                self.assert_refused(done, 1, "syncline: ", path.name, *words)
                self.assertNotRegex(done.stderr, r"PRAGMA|SELECT|CREATE|BEGIN|INSERT")
                self.assertEqual(self.files(), before)

    def test_a_text_is_none(self):
        for name, content in (("text.db", b"this is no database, but long enough to look like a file " * 20),
                              ("short.db", b"short")):
            (self.folder / name).write_bytes(content)
            self.assert_all_refuse(self.folder / name, "is no Syncline database")

    def test_a_damaged_database_is_none(self):
        path = seeded_database(self.folder)
        path.write_bytes(path.read_bytes()[:100] + b"\xff" * 5_000)
        self.assert_all_refuse(path, "could not be read")

    def test_the_database_of_another_program_is_not_taken_over(self):
        for mode in ("delete", "wal"):
            path = self.folder / f"{mode}.db"
            other = sqlite3.connect(path)
            other.execute(f"PRAGMA journal_mode = {mode}")
            other.execute("CREATE TABLE notes (text)")
            other.commit()
            other.close()
            self.assert_all_refuse(path, "another program")

    def test_a_link_to_nothing_and_a_file_of_two_names_are_none(self):
        (self.folder / "link.db").symlink_to(self.folder / "missing.db")
        self.assert_all_refuse(self.folder / "link.db", "a file that is not there")
        os.link(seeded_database(self.folder), self.folder / "second.db")
        self.assert_all_refuse(self.folder / "second.db", "hard link")
        self.assert_all_refuse(self.folder / "demo.db", "hard link")

    def test_half_a_data_set_is_none(self):
        path = self.folder / "half.db"
        seeding = subprocess.Popen([BINARY, "seed", "--db", path, "--size", "large"], stdout=subprocess.DEVNULL)
        self.addCleanup(seeding.kill)
        log, much = pathlib.Path(f"{path}-wal"), 1 << 20
        while not (log.exists() and log.stat().st_size > much):
            self.assertIsNone(seeding.poll())
        seeding.kill()
        seeding.wait()
        for command in self.commands(path)[:4]:
            with self.subTest(command=command[0]):
                self.assert_refused(run(*command), 1, "syncline: ", path.name, "incomplete", "Delete the file")

    def test_a_folder_is_none(self):
        (self.folder / "folder.db").mkdir()
        self.assert_all_refuse(self.folder / "folder.db", "is a folder")
        self.assert_all_refuse(self.folder / "missing" / "x.db", "No such file or directory")
        (self.folder / "file").write_text("")
        self.assert_all_refuse(self.folder / "file" / "x.db", "Not a directory")

    def test_an_empty_name_is_none(self):
        self.assert_refused(run("migrate", "--db", ""), 1, "--db needs the name of a file")

    def test_an_empty_file_becomes_a_database(self):
        path = self.folder / "empty.db"
        path.touch()
        done = run("import", "--db", path, "--mapping", "x.json", "rows.csv")
        self.assert_refused(done, 1, "There is no database", "syncline migrate")
        self.assertEqual(run("migrate", "--db", path).returncode, 0)

    def test_what_may_not_be_written_is_left_alone(self):
        # As nobody: the administrator may write everywhere.
        closed = self.folder / "closed"
        closed.mkdir()
        shutil.copy(seeded_database(self.folder), closed / "demo.db")
        (closed / "secret.db").touch()
        binary, user = BINARY, {}
        if os.geteuid() == 0:
            # The build may lie where nobody has no way in: /root, say.
            binary = shutil.copy(BINARY, self.folder / "syncline")
            user = {"user": 65534, "group": 65534, "extra_groups": []}
            for path in (self.folder, closed, *closed.iterdir()):
                os.chown(path, 65534, 65534)
        os.chmod(closed / "secret.db", 0)
        os.chmod(closed, 0o555)
        self.addCleanup(os.chmod, closed, 0o755)
        for name, words in (("demo.db", "may not be written"), ("new.db", "may not be written"),
                            ("secret.db", "Permission denied")):
            done = subprocess.run([binary, "migrate", "--db", closed / name], capture_output=True, text=True,
                                  timeout=60, **user)
            self.assert_refused(done, 1, "syncline: ", words)
        self.assertEqual(sorted(os.listdir(closed)), ["demo.db", "secret.db"])


class BesideARunningServer(ServerTest):
    def test_commands_that_need_the_database_say_who_has_it(self):
        done = run("migrate", "--db", self.server.database)
        self.assertEqual(done.returncode, 1)
        self.assertIn("Another Syncline process", done.stderr)

    def test_a_link_to_the_database_is_the_same_database(self):
        (pathlib.Path(self.folder) / "elsewhere").mkdir()
        link = pathlib.Path(self.folder) / "elsewhere" / "link.db"
        link.symlink_to(self.server.database)
        done = run("serve", "--db", link, "--port", "0")
        self.assertEqual(done.returncode, 1)
        self.assertIn("Another Syncline process", done.stderr)
        done = run("user", "add", "--db", link, "--email", "new@example.com", "--password", PASSWORD)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.server.login("new")
        self.server.end()
        self.assertEqual([path.name for path in link.parent.iterdir()], ["link.db"])
        token = self.server.start().token()
        self.server.end()
        self.server.database = link
        self.server.start()
        self.assertEqual(self.server.call("GET", "/api/auth/me", token=token).status, 200, "the same signing key")

    def test_user_add_goes_through_the_server(self):
        done = run("user", "add", "--db", self.server.database, "--email", "new@example.com", "--password", PASSWORD)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.server.login("new")["user"]["role"], "viewer")

    def test_secrets_beside_the_database_are_private(self):
        for suffix in ("", ".key", ".sock", ".lock"):
            mode = stat.S_IMODE(pathlib.Path(f"{self.server.database}{suffix}").stat().st_mode)
            self.assertEqual(mode, 0o600, suffix)


if __name__ == "__main__":
    unittest.main()
