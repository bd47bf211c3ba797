//! The generator's refusals, and the filling in of placeholders.

use super::super::expand::{Arg, expand};
use super::super::generate::{checksum, function_name, source};
use super::ENGLISH_RULES;
use crate::text::Catalogue;

fn said(message: &str, names: &str, args: &[Arg<'_>]) -> String {
    expand(message, names, args, &ENGLISH_RULES)
}

#[test]
fn placeholders_are_filled_in_by_name() {
    let args = [Arg::Text("mixup"), Arg::Count(13_394)];
    assert_eq!(
        said("{b, number} images of {a}: {b}", "a,b", &args),
        "13,394 images of mixup: 13,394"
    );
    // What a text contains is no message.
    assert_eq!(said("{a}", "a", &[Arg::Text("{a} #")]), "{a} #");
    assert_eq!(said("{unknown} {a", "a", &args), "unknown {a");
}

#[test]
fn plurals_choose_by_number_then_category() {
    let message = "{n, plural, =0 {no run} one {# run of {of}} other {# runs of {of}}}.";
    let say = |count| said(message, "n,of", &[Arg::Count(count), Arg::Text("#5")]);
    assert_eq!(say(0), "no run.");
    assert_eq!(say(1), "1 run of #5.");
    assert_eq!(say(1200), "1,200 runs of #5.");
    let polish = Catalogue { plural: |_| "few".into(), ..ENGLISH_RULES };
    let message = "{n, plural, one {a} few {b} other {c}}";
    assert_eq!(expand(message, "n", &[Arg::Count(2)], &polish), "b");
    let missing = "{n, plural, one {a} other {c}}";
    assert_eq!(expand(missing, "n", &[Arg::Count(2)], &polish), "c");
}

fn refused(message: &str) -> String {
    let messages = [("panel.what".to_owned(), message.to_owned())];
    let error = source(&messages, &[]).expect_err(message);
    assert_eq!(source(&[], &messages).expect_err(message), error);
    error.join("\n")
}

#[test]
fn malformed_messages_are_refused_by_their_key() {
    for (message, why) in [
        ("{count", "braces"),
        ("count}", "braces"),
        ("{}", "no placeholder"),
        ("{Count}", "no placeholder"),
        ("{count, plural, one {#}}", "no branch “other”"),
        ("{count, plural, one {#} one {#} other {#}}", "two branches “one”"),
        ("{count, plural, uno {#} other {#}}", "unknown branch “uno”"),
        ("{count, plural, other {#} and}", "ends in “and”"),
        ("{count, plural, other {{}}}", "no placeholder"),
        ("{count, select, other {x}}", "number and plural"),
        ("# runs", "belongs into a plural"),
        ("{n} of {n, number}", "count in one place"),
        (" Train", "no spaces"),
        ("", "not empty"),
    ] {
        let error = refused(message);
        assert!(error.starts_with("panel.what: ") && error.contains(why), "{message}: {error}");
    }
    for key in ["panel", "Panel.what", "panel.", "panel.what_for", "panel.1", "panel..what"] {
        assert!(function_name(key).is_err(), "{key}");
    }
}

#[test]
fn functions_take_the_placeholders_of_their_message() {
    let messages = [
        ("a.plain".to_owned(), "Train".to_owned()),
        ("a.two-parts".to_owned(), "{n, plural, one {# of {of}} other {#}} {name}".to_owned()),
    ];
    let source = source(&messages[..1], &messages[1..]).unwrap();
    assert!(source.contains("pub fn a_plain() -> &'static str {"), "{source}");
    let with = "pub fn a_two_parts(n: impl Into<Count>, of: &str, name: &str) -> String {";
    assert!(source.contains(with), "{source}");
    assert!(source.contains("filled(1, \"n,of,name\""), "{source}");
    assert!(source.contains("const WORKER_FROM: usize = 1;"), "{source}");
    // As web/scripts/texts.mjs computes it.
    assert_eq!(checksum(&["a.plain", "b.plain"]), 0x5d3b_b704);
}
