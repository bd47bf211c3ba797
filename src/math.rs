//! Elementary functions: those of `libm`, so that a result is the same on every target.
//! The page, which only shows results, takes the standard library's. They are the same
//! algorithms, and `statrs` brings them into the page anyway: once is enough, see “Size”
//! in ARCHITECTURE.md.

#[cfg(not(feature = "widgets"))]
pub use libm::{cos, exp, log, log10, pow};
#[cfg(feature = "widgets")]
pub use page::{cos, exp, log, log10, pow};

#[cfg(feature = "widgets")]
#[expect(clippy::disallowed_methods, reason = "the page shows results and computes none")]
mod page {
    /// Cosine of an angle in radians.
    pub fn cos(x: f64) -> f64 {
        x.cos()
    }

    /// Exponential function.
    pub fn exp(x: f64) -> f64 {
        x.exp()
    }

    /// Natural logarithm.
    pub fn log(x: f64) -> f64 {
        x.ln()
    }

    /// Logarithm to base 10.
    pub fn log10(x: f64) -> f64 {
        x.log10()
    }

    /// `x` to the power `y`.
    pub fn pow(x: f64, y: f64) -> f64 {
        x.powf(y)
    }
}
