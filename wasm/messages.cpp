#include "wasm/messages.hpp"

namespace syncline::wasm {

using protocol::SpanWriter;

namespace {

void kind(SpanWriter& out, Message message) { out(static_cast<std::uint8_t>(message)); }

void write(SpanWriter& out, const client::Connect&) { kind(out, Message::connect); }
void write(SpanWriter& out, const client::Disconnect& effect) {
  kind(out, Message::disconnect);
  out(effect.reason);
}
void write(SpanWriter& out, const client::SendFrame& effect) {
  kind(out, Message::send);
  out.raw(effect.frame.data(), effect.frame.size());
}
void write(SpanWriter& out, const client::StoreMutation& effect) {
  kind(out, Message::store_mutation);
  out(effect.id, effect.mutation);
}
void write(SpanWriter& out, const client::ForgetMutation& effect) {
  kind(out, Message::forget_mutation);
  out(effect.id);
}
void write(SpanWriter& out, const client::TokenWanted& effect) {
  kind(out, Message::token_wanted);
  out(effect.error);
}
void write(SpanWriter& out, const client::ReloadWanted& effect) {
  kind(out, Message::reload_wanted);
  out(effect.error);
}
void write(SpanWriter& out, const client::ConnectionChanged& effect) {
  kind(out, Message::connection_changed);
  out(static_cast<std::uint8_t>(effect.state), effect.attempt, effect.retry_at);
}
void write(SpanWriter& out, const client::PendingChanged& effect) {
  kind(out, Message::pending_changed);
  out(effect.count);
}
void write(SpanWriter& out, const client::Settled& effect) {
  kind(out, Message::settled);
  out(effect.id, effect.mutator, effect.verdict);
}

void write(SpanWriter& out, const client::HistoryChanged& effect) {
  kind(out, Message::history_changed);
  out(effect.undoable, effect.redoable);
}

void write(SpanWriter& out, const client::DraftChanged& effect) {
  kind(out, Message::draft_changed);
  out(effect.id, effect.draft.deleted);
  out.count(effect.draft.fields.size());
  for (const client::DraftField& edit : effect.draft.fields)
    out(edit.field, edit.mine, edit.error, edit.conflict, edit.base, edit.theirs, edit.at,
        edit.judged, edit.version);
}

}  // namespace

void write_effect(SpanWriter& out, const client::Effect& effect) {
  std::visit([&out](const auto& alternative) { write(out, alternative); }, effect);
}

void write_update(SpanWriter& out, const client::ViewUpdate& update) {
  kind(out, Message::view_update);
  const bool failed = update.status == client::QueryStatus::failed;
  out(update.query, static_cast<std::uint8_t>(update.status),
      failed ? update.error : base::Error(base::Code::ok, ""));
  out.count(update.edits.size());
  for (const ivm::ViewEdit& edit : update.edits)
    out(static_cast<std::uint8_t>(edit.kind), edit.position);
  out(update.related_changed, update.groups_changed, update.rows);
}

}  // namespace syncline::wasm
