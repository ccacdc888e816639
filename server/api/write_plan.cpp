#include "server/api/write_plan.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "server/api/problem.hpp"
#include "server/api/record_reader.hpp"
#include "syncline/base/hash.hpp"

namespace syncline::server::api {
namespace {

using base::Code;
using base::Error;

constexpr std::size_t kIdempotencyKeyMax = 128;

// An answer as bytes. A record that the mutation left as it was is not in its changes: it is read when the answer is sent.
struct Rendered {
  http::Response response;
  model::CollectionId collection = model::kNoCollection;
  base::Id record;  // to be read; nil: the response is whole
  base::Id shown;   // the record that the response shows; nil: none
};

base::Bytes encode(const Rendered& rendered) {
  OutJson headers = OutJson::array();
  for (const auto& [name, value] : rendered.response.headers)
    headers.push_back(OutJson::array({name, value}));
  const std::string text = dump(OutJson{{"status", rendered.response.status},
                                        {"headers", std::move(headers)},
                                        {"body", rendered.response.body},
                                        {"collection", rendered.collection},
                                        {"record", base::to_string(rendered.record)},
                                        {"shown", base::to_string(rendered.shown)}});
  return {text.begin(), text.end()};
}

std::optional<Rendered> decode(const base::Bytes& bytes) {
  const auto json = parse_json(base::as_text(bytes));
  if (!json.ok() || !json->is_object()) return std::nullopt;
  Rendered rendered;
  rendered.response.status = json->value("status", 500);
  for (const ParsedJson& header : (*json)["headers"]) {
    rendered.response.headers.emplace_back(header.at(0).get<std::string>(),
                                           header.at(1).get<std::string>());
  }
  rendered.response.body = json->value("body", "");
  rendered.collection = json->value("collection", model::kNoCollection);
  rendered.record = base::parse_id(json->value("record", "")).value_or(base::Id{});
  rendered.shown = base::parse_id(json->value("shown", "")).value_or(base::Id{});
  return rendered;
}

http::Response failure(const Service& service, const WritePlan& plan,
                       const model::Verdict& verdict) {
  const Code code = verdict.error.code;
  // Of a removal only its version can be malformed here: it names none that the database has had.
  const bool stale = plan.version_must_match &&
                     (verdict.outcome == model::Outcome::conflict || code == Code::malformed);
  const bool missing = plan.must_exist && code == Code::not_found;
  // The right to create was checked before: what is refused now is the id (SEMANTICS 10).
  const bool taken = plan.must_be_absent && code == Code::forbidden;
  if (stale || missing || taken) {
    return problem(
        Error(Code::precondition_failed, stale     ? "The record has changed since this version."
                                         : missing ? "There is no such record."
                                                   : "There is such a record already."));
  }
  return problem(service.domain.schema, verdict);
}

bool is_success(const model::Verdict& verdict) {
  return verdict.outcome == model::Outcome::applied || verdict.outcome == model::Outcome::merged;
}

const model::Change* find_change(const model::ChangeSet& changes,
                                 const model::Collection& collection, const base::Id& id) {
  for (const model::Change& change : changes.changes) {
    if (change.after && change.collection().id() == collection.id() && change.id() == id)
      return &change;
  }
  return nullptr;
}

OutJson visible_record(const Service& service, const mutation::Actor& actor,
                       const model::Record& record) {
  RecordView view;
  view.masked = service.domain.access.masked_fields(actor, record.collection().id());
  // Who has just handed a record over may see no more than that.
  if (!service.domain.access.may(actor, record, mutation::Right::read))
    view.selected = {model::kIdField};
  return record_to_json(record, view);
}

void put_record(const Service& service, const mutation::Actor& actor, const model::Record& record,
                http::Response& response) {
  response.body = dump(visible_record(service, actor, record));
  set_header(response, "etag", etag(record.version()));
}

Rendered record_answer(const Service& service, const mutation::Actor& actor, const WritePlan& plan,
                       const authority::SubmissionOutcome& outcome) {
  Rendered rendered;
  const bool created = plan.answer == WritePlan::Answer::created;
  rendered.response = json_answer(created ? 201 : 200, OutJson::object());
  const base::Id id = created && !outcome.records.empty() ? outcome.records.front() : plan.record;
  if (created) {
    set_header(rendered.response, "location",
               std::string(plan.collection->spec().api_path) + "/" + base::to_string(id));
  }
  rendered.collection = plan.collection->id();
  const model::Change* change = find_change(outcome.changes, *plan.collection, id);
  if (change == nullptr) {
    rendered.record = id;
  } else {
    put_record(service, actor, model::with_version(change->after, outcome.verdict.version),
               rendered.response);
    rendered.shown = id;
  }
  return rendered;
}

Rendered result_answer(const WritePlan& plan, const authority::SubmissionOutcome& outcome) {
  OutJson result = OutJson::object();
  if (plan.answer == WritePlan::Answer::results) {
    result = OutJson::array();
    for (const mutation::MutatorResult& each : outcome.results)
      result.push_back(result_to_json(each));
  } else if (!outcome.results.empty()) {
    result = result_to_json(outcome.results.front());
  }
  Rendered rendered;
  rendered.response = json_answer(
      200, OutJson{{"version", outcome.verdict.version}, {"result", std::move(result)}});
  return rendered;
}

Rendered render(const Service& service, const WritePlan& plan,
                const authority::SubmissionOutcome& outcome) {
  Rendered rendered;
  if (!is_success(outcome.verdict)) {
    rendered.response = failure(service, plan, outcome.verdict);
  } else if (plan.answer == WritePlan::Answer::removed) {
    rendered.response.status = 204;
  } else if (plan.answer == WritePlan::Answer::result ||
             plan.answer == WritePlan::Answer::results) {
    rendered = result_answer(plan, outcome);
  } else {
    rendered = record_answer(service, outcome.actor, plan, outcome);
  }
  set_header(rendered.response, "syncline-version", std::to_string(outcome.verdict.version));
  return rendered;
}

// What was shown of a record when the answer was kept, but for what its author may not see any more.
// Errors: storage_failed.
base::Status withhold(RecordReader& reader, const model::Collection& collection,
                      const mutation::Actor& actor, const Service& service, Rendered& rendered) {
  const OutJson kept = OutJson::parse(rendered.response.body, nullptr, false);
  const auto record = reader.find(collection, rendered.shown);
  OutJson visible{{"id", base::to_string(rendered.shown)}};
  if (record.ok()) {
    visible = visible_record(service, actor, *record);
  } else if (record.error().code != Code::not_found) {
    return record.error();
  }
  OutJson body = OutJson::object();
  for (const auto& field : kept.items())
    if (visible.contains(field.key())) body[field.key()] = field.value();
  rendered.response.body = dump(body);
  return {};
}

// Reads the record that the mutation left alone, or the one that a kept answer shows.
http::Response complete(const Service& service, const authority::Answer& answer,
                        Rendered rendered) {
  const mutation::Actor& actor = answer.outcome.actor;
  const bool kept = answer.replayed && !rendered.shown.is_nil();
  if (rendered.record.is_nil() && !kept) return std::move(rendered.response);
  const model::Collection* collection = service.domain.schema.find(rendered.collection);
  auto reader = RecordReader::open(service.domain, service.database, actor);
  if (!reader.ok()) return problem(reader.error());
  if (collection == nullptr)
    return problem(Error(Code::internal, "The kept answer names no collection."));
  if (kept) {
    const base::Status shown = withhold(*reader, *collection, actor, service, rendered);
    if (!shown.ok()) return problem(shown.error());
    return std::move(rendered.response);
  }
  const auto record = reader->find(*collection, rendered.record);
  if (!record.ok()) return problem(record.error());
  put_record(service, actor, *record, rendered.response);
  return std::move(rendered.response);
}

// Passwords stay out of it: the hash is kept for a day and is no safe place for them.
std::uint64_t body_hash(const Call& call, const WritePlan& plan) {
  std::string text = call.request.method + ' ' + call.request.target + '\n';
  text += std::string(call.request.header("if-match")) + '\n';
  if (!plan.password) return base::hash_bytes(base::as_bytes(text + call.request.body));
  auto body = parse_json(call.request.body);
  if (body.ok() && body->is_object()) body->erase("password");
  return base::hash_bytes(base::as_bytes(text + (body.ok() ? body->dump() : std::string())));
}

// Whose password a write brings.
base::Id user_of(const WritePlan& plan, const authority::SubmissionOutcome& outcome) {
  return outcome.records.empty() ? plan.record : outcome.records.front();
}

// Inside the transaction: an answer that is kept for a retry is true of the password too. `hash` is empty where there is none.
base::Bytes store_and_render(const Service& service, const Call& call, const WritePlan& plan,
                             const std::string& hash, const authority::SubmissionOutcome& outcome) {
  if (!hash.empty() && is_success(outcome.verdict)) {
    const base::Status stored =
        service.accounts.put_password(user_of(plan, outcome), hash, call.identity.session);
    if (!stored.ok()) {
      const std::string detail =
          "The user is saved, the password is not: " + stored.error().message;
      return encode({problem(Error(stored.error().code, detail, "password")), {}, {}, {}});
    }
  }
  return encode(render(service, plan, outcome));
}

void submit(const std::shared_ptr<const Service>& service, const CallPtr& call,
            const std::shared_ptr<const WritePlan>& plan, const std::string& hash) {
  authority::Submission submission;
  submission.actor = call->actor();
  submission.identify = [service, identity = call->identity]() -> base::Result<mutation::Actor> {
    SYNC_ASSIGN(const authority::Identity present, service->accounts.present(identity));
    return present.actor;
  };
  submission.mutations = plan->mutations;
  submission.idempotency_key = std::string(call->request.header("idempotency-key"));
  submission.body_hash = body_hash(*call, *plan);
  submission.render = [service, call, plan, hash](const authority::SubmissionOutcome& outcome) {
    return store_and_render(*service, *call, *plan, hash, outcome);
  };
  service->engine.submit(
      std::move(submission), [service, call, plan](const authority::Answer& answer) {
        std::optional<Rendered> rendered;
        if (!answer.rendered.empty()) rendered = decode(answer.rendered);
        if (!rendered) rendered = render(*service, *plan, answer.outcome);
        if (plan->password && !answer.replayed && is_success(answer.outcome.verdict))
          service->accounts.end_sessions(user_of(*plan, answer.outcome), call->identity.session);
        call->respond(complete(*service, answer, std::move(*rendered)));
      });
}

}  // namespace

void submit_write(const std::shared_ptr<const Service>& service, const CallPtr& call,
                  WritePlan given) {
  if (call->request.header("idempotency-key").size() > kIdempotencyKeyMax) {
    return call->respond(
        problem(Error(Code::malformed, "An Idempotency-Key has at most 128 characters.")));
  }
  const auto plan = std::make_shared<const WritePlan>(std::move(given));
  if (!plan->password) return submit(service, call, plan, "");
  service->accounts.hash_password(*plan->password,
                                  [service, call, plan](const base::Result<std::string>& hash) {
                                    if (!hash.ok()) return call->respond(problem(hash.error()));
                                    submit(service, call, plan, *hash);
                                  });
}

}  // namespace syncline::server::api
