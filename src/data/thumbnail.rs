//! Small square pictures of stored images, for a page to show. Independent of
//! burn and browsers.

use super::Image;
use fast_image_resize::images::{Image as Target, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};

/// The centre square of an image at `size × size` pixels, RGBA, opaque. An image
/// whose buffer does not fit its size gives a transparent picture.
pub fn rgba(image: &Image, size: u32) -> Vec<u8> {
    let side = image.width.min(image.height);
    let pixels = size as usize * size as usize;
    let scaled = || -> Option<Vec<u8>> {
        let source =
            ImageRef::new(image.width, image.height, &image.pixels, PixelType::U8x3).ok()?;
        let mut target = Target::new(size, size, PixelType::U8x3);
        let options =
            ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Bilinear)).crop(
                f64::from((image.width - side) / 2),
                f64::from((image.height - side) / 2),
                f64::from(side),
                f64::from(side),
            );
        Resizer::new().resize(&source, &mut target, &options).ok()?;
        Some(target.into_vec())
    };
    scaled().map_or_else(
        || vec![0; 4 * pixels],
        |rgb| {
            let (rgb, _) = rgb.as_chunks::<3>();
            rgb.iter().flat_map(|[r, g, b]| [*r, *g, *b, u8::MAX]).collect()
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Split;

    #[test]
    fn the_centre_square_is_cut_and_opaque() {
        let row = [[9, 9, 9], [200, 100, 50], [200, 100, 50], [9, 9, 9]].concat();
        let image = Image {
            path: "val/a/b.png".into(),
            split: Split::Valid,
            label: 0,
            width: 4,
            height: 2,
            original_short_side: 2,
            pixels: row.repeat(2).into(),
        };
        assert_eq!(rgba(&image, 2), [200, 100, 50, 255].repeat(4));
        assert_eq!(rgba(&image, 5).len(), 100);
        let broken = Image { width: 40, ..image };
        assert_eq!(rgba(&broken, 1), [0, 0, 0, 0]);
    }
}
