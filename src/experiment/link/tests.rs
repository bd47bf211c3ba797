//! The promises of links: what v=1 means for ever, that writing and reading are
//! each other's inverse, and that no text is too odd to read.

use super::*;
use crate::experiment::{Crop, DataSource, EngineChoice, ModelKind, Noise, Norm, Phase};
use proptest::prelude::*;
use proptest::sample::select;

/// The keys of the notices, in order.
fn keys(parsed: &Parsed) -> Vec<&str> {
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
