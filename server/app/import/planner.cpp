#include "server/app/import/planner.hpp"

#include <algorithm>
#include <utility>

#include "syncline/model/validate.hpp"

namespace syncline::server::app::import {
namespace {

using Generic = mutation::MutatorSpec::Generic;

model::FieldWrite assignment(model::FieldId field, model::Value value) {
  model::FieldWrite write;
  write.field = field;
  write.value = std::move(value);
  return write;
}

std::string quoted(std::string_view text) { return "\"" + std::string(text) + "\""; }

void refuse(RowReport& report, base::Error why) {
  if (report.outcome == Outcome::refused) {  // one more complaint about the same row
    report.error.fields.insert(report.error.fields.end(), why.fields.begin(), why.fields.end());
    return;
  }
  report.outcome = Outcome::refused;
  report.error = std::move(why);
}

// The text as this field's value. Errors: why it does not fit.
base::Result<model::Value> to_value(const FieldRule& rule, const model::FieldSpec& field,
                                    std::string text) {
  const auto misfit = [&](const std::string& why) {
    return base::Error{base::Code::invalid, quoted(text) + " does not fit: " + why,
                       std::string(rule.field->name)};
  };
  if (!model::is_valid_utf8(text)) return misfit("these bytes are no UTF-8.");
  if (rule.date) {
    const auto iso = rule.date->to_iso(text, field.type);
    if (!iso) return misfit("no date of the form " + rule.date->pattern() + ".");
    text = *iso;
  }
  if (rule.number) {
    const auto plain = to_plain_number(text, *rule.number, field);
    if (!plain) return misfit("no such number.");
    text = *plain;
  }
  base::Result<model::Value> value = model::parse_value(field, text);
  if (!value.ok()) return misfit(value.error().message);
  return value;
}

}  // namespace

Planner::Planner(const mutation::Domain& domain, const Step& step, KnownRows& known, NewId new_id)
    : domain_(domain), step_(step), known_(known), new_id_(std::move(new_id)) {
  const auto key = std::find_if(step.fields.begin(), step.fields.end(),
                                [&step](const FieldRule& rule) { return rule.field == step.key; });
  SYNC_CHECK(key != step.fields.end(), "a mapping's key is one of its fields");
  key_rule_ = static_cast<std::size_t>(key - step.fields.begin());
}

base::Status Planner::set_header(const CsvTable& table) {
  header_ = table.header;
  std::string missing;
  for (const std::string& column : step_.columns()) {
    const std::size_t index = table.column(column);
    if (index == header_.size()) missing += (missing.empty() ? "" : ", ") + column;
    columns_[column] = index;
  }
  if (missing.empty()) return {};
  return base::Error{base::Code::malformed, "The file has no column " + missing + "."};
}

Planner::Cells Planner::read_cells(const CsvRow& row, RowReport& report) const {
  Cells cells{row.cells};
  for (std::size_t i = 0; i < cells.texts.size(); ++i) {
    std::string& text = cells.texts[i];
    if (step_.nulls.count(text) > 0) text.clear();
    const auto words = step_.corrections.find(header_[i]);
    if (words == step_.corrections.end()) continue;
    const auto word = words->second.find(text);
    if (word == words->second.end()) continue;
    report.warnings.push_back(
        {header_[i], quoted(text) + " was taken as " + quoted(word->second) + "."});
    text = word->second;
  }
  return cells;
}

base::Result<PreparedRow> Planner::prepare(const CsvRow& row) {
  PreparedRow prepared;
  prepared.report.line = row.line;
  if (row.cells.size() != header_.size()) {
    refuse(prepared.report,
           {base::Code::malformed, "The row has " + std::to_string(row.cells.size()) +
                                       " cells where the header has " +
                                       std::to_string(header_.size()) + "."});
    return prepared;
  }
  const Cells cells = read_cells(row, prepared.report);
  prepared.texts.resize(step_.fields.size());
  prepared.values.resize(step_.fields.size());
  for (std::size_t i = 0; i < step_.fields.size(); ++i) {
    SYNC_TRY(prepare_field(i, cells, prepared));
  }
  prepared.report.key = prepared.texts[key_rule_];
  const model::Value& key = prepared.values[key_rule_];
  if (key.is_null() && prepared.report.outcome != Outcome::refused) {
    refuse(prepared.report,
           {base::Code::required, "The row has no key.", std::string(step_.key->name)});
  }
  if (key.is_null()) return prepared;
  prepared.repeated =
      step_.distinct && !keys_seen_.insert(model::format_value(*step_.key, key)).second;
  if (!prepared.repeated) known_.want(*step_.collection, *step_.key, key);
  return prepared;
}

base::Status Planner::prepare_field(std::size_t index, const Cells& cells, PreparedRow& row) {
  const FieldRule& rule = step_.fields[index];
  std::string text = rule.text.render([&](const std::string& column) -> std::string_view {
    return cells.texts[columns_.find(column)->second];
  });
  const std::string field(rule.field->name);
  if (text.empty()) {
    return give_up(rule, rule.on_empty, {base::Code::required, "Empty in the file", field},
                   row.report);
  }
  row.texts[index] = text;
  if (rule.values) {
    const auto word = rule.values->find(text);
    if (word == rule.values->end()) {
      return give_up(rule, rule.on_misfit,
                     {base::Code::invalid, quoted(text) + " is none of the known values", field},
                     row.report);
    }
    text = word->second;
    if (text.empty()) return {};
  }
  const model::FieldSpec& spec = rule.lookup ? *rule.lookup->by : *rule.field;
  base::Result<model::Value> value = to_value(rule, spec, std::move(text));
  if (!value.ok()) return give_up(rule, rule.on_misfit, value.error(), row.report);
  row.values[index] = std::move(value).value();
  const bool is_wanted = rule.lookup && !row.values[index].is_null();
  if (is_wanted) known_.want(*rule.lookup->target, spec, row.values[index]);
  return {};
}

base::Status Planner::give_up(const FieldRule& rule, Otherwise otherwise, base::Error why,
                              RowReport& report) const {
  const std::string field(rule.field->name);
  switch (otherwise) {
    case Otherwise::null: return {};
    case Otherwise::warn: {
      std::string message = std::move(why.message);
      if (message.back() == '.') message.pop_back();
      report.warnings.push_back({field, message + "; left empty."});
      return {};
    }
    case Otherwise::skip: refuse(report, std::move(why)); return {};
    case Otherwise::fail:
      return base::Error{why.code,
                         "line " + std::to_string(report.line) + ", " + field + ": " + why.message};
  }
  SYNC_CHECK(false, "one of four");
}

base::Result<std::vector<PlannedWrite>> Planner::plan(PreparedRow row) {
  SYNC_CHECK(!row.repeated, "a repeated row has nothing to be planned");
  std::vector<PlannedWrite> writes;
  if (row.report.outcome != Outcome::refused) {
    for (std::size_t i = 0; i < step_.fields.size(); ++i) {
      if (step_.fields[i].lookup && !row.values[i].is_null()) SYNC_TRY(look_up(i, row, writes));
    }
  }
  writes.push_back(plan_record(row));
  for (const PlannedWrite& write : writes) {
    if (write.planned) known_.put(write.planned);
  }
  return writes;
}

base::Status Planner::look_up(std::size_t index, PreparedRow& row,
                              std::vector<PlannedWrite>& writes) {
  const FieldRule& rule = step_.fields[index];
  const Lookup& lookup = *rule.lookup;
  const std::vector<model::Record> found =
      known_.find(*lookup.target, *lookup.by, row.values[index]);
  if (found.size() == 1) {
    row.values[index] = found.front().id();
    return {};
  }
  if (found.empty() && lookup.create) {
    writes.push_back(create_missing(lookup, row.values[index], row));
    row.values[index] = writes.back().planned.id();
    return {};
  }
  row.values[index] = {};
  const std::string what = std::string(lookup.target->name()) + " whose " +
                           std::string(lookup.by->name) + " is " + quoted(row.texts[index]);
  return give_up(
      rule, rule.on_misfit,
      {base::Code::bad_reference, (found.empty() ? "There are no " : "There are several ") + what,
       std::string(rule.field->name)},
      row.report);
}

PlannedWrite Planner::create_missing(const Lookup& lookup, const model::Value& value,
                                     const PreparedRow& row) {
  RowReport report;
  report.line = row.report.line;
  report.key = model::format_value(*lookup.by, value);
  report.created_in = std::string(lookup.target->name());
  model::Patch fields = lookup.constants;
  fields.push_back(assignment(lookup.by->id, value));
  PlannedWrite write = insert(*lookup.target, fields, std::move(report));
  known_.put(write.planned);  // two fields of one row may look for the same
  return write;
}

PlannedWrite Planner::plan_record(PreparedRow& row) {
  PlannedWrite refused;
  if (row.report.outcome != Outcome::refused) {
    const auto found = known_.find(*step_.collection, *step_.key, row.values[key_rule_]);
    model::Patch fields;
    for (std::size_t i = 0; i < step_.fields.size(); ++i) {
      const model::FieldId field = step_.fields[i].field->id;
      // What a new record would get, so that importing again finds nothing to change.
      const model::Value& fallback = step_.collection->field(field).default_value;
      fields.push_back(assignment(field, row.values[i].is_null() ? fallback : row.values[i]));
    }
    if (found.empty()) return insert(*step_.collection, fields, std::move(row.report));
    if (found.size() == 1) {
      std::erase_if(fields,
                    [this](const model::FieldWrite& field) { return is_kept(field.field); });
      return update(found.front(), fields, std::move(row.report));
    }
    refuse(row.report, {base::Code::not_unique, "Several records have this key.",
                        std::string(step_.key->name)});
  }
  refused.report = std::move(row.report);
  return refused;
}

bool Planner::is_kept(model::FieldId field) const {
  return std::any_of(step_.fields.begin(), step_.fields.end(), [field](const FieldRule& rule) {
    return rule.field->id == field && rule.keep;
  });
}

PlannedWrite Planner::insert(const model::Collection& collection, const model::Patch& fields,
                             RowReport report) {
  PlannedWrite write;
  write.report = std::move(report);
  write.report.outcome = Outcome::inserted;
  write.report.id = new_id_();
  write.mutation.name = domain_.registry.find_generic(collection.id(), Generic::insert)->name;
  model::RecordBuilder draft(collection, write.report.id);
  for (const model::Field& field : collection.fields()) {
    if (!field.default_value.is_null()) draft.set(field.spec.id, field.default_value);
  }
  write.mutation.arguments.set(model::kIdField, write.report.id);
  for (const model::FieldWrite& field : fields) {
    if (field.value.is_null()) continue;
    write.mutation.arguments.set(field.field, field.value);
    draft.set(field.field, field.value);
  }
  write.planned = draft.build();
  return write;
}

PlannedWrite Planner::update(const model::Record& before, const model::Patch& fields,
                             RowReport report) {
  PlannedWrite write;
  write.report = std::move(report);
  write.report.id = before.id();
  write.before = before;
  write.planned = before;
  model::RecordBuilder draft(before);
  for (const model::FieldWrite& field : fields) {
    if (before.get(field.field) == field.value) continue;
    write.mutation.arguments.set(field.field, field.value);
    draft.set(field.field, field.value);
  }
  write.report.outcome = Outcome::unchanged;
  if (write.mutation.arguments.writes().empty()) return write;
  write.report.outcome = Outcome::updated;
  write.mutation.name =
      domain_.registry.find_generic(before.collection().id(), Generic::update)->name;
  write.mutation.arguments.set(model::kIdField, before.id());
  write.planned = draft.build();
  return write;
}

}  // namespace syncline::server::app::import
