//! What a data set takes of memory: counted as it grows, and projected from its
//! first images. Pure arithmetic; independent of burn and browsers.

use super::error::DataError;

/// Memory that an image takes in addition to its pixels and its name, roughly.
const IMAGE_OVERHEAD: u64 = 512;

/// Images after which the rest is projected.
const ENOUGH: u64 = 300;

/// A projection is believed where it exceeds the limit by this factor: files of one
/// class may be smaller than those of the next.
const MARGIN: f64 = 1.1;

/// The memory of a data set in the making.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ledger {
    short_side: u32,
    limit: u64,
    used: u64,
    /// Files that were submitted, and files that are done.
    files: [u64; 2],
}

impl Ledger {
    /// Nothing is held yet; at most `limit` bytes may be.
    pub(super) fn new(short_side: u32, limit: u64) -> Self {
        Self { short_side, limit, used: 0, files: [0; 2] }
    }

    /// Adds a name that is held: of an image, or of a file that was left out.
    pub(super) fn name(&mut self, name: &str) {
        self.used += name.len() as u64 + IMAGE_OVERHEAD;
    }

    /// Counts a file that was submitted for decoding.
    pub(super) fn submitted(&mut self) {
        self.files[0] += 1;
    }

    /// Counts a file that is done, with its bytes of pixels.
    pub(super) fn finished(&mut self, pixels: usize) {
        self.files[1] += 1;
        self.hold(pixels);
    }

    /// Adds bytes that are held.
    pub(super) fn hold(&mut self, bytes: usize) {
        self.used += bytes as u64;
    }

    /// Subtracts bytes that are no longer held.
    pub(super) fn release(&mut self, bytes: usize) {
        self.used = self.used.saturating_sub(bytes as u64);
    }

    /// Compares the bytes held, and those to be expected, with the limit. `share` is the share of
    /// the files that has been submitted, 0..1, if known.
    ///
    /// # Errors
    /// [`DataError::Memory`].
    pub(super) fn check(&self, share: Option<f64>) -> Result<(), DataError> {
        let share = share.filter(|share| *share > 0.0 && *share <= 1.0);
        let [handed_in, through] = self.files;
        let expected = share.filter(|_| through > 0).map(|share| {
            let files = handed_in as f64 / share;
            self.used as f64 / through as f64 * files.max(through as f64)
        });
        let over = expected.is_some_and(|it| it > self.limit as f64 * MARGIN);
        if self.used <= self.limit && !(over && through >= ENOUGH) {
            return Ok(());
        }
        let needed = expected.map_or(self.used, |it| (it as u64).max(self.used));
        Err(DataError::Memory { short_side: self.short_side, needed, limit: self.limit })
    }
}

/// Shares the memory for decoding among several threads. A thread holds on to the memory of its
/// most expensive file so far: the highest cost of each, in bytes.
#[derive(Clone, Debug)]
pub struct Shares {
    limit: u64,
    highest: Vec<u64>,
}

impl Shares {
    /// Shares `limit` bytes among `threads` threads.
    pub fn new(threads: usize, limit: u64) -> Self {
        Self { limit, highest: vec![0; threads] }
    }

    /// Whether a thread may decode a file that costs `cost` bytes, given what the others took.
    pub fn fits(&self, thread: usize, cost: u64) -> bool {
        let others = self.highest.iter().enumerate().filter(|(number, _)| *number != thread);
        others.map(|(_, bytes)| bytes).sum::<u64>() + self.of(thread).max(cost) <= self.limit
    }

    /// Notes that a thread decodes a file that costs `cost` bytes.
    pub fn take(&mut self, thread: usize, cost: u64) {
        if let Some(highest) = self.highest.get_mut(thread) {
            *highest = (*highest).max(cost);
        }
    }

    /// Notes that a thread has ended and freed its memory.
    pub fn give_back(&mut self, thread: usize) {
        if let Some(highest) = self.highest.get_mut(thread) {
            *highest = 0;
        }
    }

    /// The most that a thread took, in bytes.
    pub fn of(&self, thread: usize) -> u64 {
        self.highest.get(thread).copied().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of 32,000 images at 160 px: 2.46e9 bytes, where 2^31 are allowed.
    #[test]
    fn what_will_not_fit_is_refused_within_the_first_percent() {
        let mut ledger = Ledger::new(160, 2 << 30);
        for number in 1..=32_000u32 {
            ledger.name("train/n01440764/n01440764_10026.JPEG");
            ledger.submitted();
            ledger.finished(160 * 160 * 3);
            if let Err(error) = ledger.check(Some(f64::from(number) / 32_000.0)) {
                assert_eq!(number, 300);
                let DataError::Memory { short_side: 160, needed, .. } = error else {
                    panic!("{error}");
                };
                assert!((2_470_000_000..2_500_000_000).contains(&needed), "{needed}");
                return;
            }
        }
        panic!("it was accepted");
    }

    #[test]
    fn what_fits_is_never_refused_by_a_projection_that_is_a_little_high() {
        let mut ledger = Ledger::new(160, 2 << 30);
        for number in 1..=27_000u32 {
            ledger.name("train/n01440764/n01440764_10026.JPEG");
            ledger.submitted();
            ledger.finished(160 * 160 * 3);
            // The files of the first classes are 6 % smaller than the rest.
            let share = f64::from(number) / 27_000.0 * 0.94;
            assert_eq!(ledger.check(Some(share)), Ok(()), "at {number}");
        }
    }

    #[test]
    fn files_that_are_under_way_count_as_those_that_are_through() {
        let mut ledger = Ledger::new(64, 100_000_000);
        for number in 0..1000 {
            ledger.submitted();
            if number < 400 {
                ledger.finished(64 * 64 * 3);
            }
        }
        // A tenth is read: 10,000 files will take 1.2e8 bytes.
        assert!(matches!(
            ledger.check(Some(0.1)),
            Err(DataError::Memory { needed: 122_880_000, .. })
        ));
        assert_eq!(ledger.check(Some(0.2)), Ok(()));
        assert_eq!(ledger.check(None), Ok(()));
    }

    #[test]
    fn names_alone_reach_the_limit() {
        let mut ledger = Ledger::new(64, 1 << 20);
        for _ in 0..200 {
            ledger.name(&"x".repeat(6000));
        }
        assert!(matches!(ledger.check(None), Err(DataError::Memory { .. })));
    }

    #[test]
    fn threads_share_the_memory_for_decoding() {
        let mut shares = Shares::new(3, 100);
        assert!(shares.fits(0, 100) && !shares.fits(0, 101));
        shares.take(0, 40);
        shares.take(1, 40);
        assert!(shares.fits(2, 20) && !shares.fits(2, 21));
        assert!(shares.fits(0, 60) && !shares.fits(0, 61), "what it has is its own");
        shares.take(0, 10);
        assert_eq!(shares.of(0), 40, "memory is never given back by decoding less");
        shares.give_back(0);
        assert!(shares.fits(2, 60));
    }
}
