#include "observe/epcis_write.hpp"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/date.hpp"
#include "observe/epcis_words.hpp"

namespace qingyuan::observe {

namespace {

void append_text(std::string_view text, std::string& out) {
    out += '"';
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (byte < 0x20) {
            out += fmt::format("\\u{:04x}", byte);
        } else {
            out += c;
        }
    }
    out += '"';
}

/// A decimal number as JSON writes it: "+.50" is 0.50, "007." is 7.
void append_number(std::string_view text, std::string& out) {
    if (text.starts_with('+')) text.remove_prefix(1);
    if (text.starts_with('-')) {
        out += '-';
        text.remove_prefix(1);
    }
    const std::size_t end = std::min(text.find_first_of(".eE"), text.size());
    std::string_view whole = text.substr(0, end);
    while (whole.size() > 1 && whole.front() == '0') whole.remove_prefix(1);
    out += whole.empty() ? "0" : whole;
    std::string_view rest = text.substr(end);
    if (rest.starts_with('.')) {
        const std::size_t digits = std::min(rest.find_first_not_of("0123456789", 1), rest.size());
        if (digits > 1) out += rest.substr(0, digits);
        rest.remove_prefix(digits);
    }
    out += rest;
}

bool is_numeric(Report field) {
    return (field >= Report::min_value && field <= Report::perc_value) || field == Report::value;
}

std::string time_text(std::int64_t ms) {
    const std::int64_t days = ms >= 0 ? ms / 86'400'000 : -((-ms + 86'399'999) / 86'400'000);
    const std::int64_t rest = ms - days * 86'400'000;
    return fmt::format("{}T{:02}:{:02}:{:02}.{:03}Z", Date{static_cast<std::int32_t>(days)}.text(),
                       rest / 3'600'000, rest / 60'000 % 60, rest / 1000 % 60, rest % 1000);
}

class Writer {
 public:
    Writer(const Event& event, std::string& out) : event_(event), out_(out) {
        for (const Prefix& one : event.prefixes)
            if (!one.name.empty() && !one.uri.empty())
                prefixes_.insert_or_assign(std::string(one.name), one.uri);
        for (const Node& node : event.nodes)
            if (!node.space.empty()) name_space(node.space);
    }

    void write(std::string_view event_id, std::int64_t recorded_ms) {
        open();
        if (!prefixes_.empty()) context();
        text("type", text_of(event_.type));
        text("eventID", event_.event_id.empty() ? event_id : event_.event_id);
        text("eventTime", time_text(event_.event_time.ms));
        text("eventTimeZoneOffset", event_.offset);
        text("recordTime", time_text(event_.record_time.present ? event_.record_time.ms : recorded_ms));
        error();
        list("certificationInfo", event_.certifications, false);
        text("parentID", event_.parent_id);
        list("epcList", event_.epcs, has(Field::epcs));
        list("childEPCs", event_.children, has(Field::children));
        list("inputEPCList", event_.inputs, has(Field::inputs));
        list("outputEPCList", event_.outputs, has(Field::outputs));
        quantities("quantityList", event_.quantities);
        quantities("childQuantityList", event_.child_quantities);
        quantities("inputQuantityList", event_.input_quantities);
        quantities("outputQuantityList", event_.output_quantities);
        text("transformationID", event_.transformation_id);
        text("action", text_of(event_.action));
        text("bizStep", event_.biz_step.value());
        text("disposition", event_.disposition.value());
        persistent();
        place("readPoint", event_.read_point);
        place("bizLocation", event_.biz_location);
        typed("bizTransactionList", "bizTransaction", event_.transactions);
        typed("sourceList", "source", event_.sources);
        typed("destinationList", "destination", event_.destinations);
        sensors();
        if (!event_.ilmd.empty()) {
            key("ilmd");
            object(event_.ilmd);
        }
        chain(event_.extensions);
        close();
    }

 private:
    [[nodiscard]] bool has(Field field) const {
        return (event_.fields >> static_cast<unsigned>(field) & 1) != 0;
    }

    /// The prefix that stands for a namespace; a new one where the document has none.
    const std::string& name_space(std::string_view uri) {
        if (const auto known = names_.find(uri); known != names_.end()) return known->second;
        for (const auto& [name, at] : prefixes_)
            if (at == uri) return names_.emplace(uri, name).first->second;
        std::string fresh;
        for (int i = 1; fresh.empty() || prefixes_.contains(fresh); ++i) fresh = fmt::format("ext{}", i);
        prefixes_.emplace(fresh, uri);
        return names_.emplace(uri, fresh).first->second;
    }

    void open() {
        out_ += '{';
        first_ = true;
    }
    void close() {
        out_ += '}';
        first_ = false;
    }
    void comma() {
        if (!first_) out_ += ',';
        first_ = false;
    }
    void key(std::string_view name) {
        comma();
        append_text(name, out_);
        out_ += ':';
    }
    void text(std::string_view name, std::string_view value) {
        if (value.empty()) return;
        key(name);
        append_text(value, out_);
    }
    void context() {
        key("@context");
        out_ += '[';
        open();
        for (const auto& [name, uri] : prefixes_) text(name, uri);
        close();
        out_ += ']';
    }
    void list(std::string_view name, const std::vector<std::string_view>& values, bool even_empty) {
        if (values.empty() && !even_empty) return;
        key(name);
        out_ += '[';
        for (std::size_t i = 0; i < values.size(); ++i) {
            if (i > 0) out_ += ',';
            append_text(values[i], out_);
        }
        out_ += ']';
    }
    void words(std::string_view name, const std::vector<Word>& values) {
        std::vector<std::string_view> texts;
        for (const Word& word : values) texts.push_back(word.value());
        list(name, texts, false);
    }
    /// [ {…}, {…} ]
    template <class V, class Each>
    void objects(std::string_view name, const std::vector<V>& values, const Each& each) {
        if (values.empty()) return;
        key(name);
        out_ += '[';
        for (std::size_t i = 0; i < values.size(); ++i) {
            if (i > 0) out_ += ',';
            open();
            each(values[i]);
            close();
        }
        out_ += ']';
    }
    void quantities(std::string_view name, const std::vector<Quantity>& values) {
        objects(name, values, [&](const Quantity& one) {
            text("epcClass", one.epc_class);
            if (!one.quantity.empty()) {
                key("quantity");
                append_number(one.quantity, out_);
            }
            text("uom", one.uom);
        });
    }
    void typed(std::string_view name, std::string_view id_key, const std::vector<TypedId>& values) {
        objects(name, values, [&](const TypedId& one) {
            text("type", one.type.value());
            text(id_key, one.id);
        });
    }
    void place(std::string_view name, const Place& value) {
        if (value.id.empty() && value.extensions.empty()) return;
        key(name);
        open();
        text("id", value.id);
        chain(value.extensions);
        close();
    }
    void persistent() {
        if (event_.set.empty() && event_.unset.empty()) return;
        key("persistentDisposition");
        open();
        words("set", event_.set);
        words("unset", event_.unset);
        close();
    }
    void error() {
        if (!event_.error.present) return;
        key("errorDeclaration");
        open();
        text("declarationTime", time_text(event_.error.declared_at.ms));
        text("reason", event_.error.reason.value());
        list("correctiveEventIDs", event_.error.corrective_event_ids, false);
        chain(event_.error.extensions);
        close();
    }

    void sensors() {
        objects("sensorElementList", event_.sensors, [&](const SensorElement& one) {
            const bool any =
                std::ranges::any_of(one.metadata, [](std::string_view value) { return !value.empty(); });
            if (any || !one.metadata_extensions.empty()) {
                key("sensorMetadata");
                open();
                for (std::size_t i = 0; i < one.metadata.size(); ++i)
                    text(name_of(static_cast<Meta>(i)), one.metadata[i]);
                chain(one.metadata_extensions);
                close();
            }
            const std::vector<SensorReport> reports(
                event_.sensor_reports.begin() + one.first_report,
                event_.sensor_reports.begin() + one.first_report + one.report_count);
            objects("sensorReport", reports, [&](const SensorReport& value) { report(value); });
            chain(one.extensions);
        });
    }
    void report(const SensorReport& value) {
        for (std::size_t i = 0; i < value.fields.size(); ++i) {
            const auto field = static_cast<Report>(i);
            if (value.fields[i].empty()) continue;
            if (is_numeric(field)) {
                key(name_of(field));
                append_number(value.fields[i], out_);
            } else if (field == Report::boolean_value) {
                key(name_of(field));
                out_ += value.fields[i] == "true" || value.fields[i] == "1" ? "true" : "false";
            } else {
                text(name_of(field), value.fields[i]);
            }
        }
        chain(value.extensions);
    }

    // --- extensions: siblings of one name are an array

    [[nodiscard]] const Node& node(std::int32_t at) const {
        return event_.nodes[static_cast<std::size_t>(at)];
    }

    void chain(const Siblings& siblings) { members(siblings.first); }
    void object(const Siblings& siblings) {
        open();
        members(siblings.first);
        close();
    }
    void members(std::int32_t first) {
        std::vector<std::pair<std::string, std::vector<std::int32_t>>> groups;
        for (std::int32_t at = first; at >= 0; at = node(at).next) {
            const std::string name = node(at).space.empty()
                                         ? std::string(node(at).name)
                                         : name_space(node(at).space) + ":" + std::string(node(at).name);
            const auto known = std::ranges::find(groups, name, &decltype(groups)::value_type::first);
            if (known == groups.end())
                groups.push_back({name, {at}});
            else
                known->second.push_back(at);
        }
        for (const auto& [name, values] : groups) {
            key(name);
            if (values.size() > 1) out_ += '[';
            for (std::size_t i = 0; i < values.size(); ++i) {
                if (i > 0) out_ += ',';
                value(node(values[i]));
            }
            if (values.size() > 1) out_ += ']';
        }
    }
    void value(const Node& one) {
        if (one.first_child < 0) {
            append_text(one.text, out_);
            return;
        }
        open();
        text("#text", one.text);
        members(one.first_child);
        close();
    }

    const Event& event_;
    std::string& out_;
    bool first_ = true;
    std::map<std::string, std::string_view, std::less<>> prefixes_;  ///< name → namespace
    std::map<std::string, std::string, std::less<>> names_;          ///< namespace → name
};

}  // namespace

void write_epcis_event(const Event& event, std::string_view event_id, std::int64_t recorded_ms,
                       std::string& out) {
    Writer(event, out).write(event_id, recorded_ms);
}

}  // namespace qingyuan::observe
