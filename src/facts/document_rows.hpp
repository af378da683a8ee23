// Projection rows of issued documents and of their numbers (document_facts.hpp).
#pragma once

#include <string>
#include <vector>

#include "facts/document_facts.hpp"
#include "facts/rows.hpp"

namespace qingyuan::facts {

struct IssuedDocumentRow {
    static constexpr RowType row_type{
        "issued_documents", "seq", {"dossier", "number", "code", "file", "series"}, {"seq", "dossier"}};
    std::int64_t seq = 0;  ///< of document_issued
    std::int64_t dossier = 0;
    std::string document;
    std::string number;
    std::string code;  ///< the digest's first 20 hexadecimal digits: what the printed code carries
    std::string series;
    std::int64_t ordinal = 0;
    std::string block;
    Bytes digest;
    std::string file;  ///< hexadecimal digest of the PDF
    std::int64_t pages = 0;
    std::string organisation;
    std::string issued_by;
    Date issued_on;           ///< the date on the document
    std::int64_t voided = 0;  ///< sequence number of the fact that withdrew it, 0 = it stands
    Date voided_on;

    template <class V, class S>
    static void fields(V& v, S& s) {
        v("seq", s.seq);
        v("dossier", s.dossier);
        v("document", s.document);
        v("number", s.number);
        v("code", s.code);
        v("series", s.series);
        v("ordinal", s.ordinal);
        v("block", s.block);
        v("digest", s.digest);
        v("file", s.file);
        v("pages", s.pages);
        v("organisation", s.organisation);
        v("issued_by", s.issued_by);
        v("issued_on", s.issued_on);
        v("voided", s.voided);
        v("voided_on", s.voided_on);
    }
};

/// How far a series has been dealt. Numbers that came back from blocks are dealt again first.
struct NumberSeriesRow {
    static constexpr RowType row_type{"number_series", "id", {"organisation"}};
    std::string id;  ///< organisation/word/year
    std::string organisation;
    std::int64_t last = 0;              ///< highest number dealt, in a block or on a document
    std::vector<std::string> returned;  ///< in rising order, as digits

    template <class V, class S>
    static void fields(V& v, S& s) {
        v("id", s.id);
        v("organisation", s.organisation);
        v("last", s.last);
        v("returned", s.returned);
    }
};

struct NumberBlockRow {
    static constexpr RowType row_type{"number_blocks", "id", {"series", "organisation", "holder"}};
    std::string id;
    std::string series;
    std::string organisation;
    std::string holder;
    std::int64_t first = 0;
    std::int64_t count = 0;
    Date issued_on;
    bool settled = false;
    std::vector<std::string> used;     ///< numbers on issued documents, as digits
    std::vector<SpoiltNumber> spoilt;  ///< void for ever

    template <class V, class S>
    static void fields(V& v, S& s) {
        v("id", s.id);
        v("series", s.series);
        v("organisation", s.organisation);
        v("holder", s.holder);
        v("first", s.first);
        v("count", s.count);
        v("issued_on", s.issued_on);
        v("settled", s.settled);
        v("used", s.used);
        v("spoilt", s.spoilt);
    }
};

}  // namespace qingyuan::facts
