// What a custody rule must know beside the events: operators, products, batches, documents. Small tables,
// held whole; documents, of which there are many, stay in the store.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "packs/event.hpp"
#include "packs/text_numbers.hpp"

namespace qingyuan::packs {

enum class OperatorType : std::uint8_t {
    manufacturer,
    wholesaler,
    chain_headquarters,
    chain_store,
    pharmacy,
    hospital,
    other
};
constexpr std::array<std::string_view, 7> operator_types{
    "manufacturer", "wholesaler", "chain_headquarters", "chain_store", "pharmacy", "hospital", "other"};

constexpr std::uint32_t scope_psychotropic_2 = 1;
/// Bits of the scopes that rules ask for; other words are kept as text only.
[[nodiscard]] std::uint32_t scope_bits(std::string_view joined);

struct Operator {
    std::string id;
    OperatorType type = OperatorType::other;
    std::string headquarters;  ///< id of a chain store's headquarters
    std::string region;
    std::string scopes;       ///< joined by |
    std::string name;         ///< where it is known
    bool registered = false;  ///< as the registry says; a table that somebody hands in goes before it
    std::int64_t licence_from_ms = INT64_MAX;
    std::int64_t licence_to_ms = INT64_MIN;  ///< inclusive; from > to = no licence
    std::int64_t capacity = 0;  ///< packs in thirty days, as the firm declared it; 0 = not declared
    bool operator==(const Operator&) const = default;

    [[nodiscard]] bool licensed_at(std::int64_t ms) const {
        return licence_from_ms <= ms && ms <= licence_to_ms;
    }
};

struct Product {
    std::uint64_t code = 0;  ///< first 7 digits, or a GTIN-14
    std::string holder;      ///< operator id; need not be among the operators
    std::string class_word;  ///< psychotropic_2, prescription or empty
    std::string name;        ///< where it is known
    std::int64_t approved_from_ms = INT64_MIN;
    std::int64_t approved_to_ms = INT64_MAX;  ///< last instant of its approval
    bool operator==(const Product&) const = default;
};

struct Batch {
    std::string id;
    std::uint64_t product = 0;
    std::string holder;
    std::int64_t produced_ms = INT64_MIN;
    std::int64_t expires_ms = INT64_MAX;
    std::int64_t recalled_ms = INT64_MAX;
    bool operator==(const Batch&) const = default;
};

/// A document as invoiced.
struct Document {
    Name id = 0;
    std::uint32_t seller = 0;
    std::uint32_t buyer = 0;
    std::uint32_t batch = 0;
    std::int64_t quantity = 0;
    bool operator==(const Document&) const = default;
};

/// Operators, products and batches by number and by id. Numbers begin with 1, are given in the order of
/// arrival and never change. Reading is safe from many threads while nobody adds.
class Reference {
 public:
    /// Adds or replaces; the number. `changed` says whether anything differs from before.
    std::uint32_t put(Operator value, bool* changed = nullptr);
    std::uint32_t put(Batch value, bool* changed = nullptr);
    void put(Product value, bool* changed = nullptr);

    [[nodiscard]] std::uint32_t find_operator(std::string_view id) const;  ///< 0 = none
    [[nodiscard]] std::uint32_t find_batch(std::string_view id) const;     ///< 0 = none
    /// A batch that events name before its record came is entered with its id alone.
    std::uint32_t batch_of(std::string_view id);
    [[nodiscard]] const Product* find_product(std::uint64_t code) const;

    [[nodiscard]] const Operator& operator_at(std::uint32_t number) const { return operators_[number]; }
    [[nodiscard]] const Batch& batch_at(std::uint32_t number) const { return batches_[number]; }
    [[nodiscard]] std::uint32_t headquarters_of(std::uint32_t number) const { return headquarters_[number]; }
    /// The holder of a product, 0 where it is not among the operators.
    [[nodiscard]] std::uint32_t holder_of(std::uint64_t product) const;
    /// A number that depends on the id only, for checksums that do not depend on the order of arrival.
    [[nodiscard]] std::uint64_t operator_mark(std::uint32_t number) const { return operator_marks_[number]; }
    [[nodiscard]] std::uint64_t batch_mark(std::uint32_t number) const { return batch_marks_[number]; }

    [[nodiscard]] std::uint32_t operators() const {
        return static_cast<std::uint32_t>(operators_.size()) - 1;
    }
    [[nodiscard]] std::uint32_t batches() const { return static_cast<std::uint32_t>(batches_.size()) - 1; }
    [[nodiscard]] const std::unordered_map<std::uint64_t, Product>& products() const { return products_; }

    /// Resolves headquarters and holders that came later than those that name them; call after adding.
    void link();

 private:
    std::vector<Operator> operators_{1};
    std::vector<std::uint32_t> headquarters_{0};
    std::vector<std::uint64_t> operator_marks_{0};
    TextNumbers operator_numbers_;
    std::vector<Batch> batches_{1};
    std::vector<std::uint64_t> batch_marks_{0};
    TextNumbers batch_numbers_;
    std::unordered_map<std::uint64_t, Product> products_;
    std::unordered_map<std::uint64_t, std::uint32_t> holders_;
};

}  // namespace qingyuan::packs
