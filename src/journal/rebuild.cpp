// The projections thrown away and folded again, and the digest by which two of them are compared.
#include <algorithm>

#include <fmt/format.h>

#include "journal/journal.hpp"

namespace qingyuan::journal {

namespace {

std::vector<facts::RowType> types_of(const std::vector<Fold>& folds) {
    std::vector<facts::RowType> types;
    for (const Fold& fold : folds) types.insert(types.end(), fold.types.begin(), fold.types.end());
    std::sort(types.begin(), types.end(), [](const auto& a, const auto& b) { return a.table < b.table; });
    return types;
}

Result<void> apply(const std::vector<Fold>& folds, const facts::Recorded& fact, Projections& projections) {
    for (const Fold& fold : folds) CHECK(fold.apply(fact, projections));
    return {};
}

void add_text(Sm3& hash, std::string_view text) {
    CborWriter out;
    out.bytes(text);
    hash.add(out.take());
}

void add_key(Sm3& hash, const Key& key) {
    CborWriter out;
    if (const auto* whole = std::get_if<std::int64_t>(&key))
        out.integer(*whole);
    else
        out.text(std::get<std::string>(key));
    hash.add(out.take());
}

}  // namespace

Result<Digest> canonical_dump(ReadTransaction& transaction, const std::vector<Fold>& folds) {
    Sm3 hash;
    for (const facts::RowType& type : types_of(folds)) {
        add_text(hash, type.table);
        Query page;
        while (true) {
            const std::vector<StoredRow> rows = TRY(transaction.list(type, page));
            for (const StoredRow& row : rows) {
                add_key(hash, row.key);
                for (const Key& field : row.indexed) add_key(hash, field);
                add_text(hash, row.blob);
            }
            if (rows.size() < page.limit) break;
            page.after_key = rows.back().key;
        }
    }
    return hash.finish();
}

Result<Rebuild> rebuild(Store& store, const Options& options,
                        const std::function<void(std::uint64_t)>& progress) {
    const std::unique_ptr<WriteTransaction> transaction = TRY(store.write(options.name));
    Rebuild out;
    // Damaged rows are what a rebuild is for: they give no digest, and do not stop it.
    if (const Result<Digest> before = canonical_dump(*transaction, options.folds)) out.before = *before;
    CHECK(transaction->clear(types_of(options.folds)));
    Projections projections(*transaction);
    Head head = TRY(transaction->head());
    const auto one = [&](std::uint64_t seq, std::string_view record) -> Result<void> {
        const facts::Recorded fact = TRY(facts::decode(record));
        if (fact.seq != ++out.facts || seq != fact.seq)
            return Error{ErrorCode::chain_broken,
                         "the facts are not in their places",
                         fmt::format("fact {}", seq),
                         {},
                         "run `qingyuan journal verify`"};
        CHECK(apply(options.folds, fact, projections));
        if (progress && seq % 4'096 == 0) progress(seq);
        return {};
    };
    CHECK(transaction->scan(1, head.size + 1, one));
    if (out.facts != head.size)
        return Error{ErrorCode::chain_broken, "the fact is missing", fmt::format("fact {}", out.facts + 1)};
    head.folded = head.size;
    CHECK(transaction->put_head(head));
    out.after = TRY(canonical_dump(*transaction, options.folds));
    CHECK(transaction->commit());
    return out;
}

}  // namespace qingyuan::journal
