#include "packs/reference.hpp"

#include "base/text.hpp"
#include "packs/names.hpp"

namespace qingyuan::packs {

std::uint32_t scope_bits(std::string_view joined) {
    std::uint32_t bits = 0;
    for (const std::string& scope : split(joined, '|'))
        if (scope == "psychotropic_2") bits |= scope_psychotropic_2;
    return bits;
}

std::uint32_t Reference::put(Operator value, bool* changed) {
    const std::uint32_t known = operator_numbers_.find(value.id);
    if (changed) *changed = known == 0 || !(operators_[known] == value);
    if (known != 0) {
        operators_[known] = std::move(value);
        return known;
    }
    const auto number = static_cast<std::uint32_t>(operators_.size());
    operator_numbers_.add(value.id, number);
    operator_marks_.push_back(text_mark(value.id));
    headquarters_.push_back(0);
    operators_.push_back(std::move(value));
    return number;
}

std::uint32_t Reference::put(Batch value, bool* changed) {
    const std::uint32_t known = batch_numbers_.find(value.id);
    if (changed) *changed = known == 0 || !(batches_[known] == value);
    if (known != 0) {
        batches_[known] = std::move(value);
        return known;
    }
    const auto number = static_cast<std::uint32_t>(batches_.size());
    batch_numbers_.add(value.id, number);
    batch_marks_.push_back(text_mark(value.id));
    batches_.push_back(std::move(value));
    return number;
}

void Reference::put(Product value, bool* changed) {
    const auto at = products_.find(value.code);
    if (changed) *changed = at == products_.end() || !(at->second == value);
    products_.insert_or_assign(value.code, std::move(value));
}

std::uint32_t Reference::find_operator(std::string_view id) const {
    return operator_numbers_.find(id);
}

std::uint32_t Reference::find_batch(std::string_view id) const {
    return batch_numbers_.find(id);
}

std::uint32_t Reference::batch_of(std::string_view id) {
    if (id.empty()) return 0;
    if (const std::uint32_t known = find_batch(id); known != 0) return known;
    return put(Batch{.id = std::string(id)});
}

const Product* Reference::find_product(std::uint64_t code) const {
    const auto at = products_.find(code);
    return at == products_.end() ? nullptr : &at->second;
}

std::uint32_t Reference::holder_of(std::uint64_t product) const {
    const auto at = holders_.find(product);
    return at == holders_.end() ? 0 : at->second;
}

void Reference::link() {
    for (std::size_t i = 1; i < operators_.size(); ++i)
        headquarters_[i] = operators_[i].headquarters.empty() ? 0 : find_operator(operators_[i].headquarters);
    holders_.clear();
    for (const auto& [code, product] : products_)
        if (const std::uint32_t holder = find_operator(product.holder); holder != 0)
            holders_.emplace(code, holder);
}

}  // namespace qingyuan::packs
