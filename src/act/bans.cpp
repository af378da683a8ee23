#include "act/bans.hpp"

#include "act/links.hpp"

namespace qingyuan::act {

namespace {

/// A ban that has begun and not ended; a last day that is not there is one for life.
std::optional<Ban> ban_in(const facts::DossierRow& row, const facts::SubjectRef& person, Date on) {
    const facts::Value* identity = facts::find(row.attributes, "identity");
    const auto* banned = identity ? std::get_if<facts::SubjectRef>(identity) : nullptr;
    // The vault gives one number one subject (personal_purpose), until somebody erases it.
    if (banned == nullptr || *banned != person) return std::nullopt;
    const auto from = parse_date(facts::text_of(row.attributes, "measure_from"));
    const auto until = parse_date(facts::text_of(row.attributes, "measure_until"));
    if ((from && on < *from) || (until && *until < on)) return std::nullopt;
    return Ban{row.id, until ? std::optional(*until) : std::nullopt};
}

bool lasts_longer(const Ban& a, const std::optional<Ban>& b) {
    if (!b) return true;
    if (!b->until) return false;
    return !a.until || *b->until < *a.until;
}

}  // namespace

Result<std::optional<Ban>> ban_of(const journal::Reader& reader, const facts::SubjectRef& person, Date on) {
    using journal::Compare;
    std::optional<Ban> longest;
    CHECK(each_dossier(reader,
                       {{"procedure", Compare::equal, {std::string("joint_discipline")}},
                        {"state", Compare::equal, {std::string("in_force")}}},
                       [&](const facts::DossierRow& row) -> Result<void> {
                           const auto ban = ban_in(row, person, on);
                           if (ban && lasts_longer(*ban, longest)) longest = ban;
                           return {};
                       }));
    return longest;
}

}  // namespace qingyuan::act
