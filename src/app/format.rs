//! Numbers of the page as people read them; those of runs are written by
//! [`crate::runs::format`].

use crate::runs::format::duration;

/// A duration in words, for estimates: `about` is left to the caller.
pub fn rough_duration(seconds: f64) -> String {
    let plural = |count: f64, unit: &str| {
        if count == 1.0 { format!("1 {unit}") } else { format!("{count:.0} {unit}s") }
    };
    match seconds {
        s if !s.is_finite() => "an unknown time".into(),
        s if s < 0.95 => "less than a second".into(),
        s if s < 90.0 => plural(s.round(), "second"),
        s if s < 90.0 * 60.0 => plural((s / 60.0).round(), "minute"),
        s => format!("{:.1} hours", s / 3600.0),
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

/// A sentence of it: a capital at its beginning, one full stop at its end.
/// Reports of errors come from many hands.
pub fn sentence(text: &str) -> String {
    let text = text.trim().trim_end_matches('.');
    if text.is_empty() { String::new() } else { capital(text) + "." }
}

/// The text with a capital (of ASCII) at its beginning.
pub fn capital(text: &str) -> String {
    first_letter(text, str::make_ascii_uppercase)
}

/// The text as it is in the middle of a sentence.
pub fn lowered(text: &str) -> String {
    first_letter(text, str::make_ascii_lowercase)
}

fn first_letter(text: &str, change: fn(&mut str)) -> String {
    let mut text = text.to_owned();
    if let Some(first) = text.get_mut(..1) {
        change(first);
    }
    text
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

    #[test]
    fn sentences_have_one_full_stop() {
        assert_eq!(sentence("no data set is loaded"), "No data set is loaded.");
        assert_eq!(sentence("Ändere das. "), "Ändere das.");
        assert_eq!(sentence(""), "");
    }
}
