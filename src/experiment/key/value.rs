//! Reading single values. Every reader is total: it takes the value, moves it to
//! the nearest one on offer, or leaves the experiment alone.

use crate::experiment::range::{PER_CLASS, Range};
use crate::experiment::{DataSource, Noise, Phase, prog};
use crate::number;

/// What became of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ValueRead {
    /// Taken as written.
    Exact,
    /// Something near it was taken.
    Moved,
    /// Not understood; nothing was changed.
    Unreadable,
}

impl ValueRead {
    fn exact_if(exact: bool) -> Self {
        if exact { Self::Exact } else { Self::Moved }
    }
}

pub(super) fn integer(target: &mut u32, text: &str, range: Range<u32>) -> ValueRead {
    if let Ok(value) = text.parse::<u32>() {
        *target = range.clamp(value);
        return ValueRead::exact_if(*target == value);
    }
    // Too large, negative or with a fraction: near enough to be meant.
    match number::read(text) {
        Some(value) => {
            // `as` saturates at the ends of u32.
            *target = range.clamp(value.round() as u32);
            ValueRead::Moved
        }
        None => ValueRead::Unreadable,
    }
}

pub(super) fn float(target: &mut f64, text: &str, range: Range<f64>) -> ValueRead {
    match number::read(text) {
        Some(value) => {
            // Adding zero turns -0 into 0, which is written shorter.
            *target = range.clamp(value) + 0.0;
            ValueRead::exact_if(range.contains(value))
        }
        None => ValueRead::Unreadable,
    }
}

pub(super) fn yes_or_no(target: &mut bool, text: &str) -> ValueRead {
    *target = match text {
        "0" => false,
        "1" => true,
        _ => return ValueRead::Unreadable,
    };
    ValueRead::Exact
}

pub(super) fn choice<T: Copy>(
    target: &mut T,
    text: &str,
    all: &[T],
    name: fn(T) -> &'static str,
) -> ValueRead {
    match all.iter().find(|value| name(**value) == text) {
        Some(value) => {
            *target = *value;
            ValueRead::Exact
        }
        None => ValueRead::Unreadable,
    }
}

pub(super) fn write_images_per_class(value: Option<u32>) -> String {
    value.map_or_else(|| "all".to_owned(), |images| images.to_string())
}

pub(super) fn images_per_class(target: &mut Option<u32>, text: &str) -> ValueRead {
    if text == "all" {
        *target = None;
        return ValueRead::Exact;
    }
    let mut images = 0;
    let read = integer(&mut images, text, PER_CLASS);
    if read != ValueRead::Unreadable {
        *target = Some(images);
    }
    read
}

pub(super) fn read_noise(target: &mut Noise, text: &str) -> ValueRead {
    let mut percent = 0.0;
    let exact = float(&mut percent, text, Range { low: 0.0, high: 100.0, off: None });
    if exact == ValueRead::Unreadable {
        return exact;
    }
    let distance = |level: &Noise| (f64::from(level.percent()) - percent).abs();
    if let Some(nearest) = Noise::ALL.into_iter().min_by(|a, b| distance(a).total_cmp(&distance(b)))
    {
        *target = nearest;
    }
    ValueRead::exact_if(exact == ValueRead::Exact && f64::from(target.percent()) == percent)
}

pub(super) fn read_init(target: &mut Option<String>, text: &str) -> ValueRead {
    if text.is_empty() {
        *target = None;
        return ValueRead::Exact;
    }
    if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return ValueRead::Unreadable;
    }
    *target = Some(text.to_ascii_lowercase());
    ValueRead::Exact
}

pub(super) fn read_prog(target: &mut Vec<Phase>, text: &str) -> ValueRead {
    let Some(phases) = prog::parse(text) else {
        return ValueRead::Unreadable;
    };
    *target = prog::clamp(&phases);
    ValueRead::exact_if(*target == phases)
}

pub(super) fn write_data(data: &DataSource) -> String {
    match data {
        DataSource::Sample => "sample".to_owned(),
        DataSource::Imagenette => "imagenette".to_owned(),
        DataSource::Url(url) => url.clone(),
    }
}

pub(super) fn read_data(target: &mut DataSource, text: &str) -> ValueRead {
    *target = match text {
        "sample" => DataSource::Sample,
        "imagenette" => DataSource::Imagenette,
        url if is_plain_web_address(url) => DataSource::Url(url.to_owned()),
        _ => return ValueRead::Unreadable,
    };
    ValueRead::Exact
}

/// True for an absolute http(s) address with a host and without a user name or
/// password, which would travel to everybody who gets the link.
fn is_plain_web_address(text: &str) -> bool {
    const LONGEST: usize = 2048;
    let lower = text.to_ascii_lowercase();
    let Some(scheme) = ["http://", "https://"].into_iter().find(|s| lower.starts_with(s)) else {
        return false;
    };
    let rest = &lower[scheme.len()..];
    // Browsers read a backslash as a slash, and skip line breaks: with either,
    // the host that is shown and the one that is asked could differ.
    let odd = |c: char| c.is_control() || c.is_whitespace() || c == '\\';
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    text.len() <= LONGEST
        && !text.contains(odd)
        && !authority.contains('@')
        && !authority.is_empty()
        && !authority.starts_with(':')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn web_addresses_need_a_host_and_no_password() {
        for good in [
            "http://a",
            "https://s3.amazonaws.com/x/imagenette2-160.tgz",
            "HTTPS://a:8080/b?c=d&e#f",
            "http://[::1]:8080/x",
            "https://example.org/@me/x.tgz",
        ] {
            assert!(is_plain_web_address(good), "{good}");
        }
        for bad in [
            "",
            "a.tgz",
            "/a.tgz",
            "//host/a",
            "ftp://a/b",
            "file:///a",
            "http://",
            "http:///a",
            "https://:80/a",
            "https://me:secret@host/a",
            "https://me@host",
            "http://a\\@b/c",
            "https://a/b c",
            "https://a/\nb",
            "javascript:alert(1)",
        ] {
            assert!(!is_plain_web_address(bad), "{bad}");
        }
        assert!(!is_plain_web_address(&format!("https://a/{}", "b".repeat(3000))));
    }

    #[test]
    fn integers_are_moved_into_range() {
        let range = Range { low: 16, high: 160, off: None };
        let mut value = 64;
        for (text, expected, read) in [
            ("32", 32, ValueRead::Exact),
            ("-1", 16, ValueRead::Moved),
            ("31.6", 32, ValueRead::Moved),
            ("1e2", 100, ValueRead::Moved),
            ("99999999999999", 160, ValueRead::Moved),
            ("inf", 160, ValueRead::Moved),
        ] {
            assert_eq!(integer(&mut value, text, range), read, "{text}");
            assert_eq!(value, expected, "{text}");
        }
        for text in ["", "NaN", "x", "0x20", "1 2"] {
            assert_eq!(integer(&mut value, text, range), ValueRead::Unreadable, "{text}");
            assert_eq!(value, 160);
        }
    }

    #[test]
    fn noise_goes_to_the_nearest_level() {
        let mut noise = Noise::None;
        for (text, percent, read) in [
            ("25", 25, ValueRead::Exact),
            ("30", 25, ValueRead::Moved),
            ("100", 50, ValueRead::Moved),
            ("-5", 0, ValueRead::Moved),
            ("0.4", 0, ValueRead::Moved),
        ] {
            assert_eq!(read_noise(&mut noise, text), read, "{text}");
            assert_eq!(noise.percent(), percent, "{text}");
        }
        assert_eq!(read_noise(&mut noise, "much"), ValueRead::Unreadable);
    }
}
