//! How far a run is and how long it will take: work done, active seconds, and when to report.
//! Pure.

/// Seconds between two progress events.
const REPORT_EVERY: f64 = 0.1;

/// Work relative to one forward pass of one image: forward, and about twice as
/// much for backward.
const TRAIN_COST: f64 = 3.0;

/// Keeps account of a run. Times come from the host's clock.
#[derive(Clone, Debug)]
pub struct Pace {
    total: f64,
    done: f64,
    /// Work that was done before this session, on a resumed run.
    inherited: f64,
    earlier: f64,
    started: f64,
    held: f64,
    last_report: f64,
}

/// Work of training on `images` images of `size` pixels a side.
pub fn training_work(images: u32, size: u32) -> f64 {
    TRAIN_COST * evaluation_work(images, size)
}

/// Work of one forward pass over `images` images of `size` pixels a side.
pub fn evaluation_work(images: u32, size: u32) -> f64 {
    f64::from(images) * f64::from(size) * f64::from(size)
}

impl Pace {
    /// Starts the clock of a run of `total` work, `inherited` of it done in
    /// `earlier` seconds before.
    pub fn start(total: f64, inherited: f64, earlier: f64, now: f64) -> Self {
        let last_report = f64::NEG_INFINITY;
        Self { total, done: inherited, inherited, earlier, started: now, held: 0.0, last_report }
    }

    /// Adds finished work.
    pub fn work(&mut self, work: f64) {
        self.done += work;
    }

    /// Adds time in which the run was held.
    pub fn hold(&mut self, seconds: f64) {
        self.held += seconds;
    }

    /// Share of the whole work that is done, 0..1.
    pub fn fraction(&self) -> f64 {
        (self.done / self.total).clamp(0.0, 1.0)
    }

    /// Active seconds, those of earlier sessions included.
    pub fn elapsed(&self, now: f64) -> f64 {
        self.earlier + self.active(now)
    }

    /// Seconds to go at the speed of this session; `None` before any work.
    pub fn remaining(&self, now: f64) -> Option<f64> {
        let done = self.done - self.inherited;
        (done > 0.0).then(|| (self.total - self.done).max(0.0) * self.active(now) / done)
    }

    /// True if it is time for the next report; counts as having reported.
    pub fn due(&mut self, now: f64) -> bool {
        let due = now - self.last_report >= REPORT_EVERY;
        if due {
            self.last_report = now;
        }
        due
    }

    fn active(&self, now: f64) -> f64 {
        now - self.started - self.held
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn held_time_counts_neither_as_elapsed_nor_towards_the_estimate() {
        let mut pace = Pace::start(100.0, 0.0, 0.0, 10.0);
        assert_eq!(pace.remaining(11.0), None);
        pace.work(25.0);
        pace.hold(5.0);
        assert_eq!(pace.elapsed(20.0), 5.0);
        assert_eq!(pace.remaining(20.0), Some(15.0));
        assert_eq!(pace.fraction(), 0.25);
    }

    #[test]
    fn a_resumed_run_is_estimated_from_its_own_session() {
        let mut pace = Pace::start(100.0, 50.0, 1000.0, 0.0);
        pace.work(10.0);
        assert_eq!(pace.remaining(2.0), Some(8.0));
        assert_eq!(pace.elapsed(2.0), 1002.0);
    }

    #[test]
    fn it_is_due_at_once_and_then_ten_times_a_second() {
        let mut pace = Pace::start(1.0, 0.0, 0.0, 0.0);
        assert!(pace.due(0.0));
        assert!(!pace.due(0.05));
        assert!(pace.due(0.11));
    }
}
