//! The colour channels of a batch: histogram, mean and standard deviation, before
//! and after normalization, and what they would be under other statistics.

use crate::chart::table::Table;
use crate::chart::{Axis, Dash, Figure, Marker, Point, Series, Style, Unit, Weight};
use crate::text;
use serde_tuple::{Deserialize_tuple, Serialize_tuple};

/// Bars of a histogram.
pub const BINS: usize = 48;

/// The channels, in their order.
pub fn names() -> [&'static str; 3] {
    [text::channels_red(), text::channels_green(), text::channels_blue()]
}

/// A mean further from 0 than this is called off centre.
const CENTRED: f64 = 0.5;
/// Standard deviations outside of this are called too narrow or too wide.
const SPREAD: (f64, f64) = (2.0 / 3.0, 1.5);

/// Mean and standard deviation per channel, `[mean, std]`, of values in 0..1.
pub type Statistics = [[f64; 3]; 2];

/// The values of one channel over a batch.
#[derive(Clone, Debug, PartialEq, Serialize_tuple, Deserialize_tuple)]
pub struct ChannelValues {
    /// Their mean.
    pub mean: f64,
    /// Their (population) standard deviation.
    pub std: f64,
    /// Lower end of the histogram.
    pub low: f64,
    /// Upper end of the histogram.
    pub high: f64,
    /// Values in each of [`BINS`] equal parts of `low..high`; values outside
    /// count in the first or last.
    pub counts: Vec<u32>,
}

/// A batch's channels on their way to the network.
#[derive(Clone, Debug, PartialEq, Serialize_tuple, Deserialize_tuple)]
pub struct ChannelsView {
    /// Epoch, from 0 over all phases.
    pub epoch: u32,
    /// Batch of the epoch, from 0.
    pub batch: u32,
    /// Images in the batch.
    pub images: u32,
    /// Their side in pixels.
    pub size: u32,
    /// As augmented, of values in 0..1.
    pub before: [ChannelValues; 3],
    /// As fed: normalized and, with mixup, mixed.
    pub fed: [ChannelValues; 3],
    /// True if the batch is mixed.
    pub mixed: bool,
    /// The statistics of ImageNet.
    pub imagenet: Statistics,
    /// Those of the training images' stored pixels.
    pub own: Statistics,
    /// Those that the experiment normalizes with, if any.
    pub used: Option<Statistics>,
}

impl ChannelValues {
    /// The channel of some values, its histogram over `low..high`.
    pub fn of(values: impl Iterator<Item = f32>, (low, high): (f64, f64)) -> Self {
        let mut counts = vec![0u32; BINS];
        let (mut n, mut sum, mut squares) = (0u64, 0.0, 0.0);
        let scale = BINS as f64 / (high - low).max(f64::MIN_POSITIVE);
        for value in values.map(f64::from) {
            n += 1;
            sum += value;
            squares += value * value;
            let bin = ((value - low) * scale).clamp(0.0, (BINS - 1) as f64) as usize;
            counts[bin] += 1;
        }
        let n = n.max(1) as f64;
        let mean = sum / n;
        Self { mean, std: (squares / n - mean * mean).max(0.0).sqrt(), low, high, counts }
    }

    /// The same values as (x − mean) / std.
    pub fn normalized(&self, mean: f64, std: f64) -> Self {
        let moved = |value: f64| (value - mean) / std;
        Self {
            mean: moved(self.mean),
            std: self.std / std,
            low: moved(self.low),
            high: moved(self.high),
            counts: self.counts.clone(),
        }
    }

    /// Middle of each bar and the share of the values in it.
    pub fn shares(&self) -> impl Iterator<Item = Point> + '_ {
        let all = self.counts.iter().map(|count| f64::from(*count)).sum::<f64>().max(1.0);
        let width = (self.high - self.low) / self.counts.len().max(1) as f64;
        self.counts.iter().zip(0..).map(move |(count, bin)| Point {
            x: self.low + (f64::from(bin) + 0.5) * width,
            y: f64::from(*count) / all,
        })
    }
}

/// The three channels of images `[n, 3, size, size]`, their histograms over `range`.
pub fn channels(pixels: &[f32], size: u32, range: (f64, f64)) -> [ChannelValues; 3] {
    let plane = (size as usize).pow(2).max(1);
    [0, 1, 2].map(|channel| {
        let planes = pixels.chunks_exact(plane).skip(channel).step_by(3);
        ChannelValues::of(planes.flatten().copied(), range)
    })
}

/// What values in 0..1 can become under the statistics, over all channels.
pub fn range(statistics: Option<Statistics>) -> (f64, f64) {
    let Some([mean, std]) = statistics else { return (0.0, 1.0) };
    let ends = mean.into_iter().zip(std);
    ends.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), (mean, std)| {
        (low.min(-mean / std), high.max((1.0 - mean) / std))
    })
}

/// The channels as `statistics` would normalize them.
pub fn normalized(
    before: &[ChannelValues; 3],
    statistics: Option<Statistics>,
) -> [ChannelValues; 3] {
    let Some([mean, std]) = statistics else { return before.clone() };
    [0, 1, 2].map(|channel| before[channel].normalized(mean[channel], std[channel]))
}

/// In a sentence: what the network gets, and whether that is what is meant.
pub fn verdict(channels: &[ChannelValues; 3]) -> String {
    let ends = |of: fn(&ChannelValues) -> f64| {
        let values = channels.iter().map(of);
        values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
            (low.min(value), high.max(value))
        })
    };
    let (mean, std) = (ends(|it| it.mean), ends(|it| it.std));
    let mut off = Vec::new();
    if mean.0 < -CENTRED || mean.1 > CENTRED {
        off.push(text::channels_off_centre());
    }
    if std.0 < SPREAD.0 {
        off.push(text::channels_too_narrow());
    }
    if std.1 > SPREAD.1 {
        off.push(text::channels_too_wide());
    }
    let words = match off.as_slice() {
        [] => text::channels_as_meant().to_owned(),
        [first, second] => text::import_and(first, second),
        _ => off.concat(),
    };
    let [low, high] = [mean.0, mean.1].map(signed);
    text::channels_ranges(&low, &high, &signed(std.0), &signed(std.1), &words)
}

/// Three decimals with a true minus sign.
pub fn signed(value: f64) -> String {
    text::decimal(&format!("{value:.3}").replace('-', "−"))
}

/// The histograms as a chart.
pub fn figure(title: &str, label: &str, channels: &[ChannelValues; 3]) -> Figure {
    const LOOKS: [(u8, Dash); 3] = [(7, Dash::Solid), (3, Dash::Long), (1, Dash::Dots)];
    let series =
        channels.iter().zip(names()).zip(LOOKS).map(|((channel, name), (colour, dash))| Series {
            name: name.to_owned(),
            label: String::new(),
            points: channel.shares().collect(),
            style: Style { colour, dash, marker: Marker::None, weight: Weight::Normal },
            dense: true,
        });
    Figure {
        title: title.to_owned(),
        x: Axis { label: label.to_owned(), unit: Unit::Number, include: None },
        y: Axis {
            label: text::channels_share_axis().to_owned(),
            unit: Unit::Share,
            include: Some((0.0, 0.0)),
        },
        series: series.collect(),
        bands: Vec::new(),
        marks: Vec::new(),
    }
}

/// Mean and deviation of the batch under each of some statistics.
pub fn comparison(before: &[ChannelValues; 3], rows: &[(String, Option<Statistics>)]) -> Table {
    let header = [
        text::channels_column_statistics(),
        text::channels_column_mean(),
        text::channels_column_std(),
        text::channels_column_mean_after(),
        text::channels_column_std_after(),
    ];
    let three = |values: [f64; 3]| values.map(signed).join(" / ");
    Table {
        header: header.map(str::to_owned).to_vec(),
        rows: rows
            .iter()
            .map(|(name, statistics)| {
                let after = normalized(before, *statistics);
                let [mean, std] = match statistics {
                    Some(values) => values.map(three),
                    None => ["–".to_owned(), "–".to_owned()],
                };
                let of = |value: fn(&ChannelValues) -> f64| {
                    three([value(&after[0]), value(&after[1]), value(&after[2])])
                };
                vec![name.clone(), mean, std, of(|it| it.mean), of(|it| it.std)]
            })
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const IMAGENET: Statistics = [[0.485, 0.456, 0.406], [0.229, 0.224, 0.225]];

    /// Two images of 2 × 2 pixels, each of one colour.
    fn batch() -> [ChannelValues; 3] {
        let image = |r: f32, g: f32, b: f32| [[r; 4], [g; 4], [b; 4]].concat();
        let pixels = [image(0.0, 0.25, 1.0), image(1.0, 0.75, 1.0)].concat();
        channels(&pixels, 2, (0.0, 1.0))
    }

    #[test]
    fn channels_are_taken_apart_over_all_images() {
        let [red, green, blue] = batch();
        assert_eq!((red.mean, red.std), (0.5, 0.5));
        assert_eq!((green.mean, green.std), (0.5, 0.25));
        assert_eq!((blue.mean, blue.std), (1.0, 0.0));
        assert_eq!((red.counts[0], red.counts[BINS - 1]), (4, 4));
        assert_eq!((blue.counts[BINS - 1], blue.counts.iter().sum::<u32>()), (8, 8));
    }

    /// The channels of the batch that chapter 7 prints, and by hand what
    /// ImageNet's statistics make of them.
    #[test]
    fn imagenet_s_statistics_on_the_book_s_batch() {
        let channel = |mean, std| ChannelValues { mean, std, low: 0.0, high: 1.0, counts: vec![1] };
        let before = [channel(0.4842, 0.2873), channel(0.4711, 0.2893), channel(0.4511, 0.3110)];
        let after = normalized(&before, Some(IMAGENET));
        let means = [-0.0035, 0.0674, 0.2004];
        let stds = [1.2546, 1.2915, 1.3822];
        for channel in 0..3 {
            assert!((after[channel].mean - means[channel]).abs() < 1e-4, "{after:?}");
            assert!((after[channel].std - stds[channel]).abs() < 1e-4, "{after:?}");
        }
    }

    #[test]
    fn the_moved_histogram_is_that_of_the_moved_values() {
        let values: Vec<f32> = (0..1000).map(|it| it as f32 / 1000.0).collect();
        let before = ChannelValues::of(values.iter().copied(), (0.0, 1.0));
        let moved = before.normalized(0.25, 0.5);
        let directly = ChannelValues::of(values.iter().map(|it| (it - 0.25) / 0.5), (-0.5, 1.5));
        assert_eq!((moved.low, moved.high), (-0.5, 1.5));
        assert!((moved.mean - directly.mean).abs() < 1e-6);
        assert!((moved.std - directly.std).abs() < 1e-6);
        let apart = moved.counts.iter().zip(&directly.counts).filter(|(a, b)| a != b).count();
        // A value on the border of two bars may fall to either side.
        assert!(apart <= 4, "{moved:?} {directly:?}");
    }

    #[test]
    fn wrong_statistics_are_called_wrong() {
        assert!(verdict(&batch()).ends_with("off centre and too narrow"), "{}", verdict(&batch()));
        let [red, ..] = batch();
        let right = red.normalized(0.5, 0.5);
        let three = [right.clone(), right.clone(), right];
        assert_eq!(
            verdict(&three),
            "means 0.000 to 0.000, deviations 1.000 to 1.000: about 0 and 1, as meant"
        );
        let wide = red.normalized(0.5, 0.1);
        assert!(verdict(&[wide.clone(), wide.clone(), wide]).ends_with(": too wide"));
    }

    #[test]
    fn the_range_holds_black_and_white_of_every_channel() {
        assert_eq!(range(None), (0.0, 1.0));
        let (low, high) = range(Some(IMAGENET));
        assert!((low + 0.485 / 0.229).abs() < 1e-12 && (high - 0.594 / 0.225).abs() < 1e-12);
    }

    #[test]
    fn shares_sum_to_one_and_stand_in_the_middle() {
        let [red, ..] = batch();
        let points: Vec<Point> = red.shares().collect();
        assert!((points.iter().map(|point| point.y).sum::<f64>() - 1.0).abs() < 1e-12);
        assert!((points[0].x - 0.5 / BINS as f64).abs() < 1e-12);
    }

    #[test]
    fn the_comparison_has_a_row_for_each_statistics() {
        let rows = [("ImageNet’s".to_owned(), Some(IMAGENET)), ("none".to_owned(), None)];
        let table = comparison(&batch(), &rows);
        assert_eq!(table.rows.len(), 2);
        assert_eq!(
            table.rows[1],
            ["none", "–", "–", "0.500 / 0.500 / 1.000", "0.500 / 0.250 / 0.000"]
        );
        assert!(table.rows[0][3].starts_with("0.066"), "{table:?}");
    }
}
