#include "server/auth/passwords.hpp"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

#include <sodium.h>

#include "server/auth/secret.hpp"

namespace syncline::server::auth {
namespace {

base::Error busy() {
  return {base::Code::unavailable, "Too many sign-ins at once. Try again in a few seconds."};
}

}  // namespace

base::Status check_password(const std::string& password) {
  const auto is_start = [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; };
  const auto length =
      static_cast<std::size_t>(std::count_if(password.begin(), password.end(), is_start));
  if (length < kPasswordLengthMin) {
    return base::Error{base::Code::out_of_range, "Use at least 10 characters.", "password"};
  }
  if (password.size() > kPasswordBytesMax) {
    return base::Error{base::Code::out_of_range, "Use at most 1,024 bytes.", "password"};
  }
  return {};
}

base::Result<std::string> hash_password(const std::string& password, PasswordCost cost) {
  prepare_crypto();
  char text[crypto_pwhash_STRBYTES];
  if (crypto_pwhash_str_alg(text, password.data(), password.size(), cost.operations,
                            cost.memory_bytes, crypto_pwhash_ALG_ARGON2ID13) != 0) {
    return base::Error{base::Code::unavailable, "Not enough memory to hash a password."};
  }
  return std::string(text);
}

bool matches_password(const std::string& stored_hash, const std::string& password) {
  prepare_crypto();
  if (password.size() > kPasswordBytesMax) return false;
  return crypto_pwhash_str_verify(stored_hash.c_str(), password.data(), password.size()) == 0;
}

struct PasswordPool::Impl {
  struct Job {
    std::function<void()> run;
    std::function<void()> drop;
  };

  explicit Impl(Options given) : options(given) {
    // What an unknown account is compared with, so that its answer takes as long.
    const auto made = hash_password("no account has this password", options.cost);
    SYNC_CHECK(made.ok(), "no memory for one password hash");
    decoy = *made;
    for (std::size_t i = 0; i < options.threads; ++i) threads.emplace_back([this] { work(); });
  }

  ~Impl() {
    {
      const std::lock_guard lock(mutex);
      stopping = true;
    }
    wake.notify_all();
    for (auto& thread : threads) thread.join();
    for (auto& job : jobs) job.drop();
  }

  void work() {
    for (;;) {
      Job job;
      {
        std::unique_lock lock(mutex);
        wake.wait(lock, [this] { return stopping || !jobs.empty(); });
        if (stopping) return;
        job = std::move(jobs.front());
        jobs.pop_front();
      }
      job.run();
    }
  }

  void add(Job job) {
    {
      const std::lock_guard lock(mutex);
      if (!stopping && jobs.size() < options.queue_max) {
        jobs.push_back(std::move(job));
        wake.notify_one();
        return;
      }
    }
    job.drop();
  }

  Options options;
  std::string decoy;
  std::mutex mutex;
  std::condition_variable wake;
  std::deque<Job> jobs;
  bool stopping = false;
  std::vector<std::thread> threads;
};

PasswordPool::PasswordPool(Options options) : impl_(std::make_unique<Impl>(options)) {}
PasswordPool::~PasswordPool() = default;

void PasswordPool::hash(std::string password, std::function<void(base::Result<std::string>)> done) {
  const PasswordCost cost = impl_->options.cost;
  impl_->add({[password = std::move(password), cost, done] { done(hash_password(password, cost)); },
              [done] { done(busy()); }});
}

void PasswordPool::verify(std::string stored_hash, std::string password,
                          std::function<void(base::Result<bool>)> done) {
  const bool known = !stored_hash.empty();
  if (!known) stored_hash = impl_->decoy;
  impl_->add({[stored_hash = std::move(stored_hash), password = std::move(password), known, done] {
                const bool matches = matches_password(stored_hash, password);
                done(known && matches);
              },
              [done] { done(busy()); }});
}

}  // namespace syncline::server::auth
