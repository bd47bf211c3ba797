//! Small archives and folders, made for tests.

use flate2::Compression;
use flate2::write::GzEncoder;
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use imagenette_playground::data::Dataset;
use imagenette_playground::data::archive::{ArchiveSource, read_archive};
use imagenette_playground::data::builder::Options;
use imagenette_playground::data::error::DataError;
use imagenette_playground::data::folder::{FolderFile, read_folder};
use imagenette_playground::report::ErrorReport;
use std::io::{self, Cursor, Write as _};
use std::ops::ControlFlow;

pub type Files = Vec<(String, Vec<u8>)>;

pub fn picture(width: u32, height: u32, seed: u32) -> Vec<u8> {
    let image = RgbImage::from_fn(width, height, |x, y| {
        Rgb([(x * 7 + seed) as u8, (y * 5) as u8, (x + y + seed * 3) as u8])
    });
    let mut bytes = Cursor::new(Vec::new());
    DynamicImage::from(image).write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

/// `per_split` images of each class in both splits, under `root`.
pub fn set(root: &str, classes: &[&str], per_split: u32) -> Files {
    let mut files = Vec::new();
    for (split, seed) in [("val", 100), ("train", 0)] {
        for class in classes {
            for i in 0..per_split {
                let bytes = picture(20 + i, 24, seed + i + class.len() as u32);
                files.push((format!("{root}{split}/{class}/{i}.png"), bytes));
            }
        }
    }
    files
}

pub fn add(builder: &mut tar::Builder<Vec<u8>>, path: &str, kind: tar::EntryType, bytes: &[u8]) {
    let mut header = tar::Header::new_gnu();
    header.set_size(bytes.len() as u64);
    header.set_mode(0o644);
    header.set_entry_type(kind);
    // Set by hand: the writer refuses paths that escape.
    let name = &mut header.as_old_mut().name;
    name[..path.len()].copy_from_slice(path.as_bytes());
    header.set_cksum();
    builder.append(&header, bytes).unwrap();
}

pub fn tar(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (path, bytes) in files {
        add(&mut builder, path, tar::EntryType::Regular, bytes);
    }
    builder.into_inner().unwrap()
}

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub fn read_with(bytes: &[u8], options: &Options) -> Result<Dataset, DataError> {
    let source = ArchiveSource {
        read: Cursor::new(bytes),
        name: "made.tgz".to_owned(),
        bytes: Some(bytes.len() as u64),
    };
    pollster::block_on(read_archive(source, options, async |_| ControlFlow::Continue(())))
}

pub fn read(bytes: &[u8]) -> Result<Dataset, DataError> {
    read_with(bytes, &Options::new(16))
}

pub struct Made(pub String, pub Vec<u8>);

impl FolderFile for Made {
    fn path(&self) -> &str {
        &self.0
    }
    fn bytes(&self) -> u64 {
        self.1.len() as u64
    }
    fn read(&self) -> io::Result<Vec<u8>> {
        Ok(self.1.clone())
    }
}

pub fn read_made_folder(files: &[(String, Vec<u8>)]) -> Result<Dataset, DataError> {
    let files: Vec<Made> =
        files.iter().map(|(path, bytes)| Made(path.clone(), bytes.clone())).collect();
    let options = Options::new(16);
    pollster::block_on(read_folder("made", &files, &options, async |_| ControlFlow::Continue(())))
}

/// The error, once its report proves complete.
#[track_caller]
pub fn error(result: Result<Dataset, DataError>) -> DataError {
    let error = match result {
        Ok(dataset) => panic!("{} images were accepted", dataset.images.len()),
        Err(error) => error,
    };
    let report = ErrorReport::from(&error);
    assert!(!report.what.is_empty() && !report.remedy.is_empty());
    assert_eq!(report.why, error.to_string());
    error
}
