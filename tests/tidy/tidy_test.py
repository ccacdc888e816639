"""Each rule of tidy.py catches what it is for and lets the right thing pass."""

import pathlib
import tempfile
import unittest

import tidy


class LayersTest(unittest.TestCase):
    def problems(self, path, include):
        return tidy.check_layers(path, f'#include "{include}"\n')

    def test_lower_layers_and_the_own_folder_pass(self):
        for path, include in [
            ("shared/syncline/model/value.cpp", "syncline/model/value.hpp"),
            ("shared/syncline/query/ast.hpp", "syncline/model/value.hpp"),
            ("shared/domain/crm/lead.cpp", "domain/registry.hpp"),
            ("shared/domain/crm/lead.cpp", "syncline/mutation/transaction.hpp"),
            ("server/net/session.cpp", "syncline/authority/authority.hpp"),
            ("server/app/main.cpp", "server/net/listener.hpp"),
            ("wasm/abi.cpp", "domain/registry.hpp"),
        ]:
            self.assertEqual([], self.problems(path, include), path)

    def test_upward_and_sideways_includes_are_caught(self):
        for path, include in [
            ("shared/syncline/base/id.hpp", "syncline/model/value.hpp"),
            ("shared/syncline/store/table.hpp", "syncline/query/ast.hpp"),
            ("shared/syncline/ivm/take.hpp", "syncline/mutation/transaction.hpp"),
            ("shared/syncline/client/core.hpp", "syncline/authority/authority.hpp"),
            ("shared/syncline/client/core.cpp", "domain/registry.hpp"),
            ("shared/domain/crm/lead.cpp", "syncline/client/core.hpp"),
            ("server/net/session.cpp", "server/storage/sqlite.hpp"),
            ("server/api/rest.cpp", "server/app/main.hpp"),
            ("shared/syncline/model/value.hpp", "tests/support/x.hpp"),
            ("server/api/rest.cpp", "server/other/x.hpp"),
        ]:
            self.assertEqual(1, len(self.problems(path, include)), f"{path} {include}")

    def test_links_follow_the_same_table(self):
        path = "shared/syncline/store/CMakeLists.txt"
        self.assertEqual([], tidy.check_links(path, "syncline_library(NAME syncline_store DEPENDS syncline_model)"))
        self.assertEqual(1, len(tidy.check_links(path, "DEPENDS syncline_query")))
        self.assertEqual(1, len(tidy.check_links("server/net/CMakeLists.txt", "DEPENDS syncline_server_storage")))


class SharedTest(unittest.TestCase):
    path = "shared/syncline/model/value.cpp"

    def test_banned_headers_are_caught_in_shared_only(self):
        for header in ["thread", "mutex", "fstream", "iostream", "ranges", "ctime", "boost/asio.hpp", "sqlite3.h",
                       "emscripten.h", "nlohmann/json.hpp"]:
            text = f"#include <{header}>\n"
            self.assertEqual(1, len(tidy.check_shared(self.path, text)), header)
            self.assertEqual([], tidy.check_shared("server/net/session.cpp", text), header)

    def test_clocks_and_random_devices_are_caught_but_not_in_comments(self):
        self.assertEqual(1, len(tidy.check_shared(self.path, "auto t = std::chrono::system_clock::now();\n")))
        self.assertEqual(1, len(tidy.check_shared(self.path, "std::random_device device;\n")))
        self.assertEqual([], tidy.check_shared(self.path, "// no system_clock here\nauto s = \"random_device\";\n"))

    def test_mutable_globals(self):
        for bad in ["static int counter = 0;", "inline std::string name;", "  static std::vector<int> cache{};",
                    "thread_local int x = 1;"]:
            self.assertEqual(1, len(tidy.check_shared(self.path, bad + "\n")), bad)
        for good in ["static const int kLimit = 3;", "inline constexpr int kLimit = 3;", "static int count(int x) {",
                     "static_assert(sizeof(int) == 4);", "static Value from(int x);", "  static Result<Id> parse(std::string_view text);",
                     "inline bool operator==(const A& a, const B& b) { return true; }"]:
            self.assertEqual([], tidy.check_shared(self.path, good + "\n"), good)


class WordsTest(unittest.TestCase):
    def test_leftover_marks(self):
        self.assertEqual(1, len(tidy.check_words("server/a.cpp", "// TO" "DO: later\n")))
        self.assertEqual([], tidy.check_words("server/a.cpp", "// a to-do list; kTodoStatus\n"))

    def test_paths_of_a_machine(self):
        self.assertEqual(1, len(tidy.check_words("a.md", "cd /home/" "someone/project\n")))
        self.assertEqual([], tidy.check_words("a.md", "GET /api/home/x and build/work/y\n"))

    def test_registry_addresses_in_lock_files(self):
        self.assertEqual(1, len(tidy.check_words("web/package-lock.json", '  "resolved": "https://x/y.tgz",\n')))
        self.assertEqual([], tidy.check_words("web/package-lock.json", '  "resolved": "packages/client",\n'))
        self.assertEqual([], tidy.check_words("web/package-lock.json", '  "version": "1.0.0",\n'))

    def test_headers_are_included_once(self):
        self.assertEqual(1, len(tidy.check_headers("a.hpp", "int f();\n")))
        self.assertEqual([], tidy.check_headers("a.hpp", "#pragma once\n"))


class MarkdownTest(unittest.TestCase):
    def test_links_lead_somewhere(self):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            (root / "there.md").write_text("# One heading, here\n")
            check = lambda text: tidy.check_markdown(root, "a.md", text)
            self.assertEqual([], check("[a](there.md) [b](there.md#one-heading-here) [c](https://example.com)"))
            self.assertEqual([], check("`[a](nowhere.md)`\n```\n[b](nowhere.md)\n```\n"))
            self.assertEqual(1, len(check("[a](nowhere.md)")))
            self.assertEqual(1, len(check("[a](there.md#other)")))


class LengthTest(unittest.TestCase):
    def test_long_files_and_functions_are_listed(self):
        body = "int f() {\n" + "  g();\n" * 70 + "}\n"
        self.assertEqual([(1, "a function of 71 lines")], tidy.long_things("a.cpp", body))
        self.assertEqual([(1, "501 lines")], tidy.long_things("a.ts", "x\n" * 501))
        self.assertEqual([], tidy.long_things("a.cpp", "int f() {\n  g();\n}\n"))


if __name__ == "__main__":
    unittest.main()
