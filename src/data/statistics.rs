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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{Image, Split};
    use std::sync::Arc;

    fn statistics(images: &[&[u8]], train: &[u32]) -> [[f64; 3]; 2] {
        let images = images.iter().map(|pixels| Image {
            path: String::new(),
            split: Split::Train,
            label: 0,
            width: pixels.len() as u32 / 3,
            height: 1,
            original_short_side: 1,
            pixels: Arc::from(*pixels),
        });
        let dataset = Dataset {
            name: String::new(),
            synthetic: false,
            classes: Vec::new(),
            images: images.collect(),
            hash: String::new(),
            short_side: 1,
            official_noise: None,
            skipped: Vec::new(),
        };
        let selection = Selection { train: train.to_vec(), ..Selection::default() };
        channel_statistics(&dataset, &selection)
    }

    #[test]
    fn pixels_of_the_selected_images_count_alike() {
        let images: [&[u8]; 3] = [&[0, 51, 255, 255, 51, 255], &[255, 51, 0], &[9, 9, 9]];
        let [mean, std] = statistics(&images, &[0, 1]);
        let third = (2.0f64 / 9.0).sqrt();
        for (found, expected) in mean.into_iter().zip([2.0 / 3.0, 0.2, 2.0 / 3.0]) {
            assert!((found - expected).abs() < 1e-15);
        }
        for (found, expected) in std.into_iter().zip([third, 1.0 / 255.0, third]) {
            assert!((found - expected).abs() < 1e-15, "a constant channel has the smallest std");
        }
        assert_eq!(statistics(&images, &[1, 0]), [mean, std]);
        assert_eq!(statistics(&images, &[]), [[0.0; 3], [1.0; 3]]);
    }
}
