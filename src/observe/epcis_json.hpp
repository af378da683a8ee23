// The parts of the JSON reader: values with named errors, and one event. simdjson reads on demand: a value is
// looked at once, in the order of the text, and every string is copied at most once into the parser's buffer.
#pragma once

#define SIMDJSON_EXCEPTIONS 0  // a result that is not asked for its error does not compile
#include <simdjson.h>

#include <string>
#include <vector>

#include "observe/epcis_read.hpp"
#include "observe/epcis_words.hpp"

namespace qingyuan::observe {

/// Reads single values. Errors name what is wrong; their place is added by the callers.
class JsonValues {
 public:
    using Value = simdjson::ondemand::value;
    using Object = simdjson::ondemand::object;
    using Array = simdjson::ondemand::array;

    explicit JsonValues(const EpcisLimits& limits) : limits_(limits) {}

    [[nodiscard]] static Error malformed(simdjson::error_code code);
    [[nodiscard]] Result<std::string_view> text(Value value) const;
    [[nodiscard]] Result<std::string_view> number(Value value) const;  ///< as written
    [[nodiscard]] Result<std::string_view> boolean(Value value) const;
    [[nodiscard]] Result<Array> array(Value value) const;
    [[nodiscard]] Result<Object> object(Value value) const;
    /// Goes through a value that is not kept, so that nothing malformed hides in it.
    [[nodiscard]] Result<void> walk(Value value, std::size_t depth) const;
    /// A key or a string of the document without its quotes; "" where it has an escape in it.
    [[nodiscard]] static std::string_view raw(simdjson::ondemand::raw_json_string string);

    void key(std::string_view name) { keys_.push_back(name); }
    [[nodiscard]] std::size_t keys() const { return keys_.size(); }
    /// key_repeated if a key stands twice among those since `from`; forgets them.
    [[nodiscard]] Result<void> distinct_keys(std::size_t from);

 protected:
    const EpcisLimits& limits_;

 private:
    std::vector<std::string_view> keys_;  ///< of the objects being read
};

/// Reads events into one Event that keeps its memory, and hands them to the sink.
class JsonEvents : public JsonValues {
 public:
    JsonEvents(const EpcisLimits& limits, const EventSink& sink) : JsonValues(limits), sink_(sink) {}

    [[nodiscard]] Result<void> event(Object object);
    /// A context is a URL, an object of prefixes, or an array of both. A URL is never fetched.
    [[nodiscard]] Result<void> read_context(Value value);

    std::vector<Prefix> prefixes;
    std::vector<std::string_view> ignored;  ///< extension fields that the document excludes from the hash
    Strictness strictness = Strictness::json;
    std::size_t events = 0;

 private:
    Result<void> fields(Object object);
    Result<void> field(Field id, Value value);
    Result<void> moment(Field id, Value value);
    Result<void> list_field(Field id, Value value);
    Result<void> finish();
    Result<void> texts(Value value, std::vector<std::string_view>& list);
    Result<void> words(Value value, std::vector<Word>& list);
    Result<void> certifications(Value value);
    Result<void> quantities(Value value, std::vector<Quantity>& list);
    Result<void> typed(Value value, std::string_view id_key, std::vector<TypedId>& list);
    Result<void> place(Value value, Place& place);
    Result<void> error_declaration(Value value);
    Result<void> persistent(Value value);
    Result<void> sensor(Object object);
    Result<void> metadata(Value value, SensorElement& element);
    Result<void> report(Object object);
    Result<void> objects(Value value, bool one_is_enough, const auto& use);
    Result<void> members(Object object, const auto& use);
    Result<void> extension(Siblings& chain, std::string_view key, Value value);
    Result<void> node(Siblings* chain, std::int32_t parent, std::string_view key, Value value,
                      std::size_t depth);
    Result<void> children(std::int32_t parent, Object object, std::size_t depth);
    Result<void> add_prefix(std::string_view name, Value value);
    Result<void> counted();
    void resolve(Node& node) const;

    const EventSink& sink_;
    Event event_;
    std::string_view type_;
    std::size_t values_ = 0;
};

}  // namespace qingyuan::observe

// For the reader's own files: a simdjson error becomes ours, an error is placed below a field.
#define SJ(...)                                                                                  \
    do {                                                                                         \
        if (const simdjson::error_code sj = (__VA_ARGS__); sj) return JsonValues::malformed(sj); \
    } while (false)
#define UNDER(place, ...)                                                                        \
    do {                                                                                         \
        if (auto under = (__VA_ARGS__); !under) return below((place), std::move(under).error()); \
    } while (false)
