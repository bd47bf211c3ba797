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
    let [mut file, tail] = write_ends(&contents).unwrap();
    file.extend(all.iter().flat_map(|parts| parts.parts().map(Clone::clone).concat()));
    file.extend(tail);
    (contents, file)
}

/// The beginning of a file with these contents.
fn head(contents: &Contents) -> Vec<u8> {
    let [head, _] = write_ends(contents).unwrap();
    head
}

fn table(file: &[u8]) -> Result<(Contents, Vec<RunSpan>), ArchiveError> {
    let length = file.len() as u64;
    let (place, format) = header_place(&file[..PREAMBLE.min(file.len())], length)?;
    read_header(&file[place.start as usize..place.end as usize], format, length)
}

/// Likewise, by the copy at the end of the file if the one at the beginning is damaged.
fn either_table(file: &[u8]) -> Result<(Contents, Vec<RunSpan>), ArchiveError> {
    table(file).or_else(|error| {
        let place = copy_place(&file[file.len().saturating_sub(PREAMBLE)..], file.len() as u64);
        let place = place.ok_or(error)?;
        let header = &file[place.start as usize..place.end as usize];
        read_header(header, VERSION, file.len() as u64)
    })
}

/// Each run of a file, or why it was left out.
type Runs = Vec<Result<(RunEntry, Vec<String>), String>>;

fn runs(file: &[u8]) -> Result<(Contents, Runs), ArchiveError> {
    let (contents, places) = either_table(file)?;
    let cut = |range: Range<u64>| {
        let [start, end] = [range.start, range.end].map(|it| file.len().min(it as usize));
        file[start..end].to_vec()
    };
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
    assert_eq!(table(&head(&Contents::default())).unwrap().0, Contents::default());
}

#[test]
fn a_cut_costs_the_runs_beyond_it() {
    let (_, file) = file();
    let (_, places) = table(&file).unwrap();
    let [first, second] = [0, 1].map(|at| &places[at]);
    for length in 0..file.len() {
        let Ok((_, runs)) = runs(&file[..length]) else {
            assert!(length as u64 <= first.text.start, "a cut at {length} costs all");
            continue;
        };
        assert!(length as u64 > first.text.start, "a cut at {length} is not noticed");
        assert_eq!(runs[0].is_ok(), length as u64 >= first.text.end, "cut at {length}");
        assert_eq!(runs[1].is_ok(), length as u64 >= second.text.end, "cut at {length}");
        let whole = |run: &Result<(RunEntry, Vec<String>), String>| {
            run.as_ref().is_ok_and(|(_, lost)| lost.is_empty())
        };
        assert_eq!(whole(&runs[0]), length as u64 >= first.epochs.end, "cut at {length}");
    }
    let mut longer = file;
    longer.push(b'\n');
    assert!(runs(&longer).unwrap().1.iter().all(Result::is_ok));
}

#[test]
fn a_flipped_byte_costs_only_the_part_that_it_is_in() {
    let (_, file) = file();
    let (contents, places) = table(&file).unwrap();
    let bulk = places[0].text.start..places[1].epochs.end;
    for place in 0..file.len() {
        let mut flipped = file.clone();
        flipped[place] ^= 0x20;
        let (read, runs) = runs(&flipped).unwrap();
        assert_eq!(read, contents, "byte {place}");
        let lost = runs.iter().filter(|run| run.is_err()).count();
        let told: usize = runs.iter().flatten().map(|(_, lost)| lost.len()).sum();
        // Without predictions those of the epochs say nothing.
        let most = if places[0].predictions.contains(&(place as u64)) { 2 } else { 1 };
        let costs = if bulk.contains(&(place as u64)) { 1..=most } else { 0..=0 };
        assert!(costs.contains(&(lost + told)), "byte {place}: {runs:?}");
        assert!(lost == 0 || told == 0);
    }
}

/// Format 2 had no copy of the table of contents.
#[test]
fn a_file_of_format_2_is_read() {
    let (contents, file) = file();
    let (_, places) = table(&file).unwrap();
    let mut file = file[..places[1].epochs.end as usize].to_vec();
    file[8] = 2;
    assert_eq!(table(&file).unwrap(), (contents, places));
    assert!(runs(&file).unwrap().1.iter().all(Result::is_ok));
}

#[test]
fn foreign_newer_and_senseless_files_are_refused() {
    assert_eq!(table(b"PK\x03\x04 a zip archive of runs"), Err(ArchiveError::Foreign));
    let (contents, file) = file();
    let mut newer = file.clone();
    newer[8] = 4;
    let error = table(&newer).unwrap_err();
    assert_eq!(error, ArchiveError::Newer(4));
    assert!(error.to_string().contains("made by a newer version"));
    for id in ["", "<b>", "a-1"] {
        let mut odd = contents.clone();
        odd.runs[1].id = id.to_owned();
        assert!(matches!(table(&head(&odd)), Err(ArchiveError::Damaged(_))), "{id}");
    }
    let mut huge = contents;
    huge.runs[0].curve = u64::MAX;
    assert!(matches!(table(&head(&huge)), Err(ArchiveError::Damaged(_))));
}

#[test]
fn a_number_or_a_link_that_no_run_has_leaves_the_run_out() {
    let mut huge = parts(u32::MAX, false);
    let error = read_run(huge.item("a-1"), &mut huge).unwrap_err();
    assert!(error.contains("4294967295"), "{error}");
    let choices = Choices { last_number: u32::MAX, ..Choices::default() };
    let none = Contents { choices, runs: Vec::new() };
    assert_eq!(table(&head(&none)).unwrap().0.choices.last_number, 0);
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
