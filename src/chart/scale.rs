//! Linear scales from values to pixels. Independent of everything else.

/// Maps a range of values onto a range of pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    low: f64,
    high: f64,
    start: f64,
    end: f64,
}

impl Scale {
    /// From `low..high` onto `start..end`. An empty or undefined range of
    /// values is widened, so that the scale always has an inverse.
    pub fn new((low, high): (f64, f64), (start, end): (f64, f64)) -> Self {
        let (low, high) =
            if low.is_finite() && high.is_finite() { (low, high) } else { (0.0, 1.0) };
        let (low, high) = if low < high { (low, high) } else { (low - 0.5, low + 0.5) };
        Self { low, high, start, end }
    }

    /// Lowest and highest value.
    pub fn domain(&self) -> (f64, f64) {
        (self.low, self.high)
    }

    /// First and last pixel.
    pub fn range(&self) -> (f64, f64) {
        (self.start, self.end)
    }

    /// The pixel of a value.
    pub fn pixel(&self, value: f64) -> f64 {
        self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)
    }

    /// The value at a pixel.
    pub fn value(&self, pixel: f64) -> f64 {
        if self.start == self.end {
            return self.low;
        }
        self.low + (pixel - self.start) / (self.end - self.start) * (self.high - self.low)
    }
}

/// The smallest range that holds all finite values; `None` if there is none.
pub fn extent(values: impl IntoIterator<Item = f64>) -> Option<(f64, f64)> {
    values.into_iter().filter(|value| value.is_finite()).fold(None, |extent, value| match extent {
        None => Some((value, value)),
        Some((low, high)) => Some((low.min(value), high.max(value))),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn pixel_and_value_are_inverse(low in -5.0..5.0f64, width in 0.01..9.0f64, at in 0.0..1.0f64) {
            let scale = Scale::new((low, low + width), (300.0, 10.0));
            let value = low + at * width;
            prop_assert!((scale.value(scale.pixel(value)) - value).abs() < 1e-9);
        }
    }

    #[test]
    fn ends_map_to_ends() {
        let scale = Scale::new((0.0, 4.0), (200.0, 0.0));
        assert_eq!(scale.pixel(0.0), 200.0);
        assert_eq!(scale.pixel(4.0), 0.0);
        assert_eq!(scale.pixel(1.0), 150.0);
    }

    #[test]
    fn an_empty_range_is_widened() {
        assert_eq!(Scale::new((2.0, 2.0), (0.0, 10.0)).pixel(2.0), 5.0);
        assert_eq!(Scale::new((f64::NAN, 1.0), (0.0, 10.0)).domain(), (0.0, 1.0));
    }

    #[test]
    fn extent_skips_what_is_not_finite() {
        assert_eq!(extent([3.0, f64::NAN, -1.0, f64::INFINITY]), Some((-1.0, 3.0)));
        assert_eq!(extent([f64::NAN]), None);
    }
}
