// The parts of a workbook: files in an archive, each read as XML, event by event. Inside the room only.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "observe/sheet.hpp"

struct zip;

namespace qingyuan::observe {

/// One attribute of an element, without its namespace.
struct SheetAttribute {
    std::string_view name;
    std::string_view value;
};

/// What a part is made of, in order; stop() ends the reading with an error.
class SheetEvents {
 public:
    virtual ~SheetEvents() = default;
    virtual void open(std::string_view element, const std::vector<SheetAttribute>& attributes) = 0;
    virtual void close(std::string_view element) = 0;
    virtual void text(std::string_view text) = 0;

    /// Stops the reading; the first one counts.
    void stop(Error error) {
        if (stopped_) return;
        stopped_ = true;
        error_ = std::move(error);
    }
    [[nodiscard]] bool stopped() const { return stopped_; }
    [[nodiscard]] const Error& error() const { return error_; }

 private:
    bool stopped_ = false;
    Error error_{};
};

class SheetParts {
 public:
    /// file_kind_refused, file_unreadable, too_large. The bytes must outlive it.
    static Result<SheetParts> open(std::string_view bytes, const SheetLimits& limits);

    [[nodiscard]] bool has(const std::string& part) const;
    /// Reads a part; the errors of `events`, or of the part: too_large, file_unreadable, file_kind_refused
    /// (DOCTYPE).
    [[nodiscard]] Result<void> read(const std::string& part, SheetEvents& events) const;

 private:
    struct Close {
        void operator()(zip* archive) const;
    };
    explicit SheetParts(zip* archive, const SheetLimits& limits) : archive_(archive), limits_(limits) {}
    [[nodiscard]] Result<void> check_parts() const;

    std::unique_ptr<zip, Close> archive_;
    SheetLimits limits_;
};

}  // namespace qingyuan::observe
