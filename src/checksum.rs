//! The checksum of everything that is stored: CRC-32 as in gzip and PNG, which finds
//! every flipped byte. Independent of what is stored and where.

#[cfg(feature = "media")]
use flate::FlateCrc as Running;
#[cfg(not(feature = "media"))]
use small::TableCrc as Running;

/// The checksum of bytes that come in pieces.
#[derive(Default)]
pub struct Checksum(Running);

impl Checksum {
    /// Takes the next bytes in.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The checksum of all bytes so far.
    pub fn sum(&self) -> u32 {
        self.0.sum()
    }
}

/// The checksum of all these bytes.
pub fn of(bytes: &[u8]) -> u32 {
    let mut checksum = Checksum::default();
    checksum.update(bytes);
    checksum.sum()
}

/// Appends the checksum of `bytes` to them: 4 bytes, little-endian.
pub fn seal(bytes: &mut Vec<u8>) {
    let sum = of(bytes);
    bytes.extend(sum.to_le_bytes());
}

/// What [`seal`] was given; `None` if the checksum is another one.
pub fn open(bytes: &[u8]) -> Option<&[u8]> {
    let (content, sum) = bytes.split_last_chunk::<4>()?;
    (of(content) == u32::from_le_bytes(*sum)).then_some(content)
}

/// Where archives are read their library is there, and it is fast.
#[cfg(feature = "media")]
mod flate {
    #[derive(Default)]
    pub struct FlateCrc(flate2::Crc);

    impl FlateCrc {
        pub fn update(&mut self, bytes: &[u8]) {
            self.0.update(bytes);
        }

        pub fn sum(&self) -> u32 {
            self.0.sum()
        }
    }
}

/// The page has a few kB to check, and no room for large tables.
#[cfg(any(test, not(feature = "media")))]
mod small {
    /// The remainders of the sixteen half bytes.
    const HALVES: [u32; 16] = halves();

    const fn halves() -> [u32; 16] {
        let mut table = [0; 16];
        let mut half = 0;
        while half < 16 {
            let mut rest = half as u32;
            let mut bit = 0;
            while bit < 4 {
                rest = if rest & 1 == 1 { rest >> 1 ^ 0xedb8_8320 } else { rest >> 1 };
                bit += 1;
            }
            table[half] = rest;
            half += 1;
        }
        table
    }

    #[derive(Default)]
    pub struct TableCrc(u32);

    impl TableCrc {
        pub fn update(&mut self, bytes: &[u8]) {
            let step = |rest: u32| rest >> 4 ^ HALVES[(rest & 15) as usize];
            self.0 = !bytes.iter().fold(!self.0, |rest, byte| step(step(rest ^ u32::from(*byte))));
        }

        pub fn sum(&self) -> u32 {
            self.0
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn it_is_the_crc_of_gzip() {
        assert_eq!(of(b""), 0);
        assert_eq!(of(b"123456789"), 0xcbf4_3926);
    }

    proptest! {
        #[test]
        fn both_ways_and_all_pieces_agree(
            bytes in prop::collection::vec(any::<u8>(), 0..200),
            cut in 0usize..200,
        ) {
            let mut small = small::TableCrc::default();
            let (first, second) = bytes.split_at(cut.min(bytes.len()));
            small.update(first);
            small.update(second);
            prop_assert_eq!(small.sum(), of(&bytes));
        }

        #[test]
        fn every_flipped_bit_is_found(
            bytes in prop::collection::vec(any::<u8>(), 0..60),
            place in any::<prop::sample::Index>(),
            bit in 0u8..8,
        ) {
            let mut sealed = bytes.clone();
            seal(&mut sealed);
            prop_assert_eq!(open(&sealed), Some(bytes.as_slice()));
            let place = place.index(sealed.len());
            sealed[place] ^= 1 << bit;
            prop_assert_eq!(open(&sealed), None);
        }
    }
}
