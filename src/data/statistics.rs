//! Mean and standard deviation of the training images, for `norm=data`.
//! Independent of burn and browsers.

use super::{Dataset, Image, Selection};

/// Smallest standard deviation reported: one step of an 8-bit value, so that a
/// constant channel does not divide by zero.
const SMALLEST_STD: f64 = 1.0 / 255.0;

/// What the statistics are made of, image after image. Sums are taken in
/// integers, so the order of the images does not matter and the result is
/// bit-equal on every target.
#[derive(Clone, Copy, Debug, Default)]
pub struct ChannelSums {
    count: u64,
    sums: [u64; 3],
    squares: [u64; 3],
}

impl ChannelSums {
    /// Adds all stored pixels of an image.
    pub fn add(&mut self, image: &Image) {
        let (pixels, _) = image.pixels.as_chunks::<3>();
        self.count += pixels.len() as u64;
        for pixel in pixels {
            for (channel, value) in pixel.iter().enumerate() {
                let value = u64::from(*value);
                self.sums[channel] += value;
                self.squares[channel] += value * value;
            }
        }
    }

    /// Mean and (population) standard deviation of values in 0..1:
    /// `[[mean; 3], [std; 3]]`. Without any pixel: means 0, deviations 1.
    pub fn statistics(&self) -> [[f64; 3]; 2] {
        if self.count == 0 {
            return [[0.0; 3], [1.0; 3]];
        }
        let n = self.count as f64;
        let mean = self.sums.map(|sum| sum as f64 / n / 255.0);
        let mut std = [0.0; 3];
        for (std, (sum, square)) in std.iter_mut().zip(self.sums.into_iter().zip(self.squares)) {
            // n²·variance, exact: nothing cancels.
            let spread =
                u128::from(self.count) * u128::from(square) - u128::from(sum) * u128::from(sum);
            *std = ((spread as f64).sqrt() / n / 255.0).max(SMALLEST_STD);
        }
        [mean, std]
    }
}

/// The statistics of all stored pixels of the selected training images; see
/// [`ChannelSums::statistics`].
pub fn channel_statistics(dataset: &Dataset, selection: &Selection) -> [[f64; 3]; 2] {
    let mut sums = ChannelSums::default();
    for image in selection.train.iter().filter_map(|index| dataset.images.get(*index as usize)) {
        sums.add(image);
    }
    sums.statistics()
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
