#include "tests/bench/server/child.hpp"

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <utility>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/bench/support/report.hpp"

namespace syncline::bench {
namespace {

// A child must not outlive a benchmark that is stopped.
void end_with_parent(pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (getppid() != parent) _exit(1);
}

[[noreturn]] void become(const std::vector<std::string>& command, int input, int output,
                         const std::string& log) {
  const int errors = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  dup2(input, 0);
  dup2(output, 1);
  dup2(errors, 2);
  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  execvp(arguments.front(), arguments.data());
  _exit(127);
}

}  // namespace

Child Child::run(const std::vector<std::string>& command, const std::string& input,
                 const std::string& log) {
  int in[2];
  int out[2];
  if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0) give_up("no pipe");
  const pid_t parent = getpid();
  const pid_t pid = ::fork();
  if (pid < 0) give_up("no new process");
  if (pid == 0) {
    end_with_parent(parent);
    become(command, in[0], out[1], log);
  }
  close(in[0]);
  close(out[1]);
  if (write(in[1], input.data(), input.size()) != static_cast<ssize_t>(input.size()))
    give_up(command.front() + " takes no input");
  close(in[1]);
  return {pid, out[0]};
}

Child Child::fork(const std::function<void()>& work) {
  const pid_t parent = getpid();
  const pid_t pid = ::fork();
  if (pid < 0) give_up("no new process");
  if (pid == 0) {
    end_with_parent(parent);
    work();
    _exit(0);
  }
  return {pid, -1};
}

Child::Child(Child&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), output_(std::exchange(other.output_, -1)) {}

Child::~Child() {
  if (output_ >= 0) close(output_);
  if (pid_ < 0) return;
  kill(pid_, SIGTERM);
  waitpid(pid_, nullptr, 0);
}

std::string Child::read_line() {
  std::string line;
  char c = 0;
  while (read(output_, &c, 1) == 1 && c != '\n') line += c;
  return line;
}

int Child::wait() {
  int status = 0;
  waitpid(std::exchange(pid_, -1), &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

CpuTime Child::cpu() const {
  std::ifstream file("/proc/" + std::to_string(pid_) + "/stat");
  std::string text;
  std::getline(file, text);
  // The name in parentheses may hold anything; after it utime and stime are the 12th and 13th word.
  std::istringstream words(text.substr(text.rfind(')') + 1));
  std::string skipped;
  for (int i = 0; i < 11; ++i) words >> skipped;
  double user = 0;
  double system = 0;
  if (!(words >> user >> system)) give_up("a process that is measured has ended");
  const double tick_us = 1e6 / static_cast<double>(sysconf(_SC_CLK_TCK));
  return {user * tick_us, system * tick_us};
}

}  // namespace syncline::bench
