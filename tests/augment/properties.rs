//! What holds for every view of every image.

use imagenette_playground::augment::crop::{train_view, valid_view};
use imagenette_playground::augment::draw::ViewDraw;
use imagenette_playground::augment::resample::Raster;
use imagenette_playground::data::Split;
use imagenette_playground::experiment::Crop;
use imagenette_playground::rng::{Draws, Stream};
use proptest::prelude::*;

use super::fixture::image;

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..Default::default() })]

    #[test]
    fn views_have_their_size_and_stay_in_range(
        short in 8u32..120,
        aspect in 1.0f64..=2.0,
        portrait: bool,
        size in 16u32..=160,
        item: u32,
        crop in prop::sample::select(Crop::ALL.to_vec()),
    ) {
        let long = (f64::from(short) * aspect) as u32;
        let (width, height) = if portrait { (short, long) } else { (long, short) };
        let image = image(item, width, height, Split::Train, 0);
        let source = Raster::of(&image).expect("the buffer fits");
        let draw = ViewDraw::new(crop, Draws::new(item, Stream::Augment, 0, item));
        for view in [train_view(source, crop, size, &draw), valid_view(source, crop, size)] {
            prop_assert_eq!(view.size, size);
            prop_assert_eq!(view.pixels.len(), (3 * size * size) as usize);
            prop_assert!(view.pixels.iter().all(|value| (0.0..=255.0).contains(value)));
        }
    }
}
