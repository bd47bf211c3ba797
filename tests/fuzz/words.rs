//! Links, sweeps and paths: what is read as text.

use super::mutate::{below, pick, text, times};
use imagenette_playground::experiment::link;
use imagenette_playground::rng::Draws;
use imagenette_playground::sweep::{MAX_RUNS, Plan};

const LINKS: &[&str] = &[
    "v=1",
    "#v=1&data=imagenette&model=resnet9&size=64&epochs=10&bs=32&lr=0.005&seed=7",
    "https://host/page/#v=1&prog=32x2,48x1,64x1&crop=aug&mixup=0.4&ls=0.1&tta=4",
    "v=1&norm=off&noise=25&subset=10&valid=10&gbs=8&engine=cpu",
    "v=1&data=https%3A%2F%2Fhost%2Fimages.tgz%3Fa%3D1%26b%3D2&model=xresnet18",
    "v=1&init=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef&ft=1&norm=model",
    "v=1&size=32&amp;epochs=3&amp;run=1",
    "%23v%3D1%26epochs%3D3%26size%3D32",
];

const LINK_WORDS: &[&str] = &[
    "&",
    "=",
    "#",
    "?",
    "v=1",
    "v=2",
    "&v=1",
    "&data=imagenette",
    "&size=",
    "&epochs=",
    "&prog=",
    "16x1,",
    "x",
    "&mixup=",
    "&lr=",
    "&init=",
    "&tta=",
    "&ttamax=1",
    "&sweep=",
    "&amp;",
    "%3D",
    "%26",
    "%23",
    "%25",
    "http://",
    "&seed=",
    "&bs=",
    "&gbs=",
    "&ft=1",
    "&run=1",
    "&unknown=1",
];

const SWEEPS: &[&str] = &[
    "mixup:0|0.4;epochs:5|20;seed:1..5",
    "alone;seed:1..3",
    "all-but-one:mixup|tta",
    "size:32|64|96;norm:off|imagenet|data;seed:1|2|7",
    "lr:0.001|0.01|0.1",
    "seed:1..100",
    "prog:|32x2,64x2;tta:0|4;ls:0|0.1",
];

const SWEEP_WORDS: &[&str] = &[
    ";",
    ":",
    "|",
    "..",
    "seed:",
    "alone",
    "all-but-one",
    "mixup:0|0.4",
    "epochs:1..",
    "..4294967295",
    "size:",
    "tta",
    "prog:",
    "norm:",
    "unknown:1",
    "1..1000000",
    "%3B",
    "&",
    "lr:",
];

/// A mutated link.
pub fn link_made(draws: &mut Draws) -> Vec<u8> {
    let mut made = (*pick(draws, LINKS)).to_owned();
    for _ in 0..times(draws) {
        text(draws, &mut made, LINK_WORDS, &['&', '=', ',']);
    }
    made.into_bytes()
}

/// Reads a link, and what a link of it gives back. Past the header: it names an
/// experiment.
pub fn link_fed(input: &[u8]) -> bool {
    let parsed = link::parse(&String::from_utf8_lossy(input));
    let canonical = parsed.experiment.link();
    let again = link::parse(&canonical);
    assert_eq!(again.experiment, parsed.experiment, "{canonical}");
    assert!(again.notices.is_empty(), "{canonical}: {:?}", again.notices);
    // What a page shows of it is no longer than a page.
    let told: usize = parsed.notices.iter().map(|notice| notice.to_string().len()).sum();
    assert!(told <= 4 * input.len() + 10_000, "{told} bytes of notices");
    parsed.given.len() > 1 || parsed.notices.is_empty()
}

/// A mutated link of a sweep.
pub fn sweep_made(draws: &mut Draws) -> Vec<u8> {
    let mut made = (*pick(draws, SWEEPS)).to_owned();
    for _ in 0..times(draws) {
        text(draws, &mut made, SWEEP_WORDS, &[';', ':', '|']);
    }
    if draws.chance(0.5) {
        made = made.replace('&', "%26");
    }
    format!("v=1&epochs=3&sweep={made}").into_bytes()
}

/// Reads a sweep, and what its link gives back. Past the header: there is a plan.
pub fn sweep_fed(input: &[u8]) -> bool {
    let Some(plan) = Plan::parse(&String::from_utf8_lossy(input)).plan else { return false };
    let runs = plan.runs();
    assert!(!runs.is_empty() && runs.len() as u64 <= MAX_RUNS, "{} runs", runs.len());
    assert!(!plan.arms().is_empty());
    let again = Plan::parse(&plan.link()).plan;
    assert_eq!(again.as_ref(), Some(&plan), "{}", plan.link());
    true
}

const PATHS: &str = "set/train/n01440764/a.JPEG\nset/train/n02102040/b.JPEG\n\
    set/train/n01440764/c.png\nset/val/n01440764/d.JPEG\nset/val/n02102040/e.JPEG\n\
    set/noisy_imagenette.csv\nset/readme.txt\n";

const PATH_WORDS: &[&str] = &[
    "/",
    "\\",
    "..",
    "../",
    "./",
    "//",
    "C:",
    ".",
    "train/",
    "val/",
    "valid/",
    "test/",
    "TRAIN/",
    "__MACOSX/",
    ".JPEG",
    ".webp",
    ".tiff",
    "noisy_imagenette.csv",
    "\n",
    "set/",
    "\nset/train/x/y.png",
    "\nval/a/1.png\ntrain/a/1.png",
    "e\u{301}",
    "é",
    "\u{0}",
];

/// Mutated paths, one a line.
pub fn paths_made(draws: &mut Draws) -> Vec<u8> {
    let mut made = PATHS.to_owned();
    if draws.chance(0.3) {
        made = made
            .replace("set/", pick::<&str>(draws, &["", "a/b/c/d/", "train/", "x/val/", "Bilder/"]));
    }
    for _ in 0..times(draws) {
        text(draws, &mut made, PATH_WORDS, &['\n', '/']);
        let most = 1 << 16;
        if made.len() > most {
            let cut = (0..=most).rev().find(|&at| made.is_char_boundary(at)).unwrap_or(0);
            made.truncate(cut);
        }
    }
    if draws.chance(0.1) {
        let lines: Vec<&str> = made.split('\n').collect();
        let line = lines[below(draws, lines.len())].to_owned();
        made.push_str(&line);
    }
    made.into_bytes()
}
