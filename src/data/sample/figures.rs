//! The ten things to recognise, each drawn in its own coordinates: about
//! -1..1 both ways, y down. Independent of where and how large they appear.

mod cassette;
mod chainsaw;
mod church;
mod golf;
mod horn;
mod parachute;
mod pump;
mod springer;
mod tench;
mod truck;

/// What every figure draws with.
mod prelude {
    pub(super) use crate::data::sample::brush::{Brush, Outline, darken, lighten};
    pub(super) use crate::data::sample::canvas::Colour;
    pub(super) use crate::data::sample::paintbox::{any, between, grey, hsv, near, pick};
    pub(super) use crate::rng::Draws;
}

use super::brush::Brush;
use super::scene::Scenery;
use crate::rng::Draws;

/// A class: its id, where it is found and how it is drawn.
pub(super) struct ClassFigure {
    /// WordNet id, as in Imagenette.
    pub id: &'static str,
    /// Scenery, equally likely; none belongs to one class alone.
    pub places: [Scenery; 5],
    /// It is turned by up to this much either way, in turns.
    pub tilt: f32,
    /// Draws it.
    pub draw: fn(&mut Brush, &mut Draws),
}

/// All classes in the order of the labels.
pub(super) const FIGURES: [ClassFigure; 10] = [
    ClassFigure {
        id: "n01440764",
        places: [
            Scenery::Water,
            Scenery::Meadow,
            Scenery::Table,
            Scenery::Outdoors,
            Scenery::Studio,
        ],
        tilt: 0.14,
        draw: tench::draw,
    },
    ClassFigure {
        id: "n02102040",
        places: [
            Scenery::Outdoors,
            Scenery::Meadow,
            Scenery::Room,
            Scenery::Street,
            Scenery::Water,
        ],
        tilt: 0.05,
        draw: springer::draw,
    },
    ClassFigure {
        id: "n02979186",
        places: [Scenery::Table, Scenery::Room, Scenery::Studio, Scenery::Street, Scenery::Meadow],
        tilt: 0.08,
        draw: cassette::draw,
    },
    ClassFigure {
        id: "n03000684",
        places: [
            Scenery::Meadow,
            Scenery::Table,
            Scenery::Studio,
            Scenery::Outdoors,
            Scenery::Room,
        ],
        tilt: 0.15,
        draw: chainsaw::draw,
    },
    ClassFigure {
        id: "n03028079",
        places: [
            Scenery::Outdoors,
            Scenery::Street,
            Scenery::Meadow,
            Scenery::Outdoors,
            Scenery::Sky,
        ],
        tilt: 0.025,
        draw: church::draw,
    },
    ClassFigure {
        id: "n03394916",
        places: [
            Scenery::Room,
            Scenery::Studio,
            Scenery::Table,
            Scenery::Outdoors,
            Scenery::Meadow,
        ],
        tilt: 0.18,
        draw: horn::draw,
    },
    ClassFigure {
        id: "n03417042",
        places: [
            Scenery::Street,
            Scenery::Outdoors,
            Scenery::Studio,
            Scenery::Meadow,
            Scenery::Street,
        ],
        tilt: 0.03,
        draw: truck::draw,
    },
    ClassFigure {
        id: "n03425413",
        places: [
            Scenery::Street,
            Scenery::Outdoors,
            Scenery::Room,
            Scenery::Studio,
            Scenery::Meadow,
        ],
        tilt: 0.03,
        draw: pump::draw,
    },
    ClassFigure {
        id: "n03445777",
        places: [
            Scenery::Meadow,
            Scenery::Outdoors,
            Scenery::Table,
            Scenery::Studio,
            Scenery::Room,
        ],
        tilt: 0.04,
        draw: golf::draw,
    },
    ClassFigure {
        id: "n03888257",
        places: [Scenery::Sky, Scenery::Outdoors, Scenery::Water, Scenery::Street, Scenery::Meadow],
        tilt: 0.1,
        draw: parachute::draw,
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_place_gives_a_class_away() {
        for figure in &FIGURES {
            for place in figure.places {
                let shared = FIGURES.iter().filter(|other| other.places.contains(&place)).count();
                assert!(shared >= 2, "{place:?} belongs to {} alone", figure.id);
            }
        }
    }
}
