//! Numbers of the page as people read them; those of runs are written by
//! [`crate::format`].

use crate::format::duration;
use crate::text;

/// A duration in words, for estimates: `about` is left to the caller.
pub fn rough_duration(seconds: f64) -> String {
    match seconds {
        s if !s.is_finite() => text::time_unknown().into(),
        s if s < 0.95 => text::time_moment().into(),
        s if s < 90.0 => text::time_seconds(s.round() as u64),
        s if s < 90.0 * 60.0 => text::time_minutes((s / 60.0).round() as u64),
        s => text::time_hours(&text::decimal(&format!("{:.1}", s / 3600.0))),
    }
}

/// Progress in fastai's form: `12.50% [1/8 00:31<03:37]`, the epochs that ended
/// of all epochs, time so far and time to go.
pub fn progress(
    fraction: f64,
    done: u32,
    epochs: u32,
    elapsed: f64,
    remaining: Option<f64>,
) -> String {
    let to_go = remaining.map_or_else(|| "?".into(), duration);
    let percent = 100.0 * fraction.clamp(0.0, 1.0);
    format!("{percent:.2}% [{done}/{epochs} {}<{to_go}]", duration(elapsed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_is_fastais() {
        assert_eq!(progress(0.125, 1, 8, 31.0, Some(217.0)), "12.50% [1/8 00:31<03:37]");
        assert_eq!(progress(0.0, 0, 5, 0.0, None), "0.00% [0/5 00:00<?]");
    }

    #[test]
    fn rough_durations_have_one_unit() {
        assert_eq!(rough_duration(0.2), "less than a second");
        assert_eq!(rough_duration(1.2), "1 second");
        assert_eq!(rough_duration(44.0), "44 seconds");
        assert_eq!(rough_duration(100.0), "2 minutes");
        assert_eq!(rough_duration(7300.0), "2.0 hours");
    }
}
