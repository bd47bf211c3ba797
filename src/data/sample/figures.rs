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
    pub(super) use crate::data::sample::brush::{Brush, Shape, darken, lighten};
    pub(super) use crate::data::sample::canvas::Colour;
    pub(super) use crate::data::sample::paintbox::{any, between, grey, hsv, near, pick};
    pub(super) use crate::rng::Draws;
}

use super::brush::Brush;
use super::scene::Place;
use crate::rng::Draws;

/// A class: its id, where it is found and how it is drawn.
pub(super) struct Figure {
    /// WordNet id, as in Imagenette.
    pub id: &'static str,
    /// Surroundings, equally likely; none belongs to one class alone.
    pub places: [Place; 5],
    /// It is turned by up to this much either way, in turns.
    pub tilt: f32,
    /// Draws it.
    pub draw: fn(&mut Brush, &mut Draws),
}

/// All classes in the order of the labels.
pub(super) const FIGURES: [Figure; 10] = [
    Figure {
        id: "n01440764",
        places: [Place::Water, Place::Meadow, Place::Table, Place::Outdoors, Place::Studio],
        tilt: 0.14,
        draw: tench::draw,
    },
    Figure {
        id: "n02102040",
        places: [Place::Outdoors, Place::Meadow, Place::Room, Place::Street, Place::Water],
        tilt: 0.05,
        draw: springer::draw,
    },
    Figure {
        id: "n02979186",
        places: [Place::Table, Place::Room, Place::Studio, Place::Street, Place::Meadow],
        tilt: 0.08,
        draw: cassette::draw,
    },
    Figure {
        id: "n03000684",
        places: [Place::Meadow, Place::Table, Place::Studio, Place::Outdoors, Place::Room],
        tilt: 0.15,
        draw: chainsaw::draw,
    },
    Figure {
        id: "n03028079",
        places: [Place::Outdoors, Place::Street, Place::Meadow, Place::Outdoors, Place::Sky],
        tilt: 0.025,
        draw: church::draw,
    },
    Figure {
        id: "n03394916",
        places: [Place::Room, Place::Studio, Place::Table, Place::Outdoors, Place::Meadow],
        tilt: 0.18,
        draw: horn::draw,
    },
    Figure {
        id: "n03417042",
        places: [Place::Street, Place::Outdoors, Place::Studio, Place::Meadow, Place::Street],
        tilt: 0.03,
        draw: truck::draw,
    },
    Figure {
        id: "n03425413",
        places: [Place::Street, Place::Outdoors, Place::Room, Place::Studio, Place::Meadow],
        tilt: 0.03,
        draw: pump::draw,
    },
    Figure {
        id: "n03445777",
        places: [Place::Meadow, Place::Outdoors, Place::Table, Place::Studio, Place::Room],
        tilt: 0.04,
        draw: golf::draw,
    },
    Figure {
        id: "n03888257",
        places: [Place::Sky, Place::Outdoors, Place::Water, Place::Street, Place::Meadow],
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
