// Documents that went out of the house, and the numbers they bear. `Fact::dossier` names the dossier a
// document was issued in; `Fact::happened_on` is the date on the document.
#pragma once

#include <string>
#include <vector>

#include "base/date.hpp"
#include "base/sm3.hpp"

namespace qingyuan::facts {

/// A document was issued under a number. Nothing of what it says stands here: only what proves it.
struct DocumentIssued {
    std::string document;      ///< form of documents.csv: "penalty_45"
    std::string number;        ///< as printed, empty where the form bears none: "衡市监罚〔2025〕17号"
    std::string series;        ///< organisation/word/year the number is counted in, or empty
    std::int64_t ordinal = 0;  ///< its place in the series, from 1; 0 = no number
    std::string block;         ///< the pre-issued block the number was taken from, or empty
    Bytes digest;              ///< SM3 of the content as laid out, 32 bytes: what the printed code shows
    std::string file;          ///< hexadecimal digest of the PDF, which is kept sealed among the evidence
    std::int64_t pages = 0;

    template <class V, class S>
    static void fields(V& v, S& s) {
        v("document", s.document);
        v("number", s.number);
        v("series", s.series);
        v("ordinal", s.ordinal);
        v("block", s.block);
        v("digest", s.digest);
        v("file", s.file);
        v("pages", s.pages);
    }
};

/// A run of numbers was set aside for work without a connection. It belongs to `Fact::organisation`.
struct NumberBlockIssued {
    std::string id;  ///< "hengyang/罚/2025/18": the series and its first number
    std::string series;
    std::int64_t first = 0;
    std::int64_t count = 0;
    std::string holder;  ///< person who answers for it

    template <class V, class S>
    static void fields(V& v, S& s) {
        v("id", s.id);
        v("series", s.series);
        v("first", s.first);
        v("count", s.count);
        v("holder", s.holder);
    }
};

/// A number that was spoilt: written on a sheet that went to nobody.
struct SpoiltNumber {
    std::int64_t ordinal = 0;
    std::string reason;
    template <class V, class S>
    static void fields(V& v, S& s) {
        v("ordinal", s.ordinal);
        v("reason", s.reason);
    }
};

/// A block came back: what was spoilt is void for ever, what is neither used nor spoilt is dealt again.
struct NumberBlockSettled {
    std::string id;
    std::vector<SpoiltNumber> spoilt;

    template <class V, class S>
    static void fields(V& v, S& s) {
        v("id", s.id);
        v("spoilt", s.spoilt);
    }
};

}  // namespace qingyuan::facts
