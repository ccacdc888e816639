#include "syncline/authority/authority.hpp"

#include <utility>

#include "syncline/authority/impl.hpp"

namespace syncline::authority {

Core::Core(const mutation::Domain& domain_, Storage& storage_, Authenticate authenticate_,
           Options options_)
    : domain(domain_),
      storage(storage_),
      authenticate(std::move(authenticate_)),
      options(options_),
      random(options_.seed) {}

Authority::Authority(const mutation::Domain& domain, Storage& storage, Authenticate authenticate,
                     Options options)
    : impl_(std::make_unique<Impl>(domain, storage, std::move(authenticate), options)) {}

Authority::~Authority() = default;

void Authority::open(SessionId session, base::Timestamp now) { impl_->open(session, now); }

void Authority::receive(SessionId session, base::ByteView frame, base::Timestamp now) {
  impl_->receive(session, frame, now);
}

void Authority::close(SessionId session) { impl_->close(session); }

void Authority::sent(SessionId session, std::size_t bytes) { impl_->sent(session, bytes); }

void Authority::submit(Ticket ticket, Submission submission) {
  impl_->works.emplace_back(Core::SubmitWork{ticket, std::move(submission)});
}

void Authority::set_actor(const base::Id& user, const base::Id& login,
                          std::optional<mutation::Actor> actor) {
  impl_->set_actor(user, login, actor);
}

void Authority::on_applied(std::function<void(const LogEntry&)> observer) {
  impl_->observer = std::move(observer);
}

void Authority::on_undone(std::function<void(const LogEntry&)> observer) {
  impl_->undone = std::move(observer);
}

bool Authority::turn(base::Timestamp now) {
  impl_->now = now;
  impl_->expire(now);
  if (!impl_->works.empty()) impl_->run_batch();
  impl_->flush();
  return !impl_->works.empty() || !impl_->touched.empty();
}

std::optional<Output> Authority::poll() {
  if (impl_->outputs.empty()) return std::nullopt;
  Output output = std::move(impl_->outputs.front());
  impl_->outputs.pop_front();
  return output;
}

std::optional<base::Timestamp> Authority::next_timeout() const {
  if (!impl_->works.empty() || !impl_->touched.empty()) return impl_->now;
  if (impl_->deadlines.empty()) return std::nullopt;
  return base::Timestamp{impl_->deadlines.begin()->first};
}

std::vector<RunningQuery> Authority::running(std::size_t most) const {
  return impl_->running(most);
}

base::Result<std::optional<RunningQuery>> Authority::running(const mutation::Actor& actor,
                                                             const query::Query& asked) const {
  SYNC_ASSIGN(const Core::Identified wanted, impl_->identify(actor, asked));
  const auto found = impl_->groups.find(wanted.key);
  if (found == impl_->groups.end()) return std::optional<RunningQuery>();
  return std::optional(impl_->describe(*found->second));
}

std::size_t Authority::unjudged(SessionId session) const {
  const Session* const found = impl_->find(session);
  return found == nullptr ? 0 : found->waiting_mutations;
}

const Statistics& Authority::statistics() const { return impl_->statistics; }

}  // namespace syncline::authority
