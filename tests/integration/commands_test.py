"""The program as people call it: clear errors on one line, exit codes, one writer per database."""

import json
import pathlib
import shutil
import stat
import tempfile
import unittest

from support import PASSWORD, Server, ServerTest, run, seeded_database


class Commands(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="syncline-test-"))
        self.addCleanup(shutil.rmtree, self.folder)

    def assert_refused(self, done, code, *words):
        self.assertEqual(done.returncode, code, done.stderr)
        self.assertEqual(len(done.stderr.strip().splitlines()), 1, done.stderr)
        for word in words:
            self.assertIn(word, done.stderr)

    def test_every_command_has_help(self):
        for command in (["--help"], ["serve", "--help"], ["migrate", "--help"], ["seed", "--help"],
                        ["user", "--help"], ["user", "add", "--help"], ["schema", "--help"]):
            done = run(*command)
            self.assertEqual(done.returncode, 0, command)
            self.assertIn("-h,--help", done.stdout)

    def test_a_wrong_option_is_one_line_and_exit_2(self):
        for command in ([], ["nonsense"], ["serve", "--bogus"], ["serve", "--port", "none"], ["seed", "--size", "huge"],
                        ["serve", "--limits", "maybe"], ["user"], ["user", "add"], ["schema", "--format", "xml"]):
            self.assert_refused(run(*command), 2)

    def test_migrate_makes_a_private_database_and_may_be_repeated(self):
        path = self.folder / "new.db"
        first, second = run("migrate", "--db", path), run("migrate", "--db", path)
        self.assertEqual(first.returncode, 0, first.stderr)
        self.assertEqual(first.stdout, second.stdout)
        self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o600)

    def test_a_path_that_cannot_be_is_an_error(self):
        self.assert_refused(run("migrate", "--db", self.folder / "missing" / "x.db"), 1, "x.db")
        (self.folder / "text.db").write_text("this is no database, but long enough to look like a file " * 20)
        self.assert_refused(run("migrate", "--db", self.folder / "text.db"), 1)

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
        self.assert_refused(run(*add, stdin="short\n"), 1, "10 characters")
        self.assertEqual(run(*add, stdin="long enough\n").returncode, 0)
        self.assert_refused(run(*add, stdin="long enough\n"), 1, "email")
        server = Server(path).start()
        self.addCleanup(server.end)
        answer = server.call("POST", "/api/auth/login", {"email": "ada@example.com", "password": "long enough"})
        self.assertEqual(answer.json["user"]["role"], "admin")

    def test_schema_is_json_and_typescript(self):
        names = {collection["name"] for collection in json.loads(run("schema").stdout)["collections"]}
        self.assertIn("leads", names)
        self.assertIn("LeadInsert", run("schema", "--format", "typescript").stdout)


class BesideARunningServer(ServerTest):
    def test_commands_that_need_the_database_say_who_has_it(self):
        done = run("migrate", "--db", self.server.database)
        self.assertEqual(done.returncode, 1)
        self.assertIn("Another Syncline process", done.stderr)

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
