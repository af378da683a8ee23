// Pages by the number of rows before them: for lists that are made anew at each question.
// says where the next begins.
#pragma once

#include <cstddef>
#include <functional>

#include <nlohmann/json_fwd.hpp>

#include "api/operation.hpp"

namespace qingyuan::api {

/// usage: `after` is not what the page before gave as its `next`.
[[nodiscard]] Error not_a_next();
/// `after` of the query: the number of rows before this page. usage.
[[nodiscard]] Result<std::size_t> rows_before(const Call& call);
/// {items, next, total}: a page of so many rows, each made by `one` from its place.
[[nodiscard]] Result<Json> rows_page(const Call& call, std::size_t rows,
                                     const std::function<Result<Json>(std::size_t)>& one);

}  // namespace qingyuan::api
