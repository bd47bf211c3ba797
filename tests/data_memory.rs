//! What decoding takes of memory, measured: it stays within 256 MiB above the pixels
//! that are kept, whatever small files declare. The one test of its process, whose peak
//! the system tells.

#![cfg(all(feature = "media", target_os = "linux"))]
#![allow(dead_code, reason = "this file needs some of the helpers only")]

#[path = "common/made.rs"]
mod made;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use made::{gzip, picture, read, set, tar};
use std::io::Write as _;

/// A black PNG with 16 bits and transparency, written row by row.
fn deep(width: u32, height: u32) -> Vec<u8> {
    let chunk = |kind: &[u8], content: &[u8]| {
        let mut crc = flate2::Crc::new();
        crc.update(kind);
        crc.update(content);
        let length = (content.len() as u32).to_be_bytes();
        [&length, kind, content, &crc.sum().to_be_bytes()].concat()
    };
    let mut rows = ZlibEncoder::new(Vec::new(), Compression::fast());
    let row = vec![0; 1 + width as usize * 8];
    for _ in 0..height {
        rows.write_all(&row).unwrap();
    }
    let size = [width.to_be_bytes(), height.to_be_bytes()].concat();
    [
        b"\x89PNG\r\n\x1A\n".to_vec(),
        chunk(b"IHDR", &[&size[..], &[16, 6, 0, 0, 0]].concat()),
        chunk(b"IDAT", &rows.finish().unwrap()),
        chunk(b"IEND", &[]),
    ]
    .concat()
}

/// Forgets the peak so far.
fn forget_peak() {
    std::fs::write("/proc/self/clear_refs", "5").unwrap();
}

/// Most memory that this process has had since, in bytes.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    let kib: u64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    kib << 10
}

#[test]
fn deep_images_take_at_most_256_mib_and_larger_ones_are_named() {
    let mut files = set("made/", &["a", "b"], 2);
    files.push(("made/train/a/largest.png".to_owned(), deep(3_800, 3_900)));
    files.push(("made/train/a/over.png".to_owned(), deep(4_000, 4_000)));
    let vast = deep(10_000, 10_000);
    for number in 0..8 {
        files.push((format!("made/train/a/vast{number}.png"), vast.clone()));
    }
    files.push(("made/train/a/last.png".to_owned(), picture(20, 20, 1)));
    let archive = gzip(&tar(&files));
    drop(files);
    forget_peak();
    let before = peak();
    let dataset = read(&archive).unwrap();
    let taken = peak() - before;
    println!("{} MiB for decoding", taken >> 20);
    assert!(taken <= 256 << 20, "{} MiB", taken >> 20);
    assert!(taken >= 64 << 20, "the largest was decoded: {} MiB", taken >> 20);
    assert_eq!((dataset.images.len(), dataset.skipped.len()), (10, 9));
    assert!(dataset.images.iter().any(|image| image.path == "train/a/largest.png"));
    assert_eq!(
        dataset.skipped[0],
        "train/a/over.png: its 4000 × 4000 pixels take too much memory to decode"
    );
}
