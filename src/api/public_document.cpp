// The public door: is the paper in somebody's hand what the authority issued. The code printed on it leads to
// its kind, number, day and digest; nothing personal, nothing of the matter.
#include <nlohmann/json.hpp>

#include "act/documents.hpp"
#include "api/doors.hpp"
#include "document/code.hpp"

namespace qingyuan::api {

Answer public_document(const Call& call) {
    CHECK(call.may(access::published()));
    const document::PrintedCode printed = TRY(document::parse_code_text(call.path.at("code")));
    Json body;
    CHECK(call.services.journal.read([&](const journal::Reader& reader) -> Result<void> {
        const auto row = TRY(act::find_by_code(reader, printed.code));
        if (!row)
            return Error{ErrorCode::document_unknown,
                         "no document was issued under this code",
                         "code",
                         {},
                         "ask the authority that is named on it",
                         "没有以此核验码签发的文书",
                         "请向文书上载明的机关核实"};
        const act::PublicDocument shown = TRY(act::public_view(reader, call.services.law, *row));
        body = {{"code", shown.code},
                {"number", shown.number},
                {"kind", {{"zh", shown.kind_zh}, {"en", shown.kind_en}}},
                {"authority", shown.authority},
                {"issued_on", shown.issued_on.text()},
                {"digest", shown.digest},
                {"file", row->file},
                {"pages", shown.pages},
                {"state", shown.withdrawn ? "withdrawn" : "in_force"},
                {"withdrawn_on", shown.withdrawn ? Json(shown.withdrawn_on.text()) : Json(nullptr)}};
        return {};
    }));
    return json_response(body);
}

}  // namespace qingyuan::api
