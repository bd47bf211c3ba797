//! The promises of links: what v=1 means for ever, that writing and reading are
//! each other's inverse, and that no text is too odd to read.

use super::*;
use crate::experiment::{Crop, DataSource, EngineChoice, ModelKind, Noise, Norm, Phase};
use proptest::prelude::*;
use proptest::sample::select;

/// The keys of the notices, in order.
fn keys(parsed: &ParsedLink) -> Vec<&str> {
    parsed.notices.iter().map(|notice| notice.key.as_str()).collect()
}

#[test]
fn the_defaults_of_version_1_are_frozen() {
    let frozen = Experiment {
        data: DataSource::Sample,
        subset: None,
        valid: None,
        noise: Noise::None,
        dseed: 42,
        model: ModelKind::Tiny,
        init: None,
        size: 64,
        epochs: 5,
        bs: 64,
        lr: 0.01,
        crop: Crop::Pad,
        norm: Norm::Imagenet,
        prog: Vec::new(),
        freeze: false,
        mixup: 0.0,
        ls: 0.0,
        tta: 0,
        ttamax: false,
        beta: 0.25,
        seed: 42,
        engine: EngineChoice::Auto,
        run: false,
        ft: false,
        gbs: 0,
    };
    for text in ["v=1", "", "#", "#v=1", "?v=1"] {
        let parsed = parse(text);
        assert_eq!(parsed.experiment, frozen, "{text}");
        assert!(parsed.notices.is_empty(), "{text}: {:?}", parsed.notices);
    }
    assert_eq!(frozen.link(), "v=1");
}

#[test]
fn every_value_of_version_1_is_frozen() {
    let links = [
        "v=1&data=imagenette",
        "v=1&subset=100&valid=50",
        "v=1&noise=1",
        "v=1&noise=5",
        "v=1&noise=25",
        "v=1&noise=50",
        "v=1&model=resnet9",
        "v=1&model=xresnet18",
        "v=1&model=conv5",
        "v=1&crop=resize",
        "v=1&crop=rrc",
        "v=1&crop=aug",
        "v=1&norm=off",
        "v=1&norm=data",
        "v=1&engine=webgpu",
        "v=1&engine=cpu",
    ];
    for link in links {
        let parsed = parse(link);
        assert!(parsed.notices.is_empty(), "{link}: {:?}", parsed.notices);
        assert_eq!(parsed.experiment.link(), link);
    }

    let init = "0123456789abcdef".repeat(4);
    let full = format!(
        "v=1&data=imagenette&subset=100&valid=50&noise=25&dseed=7&model=resnet9&init={init}\
         &bs=32&lr=0.003&crop=rrc&norm=model&prog=32x2,48x1,64x1&freeze=1&mixup=0.4&ls=0.1\
         &tta=4&ttamax=1&beta=0.5&seed=1&engine=cpu&run=1&ft=1&gbs=16"
    );
    let expected = Experiment {
        data: DataSource::Imagenette,
        subset: Some(100),
        valid: Some(50),
        noise: Noise::TwentyFive,
        dseed: 7,
        model: ModelKind::Resnet9,
        init: Some(init),
        size: 64,
        epochs: 6,
        bs: 32,
        lr: 0.003,
        crop: Crop::Rrc,
        norm: Norm::Model,
        prog: vec![
            Phase { size: 32, epochs: 2 },
            Phase { size: 48, epochs: 1 },
            Phase { size: 64, epochs: 1 },
        ],
        freeze: true,
        mixup: 0.4,
        ls: 0.1,
        tta: 4,
        ttamax: true,
        beta: 0.5,
        seed: 1,
        engine: EngineChoice::Cpu,
        run: true,
        ft: true,
        gbs: 16,
    };
    let parsed = parse(&full);
    assert_eq!(parsed.experiment, expected);
    assert!(parsed.notices.is_empty(), "{:?}", parsed.notices);
    assert_eq!(expected.link(), full);
}

#[test]
fn a_link_is_found_wherever_it_stands() {
    let expected = parse("v=1&size=32").experiment;
    for text in [
        "#v=1&size=32",
        "?v=1&size=32",
        "  v=1&size=32\n",
        "size=32",
        "v=1&&size=32&",
        "https://example.org/playground/#v=1&size=32",
        "http://localhost:8080/?lang=en#v=1&size=32",
        "http://localhost:8080/?v=1&size=32",
        "v=1&%73ize=%332",
    ] {
        let parsed = parse(text);
        assert_eq!(parsed.experiment, expected, "{text}");
        assert!(parsed.notices.is_empty(), "{text}: {:?}", parsed.notices);
    }
    for text in ["https://example.org/playground/", "https://example.org/#"] {
        assert_eq!(keys(&parse(text)), ["v"], "{text}");
    }
}

#[test]
fn an_address_as_a_value_survives() {
    let url = "https://me.example/a%20b/x.tgz?k=1&l=é#top";
    let experiment = Experiment { data: DataSource::Url(url.to_owned()), ..Experiment::default() };
    let link = experiment.link();
    assert_eq!(link, "v=1&data=https://me.example/a%2520b/x.tgz%3Fk%3D1%26l%3D%C3%A9%23top");
    assert_eq!(parse(&link).experiment, experiment);
    assert_eq!(parse(&format!("https://example.org/#{link}")).experiment, experiment);
    // Typed by hand, as far as the syntax of links allows.
    assert_eq!(
        parse("data=https://me.example/x.tgz").experiment.data,
        DataSource::Url("https://me.example/x.tgz".to_owned())
    );
}

#[test]
fn what_is_not_taken_as_written_is_said() {
    for (text, expected_keys, expected_link) in [
        ("v=1&colour=red", vec!["colour"], "v=1"),
        ("v=2&size=32", vec!["v"], "v=1&size=32"),
        ("v=&size=32", vec!["v"], "v=1&size=32"),
        ("size=32&size=48", vec!["size"], "v=1&size=48"),
        ("size=32&size=48&size=96", vec!["size"], "v=1&size=96"),
        ("size=9999", vec!["size"], "v=1&size=160"),
        ("size=abc", vec!["size"], "v=1"),
        ("size", vec!["size"], "v=1"),
        ("lr=NaN", vec!["lr"], "v=1"),
        ("lr=-inf", vec!["lr"], "v=1&lr=0.0000001"),
        ("mixup=-0", vec![], "v=1"),
        ("mixup=0.01&ls=7", vec!["mixup", "ls"], "v=1&mixup=0.05&ls=0.5"),
        ("subset=0&valid=all", vec!["subset"], "v=1&subset=10"),
        ("model=vgg", vec!["model"], "v=1"),
        ("run=yes", vec!["run"], "v=1"),
        ("init=abc", vec!["init"], "v=1"),
        ("norm=model", vec!["norm"], "v=1"),
        ("prog=32x2,64x1&size=48", vec!["size"], "v=1&prog=32x2,64x1"),
        ("epochs=9&prog=32x2,64x1&size=48", vec!["size", "epochs"], "v=1&prog=32x2,64x1"),
        ("prog=1x1", vec!["prog"], "v=1&prog=16x1"),
        ("prog=32", vec!["prog"], "v=1"),
        ("data=ftp://a/b", vec!["data"], "v=1"),
        ("data=https://me:secret@host/a.tgz", vec!["data"], "v=1"),
        ("data=x.tgz", vec!["data"], "v=1"),
    ] {
        let parsed = parse(text);
        assert_eq!(keys(&parsed), expected_keys, "{text}");
        assert_eq!(parsed.experiment.link(), expected_link, "{text}");
        for notice in &parsed.notices {
            let sentence = notice.to_string();
            assert!(
                sentence.contains(&format!("`{}", notice.key)) || notice.key == "v",
                "{sentence}"
            );
            assert!(sentence.ends_with('.'), "{sentence}");
        }
    }
}

#[test]
fn equal_experiments_have_equal_links() {
    let a = parse("seed=1&lr=1e-2&size=32&mixup=.40").experiment;
    let b = parse("mixup=0.4&size=32&seed=1").experiment;
    assert_eq!(a.link(), b.link());
    assert_eq!(a.link(), "v=1&size=32&mixup=0.4&seed=1");
}

fn phases() -> impl Strategy<Value = Vec<Phase>> {
    let phase = |low| (16u32..=160, low..=200u32).prop_map(|(size, epochs)| Phase { size, epochs });
    let some = (phase(1), prop::collection::vec(phase(0), 0..8))
        .prop_map(|(first, rest)| std::iter::once(first).chain(rest).collect());
    prop_oneof![Just(Vec::new()), some]
}

fn per_class() -> impl Strategy<Value = Option<u32>> {
    prop::option::of(10u32..=1300)
}

prop_compose! {
    fn data()(
        kind in 0..3,
        scheme in select(vec!["http", "https"]),
        host in "[a-z0-9é.-]{1,12}",
        path in "[^\\s\\\\\\p{Cc}]{0,40}",
    ) -> DataSource {
        match kind {
            0 => DataSource::Sample,
            1 => DataSource::Imagenette,
            _ => DataSource::Url(format!("{scheme}://{host}/{path}")),
        }
    }
}

prop_compose! {
    /// Any experiment that can be run.
    fn experiments()(
        (data, subset, valid) in (data(), per_class(), per_class()),
        (noise, dseed) in (select(&Noise::ALL[..]), any::<u32>()),
        model in select(&ModelKind::ALL[..]),
        init in prop::option::of("[0-9a-f]{64}"),
        (size, epochs, bs) in (16u32..=160, 1u32..=200, 2u32..=1024),
        lr in 1e-7..=10.0,
        (crop, norm) in (select(&Crop::ALL[..]), select(&Norm::ALL[..])),
        (prog, freeze) in (phases(), any::<bool>()),
        mixup in prop_oneof![Just(0.0), 0.05..=4.0],
        ls in prop_oneof![Just(0.0), 0.01..=0.5],
        (tta, ttamax, beta) in (0u32..=16, any::<bool>(), 0.0..=1.0),
        (seed, engine) in (any::<u32>(), select(&EngineChoice::ALL[..])),
        (run, ft, gbs) in (any::<bool>(), any::<bool>(), prop_oneof![Just(0u32), 2u32..=1024]),
    ) -> Experiment {
        let ft = ft && init.is_some();
        let gbs = if gbs < bs { gbs } else { 0 };
        let norm = if init.is_none() && norm == Norm::Model { Norm::Data } else { norm };
        let mut experiment = Experiment {
            data, subset, valid, noise, dseed, model, init, size, epochs, bs, lr, crop, norm,
            prog, freeze, mixup, ls, tta, ttamax, beta, seed, engine, run, ft, gbs,
        };
        if !experiment.prog.is_empty() {
            experiment.size = experiment.final_size();
            experiment.epochs = experiment.sized_epochs().min(200);
        }
        experiment
    }
}

/// Texts that look like links, so that the readers are reached.
fn link_like() -> impl Strategy<Value = String> {
    let name = prop_oneof![
        select(KEYS.iter().map(|key| key.name.to_owned()).collect::<Vec<_>>()),
        Just("v".to_owned()),
        ".{0,6}",
    ];
    let value = prop_oneof![
        "-?[0-9]{0,12}(\\.[0-9]{0,6})?(e-?[0-9]{1,3})?",
        "[0-9]{0,4}x[0-9]{0,4}(,[0-9]{0,3}x[0-9]{0,3}){0,10}",
        "https?://.{0,20}",
        select(vec!["NaN", "inf", "-0", "all", "model", "off", "%", "%4", "%ff%fe", "imagenette"])
            .prop_map(str::to_owned),
        ".{0,12}",
    ];
    prop::collection::vec((name, value), 0..8).prop_map(|pairs| {
        let pairs: Vec<String> = pairs.into_iter().map(|(k, v)| format!("{k}={v}")).collect();
        pairs.join("&")
    })
}

proptest! {
    #[test]
    fn reading_undoes_writing(experiment in experiments()) {
        let link = experiment.link();
        let fit = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:/,%&=".contains(&byte);
        prop_assert!(link.bytes().all(fit), "{}", link);
        prop_assert!(link.starts_with("v=1"));
        let parsed = parse(&link);
        prop_assert!(parsed.notices.is_empty(), "{}: {:?}", link, parsed.notices);
        prop_assert_eq!(&parsed.experiment, &experiment);
        prop_assert_eq!(experiment.clamped(), (experiment.clone(), Vec::new()));
    }

    #[test]
    fn any_text_gives_an_experiment_whose_link_is_stable(text in prop_oneof![link_like(), ".*"]) {
        let parsed = parse(&text);
        let link = parsed.experiment.link();
        let again = parse(&link);
        prop_assert!(again.notices.is_empty(), "{}: {:?}", link, again.notices);
        prop_assert_eq!(&again.experiment, &parsed.experiment);
        prop_assert_eq!(again.experiment.link(), link);
        for notice in &parsed.notices {
            prop_assert!(!notice.to_string().is_empty());
        }
    }
}

#[test]
fn links_from_chats_mean_what_they_meant() {
    let whole = "v=1&epochs=10&mixup=0.4&run=1";
    let wanted = parse(whole).experiment;
    for text in [
        "#v=1&amp;epochs=10&amp;mixup=0.4&amp;run=1",
        "#v=1&amp;amp;epochs=10&amp;amp;mixup=0.4&amp;amp;run=1",
        "#v=1&#38;epochs=10&#38;mixup=0.4&#38;run=1",
        "https://example.org/p/#v=1&#x26;epochs=10&#x26;mixup=0.4&#x26;run=1",
        "#v%3D1%26epochs%3D10%26mixup%3D0.4%26run%3D1",
        "v%253D1%2526epochs%253D10%2526mixup%253D0.4%2526run%253D1",
        "https://example.org/p/%23v%3D1%26epochs%3D10%26mixup%3D0.4%26run%3D1",
        "https%3A%2F%2Fexample.org%2Fp%2F%23v%3D1%26epochs%3D10%26mixup%3D0.4%26run%3D1",
        "#v=1%26epochs=10%26mixup=0.4&run=1",
        "#v=1&epochs%3D10&mixup%3D0.4&run=1",
        "https://example.org/p/?v=1&epochs=10&mixup=0.4&run=1#",
        "#v=1&epochs=10&mixup=0.4&run=1.",
        "#v=1&epochs=10&mixup=0.4&run=1),",
        "<https://example.org/p/#v=1&epochs=10&mixup=0.4&run=1>",
        "(see https://example.org/p/#v=1&epochs=10&mixup=0.4&run=1)",
        "[open](https://example.org/p/#v=1&epochs=10&mixup=0.4&run=1)",
        "\u{201c}v=1&epochs=10&mixup=0.4&run=1\u{201d}",
        "\"#v=1&epochs=10&mixup=0.4&run=1\"",
        "#v=1&epochs=10&mixup=0.4&run=1%E2%80%9D",
        "#v=1&epochs=10&mixup=0.4&run=1%3E",
        "\u{feff}#v=1&epochs=10&mixup=0.4&run=1\u{200b}",
        "#v=1&epo\u{ad}chs=10&mix\u{200b}up=0.4&run=1",
        "#v=1&epochs=10&mi\nxup=0.4&ru\r\n  n=1",
        "https://example.org/p/#v=1&epochs=1\n0&mixup=0.4&run=1",
        "v=3D1&epochs=3D10&mix=\r\nup=3D0.4&run=3D1",
        "#v=1&epochs=10&mixup=0,4&run=1",
        "#v=1&epochs=10&mixup=0%2C4&run=1",
        "#V=1&EPOCHS=10&MIXUP=0.4&RUN=1",
        "#v=1&Epochs=10&Mixup=0.4&Run=1",
        "#v\u{ff1d}1&epochs\u{ff1d}10&mixup=0.4&run=1",
        "#v=1&epochs=10&mixup=\u{2018}0.4\u{2019}&run=1",
        "https://example.org/p/?v=1&epochs=10&mixup=0.4&run=1#section",
        "https://l.example/l.php?u=https%3A%2F%2Fme.org%2F%23v%3D1%26epochs%3D10%26mixup%3D0.4%26run%3D1",
    ] {
        let parsed = parse(text);
        assert_eq!(parsed.experiment, wanted, "{text}: {:?}", parsed.notices);
        assert!(matches!(parsed.notices[0].kind, NoticeKind::Repaired { .. }), "{text}");
    }
    for text in [
        "##v=1&epochs=10&mixup=0.4&run=1",
        "https://example.org/p/##v=1&epochs=10&mixup=0.4&run=1",
        "?v=1&epochs=10&mixup=0.4&run=1",
    ] {
        assert_eq!(parse(text).experiment, wanted, "{text}");
    }
    assert_eq!(parse("#v=1&lr=0,005").experiment.lr, 0.005);
    let marked = parse("#v=1&epochs=10&mixup=0.4&run=1&utm_source=chat&fbclid=Iw1");
    assert_eq!(marked.experiment, wanted);
    assert_eq!(keys(&marked), ["utm_source", "fbclid"]);
    let sweep = parse("#v=1&amp;size=32&amp;sweep=mixup:0|0.4;seed:1..3").sweep;
    assert_eq!(sweep.as_deref(), Some("mixup:0|0.4;seed:1..3"));
}

#[test]
fn an_address_with_its_own_escapes_stays_when_the_rest_is_repaired() {
    let url = "https://me.example/x.tgz?k=1&l=2";
    let link = format!("v=1&data={}&epochs=10", "https://me.example/x.tgz%3Fk%3D1%26l%3D2");
    for text in [
        link.clone(),
        link.replace('&', "&amp;"),
        format!("#{link}."),
        link.replace('%', "%25").replace('=', "%3D").replace('&', "%26"),
    ] {
        let parsed = parse(&text).experiment;
        assert_eq!(parsed.data, DataSource::Url(url.to_owned()), "{text}");
        assert_eq!(parsed.epochs, 10, "{text}");
    }
}

#[test]
fn what_is_too_long_says_so_and_nothing_else() {
    let keys: String = (0..50_000).map(|index| format!("&_{index}")).collect();
    for text in [format!("v=1&size=32{keys}"), format!("v=1&sweep=seed:1..3{}", ";a".repeat(9000))]
    {
        let parsed = parse(&text);
        assert_eq!(parsed.experiment, Experiment::default());
        let [notice] = parsed.notices.as_slice() else { panic!("{:?}", parsed.notices) };
        assert!(notice.to_string().contains("too long"), "{notice}");
        assert_eq!(parsed.sweep, None);
        assert_eq!(parse_exactly(&text), None);
    }
}

#[test]
fn of_many_notices_some_are_told_and_the_rest_counted() {
    let keys: String = (0..900).map(|index| format!("&k{index}")).collect();
    let parsed = parse(&format!("v=1{keys}"));
    assert_eq!(parsed.notices.len(), 21);
    assert_eq!(parsed.notices[20].kind, NoticeKind::More { count: 880 });
}

thread_local! {
    static COMPARED: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// A name that counts how often it is compared.
#[derive(Clone, Debug, Eq)]
struct Counted(String);

impl PartialEq for Counted {
    fn eq(&self, other: &Self) -> bool {
        COMPARED.set(COMPARED.get() + 1);
        self.0 == other.0
    }
}

impl Hash for Counted {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

#[test]
fn comparisons_grow_with_the_length_and_not_with_its_square() {
    for (n, distinct) in [(1000, 1000), (8000, 8000), (8000, 10), (8000, 1)] {
        COMPARED.set(0);
        let pairs = (0..n).map(|index| (Counted((index % distinct).to_string()), index));
        let (kept, repeated) = once(pairs);
        // Equal hashes of different names are next to none.
        assert!(COMPARED.get() <= n + n / 10, "{} of {n}", COMPARED.get());
        assert_eq!(kept.len(), distinct);
        assert_eq!(repeated.len(), if n == distinct { 0 } else { distinct });
    }
}

proptest! {
    #[test]
    fn repair_never_touches_what_is_read_wholly(text in prop_oneof![link_like(), ".*"]) {
        if let Some(experiment) = parse_exactly(&text) {
            let parsed = parse(&text);
            prop_assert_eq!(parsed.experiment, experiment);
            let repaired =
                parsed.notices.iter().any(|it| matches!(it.kind, NoticeKind::Repaired { .. }));
            prop_assert!(!repaired);
        }
    }

    #[test]
    fn chats_change_no_experiment(experiment in experiments(), way in 0usize..5) {
        let link = experiment.link();
        let text = match way {
            0 => link.replace('&', "&amp;"),
            1 => link.replace('%', "%25").replace('=', "%3D").replace('&', "%26"),
            2 => format!("<https://example.org/p/#{link}&v=1>"),
            3 => format!("https://example.org/?{link}#"),
            _ => format!("#{link}&v=1."),
        };
        let parsed = parse(&text);
        prop_assert_eq!(parsed.experiment, experiment, "{}", text);
    }
}
