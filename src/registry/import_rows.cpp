// Row by row from text to records: what each table's cells must be.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/text.hpp"
#include "law/codes.hpp"
#include "registry/import_draft.hpp"

namespace qingyuan::registry {

namespace {

constexpr std::size_t name_length_max = 200;
constexpr std::size_t id_length_max = 64;
constexpr std::size_t digits_max =
    15;  ///< of a reported value: numerator and denominator stay inside 64 bits
const Date first_date = make_date(1900, 1, 1);
const Date last_date = make_date(2199, 12, 31);

/// Characters that no register holds: controls, line separators, marks that turn the writing direction (they
/// can make one name look like another), and the replacement character, which says that letters were lost
/// before.
bool is_foul(char32_t point) {
    return point < 0x20 || (point >= 0x7F && point < 0xA0) || (point >= 0x200B && point <= 0x200F) ||
           (point >= 0x2028 && point <= 0x202E) || (point >= 0x2060 && point <= 0x206F) || point == 0xFEFF ||
           point == 0xFFFD;
}

bool is_record_id(std::string_view text) {
    const auto alphanumeric = [](unsigned char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    };
    if (text.empty() || text.size() > id_length_max || !alphanumeric(static_cast<unsigned char>(text[0])))
        return false;
    return std::all_of(text.begin(), text.end(),
                       [&](unsigned char c) { return alphanumeric(c) || c == '_' || c == '.' || c == '-'; });
}

bool is_organisation_id(std::string_view text) {
    return is_record_id(text) && std::all_of(text.begin(), text.end(), [](char c) {
               return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z');
           });
}

/// "2025", "2025-H1", "2025-Q3", "2025-06": the periods a figure can be reported for.
bool is_period(std::string_view text) {
    const auto digits = [](std::string_view part) {
        return std::all_of(part.begin(), part.end(), [](char c) { return c >= '0' && c <= '9'; });
    };
    if (text.size() < 4 || !digits(text.substr(0, 4))) return false;
    if (text.size() == 4) return true;
    if (text.size() != 7 || text[4] != '-') return false;
    const char a = text[5], b = text[6];
    if (a == 'H') return b == '1' || b == '2';
    if (a == 'Q') return b >= '1' && b <= '4';
    return (a == '0' && b >= '1' && b <= '9') || (a == '1' && b >= '0' && b <= '2');
}

/// Reads the cells of one row; every fault goes to the draft.
class Cells {
   public:
    Cells(const ImportContext& context, const ImportHeader& header, const CsvRow& row, Draft& draft)
        : context_(context), header_(header), row_(row), draft_(draft) {}

    [[nodiscard]] const ImportContext& context() const { return context_; }
    [[nodiscard]] Draft& draft() { return draft_; }

    void wrong(std::string_view column, ErrorCode code, std::string message, std::string next = {}) {
        draft_.problem(column, code, std::move(message), std::move(next));
    }

    std::string text(std::string_view column, std::size_t length_max = 1000) {
        const std::string_view cell = header_.cell(row_, column);
        const std::u32string points = code_points(cell);
        if (std::any_of(points.begin(), points.end(), is_foul))
            wrong(column, ErrorCode::field_invalid, "it holds a control character", "remove it");
        if (points.size() > length_max)
            wrong(column, ErrorCode::too_large,
                  fmt::format("{} characters; {} are allowed", points.size(), length_max));
        return std::string(cell);
    }
    /// Identifiers, dates and numbers: full-width characters count as half-width.
    std::string plain(std::string_view column, std::size_t length_max = id_length_max) {
        return law::half_width(text(column, length_max));
    }

    std::string name(std::string_view column) { return text(column, name_length_max); }

    std::string id(std::string_view column) {
        std::string value = plain(column);
        if (!value.empty() && !is_record_id(value))
            wrong(column, ErrorCode::field_invalid, fmt::format("'{}' is no identifier", value),
                  "letters, digits and . _ -, at most 64");
        return value;
    }

    std::string organisation_id(std::string_view column) {
        std::string value = plain(column);
        if (!value.empty() && !is_organisation_id(value))
            wrong(column, ErrorCode::field_invalid,
                  fmt::format("'{}' is no identifier of an organisation", value),
                  "lower-case letters, digits and _");
        return value;
    }

    /// The epoch day where the cell is empty.
    Date date(std::string_view column) {
        const std::string value = plain(column);
        if (value.empty()) return {};
        const auto parsed = parse_date(value);
        if (!parsed)
            wrong(column, ErrorCode::date_invalid, fmt::format("'{}' is no date", value),
                  "write YYYY-MM-DD, a day that exists");
        else if (*parsed < first_date || *parsed > last_date)
            wrong(column, ErrorCode::date_invalid, fmt::format("{} lies outside 1900 to 2199", value));
        return parsed.value_or(Date{});
    }

    void ordered(Date from, std::string_view to_column, Date to) {
        if (to != Date{} && from != Date{} && to < from)
            wrong(to_column, ErrorCode::field_invalid,
                  fmt::format("{} lies before the first day {}", to.text(), from.text()));
    }

    std::string word(std::string_view column, std::string_view vocabulary) {
        std::string value = plain(column);
        check_word(column, vocabulary, value);
        return value;
    }

    std::vector<std::string> words(std::string_view column, std::string_view vocabulary) {
        std::vector<std::string> values = list(column);
        for (const std::string& value : values) check_word(column, vocabulary, value);
        return values;
    }

    /// Sorted, each once, so that the order of writing makes no new version.
    std::vector<std::string> list(std::string_view column) {
        std::vector<std::string> values = split(plain(column, 1000), '|');
        for (std::string& value : values) value = std::string(trim(value));
        std::erase(values, std::string());
        std::sort(values.begin(), values.end());
        values.erase(std::unique(values.begin(), values.end()), values.end());
        return values;
    }

    bool boolean(std::string_view column) {
        const std::string value = plain(column);
        constexpr std::array<std::string_view, 4> yes{"1", "true", "yes", "是"};
        constexpr std::array<std::string_view, 5> no{"", "0", "false", "no", "否"};
        if (std::find(yes.begin(), yes.end(), value) != yes.end()) return true;
        if (std::find(no.begin(), no.end(), value) == no.end())
            wrong(column, ErrorCode::field_invalid, fmt::format("'{}' is neither yes nor no", value),
                  "write 1 or 0");
        return false;
    }

    std::string region(std::string_view column, std::string_view level) {
        std::string value = plain(column);
        if (value.empty()) return value;
        const law::Region* region = context_.law.find_region(value, context_.today);
        if (!region)
            wrong(column, ErrorCode::code_not_in_table, fmt::format("'{}' is no region code in force", value),
                  "GB/T 2260, six digits");
        else if (!level.empty() && region->level != level)
            wrong(column, ErrorCode::field_invalid,
                  fmt::format("{} ({}) is no {}", value, region->name, level));
        return value;
    }

    /// The code must fit one of the systems; an older writing is taken as it is.
    std::string code(std::string_view column, std::initializer_list<std::string_view> systems) {
        std::string value = text(column, id_length_max);
        if (value.empty() || systems.size() == 0) return value;
        value = law::normalise_code(*systems.begin(), value);
        std::optional<Error> first;
        for (const std::string_view system : systems) {
            auto checked = law::check_code(context_.law, system, value);
            if (checked || law::is_legacy_code(context_.law, system, value)) return value;
            // A failed check character says more than a form that does not fit.
            if (!first || checked.error().code == ErrorCode::code_check_failed) first = checked.error();
        }
        wrong(
            column, first->code,
            first->message.empty() ? fmt::format("'{}' fits no {}", value, *systems.begin()) : first->message,
            first->next);
        return value;
    }

    /// A further column of a word's line in its vocabulary; "" where there is none.
    [[nodiscard]] std::string more_of(std::string_view vocabulary, std::string_view code,
                                      std::string_view column) const {
        const law::Word* word = context_.law.find_vocabulary(vocabulary)->find(code);
        if (!word) return {};
        const auto found = word->more.find(column);
        return found == word->more.end() ? std::string() : found->second;
    }

    void refer(Reference::To to, std::string_view column, const std::string& id, std::string_view kind = {}) {
        if (!id.empty()) draft_.references.push_back({to, std::string(column), id, std::string(kind)});
    }

   private:
    void check_word(std::string_view column, std::string_view vocabulary, const std::string& value) {
        const law::Vocabulary* words = context_.law.find_vocabulary(vocabulary);
        if (value.empty() || words->find(value)) return;
        wrong(column, ErrorCode::not_in_vocabulary, fmt::format("'{}' is no word of {}", value, vocabulary),
              fmt::format("see law/vocabularies/{}.csv", vocabulary));
    }

    const ImportContext& context_;
    const ImportHeader& header_;
    const CsvRow& row_;
    Draft& draft_;
};

using To = Reference::To;

facts::Payload organisation(Cells& cells) {
    facts::OrganisationRecorded fact;
    fact.id = cells.organisation_id("id");
    fact.name = cells.name("name");
    fact.name_en = cells.name("name_en");
    fact.parent = cells.organisation_id("parent");
    fact.department = cells.word("department", "departments");
    fact.level = cells.word("level", "organisation_levels");
    fact.region = cells.region("region", {});
    fact.kind = cells.word("kind", "organisation_kinds");
    fact.from = cells.date("from");
    cells.refer(To::organisation, "parent", fact.parent);
    const Date to = cells.date("to");
    const std::string successor = cells.organisation_id("successor");
    cells.ordered(fact.from, "to", to);
    cells.refer(To::organisation, "successor", successor);
    if (to != Date{}) cells.draft().ended = facts::OrganisationEnded{fact.id, to, successor};
    else if (!successor.empty())
        cells.wrong("successor", ErrorCode::field_invalid, "a successor without a last day", "fill `to`");
    if (fact.parent == fact.id && !fact.id.empty())
        cells.wrong("parent", ErrorCode::field_invalid, "an organisation is not above itself");
    cells.draft().key = fact.id;
    cells.draft().from = fact.from;
    return fact;
}

facts::Payload operator_row(Cells& cells) {
    facts::OperatorRecorded fact;
    fact.id = cells.id("id");
    fact.name = cells.name("name");
    fact.kind = cells.word("kind", "operator_kinds");
    fact.uscc = cells.code("uscc", {"uscc"});
    fact.headquarters = cells.id("headquarters");
    fact.region = cells.region("region", "county");
    fact.organisation = cells.organisation_id("organisation");
    fact.address = cells.text("address");
    fact.from = cells.date("from");
    if (fact.kind == "chain_store" && fact.headquarters.empty())
        cells.wrong("headquarters", ErrorCode::field_missing, "a chain store names its headquarters");
    if (!fact.headquarters.empty() && fact.headquarters == fact.id)
        cells.wrong("headquarters", ErrorCode::field_invalid, "a store is not its own headquarters");
    cells.refer(To::operator_id, "headquarters", fact.headquarters, "chain_headquarters");
    cells.refer(To::organisation, "organisation", fact.organisation);
    cells.draft().personal = {"representative/" + fact.id, cells.name("representative")};
    cells.draft().key = fact.id;
    cells.draft().from = fact.from;
    return fact;
}

facts::Payload licence(Cells& cells) {
    facts::LicenceRecorded fact;
    fact.kind = cells.word("kind", "licence_kinds");
    const std::string system = cells.more_of("licence_kinds", fact.kind, "code_system");
    fact.id = system.empty() ? cells.code("id", {}) : cells.code("id", {system});
    fact.operator_id = cells.id("operator_id");
    fact.scopes = cells.words("scopes", "licence_scopes");
    fact.status = cells.plain("status");
    if (fact.status.empty()) fact.status = "valid";
    const auto procedure = cells.context().law.procedure("licence", cells.context().today);
    if (!procedure || !(*procedure)->find_state(fact.status))
        cells.wrong("status", ErrorCode::not_in_vocabulary,
                    fmt::format("'{}' is no state of a licence", fact.status),
                    "see law/procedures/licence.toml");
    fact.from = cells.date("from");
    fact.to = cells.date("to");
    cells.ordered(fact.from, "to", fact.to);
    cells.refer(To::operator_id, "operator_id", fact.operator_id);
    cells.draft().key = fact.id;
    cells.draft().from = fact.from;
    return fact;
}

facts::Payload person(Cells& cells) {
    facts::PersonRecorded fact;
    fact.id = cells.id("id");
    fact.organisation = cells.id("organisation");
    fact.roles = cells.list("roles");
    if (fact.roles.empty())
        cells.wrong("roles", ErrorCode::field_missing, "no role is named", "see law/roles.csv");
    for (const std::string& role : fact.roles)
        if (!cells.context().law.find_role(role))
            cells.wrong("roles", ErrorCode::not_in_vocabulary, fmt::format("'{}' is no role", role),
                        "see law/roles.csv");
    fact.certificate = cells.plain("certificate");
    fact.certificate_to = cells.date("certificate_to");
    if (fact.certificate.empty() != (fact.certificate_to == Date{}))
        cells.wrong("certificate_to", ErrorCode::field_missing, "a certificate has a number and a last day",
                    "fill both or neither");
    fact.from = cells.date("from");
    fact.to = cells.date("to");
    cells.ordered(fact.from, "to", fact.to);
    cells.refer(To::organisation_or_operator, "organisation", fact.organisation);
    cells.draft().personal = {"person_name/" + fact.id, cells.name("name")};
    cells.draft().key = fact.id;
    cells.draft().from = fact.from;
    return fact;
}

facts::Payload product(Cells& cells) {
    facts::ProductRecorded fact;
    fact.category = cells.word("category", "categories");
    if (fact.category == "drug")
        fact.id = cells.code("id", {"drug_approval", "hospital_prep", "hospital_prep_filing"});
    else if (fact.category == "device") fact.id = cells.code("id", {"device_reg", "device_filing"});
    else if (fact.category == "cosmetic") fact.id = cells.code("id", {"cosmetic_special", "cosmetic_filing"});
    else fact.id = cells.code("id", {});
    fact.name = cells.name("name");
    fact.holder = cells.id("holder");
    fact.class_word = cells.word("class_word", "product_classes");
    const std::string category = cells.more_of("product_classes", fact.class_word, "category");
    if (!category.empty() && category != fact.category)
        cells.wrong("class_word", ErrorCode::field_invalid,
                    fmt::format("'{}' is no class of a {}", fact.class_word, fact.category));
    fact.high_risk = cells.boolean("high_risk");
    fact.centralised_procurement = cells.boolean("centralised_procurement");
    fact.prescription = cells.boolean("prescription");
    fact.banned_online = cells.boolean("banned_online");
    fact.from = cells.date("from");
    fact.to = cells.date("to");
    cells.ordered(fact.from, "to", fact.to);
    cells.refer(To::operator_id, "holder", fact.holder);
    cells.draft().key = fact.id;
    cells.draft().from = fact.from;
    return fact;
}

/// "153600", "0.5", "96.65%" exactly as written: 96.65 % stays 9665/10000, so that it prints with its own
/// decimals.
void read_value(Cells& cells, facts::FigureReported& fact) {
    std::string digits = cells.plain("value");
    if (digits.empty()) return;
    const std::string whole = digits;
    const bool percent = digits.ends_with('%');
    if (percent) digits.pop_back();
    const bool negative = digits.starts_with('-');
    if (negative || digits.starts_with('+')) digits.erase(0, 1);
    const auto point = digits.find('.');
    std::size_t decimals = percent ? 2 : 0;
    if (point != std::string::npos) {
        decimals += digits.size() - point - 1;
        if (point == 0 || point + 1 == digits.size()) digits.clear();
        else digits.erase(point, 1);
    }
    const bool plain = !digits.empty() &&
                       std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (!plain || digits.size() > digits_max || decimals > digits_max) {
        cells.wrong("value", ErrorCode::number_invalid, fmt::format("'{}' is no number", whole),
                    "write the digits without separators or words: 153600, 0.5, 96.65%");
        return;
    }
    for (const char c : digits) fact.numerator = fact.numerator * 10 + (c - '0');
    if (negative) fact.numerator = -fact.numerator;
    for (std::size_t i = 0; i < decimals; ++i) fact.denominator *= 10;
}

facts::Payload figure(Cells& cells) {
    facts::FigureReported fact;
    fact.figure = cells.plain("figure");
    fact.organisation = cells.organisation_id("organisation");
    fact.period = cells.plain("period");
    fact.unit = cells.plain("unit");
    const law::Statistic* statistic =
        cells.context().statistics ? cells.context().statistics->find(fact.figure, cells.context().today)
                                   : nullptr;
    if (!fact.figure.empty() && (!statistic || statistic->kind != law::FigureKind::reported))
        cells.wrong("figure", ErrorCode::figure_unknown,
                    fmt::format("'{}' is no reported figure", fact.figure),
                    "see law/statistics; a derived figure is never imported");
    else if (statistic && statistic->unit != fact.unit)
        cells.wrong("unit", ErrorCode::unit_mismatch,
                    fmt::format("'{}' is counted in {}", fact.figure, statistic->unit));
    if (!fact.period.empty() && !is_period(fact.period))
        cells.wrong("period", ErrorCode::field_invalid, fmt::format("'{}' is no period", fact.period),
                    "write 2022, 2025-H1, 2025-Q2 or 2025-06");
    read_value(cells, fact);
    fact.approximate = cells.boolean("approximate");
    fact.as_of = cells.plain("as_of");
    if (!fact.as_of.empty() && !(fact.as_of.size() == 4 && is_period(fact.as_of)) && !parse_date(fact.as_of))
        cells.wrong("as_of", ErrorCode::date_invalid,
                    fmt::format("'{}' is neither a year nor a date", fact.as_of));
    fact.source = cells.text("source");
    cells.draft().key = fact.figure + "/" + fact.organisation + "/" + fact.period;
    return fact;
}

}  // namespace

void Draft::problem(std::string_view field, ErrorCode code, std::string message, std::string next) {
    problems.push_back({line, std::string(field), code, std::move(message), std::move(next)});
}

Result<ImportHeader> ImportHeader::create(ImportKind kind, const std::vector<std::string>& columns) {
    const auto known = columns_of(kind);
    std::vector<std::string> names;
    for (const ImportColumn& column : known) names.emplace_back(column.name);
    ImportHeader header;
    for (std::size_t at = 0; at < columns.size(); ++at) {
        if (std::find(names.begin(), names.end(), columns[at]) == names.end())
            return Error{ErrorCode::column_unknown,
                         fmt::format("'{}' is no column of {}", columns[at], name_of(kind)),
                         "line 1",
                         {},
                         "use " + join(names, ",")};
        header.at_.emplace(columns[at], at);
    }
    for (const ImportColumn& column : known)
        if (column.required && !header.at_.contains(column.name))
            return Error{ErrorCode::column_missing,
                         fmt::format("the column '{}' is required", column.name),
                         "line 1",
                         {},
                         "use " + join(names, ",")};
    return header;
}

std::string_view ImportHeader::cell(const CsvRow& row, std::string_view column) const {
    const auto at = at_.find(column);
    return at == at_.end() ? std::string_view() : trim(row.cells[at->second]);
}

Result<void> check_vocabularies(ImportKind kind, const law::Law& law) {
    static const std::map<ImportKind, std::vector<std::string_view>> needed{
        {ImportKind::organisations, {"departments", "organisation_levels", "organisation_kinds"}},
        {ImportKind::operators, {"operator_kinds"}},
        {ImportKind::licences, {"licence_kinds", "licence_scopes"}},
        {ImportKind::products, {"categories", "product_classes"}},
        {ImportKind::people, {}},
        {ImportKind::figures, {}}};
    for (const std::string_view id : needed.at(kind))
        if (!law.find_vocabulary(id))
            return Error{ErrorCode::law_reference_unknown, fmt::format("the law has no vocabulary '{}'", id)};
    return {};
}

Draft read_row(ImportKind kind, const ImportContext& context, const ImportHeader& header, const CsvRow& row) {
    Draft draft;
    draft.line = row.line;
    for (const ImportColumn& column : columns_of(kind))
        if (column.required && header.cell(row, column.name).empty())
            draft.problem(column.name, ErrorCode::field_missing, fmt::format("'{}' is empty", column.name));
    Cells cells(context, header, row, draft);
    switch (kind) {
        case ImportKind::organisations: draft.payload = organisation(cells); break;
        case ImportKind::operators: draft.payload = operator_row(cells); break;
        case ImportKind::licences: draft.payload = licence(cells); break;
        case ImportKind::people: draft.payload = person(cells); break;
        case ImportKind::products: draft.payload = product(cells); break;
        case ImportKind::figures: draft.payload = figure(cells); break;
    }
    return draft;
}

}  // namespace qingyuan::registry
