//! The promises of files of runs: everything comes back, every cut and every flipped
//! byte is noticed, and costs no more than the part that it is in.

use super::*;
use crate::record::{EpochPredictions, Predictions};
use crate::runs::tests::entry;
use proptest::prelude::*;

fn parts(number: u32, with_predictions: bool) -> RunParts {
    let mut run = entry("a", "v=1", 0.5);
    run.number = number;
    let mut parts = RunParts { curve: pack::pack_curve(&[]), ..RunParts::default() };
    if with_predictions {
        let said = Predictions {
            images: vec![4, 5],
            labels: vec![0, 1],
            plain: vec![-0.5, -1.0, -0.25, -2.0],
            ..Predictions::default()
        };
        let epoch = EpochPredictions { predicted: vec![0, 0], log_probability: vec![-0.5, -1.0] };
        parts.predictions = pack::pack_predictions(&said).unwrap();
        parts.epochs = pack::pack_epochs(&vec![epoch; 3]).unwrap();
        run.has_predictions = true;
    }
    parts.text = stored::write_entry(&run).unwrap().into_bytes();
    parts
}

fn file() -> (Contents, Vec<u8>) {
    let choices = Choices { baseline: Some("b-1".to_owned()), ..Choices::default() };
    let all = [parts(1, true), parts(2, false)];
    let runs = all.iter().zip(["a-1", "b-1"]).map(|(parts, id)| parts.item(id)).collect();
    let contents = Contents { choices, runs };
    let mut file = write_head(&contents).unwrap();
    file.extend(all.iter().flat_map(|parts| parts.parts().map(Clone::clone).concat()));
    (contents, file)
}

fn table(file: &[u8]) -> Result<(Contents, Vec<RunSpan>), ArchiveError> {
    let length = file.len() as u64;
    let (place, format) = header_place(&file[..PREAMBLE.min(file.len())], length)?;
    read_header(&file[place.start as usize..place.end as usize], format, length)
}

/// Each run of a file, or why it was left out.
type Runs = Vec<Result<(RunEntry, Vec<String>), String>>;

fn runs(file: &[u8]) -> Result<(Contents, Runs), ArchiveError> {
    let (contents, places) = table(file)?;
    let cut = |range: Range<u64>| file[range.start as usize..range.end as usize].to_vec();
    let read = contents.runs.iter().zip(places).map(|(item, place)| {
        let mut parts = RunParts {
            text: cut(place.text),
            curve: cut(place.curve),
            predictions: cut(place.predictions),
            epochs: cut(place.epochs),
        };
        read_run(item.clone(), &mut parts)
    });
    let read = read.collect();
    Ok((contents, read))
}

#[test]
fn everything_comes_back() {
    let (contents, file) = file();
    let (read, runs) = runs(&file).unwrap();
    assert_eq!(read, contents);
    let [Ok((first, lost)), Ok((second, none))] = runs.as_slice() else { panic!("{runs:?}") };
    assert_eq!((first.number, first.has_predictions, lost.len()), (1, true, 0));
    assert_eq!((second.number, second.has_predictions, none.len()), (2, false, 0));
    let none = write_head(&Contents::default()).unwrap();
    assert_eq!(table(&none).unwrap().0, Contents::default());
}

#[test]
fn every_cut_is_noticed() {
    let (_, file) = file();
    for length in 0..file.len() {
        let error = table(&file[..length]).unwrap_err();
        if length >= PREAMBLE {
            assert!(matches!(error, ArchiveError::Length { .. }), "{length}: {error}");
        }
    }
    let mut longer = file;
    longer.push(0);
    assert!(table(&longer).unwrap_err().to_string().contains("not complete"));
}

#[test]
fn a_flipped_byte_costs_only_the_part_that_it_is_in() {
    let (_, file) = file();
    let (contents, places) = table(&file).unwrap();
    let begin = places[0].text.start as usize;
    for place in 0..file.len() {
        let mut flipped = file.clone();
        flipped[place] ^= 0x20;
        let Ok((_, runs)) = runs(&flipped) else {
            assert!(place < begin, "byte {place} of the bulk costs all");
            continue;
        };
        assert!(place >= begin, "byte {place} of the head is not noticed");
        let lost = runs.iter().filter(|run| run.is_err()).count();
        let told: usize = runs.iter().flatten().map(|(_, lost)| lost.len()).sum();
        // Without predictions those of the epochs say nothing.
        let most = if places[0].predictions.contains(&(place as u64)) { 2 } else { 1 };
        assert!((1..=most).contains(&(lost + told)), "byte {place}: {runs:?}");
        assert!(lost == 0 || told == 0);
    }
    assert_eq!(contents.runs.len(), 2);
}

#[test]
fn foreign_newer_and_senseless_files_are_refused() {
    assert_eq!(table(b"PK\x03\x04 a zip archive of runs"), Err(ArchiveError::Foreign));
    let (contents, file) = file();
    let mut newer = file.clone();
    newer[8] = 3;
    let error = table(&newer).unwrap_err();
    assert_eq!(error, ArchiveError::Newer(3));
    assert!(error.to_string().contains("made by a newer version"));
    for id in ["", "<b>", "a-1"] {
        let mut odd = contents.clone();
        odd.runs[1].id = id.to_owned();
        let head = write_head(&odd).unwrap();
        assert!(matches!(table(&head), Err(ArchiveError::Damaged(_))), "{id}");
    }
    let mut huge = contents;
    huge.runs[0].curve = u64::MAX;
    let head = write_head(&huge).unwrap();
    assert!(matches!(table(&head), Err(ArchiveError::Damaged(_))));
}

#[test]
fn a_number_or_a_link_that_no_run_has_leaves_the_run_out() {
    let mut huge = parts(u32::MAX, false);
    let error = read_run(huge.item("a-1"), &mut huge).unwrap_err();
    assert!(error.contains("4294967295"), "{error}");
    let choices = Choices { last_number: u32::MAX, ..Choices::default() };
    let head = write_head(&Contents { choices, runs: Vec::new() }).unwrap();
    assert_eq!(table(&head).unwrap().0.choices.last_number, 0);
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(
        bytes in prop::collection::vec(any::<u8>(), 0..200),
        place in any::<prop::sample::Index>(),
    ) {
        let mut file = file().1;
        let place = place.index(file.len());
        for (old, new) in file.iter_mut().skip(place).zip(&bytes) {
            *old = *new;
        }
        if let Ok((_, runs)) = runs(&file) {
            prop_assert_eq!(runs.len(), 2);
        }
    }
}
