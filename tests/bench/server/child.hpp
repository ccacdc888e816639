// A process that is measured from outside.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace syncline::bench {

struct CpuTime {
  double user_us = 0;
  double system_us = 0;
};

class Child {
 public:
  // Standard output can be read line by line, standard error goes to `log`.
  static Child run(const std::vector<std::string>& command, const std::string& input,
                   const std::string& log);
  // Another copy of this process that only does this.
  static Child fork(const std::function<void()>& work);
  Child(Child&& other) noexcept;
  Child& operator=(Child&&) = delete;
  ~Child();  // SIGTERM, and waits

  [[nodiscard]] std::string read_line();
  // The exit code of one that ends by itself.
  int wait();
  // What all its threads have used so far.
  [[nodiscard]] CpuTime cpu() const;

 private:
  Child(pid_t pid, int output) : pid_(pid), output_(output) {}
  pid_t pid_ = -1;
  int output_ = -1;
};

}  // namespace syncline::bench
