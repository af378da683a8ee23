// A workbook made in a test, part by part.
#pragma once

#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include <zip.h>

namespace qingyuan::observe {

using WorkbookParts = std::vector<std::pair<std::string, std::string>>;

/// The bytes of an archive with these parts; empty where libzip fails.
inline std::string archive_of(const WorkbookParts& parts) {
    zip_error_t error;
    zip_source_t* source = zip_source_buffer_create(nullptr, 0, 0, &error);
    zip_source_keep(source);
    zip_t* archive = zip_open_from_source(source, ZIP_TRUNCATE, &error);
    for (const auto& [name, text] : parts) {
        zip_source_t* part = zip_source_buffer(archive, text.data(), text.size(), 0);
        if (zip_file_add(archive, name.c_str(), part, ZIP_FL_ENC_UTF_8) < 0) return {};
    }
    if (zip_close(archive) != 0 || zip_source_open(source) != 0) return {};
    zip_source_seek(source, 0, SEEK_END);
    std::string bytes(static_cast<std::size_t>(zip_source_tell(source)), '\0');
    zip_source_seek(source, 0, SEEK_SET);
    zip_source_read(source, bytes.data(), bytes.size());
    zip_source_close(source);
    zip_source_free(source);
    return bytes;
}

/// The parts of a workbook with one sheet of this content, and these shared texts.
inline WorkbookParts workbook_parts(const std::string& rows, const std::string& shared = {}) {
    const std::string main = "xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"";
    const std::string relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    return {
        {"[Content_Types].xml", "<Types/>"},
        {"xl/workbook.xml", "<workbook " + main + " xmlns:r=\"" + relations +
                                "\"><sheets><sheet name=\"数据\" sheetId=\"1\" r:id=\"rId1\"/>"
                                "<sheet name=\"A&amp;B\" sheetId=\"2\" r:id=\"rId2\"/></sheets></workbook>"},
        {"xl/_rels/workbook.xml.rels",
         "<Relationships><Relationship Id=\"rId1\" Type=\"" + relations +
             "/worksheet\" Target=\"worksheets/sheet1.xml\"/><Relationship Id=\"rId2\" Type=\"" + relations +
             "/worksheet\" Target=\"/xl/worksheets/sheet2.xml\"/><Relationship Id=\"rId3\" Type=\"" +
             relations + "/sharedStrings\" Target=\"sharedStrings.xml\"/></Relationships>"},
        {"xl/sharedStrings.xml", "<sst " + main + ">" + shared + "</sst>"},
        {"xl/worksheets/sheet1.xml",
         "<worksheet " + main + "><sheetData>" + rows + "</sheetData></worksheet>"},
        {"xl/worksheets/sheet2.xml",
         "<worksheet " + main +
             "><sheetData><row><c t=\"str\"><v>second</v></c></row></sheetData></worksheet>"}};
}

}  // namespace qingyuan::observe
