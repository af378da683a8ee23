// TLS over real sockets, with certificates made here.
#include "http/tls.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <curl/curl.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/stat.h>

#include "http/client.hpp"
#include "http/fixture_test.hpp"
#include "http/secret_file.hpp"

namespace qingyuan::http {

namespace {

namespace fs = std::filesystem;

struct Folder {
    fs::path path = fs::temp_directory_path() / ("qingyuan_tls_" + std::to_string(::getpid()));
    Folder() { fs::create_directory(path); }
    ~Folder() { fs::remove_all(path); }
};

/// A self-signed certificate for 127.0.0.1 and its key.
Tls make_certificate(const fs::path& folder, const std::string& name, long serial) {
    EVP_PKEY* const key = EVP_EC_gen("P-256");
    X509* const certificate = X509_new();
    X509_set_version(certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -60);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    X509_set_pubkey(certificate, key);
    X509_NAME* const subject = X509_get_subject_name(certificate);
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>("127.0.0.1"), -1, -1, 0);
    X509_set_issuer_name(certificate, subject);
    X509_EXTENSION* const extension =
        X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "IP:127.0.0.1");
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
    X509_sign(certificate, key, EVP_sha256());
    const Tls files{folder / (name + ".pem"), folder / (name + ".key")};
    for (const auto& path : {files.certificate, files.key}) fs::remove(path);
    std::FILE* out = std::fopen(files.certificate.c_str(), "w");
    PEM_write_X509(out, certificate);
    std::fclose(out);
    out = std::fopen(files.key.c_str(), "w");
    PEM_write_PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr);
    std::fclose(out);
    ::chmod(files.key.c_str(), 0600);
    X509_free(certificate);
    EVP_PKEY_free(key);
    return files;
}

/// Does a handshake with just this version end well? Answers the serial number of the certificate, -1 if not.
long handshake(std::uint16_t port, int version, const char* ciphers = nullptr) {
    SSL_CTX* const context = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_security_level(context, 0);
    SSL_CTX_set_min_proto_version(context, version);
    SSL_CTX_set_max_proto_version(context, version);
    if (ciphers != nullptr) SSL_CTX_set_cipher_list(context, ciphers);
    SSL* const ssl = SSL_new(context);
    const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof to), 0);
    SSL_set_fd(ssl, fd);
    long serial = -1;
    if (SSL_connect(ssl) == 1) {
        X509* const certificate = SSL_get1_peer_certificate(ssl);
        serial = ASN1_INTEGER_get(X509_get0_serialNumber(certificate));
        X509_free(certificate);
    }
    SSL_free(ssl);
    SSL_CTX_free(context);
    ::close(fd);
    return serial;
}

}  // namespace

TEST(tls, serves_with_strict_transport_security_on_any_address) {
    const Folder folder;
    const Tls tls = make_certificate(folder.path, "a", 7);
    Metrics metrics;
    Fixture fixture(
        [](const Request& request) {
            return Response{.body = request.secure ? "secure" + request.body : "plain"};
        },
        {.address = "0.0.0.0", .tls = tls, .metrics = &metrics});
    const std::string url = "https://127.0.0.1:" + std::to_string(fixture.port()) + "/";
    const std::string body(300'000, 'b');
    const auto client = make_client({.ca_file = tls.certificate});
    const auto got = client->fetch({.method = "POST", .url = url, .body = body});
    ASSERT_TRUE(got) << got.error().text();
    EXPECT_EQ(got->body, "secure" + body);
    EXPECT_EQ(got->header("strict-transport-security"), "max-age=31536000");
    EXPECT_EQ(make_client()->fetch({.url = url}).error().code, ErrorCode::peer_failed)
        << "nobody vouches for it";
    EXPECT_GT(metrics.value("qingyuan_tls_certificate_not_after_seconds"), 1.6e9);
    const Wire plain(fixture.port());
    plain.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_EQ(plain.rest().find("HTTP/1.1 200"), std::string::npos);
}

TEST(tls, speaks_1_2_and_1_3_with_forward_secrecy_only) {
    const Folder folder;
    Fixture fixture(echo, {.tls = make_certificate(folder.path, "a", 7)});
    EXPECT_EQ(handshake(fixture.port(), TLS1_3_VERSION), 7);
    EXPECT_EQ(handshake(fixture.port(), TLS1_2_VERSION), 7);
    EXPECT_EQ(handshake(fixture.port(), TLS1_1_VERSION), -1);
    EXPECT_EQ(handshake(fixture.port(), TLS1_VERSION), -1);
    EXPECT_EQ(handshake(fixture.port(), TLS1_2_VERSION, "ECDHE-ECDSA-AES128-SHA256"), -1) << "CBC";
    EXPECT_EQ(handshake(fixture.port(), TLS1_2_VERSION, "ECDHE-ECDSA-AES256-GCM-SHA384"), 7);
}

TEST(tls, loads_a_renewed_certificate_while_connections_go_on) {
    const Folder folder;
    const Tls tls = make_certificate(folder.path, "a", 7);
    Fixture fixture(echo, {.tls = tls});
    const auto client = make_client({.ca_file = tls.certificate});
    make_certificate(folder.path, "a", 8);
    EXPECT_EQ(handshake(fixture.port(), TLS1_3_VERSION), 7) << "files are read when asked for";
    ASSERT_TRUE(fixture.server->reload_certificate());
    EXPECT_EQ(handshake(fixture.port(), TLS1_3_VERSION), 8);
    std::ofstream(tls.certificate) << "no certificate";
    EXPECT_EQ(fixture.server->reload_certificate().error().code, ErrorCode::config_invalid);
    EXPECT_EQ(handshake(fixture.port(), TLS1_3_VERSION), 8) << "the old one stays";
}

TEST(tls, refuses_exposed_missing_and_foreign_keys) {
    const Folder folder;
    const Tls a = make_certificate(folder.path, "a", 7), b = make_certificate(folder.path, "b", 8);
    EXPECT_EQ(load_certificate({a.certificate, b.key}).error().code, ErrorCode::config_invalid);
    EXPECT_EQ(load_certificate({a.certificate, folder.path / "none"}).error().code,
              ErrorCode::key_file_missing);
    EXPECT_EQ(load_certificate({folder.path / "none", a.key}).error().code, ErrorCode::file_unreadable);
    EXPECT_EQ(load_certificate({a.key, a.key}).error().code, ErrorCode::config_invalid);
    for (const unsigned mode : {0640U, 0604U, 0660U, 0601U, 0644U}) {
        ::chmod(a.key.c_str(), mode);
        EXPECT_EQ(load_certificate(a).error().code, ErrorCode::key_file_exposed) << mode;
        EXPECT_EQ(Server::create({.tls = a}, echo).error().code, ErrorCode::key_file_exposed) << mode;
    }
    ::chmod(a.key.c_str(), 0400);
    EXPECT_TRUE(load_certificate(a));
}

TEST(secret_file, is_one_line_that_only_its_owner_reads) {
    const Folder folder;
    const fs::path path = folder.path / "secret";
    const auto write = [&](const std::string& text, unsigned mode) {
        fs::remove(path);
        std::ofstream(path) << text;
        ::chmod(path.c_str(), mode);
    };
    write("s3cret\n", 0600);
    EXPECT_EQ(read_secret(path).value(), "s3cret");
    for (const std::string& text :
         {std::string(), std::string("\n"), std::string("a\nb"), std::string(5000, 'a')}) {
        write(text, 0600);
        EXPECT_EQ(read_secret(path).error().code, ErrorCode::config_invalid) << text;
    }
    write("a", 0640);
    EXPECT_EQ(read_secret(path).error().code, ErrorCode::key_file_exposed);
    ::setenv("CREDENTIALS_DIRECTORY", folder.path.c_str(), 1);
    EXPECT_TRUE(read_secret(path)) << "systemd hands it over with an access list";
    ::chmod(path.c_str(), 0644);
    EXPECT_EQ(read_secret(path).error().code, ErrorCode::key_file_exposed);
    ::unsetenv("CREDENTIALS_DIRECTORY");
    EXPECT_EQ(read_secret(folder.path).error().code, ErrorCode::key_file_missing);
}

}  // namespace qingyuan::http
