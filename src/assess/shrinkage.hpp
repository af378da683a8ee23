// Empirical-Bayes shrinkage (MGPS): what a pair's ratio of observed to expected reports is worth once the
// table has shown how such ratios are spread. DuMouchel 1999, doi 10.1080/00031305.1999.10474456; DuMouchel
// and Pregibon 2001, doi 10.1145/502512.502526. How the prior is found stands in shrinkage_fit.hpp.
#pragma once

#include <array>
#include <cstdint>

#include "base/result.hpp"

namespace qingyuan::assess {

/// The prior of the true ratio lambda: p Gamma(alpha1, beta1) + (1-p) Gamma(alpha2, beta2), rates not scales.
struct Theta {
    double alpha1 = 0, beta1 = 0, alpha2 = 0, beta2 = 0, p = 0;
};
/// number_invalid unless all are finite, alphas and betas above 0 and p within [0, 1].
[[nodiscard]] Result<void> check_theta(const Theta& theta);

/// What the posterior says of one pair.
struct Shrunk {
    double q = 0;               ///< share of the first component
    double ebgm = 0;            ///< geometric mean of lambda
    double eb05 = 0, eb95 = 0;  ///< 5 % and 95 % quantile
};

/// Posteriors under one prior. What depends on n alone is kept from one call to the next, so pairs come
/// fastest in the order of n. Not for two threads at once; a copy for each is cheap.
class Shrinkage {
 public:
    /// The prior has passed check_theta.
    explicit Shrinkage(const Theta& theta);

    /// `expected` is above 0.
    [[nodiscard]] Shrunk at(std::uint64_t n, double expected);
    /// The value lambda lies below with probability `share`, 0 < share < 1; relative error below 1e-10.
    [[nodiscard]] double quantile(std::uint64_t n, double expected, double share);
    /// P(lambda <= ratio | n, expected)
    [[nodiscard]] double cdf(std::uint64_t n, double expected, double ratio);

 private:
    struct Component {
        double alpha, beta, ln_beta;
        double shape = 0, ln_gamma = 0, digamma = 0, trigamma = 0;  ///< of alpha + n
        double ln_rising = 0;                                       ///< ln Gamma(alpha + n)/Gamma(alpha)
        double rate = 0, ln_rate = 0, weight = 0;                   ///< of the pair
        explicit Component(double shape_of_prior, double rate_of_prior);
    };
    struct Slope {
        double value, first, second;
    };
    void prepare(std::uint64_t n, double expected);
    [[nodiscard]] Slope slope(double ln_ratio) const;
    [[nodiscard]] double start(double z) const;
    [[nodiscard]] double solve(double share, double z) const;

    std::array<Component, 2> components_;
    double ln_p_, ln_rest_;
    std::uint64_t n_ = 0;
    bool prepared_ = false;
};

}  // namespace qingyuan::assess
