#include "api/paging.hpp"

#include <charconv>
#include <string>

#include <nlohmann/json.hpp>

namespace qingyuan::api {

Error not_a_next() {
    return Error{ErrorCode::usage,
                 "`after` is the `next` of the page before",
                 "after",
                 {},
                 "begin at the first page",
                 "after 应为上一页返回的 next",
                 "请从第一页开始"};
}

Result<std::size_t> rows_before(const Call& call) {
    const std::string_view text = call.parameter("after");
    std::size_t out = 0;
    if (text.empty()) return out;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    if (error != std::errc() || end != text.data() + text.size()) return not_a_next();
    return out;
}

Result<Json> rows_page(const Call& call, std::size_t rows,
                       const std::function<Result<Json>(std::size_t)>& one) {
    const std::size_t from = TRY(rows_before(call));
    const std::uint64_t limit = TRY(call.limit());
    Json items = Json::array();
    for (std::size_t i = from; i < rows && items.size() < limit; ++i) items.push_back(TRY(one(i)));
    const std::size_t end = from + items.size();
    Json next = end < rows ? Json(std::to_string(end)) : Json(nullptr);
    return Json{{"items", std::move(items)}, {"next", std::move(next)}, {"total", rows}};
}

}  // namespace qingyuan::api
