//! Files of models: there and back, and everything that is none.

use super::*;

fn model() -> SavedModel {
    SavedModel {
        about: About {
            link: "v=1&size=32".into(),
            model: "tiny".into(),
            classes: vec!["tench".into(), "English springer".into()],
            normalization: Some([[0.485, 0.456, 0.406], [0.229, 0.224, 0.225]]),
            size: 32,
            accuracy: 0.75,
            epochs: 5,
            dataset: "built-in sample (synthetic)".into(),
            build: "dev".into(),
        },
        tensors: vec![
            NamedTensor { name: "z".into(), shape: vec![2, 1], data: vec![1.5, -0.0] },
            NamedTensor { name: "a".into(), shape: vec![], data: vec![f32::MIN_POSITIVE] },
        ],
    }
}

/// The file with another header, and its values as they were.
fn with_header(change: impl Fn(String) -> String) -> Vec<u8> {
    let bytes = model().to_bytes();
    let length = u64::from_le_bytes(*bytes.first_chunk().unwrap()) as usize;
    let header = change(String::from_utf8(bytes[8..8 + length].to_vec()).unwrap());
    let mut changed = (header.len() as u64).to_le_bytes().to_vec();
    changed.extend_from_slice(header.as_bytes());
    changed.extend_from_slice(&bytes[8 + length..]);
    changed
}

fn refused(bytes: &[u8]) -> SavedError {
    SavedModel::from_bytes(bytes).unwrap_err()
}

#[test]
fn bytes_bring_the_same_model_back_and_are_always_the_same() {
    let model = model();
    assert_eq!(SavedModel::from_bytes(&model.to_bytes()), Ok(model.clone()));
    assert_eq!(model.to_bytes(), model.clone().to_bytes());
}

/// By hand from the format's description: what any other reader relies on.
#[test]
fn the_layout_is_safetensors() {
    let bytes = model().to_bytes();
    let length = u64::from_le_bytes(*bytes.first_chunk().unwrap()) as usize;
    assert_eq!(length % 8, 0);
    let header: serde_json::Value = serde_json::from_slice(&bytes[8..8 + length]).unwrap();
    assert_eq!(
        header["z"],
        serde_json::json!({
            "dtype": "F32", "shape": [2, 1], "data_offsets": [0, 8]
        })
    );
    assert_eq!(header["a"]["data_offsets"], serde_json::json!([8, 12]));
    let metadata = header["__metadata__"].as_object().unwrap();
    assert!(metadata.values().all(serde_json::Value::is_string));
    assert_eq!(bytes[8 + length..][..4], 1.5f32.to_le_bytes());
    assert_eq!(bytes.len(), 8 + length + 12);
}

#[test]
fn what_is_cut_is_refused_at_every_length() {
    let bytes = model().to_bytes();
    for length in 0..bytes.len() {
        let error = refused(&bytes[..length]);
        assert!(matches!(error, SavedError::NotAModel | SavedError::Damaged(_)), "{length}");
    }
    let mut longer = bytes;
    longer.push(0);
    assert!(matches!(refused(&longer), SavedError::Damaged(_)));
}

#[test]
fn a_flipped_byte_is_noticed_wherever_it_is() {
    let bytes = model().to_bytes();
    for place in 0..bytes.len() {
        let mut flipped = bytes.clone();
        flipped[place] ^= 0x04;
        // The padding after the header and the order of its keys mean nothing.
        if let Ok(read) = SavedModel::from_bytes(&flipped) {
            assert_eq!(read, model(), "byte {place}");
        }
    }
    let mut flipped = bytes;
    *flipped.last_mut().unwrap() ^= 0x04;
    assert!(refused(&flipped).to_string().contains("checksum"));
}

#[test]
fn what_no_header_can_say_is_refused() {
    let huge = [&(1u64 << 63).to_le_bytes()[..], b"{}"].concat();
    assert_eq!(refused(&huge), SavedError::NotAModel);
    let mut long = model();
    long.about.classes[0] = "a".repeat(100_000);
    assert!(matches!(refused(&long.to_bytes()), SavedError::Damaged(_)));
    let mut marked = model();
    marked.about.classes[0] = "ten\u{202e}ch".into();
    assert_eq!(SavedModel::from_bytes(&marked.to_bytes()).unwrap().about.classes[0], "tench");
}

#[test]
fn what_is_no_model_of_ours_is_refused_with_the_reason() {
    for bytes in [b"".as_slice(), b"\x89PNG\r\n\x1a\n0000", &[0xFF; 64], b"12345678{nothing}"] {
        assert_eq!(refused(bytes), SavedError::NotAModel);
    }
    let foreign = with_header(|header| header.replace("imagenette-playground", "pt"));
    assert_eq!(refused(&foreign), SavedError::Foreign);
    let newer = with_header(|header| header.replace(r#""version":"2""#, r#""version":"3""#));
    assert_eq!(refused(&newer), SavedError::Version("3".into()));
    assert!(refused(&newer).to_string().contains("made by a newer version"));
    let mut other = model();
    other.about.model = "vit".into();
    assert_eq!(refused(&other.to_bytes()), SavedError::Architecture("vit".into()));
}

#[test]
fn a_description_that_cannot_be_is_refused() {
    let changes: [fn(&mut About); 6] = [
        |about| about.accuracy = 1.5,
        |about| about.link = "v=1&data=https://a/".to_owned() + &"b".repeat(9000),
        |about| about.classes.truncate(1),
        |about| about.classes = vec!["x".into(); 21],
        |about| about.size = 100_000,
        |about| about.normalization = Some([[0.0; 3], [0.0; 3]]),
    ];
    for change in changes {
        let mut model = model();
        change(&mut model.about);
        assert!(matches!(refused(&model.to_bytes()), SavedError::Damaged(_)), "{:?}", model.about);
    }
}

#[test]
fn values_that_are_not_where_the_header_says_are_refused() {
    for (from, to) in [
        ("[0,8]", "[4,8]"),
        ("[0,8]", "[0,4]"),
        ("[8,12]", "[9,13]"),
        ("[8,12]", "[0,4]"),
        ("[2,1]", "[3,1]"),
        ("[2,1]", "[4611686018427387904,4]"),
        (r#""F32""#, r#""F16""#),
    ] {
        let changed = with_header(|header| header.replacen(from, to, 1));
        assert!(matches!(refused(&changed), SavedError::Damaged(_)), "{from} → {to}");
    }
    let mut undefined = model();
    undefined.tensors[0].data[0] = f32::NAN;
    assert!(matches!(refused(&undefined.to_bytes()), SavedError::Damaged(_)));
}

#[test]
fn every_refusal_is_a_sentence_with_a_way_on() {
    let another = SavedError::Another { wanted: "12345678".into(), found: "abcdef01".into() };
    assert!(another.to_string().contains("12345678") && another.to_string().contains("abcdef01"));
    for error in [SavedError::NotAModel, SavedError::Foreign, another] {
        let report = error.report();
        assert!(!report.remedy.is_empty() && !report.why.is_empty());
    }
}

#[test]
fn the_file_is_named_by_network_and_hash() {
    let card = ModelCard { hash: "0123456789ab".into(), bytes: 1.0, about: model().about };
    assert_eq!(card.file_name(), "tiny-01234567.safetensors");
}
