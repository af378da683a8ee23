#include "account/figures.hpp"

#include <algorithm>
#include <bit>
#include <limits>
#include <map>
#include <tuple>
#include <unordered_map>

#include <fmt/format.h>
#include <roaring/roaring.hh>

#include "account/postings.hpp"
#include "base/merkle.hpp"
#include "journal/view.hpp"
#include "registry/registry.hpp"

namespace qingyuan::account {

namespace {

/// Computed sets are kept up to this many bytes; then all are dropped.
constexpr std::size_t kept_bytes_max = std::size_t{128} << 20;
constexpr std::size_t all = std::numeric_limits<std::size_t>::max();

/// A set of dense numbers that is asked and filled faster than a compressed one.
class Bits {
 public:
    explicit Bits(std::size_t size) : words_((size + 63) / 64) {}
    void add(Number number) { words_[number >> 6] |= std::uint64_t{1} << (number & 63); }
    [[nodiscard]] bool has(Number number) const { return (words_[number >> 6] >> (number & 63) & 1) != 0; }
    [[nodiscard]] std::vector<Number> numbers() const {
        std::vector<Number> out;
        for (std::size_t i = 0; i < words_.size(); ++i)
            for (std::uint64_t word = words_[i]; word != 0; word &= word - 1)
                out.push_back(static_cast<Number>(i * 64 + static_cast<std::size_t>(std::countr_zero(word))));
        return out;
    }

 private:
    std::vector<std::uint64_t> words_;
};

/// From numbers in any order, below `universe`; 0 stands for nothing and is left out. Many are sorted through
/// bits.
Roaring set_of(std::vector<Number> numbers, std::size_t universe) {
    constexpr std::size_t sparse = 256;
    if (numbers.size() < universe / sparse) {
        std::sort(numbers.begin(), numbers.end());
    } else {
        Bits bits(universe);
        for (const Number number : numbers) bits.add(number);
        numbers = bits.numbers();
    }
    Roaring out(numbers.size(), numbers.data());
    out.remove(0);
    return out;
}

bool is_alike(const law::Statistic& a, const law::Statistic& b) {
    return a.measures == b.measures && a.where == b.where && a.by == b.by &&
           a.operator_field == b.operator_field && a.operation == b.operation && a.operands == b.operands;
}

/// The versions of an organisation as the registry keeps them: a later `from` is added, the same replaces.
void add_version(facts::OrganisationRow& row, const facts::OrganisationRecorded& recorded) {
    row.id = recorded.id;
    const auto at = std::lower_bound(row.versions.begin(), row.versions.end(), recorded.from,
                                     [](const auto& each, Date from) { return each.from < from; });
    if (at != row.versions.end() && at->from == recorded.from)
        *at = recorded;
    else
        row.versions.insert(at, recorded);
    row.parent = row.versions.back().parent;
}

}  // namespace

std::optional<Rational> FigureValue::quotient() const {
    if (!denominator) return value;
    if (*denominator == Rational(0)) return std::nullopt;
    return value / *denominator;
}

std::string Member::line() const {
    if (seq == 0) return record_id;
    return index ? fmt::format("{}/{}\t{}", seq, *index, record_id) : fmt::format("{}\t{}", seq, record_id);
}

struct Index::State {
    using Set = std::shared_ptr<const Roaring>;
    using Flags = std::shared_ptr<const std::vector<std::uint8_t>>;

    explicit State(law::Statistics of) : statistics(std::move(of)), postings(statistics) {
        const auto figures = statistics.all();
        made_of.resize(figures.size(), std::vector<std::uint8_t>(figures.size()));
        for (std::size_t i = 0; i < figures.size(); ++i) depend(i, figures[i]);
        for (const law::Statistic& figure : figures)
            alike.push_back(static_cast<std::size_t>(
                std::find_if(figures.begin(), figures.end(),
                             [&](const auto& other) { return is_alike(figure, other); }) -
                figures.begin()));
    }

    /// Everything a set is computed for, with the organisations already worked out.
    struct Question {
        Flags organisations;
        const Period* period;
        Number as_of;
        std::string key = {};  ///< the organisations and `span`
    };

    law::Statistics statistics;
    Postings postings;

    // Derived while answering; dropped when facts arrive.
    struct Tree {
        std::size_t facts = 0;
        std::map<std::string, facts::OrganisationRow, std::less<>> rows;
        std::optional<registry::OrganisationTree> tree;
    };
    mutable std::optional<Tree> tree;
    mutable std::unordered_map<std::string, Flags> flags;
    struct Kept {
        std::size_t statistic;
        std::int32_t last_month;
        Flags organisations;
        Set set;
        std::optional<Digest> root = {};  ///< over the lines of the members
    };
    mutable std::unordered_map<std::string, Kept> sets;
    mutable std::size_t kept_bytes = 0;
    std::size_t settled_organisations = 0;
    /// What one primitive set has in one month at one organisation, for the figures that differ only in their
    /// window.
    struct Monthly {
        Postings::Extent extent;
        std::uint64_t voids = 0;
        Set set;
    };
    mutable std::map<std::tuple<std::size_t, Number, std::int32_t>, Monthly> monthly;
    std::vector<std::size_t> alike;  // statistic → the first one with the same members in any one month
    std::vector<std::vector<std::uint8_t>> made_of;  // statistic → the statistics its members come from

    /// Drops what the facts applied since may have changed.
    void settle();
    void depend(std::size_t on, const law::Statistic& statistic);

    [[nodiscard]] Number as_of(std::uint64_t asked) const {
        return asked == 0 || asked > postings.applied() ? postings.applied() : static_cast<Number>(asked);
    }
    [[nodiscard]] const Tree& organisations(Number as_of) const;
    [[nodiscard]] std::string place(const Tree& in, std::string_view organisation, Date on) const;
    [[nodiscard]] Result<Flags> included(std::string_view organisation, bool own_only, Date on,
                                         Number as_of) const;
    [[nodiscard]] Result<Question> question(const Scope& scope) const;
    [[nodiscard]] Result<const law::Statistic*> derived_set(std::string_view figure, Date on) const;

    [[nodiscard]] Selection selection(const law::Statistic& statistic, const Question& question) const;
    [[nodiscard]] std::size_t universe(law::MemberKind kind) const {
        return kind == law::MemberKind::operator_id ? postings.operators().size()
                                                    : std::size_t{postings.applied()} + 1;
    }
    void project(std::vector<Number>& seqs, const law::Statistic& statistic, Number as_of) const;
    [[nodiscard]] Roaring in_dossiers(const Roaring& members, const Roaring& of) const;
    [[nodiscard]] Set month_set(const law::Statistic& statistic, Number organisation,
                                std::int32_t month) const;
    [[nodiscard]] Roaring gathered(const law::Statistic& statistic, const Question& question) const;
    [[nodiscard]] Roaring primitive(const law::Statistic& statistic, const Question& question) const;
    [[nodiscard]] std::string key_of(const law::Statistic& statistic, const Question& question) const;
    [[nodiscard]] Set set(const law::Statistic& statistic, const Question& question) const;
    [[nodiscard]] Roaring computed(const law::Statistic& statistic, const Question& question) const;
    [[nodiscard]] Roaring combined(const law::Statistic& statistic, const Question& question) const;
    [[nodiscard]] std::uint64_t count(const law::Statistic& statistic, const Question& question) const;
    [[nodiscard]] Rational folded(const law::Statistic& statistic, const Question& question) const;
    [[nodiscard]] Result<FigureValue> reported(const law::Statistic& statistic, const Scope& scope) const;
    /// The statistic whose members a figure shows: for a ratio, that of its numerator.
    [[nodiscard]] Result<const law::Statistic*> shown(std::string_view figure, Date on) const;
    [[nodiscard]] std::vector<Member> page_of(const law::Statistic& statistic, const Question& question,
                                              const MemberPage& page) const;
    [[nodiscard]] std::vector<Member> facts_page(const law::Statistic& statistic, const Question& question,
                                                 const MemberPage& page) const;
    [[nodiscard]] std::vector<Member> operators_page(const law::Statistic& statistic,
                                                     const Question& question, const MemberPage& page) const;
};

/// Marks everything a figure is made of, in any of its dated definitions.
void Index::State::depend(std::size_t on, const law::Statistic& statistic) {
    const auto figures = statistics.all();
    for (std::size_t i = 0; i < figures.size(); ++i) {
        const bool is_part = figures[i].id == statistic.id ||
                             std::find(statistic.operands.begin(), statistic.operands.end(), figures[i].id) !=
                                 statistic.operands.end();
        if (!is_part || made_of[on][i] != 0) continue;
        made_of[on][i] = 1;
        depend(on, figures[i]);
    }
}

void Index::State::settle() {
    const Postings::Touched& touched = postings.touched();
    const std::size_t organisations_known = postings.organisation_facts().size();
    if (touched.voids || organisations_known != settled_organisations) sets.clear();
    settled_organisations = organisations_known;
    std::erase_if(sets, [&](const auto& each) {
        const Kept& kept = each.second;
        if (kept.last_month < touched.first_month) return false;
        bool is_touched = false;
        for (std::size_t i = 0; i < touched.organisations.size(); ++i)
            is_touched = is_touched || (touched.organisations[i] != 0 &&
                                        (i >= kept.organisations->size() || (*kept.organisations)[i] != 0));
        const std::vector<std::uint8_t>& parts = made_of[kept.statistic];
        for (std::size_t i = 0; is_touched && i < parts.size(); ++i)
            if (parts[i] != 0 && touched.patterns[i] != 0) return true;
        return false;
    });
    if (sets.empty()) kept_bytes = 0;
    postings.take_down_marks();
}

// --- organisations

const Index::State::Tree& Index::State::organisations(Number as_of) const {
    const auto& facts = postings.organisation_facts();
    const auto known = static_cast<std::size_t>(
        std::upper_bound(facts.begin(), facts.end(), as_of,
                         [](Number number, const OrganisationFact& each) { return number < each.seq; }) -
        facts.begin());
    if (tree && tree->facts == known) return *tree;
    Tree made;
    made.facts = known;
    for (std::size_t i = 0; i < known; ++i) {
        if (facts[i].recorded) add_version(made.rows[facts[i].recorded->id], *facts[i].recorded);
        if (facts[i].ended && made.rows.contains(facts[i].ended->id)) {
            facts::OrganisationRow& row = made.rows[facts[i].ended->id];
            row.ended_on = facts[i].ended->to;
            row.successor = facts[i].ended->successor;
        }
    }
    std::vector<facts::OrganisationRow> rows;
    for (const auto& [id, row] : made.rows) rows.push_back(row);
    made.tree.emplace(rows);
    flags.clear();
    tree = std::move(made);
    return *tree;
}

/// Where an organisation's facts stand on a day: itself, or the one it ended in, or its last parent. Empty:
/// nowhere.
std::string Index::State::place(const Tree& in, std::string_view organisation, Date on) const {
    std::string at(organisation);
    for (int depth = 0; depth < registry::tree_depth_max && !at.empty(); ++depth) {
        if (in.tree->find(at, on) != nullptr) return at;
        const auto row = in.rows.find(at);
        if (row == in.rows.end() || row->second.versions.empty()) return {};
        const bool has_ended = row->second.ended_on != Date{} && row->second.ended_on < on;
        at = has_ended && !row->second.successor.empty() ? row->second.successor
                                                         : row->second.versions.front().parent;
        if (has_ended && row->second.successor.empty()) at = row->second.versions.back().parent;
    }
    return {};
}

Result<Index::State::Flags> Index::State::included(std::string_view organisation, bool own_only, Date on,
                                                   Number as_of) const {
    const Tree& in = organisations(as_of);
    if (in.tree->find(organisation, on) == nullptr)
        return Error{ErrorCode::organisation_unknown,
                     fmt::format("there is no organisation '{}' on {}", organisation, on.text()),
                     std::string(organisation)};
    const std::string key = fmt::format("{}/{}/{}", organisation, own_only, on.days);
    const auto found = flags.find(key);
    if (found != flags.end() && found->second->size() == postings.organisations().size())
        return found->second;
    auto made = std::make_shared<std::vector<std::uint8_t>>(postings.organisations().size());
    for (Number number = 1; number < postings.organisations().size(); ++number) {
        const std::string at = place(in, postings.organisations().text(number), on);
        if (at.empty()) continue;
        (*made)[number] = own_only ? at == organisation : in.tree->is_under(at, organisation, on);
    }
    flags[key] = made;
    return Flags(made);
}

Result<Index::State::Question> Index::State::question(const Scope& scope) const {
    Question out;
    out.as_of = as_of(scope.as_of);
    out.period = &scope.period;
    out.organisations = TRY(included(scope.organisation, scope.own_only, scope.period.to, out.as_of));
    const std::string until =
        out.as_of == postings.applied() ? std::string("now") : std::to_string(out.as_of);
    out.key = fmt::format("{}/{}/{}/{}/{}", scope.organisation, scope.own_only, scope.period.from.days,
                          scope.period.to.days, until);
    return out;
}

// --- sets

Selection Index::State::selection(const law::Statistic& statistic, const Question& question) const {
    Selection out;
    out.pattern = static_cast<std::size_t>(&statistic - statistics.all().data());
    out.from = statistic.window == law::Window::within ? question.period->from : Date::never_before();
    out.to = statistic.window == law::Window::before_start ? question.period->from - 1 : question.period->to;
    out.as_of = question.as_of;
    out.organisations = question.organisations.get();
    return out;
}

/// What each fact stands for, in its place; 0 where there is nothing, or what it stands for is itself void.
void Index::State::project(std::vector<Number>& seqs, const law::Statistic& statistic, Number as_of) const {
    // One plain loop for each kind: the look-ups of many facts then run side by side.
    switch (statistic.by) {
        case law::MemberKind::fact:
        case law::MemberKind::row: break;
        case law::MemberKind::dossier:
            for (Number& seq : seqs) seq = postings.opened(postings.dossier(seq));
            break;
        case law::MemberKind::operator_id:
            if (statistic.operator_field.empty())
                for (Number& seq : seqs) seq = postings.operator_of(postings.dossier(seq));
            else
                for (Number& seq : seqs) seq = postings.operator_in(seq, statistic.operator_field);
            break;
        case law::MemberKind::source:
            for (Number& seq : seqs) seq = postings.source(postings.dossier(seq));
            break;
        case law::MemberKind::source_fact:
            for (Number& seq : seqs) seq = postings.source_fact(postings.dossier(seq));
            break;
    }
    if (statistic.by != law::MemberKind::source && statistic.by != law::MemberKind::source_fact) return;
    for (Number& seq : seqs)
        if (seq > as_of || postings.is_void(seq, as_of)) seq = 0;
}

Roaring Index::State::gathered(const law::Statistic& statistic, const Question& question) const {
    std::vector<Number> numbers;
    postings.each(selection(statistic, question), [&](Number seq) { numbers.push_back(seq); });
    project(numbers, statistic, question.as_of);
    return set_of(std::move(numbers), universe(statistic.by));
}

/// The members of one month at one organisation, kept for as long as neither a fact nor a void is added
/// there.
Index::State::Set Index::State::month_set(const law::Statistic& statistic, Number organisation,
                                          std::int32_t month) const {
    const std::size_t place = alike[static_cast<std::size_t>(&statistic - statistics.all().data())];
    const Postings::Extent extent = postings.extent(place, organisation, month);
    if (extent.facts == 0) return nullptr;
    Monthly& kept = monthly[{place, organisation, month}];
    // What an order answers may be voided elsewhere.
    const bool looks_elsewhere =
        statistic.by == law::MemberKind::source || statistic.by == law::MemberKind::source_fact;
    const std::uint64_t voids = looks_elsewhere ? postings.voids() : 0;
    if (kept.set && kept.extent == extent && kept.voids == voids) return kept.set;
    std::vector<std::uint8_t> only(organisation + 1);
    only[organisation] = 1;
    Selection selection;
    selection.pattern = place;
    selection.from = make_date(month / 12, month % 12 + 1, 1);
    selection.to = selection.from.plus_months(1) - 1;
    selection.as_of = postings.applied();
    selection.organisations = &only;
    std::vector<Number> numbers;
    postings.each(selection, [&](Number seq) { numbers.push_back(seq); });
    project(numbers, statistic, selection.as_of);
    kept = {extent, voids, std::make_shared<Roaring>(set_of(std::move(numbers), universe(statistic.by)))};
    return kept.set;
}

/// Whole months as of now are put together from what is kept of them.
Roaring Index::State::primitive(const law::Statistic& statistic, const Question& question) const {
    const Selection asked = selection(statistic, question);
    const std::int32_t first = std::max(month_number(asked.from), postings.first_month());
    const std::int32_t last = std::min(month_number(asked.to), postings.last_month());
    const bool is_whole =
        (asked.from == Date::never_before() || asked.from.day() == 1) && (asked.to + 1).day() == 1;
    if (question.as_of != postings.applied() || !is_whole) return gathered(statistic, question);
    std::vector<Set> parts;
    std::vector<const Roaring*> pointers;
    for (Number number = 1; number < question.organisations->size(); ++number)
        for (std::int32_t month = first; (*question.organisations)[number] != 0 && month <= last; ++month)
            if (Set part = month_set(statistic, number, month)) {
                pointers.push_back(part.get());
                parts.push_back(std::move(part));
            }
    if (pointers.empty()) return {};
    return Roaring::fastunion(pointers.size(), pointers.data());
}

std::string Index::State::key_of(const law::Statistic& statistic, const Question& question) const {
    return fmt::format("{}/{}", &statistic - statistics.all().data(), question.key);
}

Index::State::Set Index::State::set(const law::Statistic& statistic, const Question& question) const {
    const auto place = static_cast<std::size_t>(&statistic - statistics.all().data());
    const std::string key = key_of(statistic, question);
    if (const auto found = sets.find(key); found != sets.end()) return found->second.set;
    auto made = std::make_shared<Roaring>(computed(statistic, question));
    made->runOptimize();
    kept_bytes += made->getSizeInBytes() + key.size() + sizeof(Kept);
    if (kept_bytes > kept_bytes_max) {
        sets.clear();
        kept_bytes = made->getSizeInBytes();
    }
    sets[key] = {place, month_number(question.period->to), question.organisations, made};
    return made;
}

Roaring Index::State::computed(const law::Statistic& statistic, const Question& question) const {
    if (statistic.operation == law::SetOperation::none) return primitive(statistic, question);
    return combined(statistic, question);
}

/// The members whose dossier is among those of the second set.
Roaring Index::State::in_dossiers(const Roaring& members, const Roaring& of) const {
    Bits dossiers(postings.dossiers());
    for (const Number seq : of) dossiers.add(postings.dossier(seq));
    std::vector<Number> kept;
    for (const Number seq : members)
        if (dossiers.has(postings.dossier(seq))) kept.push_back(seq);
    return Roaring(kept.size(), kept.data());
}

Roaring Index::State::combined(const law::Statistic& statistic, const Question& question) const {
    std::vector<const law::Statistic*> operands;
    for (const std::string& id : statistic.operands)
        if (const law::Statistic* operand = statistics.find(id, question.period->to))
            operands.push_back(operand);
    if (operands.empty()) return {};
    Roaring out = *set(*operands.front(), question);
    for (std::size_t i = 1; i < operands.size(); ++i) {
        const Set other = set(*operands[i], question);
        switch (statistic.operation) {
            case law::SetOperation::union_of: out |= *other; break;
            case law::SetOperation::intersect: out &= *other; break;
            case law::SetOperation::minus: out -= *other; break;
            case law::SetOperation::in_dossiers: out = in_dossiers(out, *other); break;
            case law::SetOperation::none: break;
        }
    }
    if (statistic.by == operands.front()->by) return out;
    std::vector<Number> numbers;
    for (const Number seq : out) numbers.push_back(seq);
    project(numbers, statistic, question.as_of);
    return set_of(std::move(numbers), universe(statistic.by));
}

std::uint64_t Index::State::count(const law::Statistic& statistic, const Question& question) const {
    if (statistic.operation != law::SetOperation::none) return set(statistic, question)->cardinality();
    if (statistic.by == law::MemberKind::fact) return postings.count(selection(statistic, question));
    if (statistic.by == law::MemberKind::row) {
        std::uint64_t rows = 0;
        postings.each(selection(statistic, question), [&](Number seq) { rows += postings.rows(seq); });
        return rows;
    }
    return set(statistic, question)->cardinality();
}

Rational Index::State::folded(const law::Statistic& statistic, const Question& question) const {
    if (statistic.fold == law::FoldKind::count)
        return Rational(static_cast<std::int64_t>(count(statistic, question)));
    std::vector<std::int64_t> amounts;
    Rational sum;
    postings.each(selection(statistic, question), [&](Number seq) {
        if (const auto amount = postings.amount(seq, statistic.field)) {
            amounts.push_back(*amount);
            sum = sum + Rational(*amount);
        }
    });
    if (statistic.fold == law::FoldKind::sum || amounts.empty()) return sum;
    std::sort(amounts.begin(), amounts.end());
    const std::size_t middle = amounts.size() / 2;
    if (amounts.size() % 2 == 1) return Rational(amounts[middle]);
    return (Rational(amounts[middle - 1]) + Rational(amounts[middle])) / Rational(2);
}

Result<FigureValue> Index::State::reported(const law::Statistic& statistic, const Scope& scope) const {
    const Number until = as_of(scope.as_of);
    const ReportedFact* stands = nullptr;
    for (const ReportedFact& each : postings.reported())
        if (each.seq <= until && (each.voided_at == 0 || each.voided_at > until) &&
            each.figure.figure == statistic.id && each.figure.organisation == scope.organisation &&
            each.figure.period == scope.period.text)
            stands = &each;
    if (stands == nullptr)
        return Error{ErrorCode::record_unknown,
                     fmt::format("'{}' was not reported for {} and {}", statistic.id, scope.organisation,
                                 scope.period.text),
                     statistic.id,
                     {},
                     "qingyuan import figures FILE.csv"};
    FigureValue out;
    out.statistic = &statistic;
    out.value = Rational(stands->figure.numerator);
    if (stands->figure.denominator != 1) out.denominator = Rational(stands->figure.denominator);
    out.organisation = stands->figure.organisation;
    out.period = stands->figure.period;
    out.approximate = stands->figure.approximate;
    out.reported_as_of = stands->figure.as_of;
    out.source = stands->figure.source;
    out.seq = stands->seq;
    return out;
}

// --- members

Result<const law::Statistic*> Index::State::shown(std::string_view figure, Date on) const {
    const law::Statistic* statistic = TRY(statistics.figure(figure, on));
    return statistic->fold == law::FoldKind::ratio ? statistics.figure(statistic->numerator, on) : statistic;
}

std::vector<Member> Index::State::page_of(const law::Statistic& statistic, const Question& question,
                                          const MemberPage& page) const {
    return statistic.by == law::MemberKind::operator_id ? operators_page(statistic, question, page)
                                                        : facts_page(statistic, question, page);
}

std::vector<Member> Index::State::facts_page(const law::Statistic& statistic, const Question& question,
                                             const MemberPage& page) const {
    const bool is_rows = statistic.by == law::MemberKind::row;
    // The fact of the cursor is looked at again where some of its rows are still to come.
    const auto after = static_cast<Number>(std::min<std::uint64_t>(page.after_seq, postings.applied()));
    const Number start = is_rows && page.after_index && after > 0 ? after - 1 : after;
    std::vector<Number> seqs;
    if (statistic.operation == law::SetOperation::none &&
        (is_rows || statistic.by == law::MemberKind::fact)) {
        seqs = postings.page(selection(statistic, question), start,
                             is_rows ? all : page.limit);  // batches are few
    } else {
        const Set members = set(statistic, question);
        auto each = members->begin();
        each.equalorlarger(after + 1);
        for (; each != members->end() && seqs.size() < page.limit; ++each) seqs.push_back(*each);
    }
    std::vector<Member> out;
    for (const Number seq : seqs) {
        const Number dossier = postings.dossier(seq);
        const Member member{
            seq, {}, postings.record_id(seq, statistics), dossier == 0 ? 0 : postings.opened(dossier)};
        if (!is_rows) {
            out.push_back(member);
            continue;
        }
        const std::uint64_t first = seq == after && page.after_index ? *page.after_index + 1 : 0;
        for (std::uint64_t row = first; row < postings.rows(seq) && out.size() < page.limit; ++row) {
            out.push_back(member);
            out.back().index = row;
        }
    }
    return out;
}

std::vector<Member> Index::State::operators_page(const law::Statistic& statistic, const Question& question,
                                                 const MemberPage& page) const {
    struct Id {
        std::uint64_t beginning;  // settles nearly every comparison without looking at the text
        const std::string* text;
        bool operator<(const Id& other) const {
            return beginning != other.beginning ? beginning < other.beginning : *text < *other.text;
        }
    };
    const Names& names = postings.operators();
    std::vector<Id> ids;
    const Set members = set(statistic, question);
    ids.reserve(members->cardinality());
    for (const Number number : *members) ids.push_back({names.beginning(number), &names.text(number)});
    if (!page.after_entity.empty())
        std::erase_if(ids, [&](const Id& id) { return *id.text <= page.after_entity; });
    const std::size_t limit = std::min(page.limit, ids.size());
    std::partial_sort(ids.begin(), ids.begin() + static_cast<std::ptrdiff_t>(limit), ids.end());
    std::vector<Member> out;
    for (std::size_t i = 0; i < limit; ++i) out.push_back({0, {}, *ids[i].text, 0});
    return out;
}

// --- the index as others see it

Index::Index(law::Statistics statistics) : state_(std::make_unique<State>(std::move(statistics))) {}
Index::Index(Index&&) noexcept = default;
Index& Index::operator=(Index&&) noexcept = default;
Index::~Index() = default;

Result<void> Index::catch_up(const journal::Reader& reader) {
    const std::uint64_t size = TRY(reader.head()).size;
    if (size <= state_->postings.applied()) return {};
    state_->postings.reserve(size);
    const Result<void> scanned = reader.transaction().scan(
        state_->postings.applied() + 1, size + 1,
        [&](std::uint64_t seq, std::string_view record) { return state_->postings.apply(seq, record); });
    state_->settle();
    return scanned;
}

Result<void> Index::apply(std::uint64_t seq, std::string_view record) {
    Result<void> applied = state_->postings.apply(seq, record);
    state_->settle();
    return applied;
}

Result<void> Index::apply(const facts::Recorded& recorded) {
    return apply(recorded.seq, facts::encode(recorded));
}

std::uint64_t Index::applied() const {
    return state_->postings.applied();
}
void Index::reserve(std::uint64_t facts) {
    state_->postings.reserve(facts);
}
const law::Statistics& Index::statistics() const {
    return state_->statistics;
}
std::size_t Index::bytes() const {
    std::size_t bytes = state_->postings.bytes();
    for (const auto& [key, month] : state_->monthly)
        bytes += sizeof(key) + sizeof(month) + month.set->getSizeInBytes();
    return bytes;
}
Date Index::recorded_on(std::uint64_t seq) const {
    return state_->postings.recorded_on(static_cast<Number>(std::min<std::uint64_t>(seq, applied())));
}
std::string Index::record_id(std::uint64_t seq) const {
    return seq > applied() ? std::string()
                           : state_->postings.record_id(static_cast<Number>(seq), state_->statistics);
}

Result<FigureValue> Index::value(std::string_view figure, const Scope& scope) const {
    const law::Statistic* statistic = TRY(state_->statistics.figure(figure, scope.period.to));
    if (statistic->kind == law::FigureKind::reported) return state_->reported(*statistic, scope);
    const State::Question question = TRY(state_->question(scope));
    FigureValue out;
    out.statistic = statistic;
    if (statistic->fold != law::FoldKind::ratio) {
        out.value = state_->folded(*statistic, question);
        return out;
    }
    const law::Statistic* numerator = TRY(state_->statistics.figure(statistic->numerator, scope.period.to));
    const law::Statistic* denominator =
        TRY(state_->statistics.figure(statistic->denominator, scope.period.to));
    out.value = state_->folded(*numerator, question);
    out.denominator = state_->folded(*denominator, question);
    return out;
}

Result<std::vector<Member>> Index::members(std::string_view figure, const Scope& scope,
                                           const MemberPage& page) const {
    const law::Statistic* statistic = TRY(state_->shown(figure, scope.period.to));
    if (statistic->kind == law::FigureKind::reported) {
        const FigureValue value = TRY(state_->reported(*statistic, scope));
        if (page.after_seq >= value.seq || page.limit == 0) return std::vector<Member>();
        return std::vector<Member>{
            {value.seq, {}, fmt::format("{}/{}/{}", figure, value.organisation, value.period), 0}};
    }
    return state_->page_of(*statistic, TRY(state_->question(scope)), page);
}

Result<Digest> Index::members_root(std::string_view figure, const Scope& scope) const {
    MemberPage everything;
    everything.limit = all;
    const auto root_of = [](const std::vector<Member>& members) {
        MerkleEdge edge;
        for (const Member& member : members) edge.add(merkle_leaf(member.line()));
        return edge.root();
    };
    const law::Statistic* statistic = TRY(state_->shown(figure, scope.period.to));
    if (statistic->kind == law::FigureKind::reported) return root_of(TRY(members(figure, scope, everything)));
    // A root holds as long as the set it is of.
    const State::Question question = TRY(state_->question(scope));
    (void)state_->set(*statistic, question);
    std::optional<Digest>& root = state_->sets.at(state_->key_of(*statistic, question)).root;
    if (!root) root = root_of(state_->page_of(*statistic, question, everything));
    return *root;
}

Result<Unit> Index::organisation(std::string_view id, Date on, std::uint64_t as_of) const {
    const State::Tree& in = state_->organisations(state_->as_of(as_of));
    const facts::OrganisationRecorded* found = in.tree->find(id, on);
    if (found == nullptr)
        return Error{ErrorCode::organisation_unknown,
                     fmt::format("there is no organisation '{}' on {}", id, on.text()), std::string(id)};
    return Unit{found->id, found->name, found->name_en, found->kind};
}

Result<std::vector<Unit>> Index::units(std::string_view organisation, Date on, std::uint64_t as_of) const {
    TRY(this->organisation(organisation, on, as_of));
    const State::Tree& in = state_->organisations(state_->as_of(as_of));
    std::vector<Unit> out;
    for (const std::string& child : in.tree->children(organisation, on))
        out.push_back(TRY(this->organisation(child, on, as_of)));
    return out;
}

bool Index::has_own_facts(std::string_view organisation, Date on, std::uint64_t as_of) const {
    const auto included = state_->included(organisation, true, on, state_->as_of(as_of));
    return included &&
           std::find(included.value()->begin(), included.value()->end(), 1) != included.value()->end();
}

}  // namespace qingyuan::account
