//! Mean and standard deviation of the training images, for `norm=data`.
//! Independent of burn and browsers.

use super::{Dataset, Selection};

/// Smallest standard deviation reported: one step of an 8-bit value, so that a
/// constant channel does not divide by zero.
const SMALLEST_STD: f64 = 1.0 / 255.0;

/// Mean and (population) standard deviation of the three channels over all
/// stored pixels of the selected training images, of values in 0..1:
/// `[[mean; 3], [std; 3]]`. Sums are taken in integers, so the order of the
/// images does not matter and the result is bit-equal on every target. Without
/// any pixel: means 0, deviations 1.
pub fn channel_statistics(dataset: &Dataset, selection: &Selection) -> [[f64; 3]; 2] {
    let mut count = 0u64;
    let mut sums = [0u64; 3];
    let mut squares = [0u64; 3];
    let images = selection.train.iter().filter_map(|index| dataset.images.get(*index as usize));
    for image in images {
        let (pixels, _) = image.pixels.as_chunks::<3>();
        count += pixels.len() as u64;
        for pixel in pixels {
            for (channel, value) in pixel.iter().enumerate() {
                let value = u64::from(*value);
                sums[channel] += value;
                squares[channel] += value * value;
            }
        }
    }
    if count == 0 {
        return [[0.0; 3], [1.0; 3]];
    }
    let n = count as f64;
    let mean = sums.map(|sum| sum as f64 / n / 255.0);
    let mut std = [0.0; 3];
    for (std, (sum, square)) in std.iter_mut().zip(sums.into_iter().zip(squares)) {
        // n²·variance, exact: nothing cancels.
        let spread = u128::from(count) * u128::from(square) - u128::from(sum) * u128::from(sum);
        *std = ((spread as f64).sqrt() / n / 255.0).max(SMALLEST_STD);
    }
    [mean, std]
}
