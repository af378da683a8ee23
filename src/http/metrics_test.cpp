#include "http/metrics.hpp"

#include <thread>

#include <gtest/gtest.h>

namespace qingyuan::http {

TEST(metrics, are_written_as_prometheus_reads_them) {
    Metrics metrics;
    metrics.describe("a_total", "what\nit counts");
    metrics.add("a_total", {{"route", "/x/{id}"}, {"odd", "q\"b\\n\n"}});
    metrics.add("a_total", {{"route", "/x/{id}"}, {"odd", "q\"b\\n\n"}}, 2);
    metrics.set("b", {}, -1.5);
    metrics.observe("c_seconds", {{"lane", "general"}}, 0.001);
    metrics.observe("c_seconds", {{"lane", "general"}}, 0.3);
    metrics.observe("c_seconds", {{"lane", "general"}}, 60);
    const std::string text = metrics.text();
    for (const char* line :
         {"# HELP a_total what it counts\n# TYPE a_total counter\n",
          "a_total{route=\"/x/{id}\",odd=\"q\\\"b\\\\n\\n\"} 3\n", "# TYPE b gauge\nb -1.5\n",
          "# TYPE c_seconds histogram\nc_seconds_bucket{lane=\"general\",le=\"0.001\"} 1\n",
          "c_seconds_bucket{lane=\"general\",le=\"0.25\"} 1\n",
          "c_seconds_bucket{lane=\"general\",le=\"0.5\"} 2\n",
          "c_seconds_bucket{lane=\"general\",le=\"10\"} 2\n",
          "c_seconds_bucket{lane=\"general\",le=\"+Inf\"} 3\n", "c_seconds_count{lane=\"general\"} 3\n",
          "c_seconds_sum{lane=\"general\"} 60.301\n", "qingyuan_metrics_dropped_total 0\n"})
        EXPECT_NE(text.find(line), std::string::npos) << line << "\nin\n" << text;
}

TEST(metrics, are_bounded_in_number_and_a_name_has_one_kind) {
    Metrics metrics(10);
    for (int i = 0; i < 100; ++i) metrics.add("a_total", {{"id", std::to_string(i)}});
    EXPECT_EQ(metrics.value("a_total", {{"id", "9"}}), 1);
    EXPECT_EQ(metrics.value("a_total", {{"id", "10"}}), 0);
    metrics.add("a_total", {{"id", "9"}});
    EXPECT_EQ(metrics.value("a_total", {{"id", "9"}}), 2) << "a known series goes on";
    metrics.set("a_total", {{"id", "9"}}, 7);
    EXPECT_EQ(metrics.value("a_total", {{"id", "9"}}), 2);
    EXPECT_NE(metrics.text().find("qingyuan_metrics_dropped_total 91\n"), std::string::npos);
}

TEST(metrics, add_up_from_many_threads) {
    Metrics metrics;
    {
        std::vector<std::jthread> threads;
        for (int t = 0; t < 4; ++t)
            threads.emplace_back([&] {
                for (int i = 0; i < 5'000; ++i) metrics.add("a_total");
            });
    }
    EXPECT_EQ(metrics.value("a_total"), 20'000);
}

}  // namespace qingyuan::http
