// Loads and checks checklists; answers which one serves an operator.

#include "law/checklist.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "law/csv_table.hpp"

namespace qingyuan::law {

namespace {

constexpr std::string_view answer_texts[] = {"conform", "number", "text"};

/// One file while it is read.
struct Draft {
    const LawFile& file;
    const Book& book;
    Problems& problems;
    Checklist list;
    std::set<std::string> ids;

    void check_word(std::string_view vocabulary, const std::string& word, const std::string& where) {
        const Vocabulary* found = entry_of(book.vocabularies, book.vocabulary_index, vocabulary);
        if (found == nullptr || found->find(word) == nullptr)
            problems.add(ErrorCode::law_reference_unknown,
                         fmt::format("no word '{}' of {}", word, vocabulary), where);
    }
    void check_cited(const std::string& citation, const std::string& where) {
        check_citation(book, citation, list.in_force, where, problems);
    }
    void take_id(const std::string& id, const std::string& where) {
        if (!ids.insert(id).second)
            problems.add(ErrorCode::law_duplicate, fmt::format("'{}' is there already", id), where);
    }
};

std::optional<Rational> bound(TableReader& reader, std::string_view key) {
    if (reader.find(key) == nullptr) return std::nullopt;
    return reader.decimal(key);
}

ChecklistItem read_item(Draft& draft, const TomlNode& node) {
    TableReader reader(node, draft.file.name, draft.problems);
    ChecklistItem item;
    item.id = reader.identifier("id");
    draft.take_id(item.id, reader.where("id"));
    item.clause = reader.required("clause");
    item.zh = reader.required("zh");
    item.en = reader.required("en");
    item.law = reader.required("law");
    draft.check_cited(item.law, reader.where("law"));
    item.severity = reader.required("severity");
    draft.check_word("finding_severity", item.severity, reader.where("severity"));
    const std::string answer = reader.text("answer");
    const auto known = std::ranges::find(answer_texts, answer.empty() ? "conform" : answer);
    if (known == std::end(answer_texts))
        draft.problems.add(ErrorCode::law_value_invalid, fmt::format("no type of answer '{}'", answer),
                           reader.where("answer"));
    else
        item.answer = static_cast<AnswerType>(known - std::begin(answer_texts));
    item.unit = reader.text("unit");
    item.min = bound(reader, "min");
    item.max = bound(reader, "max");
    const bool bounded = item.min || item.max;
    if ((item.answer == AnswerType::number) != bounded || (bounded && item.unit.empty()))
        draft.problems.add(ErrorCode::law_value_invalid, "a number, and only a number, has a unit and bounds",
                           reader.where("answer"));
    if (item.min && item.max && *item.max < *item.min)
        draft.problems.add(ErrorCode::law_value_invalid, "'max' is less than 'min'", reader.where("max"));
    item.photo = reader.boolean("photo");
    item.always = reader.boolean("always");
    item.finding_zh = reader.required("finding_zh");
    item.finding_en = reader.required("finding_en");
    reader.finish();
    return item;
}

void read_head(Draft& draft, TableReader& top) {
    Checklist& list = draft.list;
    list.id = top.identifier("id");
    list.zh = top.required("zh");
    list.en = top.required("en");
    list.in_force = {top.date("from", Date::never_before()), top.date("to", Date::never_after())};
    if (list.in_force.from == Date::never_before())
        draft.problems.add(ErrorCode::law_key_missing, "'from' is missing", top.where("from"));
    if (list.in_force.to < list.in_force.from)
        draft.problems.add(ErrorCode::law_value_invalid, "'to' lies before 'from'", top.where("to"));
    list.category = top.required("category");
    draft.check_word("categories", list.category, top.where("category"));
    list.activity = top.required("activity");
    draft.check_word("activities", list.activity, top.where("activity"));
    list.programme = top.text("programme");
    if (!list.programme.empty()) draft.check_word("programmes", list.programme, top.where("programme"));
    for (const Placed& kind : top.list("kinds")) {
        draft.check_word("operator_kinds", kind.text, top.where(kind.place));
        list.kinds.push_back(kind.text);
    }
    for (const Placed& citation : top.list("law")) {
        draft.check_cited(citation.text, top.where(citation.place));
        list.law.push_back(citation.text);
    }
    if (list.kinds.empty() || list.law.empty())
        draft.problems.add(ErrorCode::law_key_missing, "'kinds' and 'law' name at least one each",
                           top.where("kinds"));
    list.status = parse_status(top.text("status"), top.where("status"), draft.problems);
    list.note = top.text("note");
}

}  // namespace

void load_checklist(const LawFile& file, Book& book, Problems& problems) {
    auto root = parse_toml(file.text, file.name);
    if (!root) return problems.add(root.error());
    TableReader top(*root, file.name, problems);
    Draft draft{file, book, problems, {}, {}};
    read_head(draft, top);
    for (const TomlNode* node : top.tables("section")) {
        TableReader reader(*node, file.name, problems);
        ChecklistSection section{reader.identifier("id"), reader.required("zh"), reader.required("en"), {}};
        draft.take_id(section.id, reader.where("id"));
        for (const TomlNode* item : reader.tables("item")) section.items.push_back(read_item(draft, *item));
        if (section.items.empty())
            problems.add(ErrorCode::law_key_missing, "a section has items", reader.where());
        reader.finish();
        draft.list.sections.push_back(std::move(section));
    }
    top.finish();
    Checklist& list = draft.list;
    if (list.sections.empty())
        problems.add(ErrorCode::law_key_missing, "a checklist has sections", top.where());
    list.version = fmt::format("{}.{}", list.in_force.from.text(), hex(sm3(file.text)).substr(0, 8));
    for (auto [at, end] = book.checklist_index.equal_range(list.id); at != end; ++at)
        check_overlap("checklist", list.id, book.checklists[at->second].in_force, list.in_force,
                      top.where("id"), problems);
    book.checklist_index.emplace(list.id, book.checklists.size());
    book.checklists.push_back(std::move(list));
}

std::string_view text_of(AnswerType type) {
    return answer_texts[static_cast<std::size_t>(type)];
}

const ChecklistItem* Checklist::find(std::string_view item) const {
    for (const ChecklistSection& section : sections)
        for (const ChecklistItem& one : section.items)
            if (one.id == item) return &one;
    return nullptr;
}

std::size_t Checklist::size() const {
    std::size_t count = 0;
    for (const ChecklistSection& section : sections) count += section.items.size();
    return count;
}

const Checklist* checklist_for(const Law& law, std::string_view kind, std::string_view category, Date on,
                               std::string_view programme) {
    const Checklist* best = nullptr;
    for (const Checklist& list : law.checklists()) {
        if (!list.in_force.holds(on) || list.category != category || list.programme != programme) continue;
        if (std::ranges::find(list.kinds, kind) == list.kinds.end()) continue;
        if (best == nullptr || list.kinds.size() < best->kinds.size()) best = &list;
    }
    if (best == nullptr && !programme.empty()) return checklist_for(law, kind, category, on);
    return best;
}

}  // namespace qingyuan::law
