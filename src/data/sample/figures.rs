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

/// A class: its id and name, where it is found and how it is drawn.
pub(super) struct Figure {
    /// WordNet id, as in Imagenette.
    pub id: &'static str,
    /// Name for people.
    pub name: &'static str,
    /// Surroundings, equally likely; none belongs to one class alone.
    pub places: [Place; 4],
    /// It is turned by up to this much either way, in turns.
    pub tilt: f32,
    /// Draws it.
    pub draw: fn(&mut Brush, &mut Draws),
}

/// All classes in the order of the labels.
pub(super) const FIGURES: [Figure; 10] = [
    Figure {
        id: "n01440764",
        name: "tench",
        places: [Place::Water, Place::Meadow, Place::Table, Place::Outdoors],
        tilt: 0.12,
        draw: tench::draw,
    },
    Figure {
        id: "n02102040",
        name: "English springer",
        places: [Place::Outdoors, Place::Meadow, Place::Room, Place::Street],
        tilt: 0.04,
        draw: springer::draw,
    },
    Figure {
        id: "n02979186",
        name: "cassette player",
        places: [Place::Table, Place::Room, Place::Studio, Place::Street],
        tilt: 0.06,
        draw: cassette::draw,
    },
    Figure {
        id: "n03000684",
        name: "chain saw",
        places: [Place::Meadow, Place::Table, Place::Studio, Place::Outdoors],
        tilt: 0.12,
        draw: chainsaw::draw,
    },
    Figure {
        id: "n03028079",
        name: "church",
        places: [Place::Outdoors, Place::Street, Place::Outdoors, Place::Meadow],
        tilt: 0.02,
        draw: church::draw,
    },
    Figure {
        id: "n03394916",
        name: "French horn",
        places: [Place::Room, Place::Studio, Place::Table, Place::Outdoors],
        tilt: 0.15,
        draw: horn::draw,
    },
    Figure {
        id: "n03417042",
        name: "garbage truck",
        places: [Place::Street, Place::Outdoors, Place::Street, Place::Studio],
        tilt: 0.02,
        draw: truck::draw,
    },
    Figure {
        id: "n03425413",
        name: "gas pump",
        places: [Place::Street, Place::Outdoors, Place::Room, Place::Studio],
        tilt: 0.02,
        draw: pump::draw,
    },
    Figure {
        id: "n03445777",
        name: "golf ball",
        places: [Place::Meadow, Place::Outdoors, Place::Table, Place::Studio],
        tilt: 0.03,
        draw: golf::draw,
    },
    Figure {
        id: "n03888257",
        name: "parachute",
        places: [Place::Sky, Place::Outdoors, Place::Water, Place::Sky],
        tilt: 0.07,
        draw: parachute::draw,
    },
];
