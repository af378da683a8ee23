// Figures and reports. A derived figure is never a fact: it is computed. What is a fact: a figure somebody
// else reported, and that a report was approved, frozen, published or restated.
#pragma once

#include <string>

#include "base/date.hpp"
#include "base/sm3.hpp"

namespace qingyuan::facts {

/// A figure taken over from another source, printed as it was reported and never added to a derived one.
struct FigureReported {
    std::string figure;        ///< id of law/statistics
    std::string organisation;  ///< whom it is about: "cn", "xinjiang"
    std::string period;        ///< "2022", "2025-H1"
    std::int64_t numerator = 0;
    std::int64_t denominator = 1;  ///< 96.65 % is 9665/10000
    std::string unit;
    bool approximate = false;  ///< "17,600 余": printed with its marker
    std::string as_of;         ///< date text, may be only a year
    std::string source;        ///< publication and date
    std::int64_t batch = 0;

    template <class V, class S>
    static void fields(V& v, S& s) {
        v("figure", s.figure);
        v("organisation", s.organisation);
        v("period", s.period);
        v("numerator", s.numerator);
        v("denominator", s.denominator);
        v("unit", s.unit);
        v("approximate", s.approximate);
        v("as_of", s.as_of);
        v("source", s.source);
        v("batch", s.batch);
    }
};

/// A step in the life of a published report: submitted → approved → frozen → published; restated reopens with
/// a reason.
struct ReportMoved {
    std::string report;
    std::string organisation;
    std::string period;
    std::string step;        ///< approve freeze publish restate
    std::int64_t as_of = 0;  ///< sequence number the figures were computed at (freeze, restate)
    Bytes manifest;          ///< SM3 of the manifest (freeze, publish, restate)
    std::string reason;

    template <class V, class S>
    static void fields(V& v, S& s) {
        v("report", s.report);
        v("organisation", s.organisation);
        v("period", s.period);
        v("step", s.step);
        v("as_of", s.as_of);
        v("manifest", s.manifest);
        v("reason", s.reason);
    }
};

}  // namespace qingyuan::facts
