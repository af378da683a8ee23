#include "accounts/informants.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "accounts/rows.hpp"
#include "accounts/sm4.hpp"
#include "base/text.hpp"

namespace qingyuan::accounts {

namespace {

constexpr std::size_t mark_bytes = 8;
constexpr std::size_t purpose_min = 4;  ///< characters: "." is no reason
constexpr std::int64_t day_us = 24LL * 3600 * 1'000'000;

/// The matter's personal values whose subject lies in this vault.
Result<std::vector<std::pair<std::string, std::string>>> references(const Vault& vault,
                                                                    const facts::DossierRow& dossier) {
    std::vector<std::pair<std::string, std::string>> out;
    for (const auto& [field, value] : dossier.attributes) {
        const auto* ref = std::get_if<facts::SubjectRef>(&value);
        if (!ref || ref->subject.empty()) continue;
        const auto held = vault.find(ref->subject);
        if (held)
            out.emplace_back(field, ref->subject);
        else if (held.error().code != ErrorCode::record_unknown)
            return held.error();
    }
    return out;
}

}  // namespace

Result<ReporterRefs> Informants::put(const Reporter& reporter) const {
    const std::string mark = hex(TRY(random_bytes(mark_bytes)));
    const auto refs = TRY(vault_->put({{"reporter_name/" + mark, reporter.name},
                                       {"reporter_phone/" + mark, reporter.phone},
                                       {"reporter_address/" + mark, reporter.address}}));
    return ReporterRefs{refs.at(0), refs.at(1), refs.at(2)};
}

Result<bool> Informants::knows(const facts::DossierRow& dossier) const {
    return !TRY(references(*vault_, dossier)).empty();
}

/// The first matter of a person's day is free, and that same matter again; another one needs a second person.
Result<void> Informants::count(const Request& request, Instant now) const {
    const std::string key = fmt::format("revealed/{}/{}", request.subject.person, now.date().text());
    return work_->write([&](journal::Projections& rows) -> Result<void> {
        TicketRow row = TRY(rows.find<TicketRow>(key)).value_or(TicketRow{.key = key});
        if (std::ranges::find(row.values, request.dossier.id) != row.values.end()) return {};
        if (!row.values.empty() && !request.approved)
            return Error{ErrorCode::approval_missing,
                         "another informant was revealed to you today",
                         "proposal",
                         {},
                         "propose it; the head of the authority agrees",
                         "今日已查看过其他举报人信息",
                         "请先提请，由机关负责人批准"};
        row.values.push_back(request.dossier.id);
        row.until = now.us + 2 * day_us;
        return rows.put(std::move(row));
    });
}

Result<Revealed> Informants::reveal(const Request& request, const std::function<Result<void>()>& alert,
                                    Instant now) const {
    access::Object object = access::object_of(request.dossier, request.department);
    object.kind = access::Kind::informant;
    object.label = access::Label::informant;
    const access::Decision decision =
        access::decide(request.subject, access::Policy::informant_reveal, object);
    if (!decision.allowed)
        return Error{decision.refusal,
                     "only who handles this matter may see who reported it",
                     {},
                     "DAL 106",
                     "ask an officer of the matter",
                     "仅本案承办人员可查看举报人信息",
                     "请联系本案承办人员"};
    if (length_of(trim(request.purpose)) < purpose_min)
        return Error{ErrorCode::purpose_missing,
                     "say why you must know who reported",
                     "purpose",
                     "DAL 106",
                     "give the reason; it stands in the access journal",
                     "查看举报人信息须说明理由",
                     "请填写查看理由，理由将记入访问台账"};
    const auto found = TRY(references(*vault_, request.dossier));
    if (found.empty())
        return Error{
            ErrorCode::record_unknown, "nobody said who they are", "dossier", {}, {}, "举报人未留信息", {}};
    CHECK(count(request, now));
    CHECK(access_->append({facts::Fact{
        now.date(), request.subject.organisation, request.subject.person, 0,
        facts::AccessNoted{.action = "reveal",
                           .object = request.dossier.id,
                           .decision = "allowed",
                           .purpose = std::string(trim(request.purpose)),
                           .policy = std::string(access::name_of(access::Policy::informant_reveal)),
                           .grant = std::string(decision.grant),
                           .count = static_cast<std::int64_t>(found.size()),
                           .session = std::string(request.session)}}}));
    CHECK(alert());
    Revealed out{found.front().second, {}};
    for (const auto& [field, subject] : found) out.values.push_back({field, TRY(vault_->find(subject))});
    return out;
}

}  // namespace qingyuan::accounts
