#include "act/documents.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "act/authority.hpp"
#include "base/text.hpp"
#include "registry/registry.hpp"

namespace qingyuan::act {

namespace {

using facts::IssuedDocumentRow;
using facts::NumberBlockRow;
using facts::NumberSeriesRow;

constexpr std::size_t code_digits = 20;  ///< as document/code.hpp prints them

std::string series_of(std::string_view organisation, std::string_view word, int year) {
    return fmt::format("{}/{}/{}", organisation, word, year);
}

std::string number_text(std::string_view unit, std::string_view word, std::string_view year,
                        std::int64_t ordinal) {
    return fmt::format("{}{}〔{}〕{}号", unit, word, year, ordinal);
}

Result<std::int64_t> free_ordinal(const journal::Reader& reader, const std::string& series) {
    const auto row = TRY(reader.view<NumberSeriesRow>().find(series));
    if (!row) return std::int64_t{1};
    if (!row->returned.empty()) return parse_integer(row->returned.front());
    return row->last + 1;
}

bool holds(const std::vector<std::string>& list, std::string_view one) {
    return std::ranges::find(list, one) != list.end();
}
bool holds(const std::vector<std::string>& ordinals, std::int64_t ordinal) {
    return holds(ordinals, std::to_string(ordinal));
}

Error used(std::string_view number) {
    return {ErrorCode::number_used,
            fmt::format("{} stands on a document already", number),
            "number",
            {},
            "take the next number"};
}

Result<NumberBlockRow> block_row(const journal::Reader& reader, std::string_view id) {
    auto row = TRY(reader.view<NumberBlockRow>().find(std::string(id)));
    if (!row)
        return Error{ErrorCode::record_unknown,
                     fmt::format("no block '{}' was set aside", id),
                     "block",
                     {},
                     "qingyuan document numbers lists them"};
    return std::move(*row);
}

/// Is the number of the block still to be had?
Result<void> check_in_block(const NumberBlockRow& block, std::int64_t ordinal) {
    if (ordinal < block.first || ordinal >= block.first + block.count)
        return Error{ErrorCode::number_outside_block,
                     fmt::format("{} is not of the block {} to {}", ordinal, block.first,
                                 block.first + block.count - 1),
                     "number"};
    if (holds(block.used, ordinal)) return used(fmt::format("number {} of {}", ordinal, block.id));
    if (block.settled)
        return Error{ErrorCode::block_settled,
                     fmt::format("{} came back", block.id),
                     "block",
                     {},
                     "take the next number"};
    return {};
}

Result<std::string> role_for_numbers(const Actor& actor) {
    return role_of(actor, {"unit_head", "head_of_authority"}, {});
}

// --- folds

Result<void> fold_issued(const facts::Recorded& recorded, const facts::DocumentIssued& issued,
                         journal::Projections& rows) {
    IssuedDocumentRow row;
    row.seq = static_cast<std::int64_t>(recorded.seq);
    row.dossier = static_cast<std::int64_t>(recorded.fact.dossier);
    row.document = issued.document;
    row.number = issued.number;
    row.code = hex(issued.digest).substr(0, code_digits);
    row.series = issued.series;
    row.ordinal = issued.ordinal;
    row.block = issued.block;
    row.digest = issued.digest;
    row.file = issued.file;
    row.pages = issued.pages;
    row.organisation = recorded.fact.organisation;
    row.issued_by = recorded.fact.actor;
    row.issued_on = recorded.fact.happened_on;
    CHECK(rows.put(std::move(row)));
    if (issued.ordinal == 0) return {};
    if (!issued.block.empty()) {
        auto block = TRY(rows.find<NumberBlockRow>(issued.block));
        if (!block) return Error{ErrorCode::record_unknown, issued.block, "block"};
        CHECK(check_in_block(*block, issued.ordinal));
        block->used.push_back(std::to_string(issued.ordinal));
        return rows.put(std::move(*block));
    }
    auto series = TRY(rows.find<NumberSeriesRow>(issued.series));
    if (!series) series = NumberSeriesRow{issued.series, recorded.fact.organisation, 0, {}};
    if (std::erase(series->returned, std::to_string(issued.ordinal)) == 0) {
        if (issued.ordinal != series->last + 1) return used(issued.number);
        series->last = issued.ordinal;
    }
    return rows.put(std::move(*series));
}

Result<void> fold_block(const facts::Recorded& recorded, const facts::NumberBlockIssued& issued,
                        journal::Projections& rows) {
    auto series = TRY(rows.find<NumberSeriesRow>(issued.series));
    if (!series) series = NumberSeriesRow{issued.series, recorded.fact.organisation, 0, {}};
    if (issued.first != series->last + 1) return used(issued.id);
    series->last += issued.count;
    CHECK(rows.put(std::move(*series)));
    return rows.put(NumberBlockRow{issued.id,
                                   issued.series,
                                   recorded.fact.organisation,
                                   issued.holder,
                                   issued.first,
                                   issued.count,
                                   recorded.fact.happened_on,
                                   false,
                                   {},
                                   {}});
}

Result<void> fold_settled(const facts::NumberBlockSettled& settled, journal::Projections& rows) {
    auto block = TRY(rows.find<NumberBlockRow>(settled.id));
    if (!block) return Error{ErrorCode::record_unknown, settled.id, "block"};
    if (block->settled) return Error{ErrorCode::block_settled, settled.id, "block"};
    block->settled = true;
    block->spoilt = settled.spoilt;
    auto series = TRY(rows.find<NumberSeriesRow>(block->series));
    if (!series) return Error{ErrorCode::record_unknown, block->series, "series"};
    std::set<std::int64_t> returned;
    for (const std::string& ordinal : series->returned) returned.insert(TRY(parse_integer(ordinal)));
    for (std::int64_t at = block->first; at < block->first + block->count; ++at)
        if (!holds(block->used, at) &&
            std::ranges::find(block->spoilt, at, &facts::SpoiltNumber::ordinal) == block->spoilt.end())
            returned.insert(at);
    series->returned.clear();
    for (const std::int64_t ordinal : returned) series->returned.push_back(std::to_string(ordinal));
    CHECK(rows.put(std::move(*series)));
    return rows.put(std::move(*block));
}

Result<std::vector<IssuedDocumentRow>> rows_where(const journal::Reader& reader, std::string_view field,
                                                  journal::Key value) {
    journal::Query query;
    query.where = {{field, journal::Compare::equal, {std::move(value)}}};
    query.order_by = "seq";
    return reader.view<IssuedDocumentRow>().list(query);
}

Result<std::optional<IssuedDocumentRow>> last_where(const journal::Reader& reader, std::string_view field,
                                                    std::string_view value) {
    std::vector<IssuedDocumentRow> found = TRY(rows_where(reader, field, std::string(value)));
    if (found.empty()) return std::optional<IssuedDocumentRow>();
    return std::optional<IssuedDocumentRow>(std::move(found.back()));
}

}  // namespace

std::string unit_word(const law::Forms& forms, const facts::OrganisationRecorded& organisation) {
    if (const std::string_view own = forms.unit_word(organisation.id); !own.empty()) return std::string(own);
    std::string word = organisation.name.empty() ? organisation.id : organisation.name;
    const auto replace = [&](std::string_view from, std::string_view to) {
        if (const std::size_t at = word.find(from); at != std::string::npos)
            word.replace(at, from.size(), to);
    };
    replace("市场监督管理", "市监");
    replace("药品监督管理", "药监");
    if (word.ends_with("局")) word.resize(word.size() - std::string_view("局").size());
    return word;
}

Result<DealtNumber> deal_number(const journal::Reader& reader, const law::Forms& forms,
                                const law::DocumentForm& form, std::string_view organisation, Date dated,
                                const std::optional<BlockNumber>& named) {
    if (form.word.empty()) return DealtNumber{};
    const facts::OrganisationRecorded issuer = TRY(registry::organisation_on(reader, organisation, dated));
    const std::string year = std::to_string(dated.year());
    DealtNumber out;
    out.series = series_of(organisation, form.word, dated.year());
    if (named) {
        const NumberBlockRow block = TRY(block_row(reader, named->block));
        if (block.organisation != organisation)
            return Error{ErrorCode::wrong_organisation,
                         fmt::format("{} was set aside for {}", block.id, block.organisation), "block"};
        if (block.series != out.series)
            return Error{ErrorCode::number_outside_block,
                         fmt::format("{} holds numbers of {}, not of {}", block.id, block.series, out.series),
                         "block"};
        CHECK(check_in_block(block, named->ordinal));
        out.block = block.id;
        out.ordinal = named->ordinal;
    } else {
        out.ordinal = TRY(free_ordinal(reader, out.series));
    }
    out.text = number_text(unit_word(forms, issuer), form.word, year, out.ordinal);
    return out;
}

Result<facts::Fact> issue_document(const journal::Reader& reader, const law::Law& law,
                                   const facts::DossierRow& dossier, const Actor& actor,
                                   const IssueRequest& request) {
    const law::Procedure& procedure = *TRY(law.procedure(dossier.procedure, dossier.law_on));
    const std::string citation = join(procedure.law, ", ");
    // Whoever works on the dossier writes its documents, and whoever takes the step that draws one up.
    std::vector<std::string> roles{"officer", "inspector", "unit_head"};
    std::vector<std::string> ways;
    bool is_due = false;
    for (const law::Step& step : procedure.steps) {
        if (!holds(step.documents, request.document)) continue;
        ways.push_back(step.id);
        is_due = is_due || holds(step.from, dossier.state);
        for (const std::string& role : step.by)
            if (!holds(roles, role)) roles.push_back(role);
    }
    TRY(role_of(actor, roles, citation));
    CHECK(check_not_recused(dossier, actor, {}));
    CHECK(check_jurisdiction(reader, actor, dossier.organisation, dossier.operator_id, request.dated));
    if (law.find_document(request.document) == nullptr)
        return Error{ErrorCode::document_unknown, request.document, "document"};
    if (dossier.state == voided_state)
        return Error{ErrorCode::wrong_state,
                     fmt::format("{} is void", dossier.id),
                     {},
                     citation,
                     "open a new dossier"};
    // A decision goes out with or after the step that takes it, never before.
    if (!ways.empty() && !is_due && !holds(dossier.documents, request.document))
        return Error{ErrorCode::step_missing,
                     fmt::format("{} is drawn up by {}", request.document, join(ways, " or ")), "document",
                     citation, fmt::format("take {} first", join(ways, " or "))};
    const DealtNumber& number = request.number;
    if (number.ordinal != 0) {
        if (!number.block.empty())
            CHECK(check_in_block(TRY(block_row(reader, number.block)), number.ordinal));
        else if (TRY(free_ordinal(reader, number.series)) != number.ordinal)
            return used(number.text);
    }
    if (request.dated > actor.now.date())
        return Error{ErrorCode::date_in_future,
                     fmt::format("{} is later than {}", request.dated.text(), actor.now.date().text()),
                     "dated"};
    if (request.dated < dossier.opened_on)
        return Error{ErrorCode::date_before_previous,
                     fmt::format("{} is earlier than the dossier", request.dated.text()),
                     "dated",
                     {},
                     fmt::format("give a day from {} on", dossier.opened_on.text())};
    return facts::Fact{
        request.dated, dossier.organisation, actor.person, static_cast<std::uint64_t>(dossier.seq),
        facts::DocumentIssued{request.document, number.text, number.series, number.ordinal, number.block,
                              Bytes(bytes_of(request.digest)), hex(request.file), request.pages}};
}

Result<facts::Fact> issue_block(const journal::Reader& reader, const law::Forms& forms, const Actor& actor,
                                std::string_view word, std::string_view holder, std::int64_t count) {
    TRY(role_for_numbers(actor));
    const Date today = actor.now.date();
    TRY(registry::organisation_on(reader, actor.organisation, today));
    TRY(registry::person_on(reader, holder, today));
    if (word.empty() || std::ranges::find(forms.all(), word, &law::DocumentForm::word) == forms.all().end())
        return Error{ErrorCode::field_invalid, fmt::format("no form bears the word '{}'", word), "word"};
    if (count < 1 || count > block_numbers_max)
        return Error{ErrorCode::field_invalid,
                     fmt::format("a block holds 1 to {} numbers", block_numbers_max), "count"};
    facts::NumberBlockIssued block;
    block.series = series_of(actor.organisation, word, today.year());
    // Numbers that came back stay for documents issued here: a block is one run.
    const auto series = TRY(reader.view<NumberSeriesRow>().find(block.series));
    block.first = (series ? series->last : 0) + 1;
    block.count = count;
    block.holder = holder;
    block.id = fmt::format("{}/{}", block.series, block.first);
    return facts::Fact{today, actor.organisation, actor.person, 0, std::move(block)};
}

Result<facts::Fact> settle_block(const journal::Reader& reader, const Actor& actor, std::string_view id,
                                 std::vector<facts::SpoiltNumber> spoilt) {
    const NumberBlockRow block = TRY(block_row(reader, id));
    if (actor.person != block.holder) TRY(role_for_numbers(actor));
    if (actor.organisation != block.organisation)
        return Error{ErrorCode::wrong_organisation,
                     fmt::format("{} was set aside for {}", block.id, block.organisation), "block"};
    if (block.settled)
        return Error{ErrorCode::block_settled, fmt::format("{} came back already", id), "block"};
    std::ranges::sort(spoilt, {}, &facts::SpoiltNumber::ordinal);
    for (std::size_t i = 0; i < spoilt.size(); ++i) {
        CHECK(check_in_block(block, spoilt[i].ordinal));
        if (i > 0 && spoilt[i].ordinal == spoilt[i - 1].ordinal)
            return Error{ErrorCode::duplicate_key, fmt::format("{} is named twice", spoilt[i].ordinal),
                         "spoilt"};
        if (trim(spoilt[i].reason).empty())
            return Error{ErrorCode::field_missing, fmt::format("why was {} spoilt", spoilt[i].ordinal),
                         "spoilt"};
    }
    return facts::Fact{actor.now.date(), block.organisation, actor.person, 0,
                       facts::NumberBlockSettled{block.id, std::move(spoilt)}};
}

Result<std::vector<IssuedDocumentRow>> documents_of(const journal::Reader& reader, std::int64_t dossier) {
    return rows_where(reader, "dossier", dossier);
}
Result<std::optional<IssuedDocumentRow>> find_by_code(const journal::Reader& reader, std::string_view code) {
    return last_where(reader, "code", code);
}
Result<std::optional<IssuedDocumentRow>> find_by_file(const journal::Reader& reader, const Digest& file) {
    return last_where(reader, "file", hex(file));
}
Result<std::optional<IssuedDocumentRow>> find_by_number(const journal::Reader& reader,
                                                        std::string_view number) {
    return last_where(reader, "number", number);
}

Result<PublicDocument> public_view(const journal::Reader& reader, const law::Law& law,
                                   const IssuedDocumentRow& row) {
    PublicDocument out{row.code,      row.number,      row.document, row.document,    row.organisation,
                       row.issued_on, hex(row.digest), row.pages,    row.voided != 0, row.voided_on};
    if (const law::Document* document = law.find_document(row.document)) {
        out.kind_zh = document->zh;
        out.kind_en = document->en;
    }
    if (const auto issuer = TRY(registry::find_organisation(reader, row.organisation, row.issued_on)))
        out.authority = issuer->name;
    return out;
}

Result<void> check_served(const journal::Reader& reader, const facts::DossierRow& dossier,
                          std::string_view number, Date on) {
    const IssuedDocumentRow* found = nullptr;
    const std::vector<IssuedDocumentRow> issued = TRY(documents_of(reader, dossier.seq));
    for (const IssuedDocumentRow& row : issued)
        if (row.number == number) found = &row;
    if (found == nullptr)
        return Error{ErrorCode::document_unknown,
                     fmt::format("{} was not issued in {}", number, dossier.id),
                     "number",
                     {},
                     "issue the document first"};
    if (found->voided != 0)
        return Error{ErrorCode::document_withdrawn,
                     fmt::format("{} was withdrawn on {}", number, found->voided_on.text()),
                     "number",
                     {},
                     "serve the document that took its place"};
    if (on < found->issued_on)
        return Error{ErrorCode::served_before_issue,
                     fmt::format("{} is earlier than {} of {}", on.text(), found->issued_on.text(), number),
                     "happened_on",
                     {},
                     fmt::format("give a day from {} on", found->issued_on.text())};
    return {};
}

Result<std::vector<NumberBlockRow>> blocks_of(const journal::Reader& reader, std::string_view organisation) {
    journal::Query query;
    query.where = {{"organisation", journal::Compare::equal, {std::string(organisation)}}};
    query.order_by = "id";
    return reader.view<NumberBlockRow>().list(query);
}

Result<std::vector<NumberAccount>> number_accounts(const journal::Reader& reader,
                                                   std::string_view organisation) {
    journal::Query query;
    query.where = {{"organisation", journal::Compare::equal, {std::string(organisation)}}};
    query.order_by = "id";
    std::vector<NumberAccount> out;
    const std::vector<NumberBlockRow> blocks = TRY(blocks_of(reader, organisation));
    for (NumberSeriesRow& series : TRY(reader.view<NumberSeriesRow>().list(query))) {
        NumberAccount account{std::move(series)};
        account.returned = static_cast<std::int64_t>(account.series.returned.size());
        for (const NumberBlockRow& block : blocks) {
            if (block.series != account.series.id) continue;
            account.spoilt += static_cast<std::int64_t>(block.spoilt.size());
            if (!block.settled)
                account.in_blocks += block.count - static_cast<std::int64_t>(block.used.size());
        }
        journal::Query of_series;
        of_series.where = {{"series", journal::Compare::equal, {account.series.id}}};
        of_series.order_by = "seq";
        for (const IssuedDocumentRow& row : TRY(reader.view<IssuedDocumentRow>().list(of_series))) {
            ++account.on_documents;
            if (row.voided != 0) ++account.withdrawn;
        }
        out.push_back(std::move(account));
    }
    return out;
}

std::vector<facts::RowType> document_rows() {
    return {IssuedDocumentRow::row_type, NumberSeriesRow::row_type, NumberBlockRow::row_type};
}

Result<void> fold_document(const facts::Recorded& recorded, journal::Projections& rows) {
    const facts::Payload& payload = recorded.fact.payload;
    if (const auto* issued = std::get_if<facts::DocumentIssued>(&payload))
        return fold_issued(recorded, *issued, rows);
    if (const auto* block = std::get_if<facts::NumberBlockIssued>(&payload))
        return fold_block(recorded, *block, rows);
    if (const auto* settled = std::get_if<facts::NumberBlockSettled>(&payload))
        return fold_settled(*settled, rows);
    const auto* voided = std::get_if<facts::FactVoided>(&payload);
    if (voided == nullptr) return {};
    // A document that is withdrawn keeps its number: nobody else gets it.
    auto row = TRY(rows.find<IssuedDocumentRow>(voided->target));
    if (!row) return {};
    row->voided = static_cast<std::int64_t>(recorded.seq);
    row->voided_on = recorded.fact.happened_on;
    return rows.put(std::move(*row));
}

}  // namespace qingyuan::act
