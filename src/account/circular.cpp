#include "account/circular.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "facts/rows.hpp"

namespace qingyuan::account {

namespace {

constexpr std::string_view figure = "findings";
constexpr std::size_t page_members = 1000;

struct Count {
    std::vector<std::uint64_t> members;
    std::set<std::string> firms;
};
using Counts = std::map<std::string, Count>;

Result<void> count(const journal::Reader& reader, const Member& member, Counts& counts) {
    const facts::Recorded recorded = TRY(reader.fact(member.seq));
    const auto* step = std::get_if<facts::StepTaken>(&recorded.fact.payload);
    if (step == nullptr) return {};
    Count& one = counts[facts::text_of(step->form, "clause")];
    one.members.push_back(member.seq);
    const auto row = TRY(reader.view<facts::DossierRow>().find(static_cast<std::int64_t>(member.dossier)));
    if (row && !row->operator_id.empty()) one.firms.insert(row->operator_id);
    return {};
}

}  // namespace

Result<Circular> frequent_findings(const journal::Reader& reader, const Index& index, const Scope& scope,
                                   std::size_t top_max) {
    Counts counts;
    Circular out;
    MemberPage page{.limit = page_members};
    for (;;) {
        const std::vector<Member> members = TRY(index.members(figure, scope, page));
        for (const Member& member : members) CHECK(count(reader, member, counts));
        out.findings += members.size();
        if (members.size() < page_members) break;
        page.after_seq = members.back().seq;
        page.after_index = members.back().index;
    }
    for (auto& [clause, one] : counts)
        out.top.push_back({clause, one.members.size(), one.firms.size(),
                           std::vector<std::string>(one.firms.begin(), one.firms.end()),
                           std::move(one.members)});
    std::ranges::stable_sort(out.top, std::ranges::greater(), &FrequentClause::findings);
    for (std::size_t i = top_max; i < out.top.size(); ++i) out.others += out.top[i].findings;
    if (out.top.size() > top_max) out.top.resize(top_max);
    return out;
}

}  // namespace qingyuan::account
