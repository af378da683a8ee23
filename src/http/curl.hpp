// One transfer of libcurl, with what every transfer of ours has in common.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>

#include <curl/curl.h>

namespace qingyuan::http {

class CurlList {
 public:
    CurlList() = default;
    ~CurlList() { curl_slist_free_all(list_); }
    CurlList(const CurlList&) = delete;
    CurlList& operator=(const CurlList&) = delete;

    void add(const std::string& line) {
        if (curl_slist* const longer = curl_slist_append(list_, line.c_str())) list_ = longer;
    }
    [[nodiscard]] curl_slist* list() const { return list_; }

 private:
    curl_slist* list_ = nullptr;
};

class Curl {
 public:
    Curl() {
        [[maybe_unused]] static const CURLcode once = curl_global_init(CURL_GLOBAL_DEFAULT);
        handle_ = curl_easy_init();
    }
    ~Curl() { curl_easy_cleanup(handle_); }
    Curl(const Curl&) = delete;
    Curl& operator=(const Curl&) = delete;

    explicit operator bool() const { return handle_ != nullptr; }

    template <class Value>
    void set(CURLoption option, Value value) {
        curl_easy_setopt(handle_, option, value);
    }

    /// No proxy, no signals, verified certificates, TLS 1.2 or newer, one deadline.
    void common(const std::filesystem::path& ca_file, std::chrono::milliseconds timeout) {
        set(CURLOPT_PROXY, "");
        set(CURLOPT_NOPROXY, "*");
        set(CURLOPT_NOSIGNAL, 1L);
        set(CURLOPT_SSL_VERIFYPEER, 1L);
        set(CURLOPT_SSL_VERIFYHOST, 2L);
        set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
        set(CURLOPT_TIMEOUT_MS, static_cast<long>(timeout.count()));
        set(CURLOPT_ERRORBUFFER, message_);
        if (!ca_file.empty()) set(CURLOPT_CAINFO, ca_file.c_str());
    }

    [[nodiscard]] CURLcode perform() { return curl_easy_perform(handle_); }
    [[nodiscard]] int status() const {
        long status = 0;
        curl_easy_getinfo(handle_, CURLINFO_RESPONSE_CODE, &status);
        return static_cast<int>(status);
    }
    [[nodiscard]] std::string reason(CURLcode code) const {
        return message_[0] != '\0' ? message_ : curl_easy_strerror(code);
    }

 private:
    CURL* handle_ = nullptr;
    char message_[CURL_ERROR_SIZE] = {};
};

}  // namespace qingyuan::http
