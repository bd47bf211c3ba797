//! How numbers of a run are written for people, in the language of the texts; those of
//! fastai's tables as fastai writes them.

use crate::text;

/// A duration as fastai writes it: `mm:ss`, and `h:mm:ss` from an hour on.
/// Negative and undefined durations are shown as zero.
pub fn duration(seconds: f64) -> String {
    // Saturating: `as` maps NaN and negative values to 0.
    let seconds = seconds as u64;
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{seconds:02}")
    } else {
        format!("{minutes:02}:{seconds:02}")
    }
}

/// A metric with fastai's six decimals; of a run that diverged there is none.
pub fn metric(value: f64) -> String {
    if value.is_finite() { format!("{value:.6}") } else { "diverged".to_owned() }
}

/// A share as per cent with one decimal: `71.2%`.
pub fn percent(share: f64) -> String {
    if share.is_finite() {
        text::percentage(&format!("{:.1}", 100.0 * share))
    } else {
        "\u{2013}".to_owned()
    }
}

/// A difference of shares in percentage points, with its sign: `+1.2`, `−0.4`,
/// `0.0`.
pub fn points(difference: f64) -> String {
    let rounded = (difference * 1000.0).round() / 10.0;
    if !rounded.is_finite() {
        "\u{2013}".to_owned()
    } else if rounded == 0.0 {
        text::decimal("0.0")
    } else if rounded < 0.0 {
        text::decimal(&format!("\u{2212}{:.1}", -rounded))
    } else {
        text::decimal(&format!("+{rounded:.1}"))
    }
}

/// Images per second, to the three digits that a timing is good for.
pub fn rate(per_second: f64) -> String {
    if !per_second.is_finite() || per_second <= 0.0 {
        return "\u{2013}".to_owned();
    }
    let decimals = if per_second >= 100.0 {
        0
    } else if per_second >= 10.0 {
        1
    } else {
        2
    };
    text::decimal(&format!("{per_second:.decimals$}"))
}

/// An ISO 8601 date and time (UTC) to the minute: `2026-03-01 12:34`. A text
/// that is too short to be one is shown as it is.
pub fn minute(date: &str) -> String {
    match (date.get(..10), date.get(11..16)) {
        (Some(day), Some(time)) => format!("{day} {time}"),
        _ => date.to_owned(),
    }
}

/// A number of things, e.g. `1 run` and `2 runs`, of a noun whose plural ends in s.
pub fn count(number: usize, noun: &str) -> String {
    let ending = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{ending}")
}

/// A number of bytes, in units of 1000: `812 B`, `1.2 MB`.
pub fn bytes(count: f64) -> String {
    let units = ["B", "kB", "MB", "GB", "TB"];
    let mut value = if count.is_finite() { count.max(0.0) } else { 0.0 };
    let mut unit = units[0];
    for larger in &units[1..] {
        if value < 999.5 {
            break;
        }
        value /= 1000.0;
        unit = larger;
    }
    if unit == "B" || value >= 99.95 {
        format!("{value:.0} {unit}")
    } else {
        text::decimal(&format!("{value:.1} {unit}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_fastai_s() {
        let cases = [
            (0.0, "00:00"),
            (59.9, "00:59"),
            (61.0, "01:01"),
            (3661.0, "1:01:01"),
            (-3.0, "00:00"),
        ];
        for (seconds, text) in cases {
            assert_eq!(duration(seconds), text);
        }
        assert_eq!(duration(f64::NAN), "00:00");
    }

    #[test]
    fn points_carry_a_sign_and_no_negative_zero() {
        let cases = [(0.0123, "+1.2"), (-0.0041, "\u{2212}0.4"), (-0.0001, "0.0"), (0.0, "0.0")];
        for (difference, text) in cases {
            assert_eq!(points(difference), text);
        }
    }

    #[test]
    fn rates_and_bytes_keep_few_digits() {
        assert_eq!(rate(1234.5), "1234");
        assert_eq!(rate(12.34), "12.3");
        assert_eq!(rate(1.234), "1.23");
        assert_eq!(rate(0.0), "\u{2013}");
        assert_eq!(bytes(812.0), "812 B");
        assert_eq!(bytes(1_234_567.0), "1.2 MB");
        assert_eq!(bytes(999_700.0), "1.0 MB");
        assert_eq!(bytes(f64::INFINITY), "0 B");
    }

    #[test]
    fn one_thing_has_no_plural() {
        assert_eq!([0, 1, 2].map(|n| count(n, "run")), ["0 runs", "1 run", "2 runs"]);
    }

    #[test]
    fn dates_are_cut_to_the_minute() {
        assert_eq!(minute("2026-03-01T12:34:56.789Z"), "2026-03-01 12:34");
        assert_eq!(minute("today"), "today");
    }

    #[test]
    fn metrics_have_six_decimals() {
        assert_eq!(metric(1.234_567_89), "1.234568");
        assert_eq!(percent(0.7125), "71.2%");
        let none = [metric(f64::NAN), percent(f64::NAN), points(f64::NAN)];
        assert_eq!(none, ["diverged", "\u{2013}", "\u{2013}"]);
    }
}
