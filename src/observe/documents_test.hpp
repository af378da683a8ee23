// What the EPCIS tests share: files, and a document read into memory.
#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include "observe/epcis.hpp"
#include "observe/epcis_hash.hpp"

namespace qingyuan::observe {

inline std::string bytes_of(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

/// The folder epcis of the examples of others; nothing where they are not on this machine.
inline std::optional<std::filesystem::path> fixtures() {
    const char* folder = std::getenv("QINGYUAN_FIXTURES");
    const std::filesystem::path path =
        std::filesystem::path(folder == nullptr ? "../shared/data" : folder) / "epcis";
    if (!std::filesystem::exists(path / "manifest.json")) return std::nullopt;
    return path;
}

inline EpcisFormat format_of(const std::filesystem::path& path) {
    return path.extension() == ".xml" ? EpcisFormat::xml : EpcisFormat::json;
}

struct Read {
    EpcisDocument document;
    std::vector<std::string> pre_hashes;
    std::vector<std::string> hash_ids;
};

inline Result<Read> read_all(EpcisFormat format, std::string_view bytes, const EpcisLimits& limits = {}) {
    Read read;
    EventHasher hasher;
    read.document = TRY(read_epcis(format, bytes, limits, [&](const Event& event) -> Result<void> {
        read.pre_hashes.emplace_back(hasher.pre_hash(event));
        read.hash_ids.push_back(hasher.hash_id(event));
        return {};
    }));
    return read;
}

inline Result<Read> read_all(const std::filesystem::path& path) {
    return read_all(format_of(path), bytes_of(path));
}

}  // namespace qingyuan::observe
