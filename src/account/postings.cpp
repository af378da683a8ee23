#include "account/postings.hpp"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "base/text.hpp"

namespace qingyuan::account {

namespace {

constexpr Number number_max = std::numeric_limits<Number>::max() - 1;
constexpr char list_separator = '\x1f';
// What a figure may ask of a step beside its form (docs/formats/report.md).
constexpr std::string_view left_state = "left_state", days_in_state = "days_in_state";

std::string measure_text(const law::Measure& measure) {
    return measure.batch.empty() ? measure.procedure + "." + measure.step : "batch:" + measure.batch;
}

/// A vector that grows by an eighth, not by half: columns are long.
template <class T>
void grow(std::vector<T>& column, std::size_t size) {
    if (size > column.capacity()) column.reserve(size + size / 8 + 1024);
    column.resize(size);
}

template <class T>
std::size_t bytes_of_vector(const std::vector<T>& vector) {
    return vector.capacity() * sizeof(T);
}

/// The value of a form field as conditions compare it; nothing for a personal value.
Result<std::optional<std::string>> condition_text(CborReader& in) {
    using Text = std::optional<std::string>;
    switch (TRY(in.peek())) {
        case CborType::integer: return Text(std::to_string(TRY(in.integer())));
        case CborType::boolean: return Text(TRY(in.boolean()) ? "true" : "false");
        case CborType::text: return Text(std::string(TRY(in.text())));
        case CborType::array: {
            std::string joined;
            bool is_list = true;
            const std::uint64_t count = TRY(in.array());
            for (std::uint64_t i = 0; i < count; ++i) {
                is_list = is_list && TRY(in.peek()) == CborType::text;
                if (!is_list)
                    CHECK(in.skip());
                else
                    joined += (i == 0 ? "" : std::string(1, list_separator)) + std::string(TRY(in.text()));
            }
            return is_list ? Text(joined) : Text();
        }
        default: CHECK(in.skip()); return Text();
    }
}

}  // namespace

std::int32_t month_number(Date day) {
    return day.year() * 12 + day.month() - 1;
}

Number Names::number(std::string_view text) {
    const auto found = numbers_.find(text);
    if (found != numbers_.end()) return found->second;
    const auto number = static_cast<Number>(texts_.size());
    texts_.push_back(&numbers_.emplace(std::string(text), number).first->first);
    std::uint64_t beginning = 0;
    for (std::size_t i = 0; i < sizeof(beginning); ++i)
        beginning = beginning << 8 | (i < text.size() ? static_cast<unsigned char>(text[i]) : 0);
    beginnings_.push_back(beginning);
    return number;
}

Number Names::find(std::string_view text) const {
    const auto found = numbers_.find(text);
    return found == numbers_.end() ? 0 : found->second;
}

std::size_t Names::bytes() const {
    std::size_t bytes =
        bytes_of_vector(texts_) + bytes_of_vector(beginnings_) + numbers_.bucket_count() * sizeof(void*);
    for (const auto& [text, number] : numbers_)
        bytes += sizeof(text) + 32 + (text.size() > 15 ? text.capacity() + 1 : 0);
    return bytes;
}

Postings::Postings(const law::Statistics& statistics)
    : statistics_(statistics.all().begin(), statistics.all().end()), matching_(statistics_.size()) {
    for (const law::Statistic& statistic : statistics_) {
        for (const law::AttributeCondition& condition : statistic.where)
            if (std::find(attribute_names_.begin(), attribute_names_.end(), condition.attribute) ==
                attribute_names_.end())
                attribute_names_.push_back(condition.attribute);
        if (statistic.field == days_in_state ||
            std::ranges::find(statistic.where, left_state, &law::AttributeCondition::attribute) !=
                statistic.where.end())
            for (const law::Measure& measure : statistic.measures) staged_.insert(measure.procedure);
        if (!statistic.operator_field.empty()) operator_fields_.push_back(statistic.operator_field);
        if (!statistic.field.empty())
            for (const law::Measure& measure : statistic.measures) {
                auto& fields = summed_fields_[measure_text(measure)];
                if (std::find(fields.begin(), fields.end(), statistic.field) == fields.end())
                    fields.push_back(statistic.field);
            }
    }
    dossiers_.resize(1);
    cells_.resize(1);
    form_values_.resize(attribute_names_.size());
    intern(form_values_);
    touched_.patterns.resize(statistics_.size());
    for (auto* column : {&dossier_, &cell_of_, &previous_, &delta_}) column->resize(1);
    day_.resize(1);
}

void Postings::reserve(std::uint64_t facts) {
    const std::size_t size = static_cast<std::size_t>(std::min<std::uint64_t>(facts, number_max)) + 1;
    for (auto* column : {&dossier_, &cell_of_, &previous_, &delta_}) column->reserve(size);
    day_.reserve(size);
}

Result<void> Postings::apply(std::uint64_t seq, std::string_view record) {
    QY_ASSERT(seq == std::uint64_t{applied_} + 1);
    if (seq > number_max)
        return Error{ErrorCode::too_large, "more facts than the statistics index can number"};
    const facts::Envelope envelope = TRY(facts::decode_envelope(record));
    if (envelope.seq != seq)
        return Error{ErrorCode::record_malformed, fmt::format("record {} stands at {}", envelope.seq, seq)};
    const std::size_t size = static_cast<std::size_t>(seq) + 1;
    for (auto* column : {&dossier_, &cell_of_, &previous_, &delta_}) grow(*column, size);
    grow(day_, size);
    day_[seq] = envelope.happened_on.days;
    const std::int32_t recorded = envelope.recorded_at.date().days;
    if (recorded_days_.empty() || recorded_days_.back().second != recorded)
        recorded_days_.emplace_back(static_cast<Number>(seq), recorded);

    Result<void> result;
    if (envelope.kind == "step_taken")
        result = step(envelope);
    else if (envelope.kind == "dossier_opened")
        result = opening(envelope);
    else if (envelope.kind == "fact_voided")
        result = voiding(envelope);
    else if (envelope.kind == "batch_received")
        result = batch(envelope);
    else if (envelope.kind == "organisation_recorded" || envelope.kind == "organisation_ended" ||
             envelope.kind == "figure_reported") {
        facts::Payload payload = TRY(facts::decode_payload(envelope.kind, envelope.payload));
        const auto number = static_cast<Number>(seq);
        if (auto* organisation = std::get_if<facts::OrganisationRecorded>(&payload))
            organisation_facts_.push_back({number, std::move(*organisation), {}});
        else if (auto* ended = std::get_if<facts::OrganisationEnded>(&payload))
            organisation_facts_.push_back({number, {}, std::move(*ended)});
        else
            reported_.push_back({number, 0, std::get<facts::FigureReported>(std::move(payload))});
    }
    CHECK(std::move(result));
    applied_ = static_cast<Number>(seq);
    return {};
}

Result<void> Postings::opening(const facts::Envelope& envelope) {
    const auto seq = static_cast<Number>(envelope.seq);
    Dossier dossier;
    dossier.opened = seq;
    dossier.id_at = ids_.size();
    std::string_view procedure, state;
    Values values(attribute_names_.size());
    const auto set = [&](std::string_view name, std::string_view value) {
        for (std::size_t i = 0; i < attribute_names_.size(); ++i)
            if (attribute_names_[i] == name) values[i] = values_.number(value);
    };
    CborReader in(envelope.payload);
    std::optional<CborReader> form;
    const std::uint64_t count = TRY(in.map());
    for (std::uint64_t i = 0; i < count; ++i) {
        const std::string_view key = TRY(in.text());
        if (key == "id")
            ids_ += TRY(in.text());
        else if (key == "procedure")
            procedure = TRY(in.text());
        else if (key == "state")
            state = TRY(in.text());
        else if (key == "operator_id")
            dossier.operator_id = operators_.number(TRY(in.text()));
        else if (key == "category" || key == "campaign")
            set(key, TRY(in.text()));
        else if (key == "source")
            dossier.source = static_cast<Number>(TRY(in.integer()));
        else if (key == "source_fact")
            dossier.source_fact = static_cast<Number>(TRY(in.integer()));
        else {
            if (key == "attributes") form = in;
            CHECK(in.skip());
        }
    }
    const Number measure = measure_of(procedure, {});
    if (form) TRY(read_form(*form, values, measure, seq));
    dossier.attributes = delta_[seq] = intern(values);
    dossier_[seq] = static_cast<Number>(dossiers_.size());
    if (staged_.contains(procedure))
        stays_[dossier_[seq]] = {{seq, std::string(state), envelope.happened_on.days}};
    if (dossiers_.size() == dossiers_.capacity())
        dossiers_.reserve(dossiers_.size() + dossiers_.size() / 8 + 64);
    dossiers_.push_back(dossier);
    post(seq, measure, dossier.attributes, envelope);
    return {};
}

Result<void> Postings::step(const facts::Envelope& envelope) {
    const auto seq = static_cast<Number>(envelope.seq);
    std::string_view procedure;
    std::string_view name, to;
    CborReader in(envelope.payload);
    std::optional<CborReader> form;
    const std::uint64_t count = TRY(in.map());
    for (std::uint64_t i = 0; i < count; ++i) {
        const std::string_view key = TRY(in.text());
        if (key == "procedure")
            procedure = TRY(in.text());
        else if (key == "step")
            name = TRY(in.text());
        else if (key == "to")
            to = TRY(in.text());
        else {
            if (key == "form") form = in;
            CHECK(in.skip());
        }
    }
    const Number number = envelope.dossier < seq ? dossier_[envelope.dossier] : 0;
    if (number == 0 || dossiers_[number].opened != envelope.dossier)
        return Error{ErrorCode::record_malformed, fmt::format("fact {} belongs to no dossier", seq)};
    Dossier& dossier = dossiers_[number];
    const Number measure = measure_of(procedure, name);
    const bool staged = staged_.contains(procedure);
    if (form || staged) {
        std::fill(form_values_.begin(), form_values_.end(), 0);
        const bool is_given = form && TRY(read_form(*form, form_values_, measure, seq));
        if (staged) leave(number, seq, measure, to, envelope.happened_on.days, form_values_);
        if (is_given || staged) delta_[seq] = intern(form_values_);
    }
    dossier_[seq] = number;
    previous_[seq] = dossier.last;
    dossier.last = seq;
    dossier.attributes = merged(dossier.attributes, delta_[seq]);
    post(seq, measure, dossier.attributes, envelope);
    // A dossier that was voided takes no more steps; one that is written nevertheless does not count.
    if (voided_at_.contains(dossier.opened)) mark_void(seq, seq);
    return {};
}

void Postings::leave(Number dossier, Number seq, Number measure, std::string_view to, std::int32_t day,
                     Values& values) {
    std::vector<Stay>& stays = stays_[dossier];
    if (stays.empty()) return;
    const bool moves = to != stays.back().state;
    for (std::size_t i = 0; i < attribute_names_.size(); ++i)
        if (attribute_names_[i] == left_state)
            values[i] = values_.number(moves ? std::string_view(stays.back().state) : "-");
    if (!moves) return;
    const auto summed = summed_fields_.find(measures_.text(measure));
    if (summed != summed_fields_.end() &&
        std::ranges::find(summed->second, days_in_state) != summed->second.end())
        amounts_[std::string(days_in_state)].emplace_back(seq, day - stays.back().since);
    stays.push_back({seq, std::string(to), day});
}

Result<void> Postings::batch(const facts::Envelope& envelope) {
    const auto seq = static_cast<Number>(envelope.seq);
    std::string_view format;
    CborReader in(envelope.payload);
    const std::uint64_t count = TRY(in.map());
    for (std::uint64_t i = 0; i < count; ++i) {
        const std::string_view key = TRY(in.text());
        if (key == "format")
            format = TRY(in.text());
        else if (key == "rows")
            batch_rows_[seq] = static_cast<std::uint64_t>(TRY(in.integer()));
        else
            CHECK(in.skip());
    }
    batch_rows_.try_emplace(seq, 0);
    post(seq, measures_.number("batch:" + std::string(format)), 0, envelope);
    return {};
}

Result<void> Postings::voiding(const facts::Envelope& envelope) {
    const auto seq = static_cast<Number>(envelope.seq);
    Number target = 0;
    CborReader in(envelope.payload);
    const std::uint64_t count = TRY(in.map());
    for (std::uint64_t i = 0; i < count; ++i) {
        if (TRY(in.text()) == "target")
            target = static_cast<Number>(TRY(in.integer()));
        else
            CHECK(in.skip());
    }
    if (target == 0 || target >= seq) return {};
    for (ReportedFact& reported : reported_)
        if (reported.seq == target && reported.voided_at == 0) reported.voided_at = seq;
    mark_void(target, seq);
    const Number number = dossier_[target];
    if (number == 0) return {};
    if (const auto stays = stays_.find(number); stays != stays_.end())
        std::erase_if(stays->second, [&](const Stay& stay) {
            return stay.seq == target && stay.seq != dossiers_[number].opened;
        });
    if (dossiers_[number].opened != target) {
        settle_attributes(number);
        return {};
    }
    for (Number each = dossiers_[number].last; each != 0; each = previous_[each]) mark_void(each, seq);
    return {};
}

Number Postings::measure_of(std::string_view procedure, std::string_view step) {
    measure_key_.assign(procedure);
    measure_key_ += '.';
    measure_key_ += step;
    return measures_.number(measure_key_);
}

Result<bool> Postings::read_form(CborReader form, Values& values, Number measure, Number seq) {
    const auto summed = summed_fields_.find(measures_.text(measure));
    const auto names = [](const std::vector<std::string>& list, std::string_view key) {
        return std::find(list.begin(), list.end(), key) != list.end();
    };
    bool is_given = false;
    const std::uint64_t count = TRY(form.map());
    for (std::uint64_t i = 0; i < count; ++i) {
        const std::string_view key = TRY(form.text());
        const auto tracked = std::find(attribute_names_.begin(), attribute_names_.end(), key);
        CborReader value = form;
        CHECK(form.skip());
        if (summed != summed_fields_.end() && names(summed->second, key) &&
            TRY(value.peek()) == CborType::integer) {
            CborReader amount = value;
            amounts_[std::string(key)].emplace_back(seq, TRY(amount.integer()));
        }
        if (names(operator_fields_, key) && TRY(value.peek()) == CborType::text) {
            CborReader named = value;
            named_operators_[std::string(key)].emplace_back(seq, operators_.number(TRY(named.text())));
        }
        if (tracked == attribute_names_.end()) continue;
        if (const auto text = TRY(condition_text(value))) {
            values[static_cast<std::size_t>(tracked - attribute_names_.begin())] = values_.number(*text);
            is_given = true;
        }
    }
    return is_given;
}

// --- cells

void Postings::post(Number seq, Number measure, Number attributes, const facts::Envelope& envelope) {
    const Number number = cell(measure, attributes, organisations_.number(envelope.organisation));
    cell_of_[seq] = number;
    if (cells_[number].patterns.empty()) return;
    const std::int32_t month = month_of(envelope.happened_on.days);
    if (last_month_ < first_month_) first_month_ = last_month_ = month;
    first_month_ = std::min(first_month_, month);
    last_month_ = std::max(last_month_, month);
    touch(cells_[number], month);
    std::vector<Number>& facts = bucket(cells_[number], month).facts;
    if (facts.size() == facts.capacity()) facts.reserve(facts.size() + facts.size() / 4 + 4);
    facts.push_back(seq);
}

Number Postings::intern(const Values& values) {
    const auto [found, is_new] =
        attribute_numbers_.try_emplace(values, static_cast<Number>(attributes_.size()));
    if (is_new) attributes_.push_back(values);
    return found->second;
}

Number Postings::merged(Number attributes, Number delta) {
    if (delta == 0) return attributes;
    const std::uint64_t key = std::uint64_t{attributes} << 32 | delta;
    const auto found = merges_.find(key);
    if (found != merges_.end()) return found->second;
    Values values = attributes_[attributes];
    for (std::size_t i = 0; i < values.size(); ++i)
        if (attributes_[delta][i] != 0) values[i] = attributes_[delta][i];
    return merges_[key] = intern(values);
}

void Postings::settle_attributes(Number number) {
    Dossier& dossier = dossiers_[number];
    std::vector<Number> steps;
    for (Number each = dossier.last; each != 0; each = previous_[each])
        if (!voided_at_.contains(each)) steps.push_back(each);
    dossier.attributes = delta_[dossier.opened];
    for (auto each = steps.rbegin(); each != steps.rend(); ++each)
        dossier.attributes = merged(dossier.attributes, delta_[*each]);
}

Number Postings::cell(Number measure, Number attributes, Number organisation) {
    const auto [found, is_new] =
        cell_numbers_.try_emplace({measure, attributes, organisation}, static_cast<Number>(cells_.size()));
    if (is_new) {
        Cell& made = cells_.emplace_back();
        made.measure = measure;
        made.attributes = attributes;
        made.organisation = organisation;
        match(found->second);
    }
    return found->second;
}

void Postings::match(Number number) {
    Cell& made = cells_[number];
    for (std::size_t pattern = 0; pattern < statistics_.size(); ++pattern) {
        if (!matches(statistics_[pattern], made)) continue;
        made.patterns.push_back(static_cast<std::uint16_t>(pattern));
        auto& by_organisation = matching_[pattern];
        if (by_organisation.size() <= made.organisation) by_organisation.resize(made.organisation + 1);
        by_organisation[made.organisation].push_back(number);
    }
}

bool Postings::matches(const law::Statistic& statistic, const Cell& made) const {
    const std::string& measure = measures_.text(made.measure);
    if (std::none_of(statistic.measures.begin(), statistic.measures.end(),
                     [&](const law::Measure& each) { return measure_text(each) == measure; }))
        return false;
    return std::all_of(
        statistic.where.begin(), statistic.where.end(), [&](const law::AttributeCondition& condition) {
            const auto at = std::find(attribute_names_.begin(), attribute_names_.end(), condition.attribute);
            const Number value =
                attributes_[made.attributes][static_cast<std::size_t>(at - attribute_names_.begin())];
            if (value == 0) return false;
            const std::vector<std::string> held = split(values_.text(value), list_separator);
            return std::find_first_of(held.begin(), held.end(), condition.values.begin(),
                                      condition.values.end()) != held.end();
        });
}

std::int32_t Postings::month_of(std::int32_t day) {
    if (day < cached_month_from_ || cached_month_to_ < day) {
        const Date date{day};
        const Date first = date - (date.day() - 1);
        cached_month_from_ = first.days;
        cached_month_to_ = first.plus_months(1).days - 1;
        cached_month_ = month_number(date);
    }
    return cached_month_;
}

Bucket& Postings::bucket(Cell& in, std::int32_t month) {
    if (!in.buckets.empty() && in.buckets.back().month == month) return in.buckets.back();
    const auto at =
        std::lower_bound(in.buckets.begin(), in.buckets.end(), month,
                         [](const Bucket& bucket, std::int32_t each) { return bucket.month < each; });
    if (at != in.buckets.end() && at->month == month) return *at;
    Bucket made;
    made.month = month;
    return *in.buckets.insert(at, std::move(made));
}

void Postings::mark_void(Number seq, Number at) {
    if (!voided_at_.try_emplace(seq, at).second) return;
    touched_.voids = true;
    if (cell_of_[seq] == 0 || cells_[cell_of_[seq]].patterns.empty()) return;
    bucket(cells_[cell_of_[seq]], month_of(day_[seq])).voids.emplace_back(seq, at);
}

void Postings::touch(const Cell& in, std::int32_t month) {
    touched_.first_month = std::min(touched_.first_month, month);
    for (const std::uint16_t pattern : in.patterns) touched_.patterns[pattern] = 1;
    if (touched_.organisations.size() <= in.organisation) touched_.organisations.resize(in.organisation + 1);
    touched_.organisations[in.organisation] = 1;
}

void Postings::take_down_marks() {
    std::fill(touched_.patterns.begin(), touched_.patterns.end(), 0);
    std::fill(touched_.organisations.begin(), touched_.organisations.end(), 0);
    touched_.first_month = std::numeric_limits<std::int32_t>::max();
    touched_.voids = false;
}

// --- sets

std::uint64_t Postings::count(const Selection& selection) const {
    const auto& by_organisation = matching_[selection.pattern];
    const std::int32_t first = month_number(selection.from);
    const std::int32_t last = month_number(selection.to);
    const Date after_month = selection.to + 1;
    const bool cuts_first = selection.from.day() != 1;
    const bool cuts_last = after_month.day() != 1;
    std::uint64_t total = 0;
    const auto in_period = [&](Number seq) { return selection.from <= day(seq) && day(seq) <= selection.to; };
    const auto add = [&](const Bucket& bucket) {
        const bool is_cut = (bucket.month == first && cuts_first) || (bucket.month == last && cuts_last);
        const auto end = bucket.facts.back() <= selection.as_of
                             ? bucket.facts.end()
                             : std::upper_bound(bucket.facts.begin(), bucket.facts.end(), selection.as_of);
        if (is_cut)
            total += static_cast<std::uint64_t>(std::count_if(bucket.facts.begin(), end, in_period));
        else
            total += static_cast<std::uint64_t>(end - bucket.facts.begin());
        for (const auto& [seq, at] : bucket.voids)
            if (at <= selection.as_of && (!is_cut || in_period(seq))) --total;
    };
    for (std::size_t organisation = 0; organisation < by_organisation.size(); ++organisation) {
        if (organisation >= selection.organisations->size() || (*selection.organisations)[organisation] == 0)
            continue;
        for (const Number number : by_organisation[organisation]) {
            const auto& buckets = cells_[number].buckets;
            auto bucket = from_month(cells_[number], first);
            for (; bucket != buckets.end() && bucket->month <= last; ++bucket) add(*bucket);
        }
    }
    return total;
}

std::vector<Bucket>::const_iterator Postings::from_month(const Cell& in, std::int32_t month) {
    return std::lower_bound(in.buckets.begin(), in.buckets.end(), month,
                            [](const Bucket& each, std::int32_t at) { return each.month < at; });
}

Postings::Extent Postings::extent(std::size_t pattern, Number organisation, std::int32_t month) const {
    Extent out;
    if (organisation >= matching_[pattern].size()) return out;
    for (const Number number : matching_[pattern][organisation]) {
        const auto bucket = from_month(cells_[number], month);
        if (bucket == cells_[number].buckets.end() || bucket->month != month) continue;
        out.facts += bucket->facts.size();
        out.voids += bucket->voids.size();
    }
    return out;
}

std::vector<Number> Postings::page(const Selection& selection, Number after, std::size_t limit) const {
    std::vector<Number> out;
    const auto& by_organisation = matching_[selection.pattern];
    const std::int32_t first = month_number(selection.from);
    const std::int32_t last = month_number(selection.to);
    for (std::size_t organisation = 0; organisation < by_organisation.size(); ++organisation) {
        if (organisation >= selection.organisations->size() || (*selection.organisations)[organisation] == 0)
            continue;
        for (const Number number : by_organisation[organisation])
            for (auto in = from_month(cells_[number], first); in != cells_[number].buckets.end(); ++in) {
                const Bucket& bucket = *in;
                if (bucket.month > last) break;
                std::size_t taken = 0;
                auto at = std::upper_bound(bucket.facts.begin(), bucket.facts.end(), after);
                for (; at != bucket.facts.end() && *at <= selection.as_of && taken < limit; ++at) {
                    if (day(*at) < selection.from || selection.to < day(*at) || is_void(*at, selection.as_of))
                        continue;
                    out.push_back(*at);
                    ++taken;
                }
            }
    }
    std::sort(out.begin(), out.end());
    if (out.size() > limit) out.resize(limit);
    return out;
}

// --- facts

bool Postings::is_void(Number seq, Number as_of) const {
    if (voided_at_.empty()) return false;
    const auto found = voided_at_.find(seq);
    return found != voided_at_.end() && found->second <= as_of;
}

std::uint64_t Postings::rows(Number seq) const {
    if (batch_rows_.empty()) return 1;
    const auto found = batch_rows_.find(seq);
    return found == batch_rows_.end() ? 1 : found->second;
}

namespace {
template <class Value>
std::optional<Value> value_at(
    const std::map<std::string, std::vector<std::pair<Number, Value>>, std::less<>>& fields,
    std::string_view field, Number seq) {
    const auto found = fields.find(field);
    if (found == fields.end()) return std::nullopt;
    const auto at = std::lower_bound(found->second.begin(), found->second.end(), seq,
                                     [](const auto& each, Number number) { return each.first < number; });
    if (at == found->second.end() || at->first != seq) return std::nullopt;
    return at->second;
}
}  // namespace

std::optional<std::int64_t> Postings::amount(Number seq, std::string_view field) const {
    return value_at(amounts_, field, seq);
}

Number Postings::operator_in(Number seq, std::string_view field) const {
    return value_at(named_operators_, field, seq).value_or(0);
}

std::string Postings::record_id(Number seq, const law::Statistics& statistics) const {
    if (seq == 0 || seq > applied_ || cell_of_[seq] == 0) return {};
    const std::string& measure = measures_.text(cells_[cell_of_[seq]].measure);
    if (measure.starts_with("batch:")) return measure.substr(6);
    const Number number = dossier_[seq];
    const std::uint64_t end = number + 1 < dossiers_.size() ? dossiers_[number + 1].id_at : ids_.size();
    const std::string id = ids_.substr(dossiers_[number].id_at, end - dossiers_[number].id_at);
    const auto dot = measure.find('.');
    const std::string step = measure.substr(dot + 1);
    if (step.empty()) return id;
    const Number measured = cells_[cell_of_[seq]].measure;
    Number ordinal = 0;
    for (Number each = seq; each != 0; each = previous_[each])
        if (cells_[cell_of_[each]].measure == measured) ++ordinal;
    if (ordinal == 1 && !statistics.is_repeatable({measure.substr(0, dot), step, {}})) return id;
    return fmt::format("{}/{}-{}", id, step, ordinal);
}

Date Postings::recorded_on(Number seq) const {
    const auto after = std::upper_bound(recorded_days_.begin(), recorded_days_.end(), seq,
                                        [](Number number, const auto& each) { return number < each.first; });
    if (recorded_days_.empty()) return {};
    return {after == recorded_days_.begin() ? after->second : std::prev(after)->second};
}

std::size_t Postings::bytes() const {
    std::size_t bytes = ids_.capacity() + bytes_of_vector(dossiers_) + bytes_of_vector(day_);
    for (const auto* column : {&dossier_, &cell_of_, &previous_, &delta_}) bytes += bytes_of_vector(*column);
    for (const Cell& each : cells_) {
        bytes += sizeof(Cell) + bytes_of_vector(each.patterns) + bytes_of_vector(each.buckets);
        for (const Bucket& bucket : each.buckets)
            bytes += bytes_of_vector(bucket.facts) + bytes_of_vector(bucket.voids);
    }
    for (const auto& [field, amounts] : amounts_) bytes += bytes_of_vector(amounts);
    bytes += (voided_at_.size() + batch_rows_.size() + merges_.size()) * 32 + cell_numbers_.size() * 40;
    return bytes + organisations_.bytes() + operators_.bytes() + values_.bytes();
}

}  // namespace qingyuan::account
