//! The directory at the end of a ZIP archive.

use crate::data::names;
use std::io::{self, BufReader, Read, Seek, SeekFrom};

/// The end of the directory is looked for in so many last bytes: it may be followed by
/// a comment of 64 KiB, and by padding.
const END_WITHIN: u64 = 1 << 18;

/// Bytes of a directory that is still read: of 200,000 files with long names.
const MOST_BYTES: u64 = 64 << 20;

/// What 32 and 16 bits cannot hold is in an extra field.
const IN_EXTRA: u64 = u32::MAX as u64;

/// Why there is no directory.
#[derive(Debug)]
pub(super) enum Fault {
    /// The end of the archive is missing.
    NoEnd,
    Damaged(String),
    Host(io::Error),
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        Self::Host(error)
    }
}

/// A file of the archive.
#[derive(Clone, Debug)]
pub(super) struct ZipEntry {
    name: Vec<u8>,
    flags: u16,
    method: u16,
    /// Kind of the file, in the bits that Unix has for it; 0 if unknown.
    kind: u32,
    pub crc: u32,
    pub packed: u64,
    pub unpacked: u64,
    /// Where its own header begins.
    pub offset: u64,
}

impl ZipEntry {
    /// Its path. Whatever the flags say, what is UTF-8 is read as such: macOS does not
    /// set the flag.
    pub(super) fn name(&self) -> String {
        names::readable(&self.name)
    }

    pub(super) fn is_folder(&self) -> bool {
        self.name.ends_with(b"/") || self.name.ends_with(b"\\") || self.kind == 0o040_000
    }

    /// Why it is no file.
    pub(super) fn no_file(&self) -> Option<&'static str> {
        match self.kind {
            0 | 0o100_000 => None,
            0o120_000 => Some("it is a link and not a file"),
            _ => Some("it is a device and not a file"),
        }
    }

    /// Why its content cannot be unpacked.
    pub(super) fn unreadable(&self) -> Option<String> {
        if self.flags & 1 != 0 {
            return Some("it is encrypted".to_owned());
        }
        let method = match self.method {
            0 | 8 => return None,
            9 => "Deflate64".to_owned(),
            12 => "bzip2".to_owned(),
            14 => "LZMA".to_owned(),
            93 => "Zstandard".to_owned(),
            95 => "XZ".to_owned(),
            other => format!("method {other}"),
        };
        Some(format!("it is packed with {method}, not with Deflate"))
    }

    pub(super) fn is_stored(&self) -> bool {
        self.method == 0
    }
}

/// Where the directory lies.
struct End {
    entries: u64,
    bytes: u64,
    offset: u64,
    /// Where it ends.
    at: u64,
}

/// Reads the directory.
pub(super) fn read<R: Read + Seek>(file: &mut R) -> Result<Vec<ZipEntry>, Fault> {
    let damaged = |what: &str| Fault::Damaged(what.to_owned());
    let end = find_end(file)?;
    // What lies before the archive, as before those that unpack themselves.
    let before = end.at.checked_sub(end.bytes).and_then(|it| it.checked_sub(end.offset));
    let before = before.ok_or_else(|| damaged("its directory does not fit"))?;
    if end.bytes > MOST_BYTES {
        return Err(damaged("its directory is absurdly large"));
    }
    file.seek(SeekFrom::Start(end.at - end.bytes))?;
    let mut bytes = BufReader::new(file.take(end.bytes));
    let mut entries = Vec::new();
    for _ in 0..end.entries {
        let mut entry = entry(&mut bytes).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidData => {
                damaged("its directory is cut short")
            }
            _ => Fault::Host(error),
        })?;
        entry.offset = entry.offset.saturating_add(before);
        entries.push(entry);
    }
    Ok(entries)
}

fn find_end<R: Read + Seek>(file: &mut R) -> Result<End, Fault> {
    const END: usize = 22;
    let length = file.seek(SeekFrom::End(0))?;
    let start = length.saturating_sub(END_WITHIN);
    file.seek(SeekFrom::Start(start))?;
    let mut tail = Vec::new();
    file.take(END_WITHIN).read_to_end(&mut tail)?;
    let place = tail.windows(END).rposition(|it| {
        let comment = usize::from(u16::from_le_bytes([it[20], it[21]]));
        it.starts_with(b"PK\x05\x06") && comment <= tail.len()
    });
    let place = place.ok_or(Fault::NoEnd)?;
    let at = start + place as u64;
    let record = tail.get(place..).unwrap_or_default();
    let (disk, entries) = (short(record, 4), short(record, 10));
    if disk != 0 && disk != u16::MAX {
        return Err(Fault::Damaged("it is one part of several".to_owned()));
    }
    let end = End {
        entries: entries.into(),
        bytes: word(record, 12).into(),
        offset: word(record, 16).into(),
        at,
    };
    if entries != u16::MAX && end.bytes != IN_EXTRA && end.offset != IN_EXTRA {
        return Ok(end);
    }
    large_end(file, at).map(|found| found.unwrap_or(end))
}

/// The end of a directory that 32 bits do not hold, which lies before the usual one.
fn large_end<R: Read + Seek>(file: &mut R, at: u64) -> Result<Option<End>, Fault> {
    const LOCATOR: u64 = 20;
    let Some(locator) = at.checked_sub(LOCATOR) else {
        return Ok(None);
    };
    file.seek(SeekFrom::Start(locator))?;
    let mut bytes = [0; LOCATOR as usize];
    file.read_exact(&mut bytes)?;
    if !bytes.starts_with(b"PK\x06\x07") {
        return Ok(None);
    }
    let at = long(&bytes, 8);
    file.seek(SeekFrom::Start(at))?;
    let mut record = [0; 56];
    let read = file.read_exact(&mut record);
    if read.is_err() || !record.starts_with(b"PK\x06\x06") {
        return Err(Fault::Damaged("the end of its directory is not where it should be".into()));
    }
    let (entries, bytes, offset) = (long(&record, 32), long(&record, 40), long(&record, 48));
    Ok(Some(End { entries, bytes, offset, at }))
}

fn entry(read: &mut impl Read) -> io::Result<ZipEntry> {
    let mut fixed = [0; 46];
    read.read_exact(&mut fixed)?;
    if !fixed.starts_with(b"PK\x01\x02") {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut variable = |length: u16| {
        let mut bytes = vec![0; length.into()];
        read.read_exact(&mut bytes).map(|()| bytes)
    };
    let name = variable(short(&fixed, 28))?;
    let extra = variable(short(&fixed, 30))?;
    variable(short(&fixed, 32))?;
    let [packed, unpacked, offset] = [20, 24, 42].map(|at| u64::from(word(&fixed, at)));
    let [mut packed, mut unpacked, mut offset] = [packed, unpacked, offset];
    if let Some(mut rest) = field(&extra, 1) {
        // Those that are not held above, in this order.
        for value in [&mut unpacked, &mut packed, &mut offset] {
            if *value == IN_EXTRA
                && let Some((bytes, behind)) = rest.split_first_chunk()
            {
                *value = u64::from_le_bytes(*bytes);
                rest = behind;
            }
        }
    }
    // By whom it was packed: Unix and macOS tell the kind of the file.
    let unix = matches!(fixed[5], 3 | 19);
    let kind = if unix { (word(&fixed, 38) >> 16) & 0o170_000 } else { 0 };
    Ok(ZipEntry {
        // The name as UTF-8, if the packer gave it beside another.
        name: field(&extra, 0x7075).and_then(|it| it.get(5..)).map_or(name, <[u8]>::to_vec),
        flags: short(&fixed, 8),
        method: short(&fixed, 10),
        kind,
        crc: word(&fixed, 16),
        packed,
        unpacked,
        offset,
    })
}

/// The extra field of this kind.
fn field(mut extra: &[u8], wanted: u16) -> Option<&[u8]> {
    while let Some((head, behind)) = extra.split_first_chunk::<4>() {
        let (field, rest) = behind.split_at_checked(short(head, 2).into())?;
        if short(head, 0) == wanted {
            return Some(field);
        }
        extra = rest;
    }
    None
}

fn number<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    bytes.get(at..).and_then(|it| it.first_chunk()).copied().unwrap_or([0; N])
}

fn short(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes(number(bytes, at))
}

fn word(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(number(bytes, at))
}

fn long(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(number(bytes, at))
}
