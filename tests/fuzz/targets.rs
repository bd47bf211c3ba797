//! The readers that are fed, each with what makes its inputs.

use super::{media, runs, words};
use imagenette_playground::rng::{Draws, Stream};

/// A reader of foreign bytes.
pub struct Target {
    pub name: &'static str,
    /// Makes an input.
    make: Make,
    /// Feeds it. True if it got past the header, so that more than the first bytes were
    /// read.
    pub feed: fn(&[u8]) -> bool,
}

enum Make {
    ByDraws(fn(&mut Draws) -> Vec<u8>),
    ByNumber,
}

impl Target {
    const fn new(
        name: &'static str,
        make: fn(&mut Draws) -> Vec<u8>,
        feed: fn(&[u8]) -> bool,
    ) -> Self {
        Self { name, make: Make::ByDraws(make), feed }
    }

    /// The target of this name.
    pub fn named(name: &str) -> &'static Self {
        let all = TARGETS.iter().chain([&FAULTY]);
        all.into_iter().find(|target| target.name == name).expect("a target of this name")
    }

    /// The input of this number.
    pub fn made(&self, seed: u32, number: u32) -> Vec<u8> {
        match self.make {
            Make::ByDraws(make) => make(&mut Draws::new(seed, Stream::Sample, 0, number)),
            Make::ByNumber => number.to_le_bytes().to_vec(),
        }
    }
}

/// All of them.
pub const TARGETS: &[Target] = &[
    Target::new("archive", media::archive_made, media::archive_fed),
    Target::new("decode", media::picture_made, media::decode_fed),
    Target::new("layout", media::layout_made, media::layout_fed),
    Target::new("safetensors", runs::model_made, runs::model_fed),
    #[cfg(feature = "engine")]
    Target::new("checkpoint", runs::checkpoints::made, runs::checkpoints::fed),
    Target::new("ipruns", runs::ipruns_made, runs::ipruns_fed),
    Target::new("packed", runs::packed_made, runs::packed_fed),
    Target::new("record", runs::record_made, runs::record_fed),
    Target::new("link", words::link_made, words::link_fed),
    Target::new("sweep", words::sweep_made, words::sweep_fed),
];

/// A reader with a fault of each kind that has to be found.
static FAULTY: Target = Target { name: "faulty", make: Make::ByNumber, feed: faulty };

fn faulty(input: &[u8]) -> bool {
    match input[0] {
        3 => panic!("faulty on purpose"),
        5 => loop {
            std::hint::spin_loop();
        },
        7 => {
            let large = vec![1u8; 1 << 30];
            large.iter().all(|byte| *byte == 1)
        }
        number => number % 2 == 0,
    }
}
