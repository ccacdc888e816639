#include <string>

#include "domain/crm/deal_stages.hpp"
#include "domain/crm/lead_sources.hpp"
#include "domain/crm/module.hpp"
#include "domain/crm/task_categories.hpp"
#include "domain/declare.hpp"

namespace syncline::domain::crm {
namespace {

struct Entry {
  std::string_view key;  // never change it: the record's id derives from it
  std::string_view name;
  std::string_view color;
};

struct Stage {
  Entry entry;
  std::int64_t probability;
  std::int64_t kind;
};

constexpr Entry kSources[] = {
    {"website", "Website", "#2563eb"},
    {"referral", "Referral", "#16a34a"},
    {"cold-call", "Cold call", "#d97706"},
    {"trade-fair", "Trade fair", "#9333ea"},
    {"advertisement", "Advertisement", "#db2777"},
};

constexpr Stage kStages[] = {
    {{"discovery", "Discovery", "#64748b"}, 10, DealStage::kOpen},
    {{"qualified", "Qualified", "#0891b2"}, 25, DealStage::kOpen},
    {{"proposal", "Proposal", "#2563eb"}, 50, DealStage::kOpen},
    {{"negotiation", "Negotiation", "#7c3aed"}, 75, DealStage::kOpen},
    {{"won", "Won", "#16a34a"}, 100, DealStage::kWon},
    {{"lost", "Lost", "#dc2626"}, 0, DealStage::kLost},
};

constexpr Entry kCategories[] = {
    {"call", "Call", "#2563eb"},           {"email", "E-mail", "#0891b2"},
    {"meeting", "Meeting", "#9333ea"},     {"follow-up", "Follow-up", "#d97706"},
    {"paperwork", "Paperwork", "#64748b"},
};

// Apart enough for others in between.
constexpr std::int64_t kPositionStep = 1'000'000;

model::Mutation insertion(std::string_view collection, const Entry& entry, Patch fields) {
  model::Mutation mutation;
  mutation.name = std::string(collection) + ".insert";
  fields.push_back(
      assign(model::kIdField, base::make_id_from_key(collection, base::as_bytes(entry.key))));
  mutation.arguments = model::Arguments(std::move(fields));
  return mutation;
}

}  // namespace

std::vector<model::Mutation> reference_data() {
  std::vector<model::Mutation> all;
  std::int64_t position = 0;
  for (const Entry& entry : kSources) {
    all.push_back(
        insertion("crm.lead_sources", entry,
                  {assign(LeadSource::name, entry.name), assign(LeadSource::color, entry.color),
                   assign(LeadSource::position, position += kPositionStep)}));
  }
  position = 0;
  for (const Stage& stage : kStages) {
    all.push_back(insertion(
        "crm.deal_stages", stage.entry,
        {assign(DealStage::name, stage.entry.name), assign(DealStage::color, stage.entry.color),
         assign(DealStage::probability, stage.probability), assign(DealStage::kind, stage.kind),
         assign(DealStage::position, position += kPositionStep)}));
  }
  position = 0;
  for (const Entry& entry : kCategories) {
    all.push_back(
        insertion("crm.task_categories", entry,
                  {assign(TaskCategory::name, entry.name), assign(TaskCategory::color, entry.color),
                   assign(TaskCategory::position, position += kPositionStep)}));
  }
  return all;
}

}  // namespace syncline::domain::crm
