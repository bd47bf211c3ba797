//! The directory at the end of a ZIP archive.

use crate::bytes::ByteReader;
use crate::data::names;
use crate::text;
use std::io::{self, BufReader, Read, Seek, SeekFrom};

/// The last bytes of the file in which the end of the directory is searched: a comment of up
/// to 64 KiB and padding may follow it.
const END_WITHIN: u64 = 1 << 18;

/// Largest directory that is read, in bytes: that of 200,000 files with long names.
const MOST_BYTES: u64 = 64 << 20;

/// Stands for a number that 32 bits cannot hold, which is in an extra field.
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
    /// Its path. Valid UTF-8 is read as UTF-8 even without the flag for it, which macOS does not
    /// set.
    pub(super) fn name(&self) -> String {
        names::readable(&self.name)
    }

    pub(super) fn is_folder(&self) -> bool {
        self.name.ends_with(b"/") || self.name.ends_with(b"\\") || self.kind == 0o040_000
    }

    /// Why it is not a file; `None` if it is.
    pub(super) fn no_file(&self) -> Option<&'static str> {
        match self.kind {
            0 | 0o100_000 => None,
            0o120_000 => Some("it is a link and not a file"),
            _ => Some("it is a device and not a file"),
        }
    }

    /// Why its content cannot be unpacked; `None` if it can.
    pub(super) fn unreadable(&self) -> Option<String> {
        if self.flags & 1 != 0 {
            return Some(text::skipped_encrypted().to_owned());
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
        Some(text::skipped_packed(&method))
    }

    pub(super) fn is_stored(&self) -> bool {
        self.method == 0
    }
}

/// The place of the directory.
struct End {
    entries: u64,
    bytes: u64,
    offset: u64,
    /// The offset of its end.
    at: u64,
}

/// Reads the directory.
pub(super) fn read<R: Read + Seek>(file: &mut R) -> Result<Vec<ZipEntry>, Fault> {
    let damaged = |what: &str| Fault::Damaged(what.to_owned());
    let end = find_end(file)?;
    // Bytes before the archive, as in self-extracting ones.
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
        let comment = end_record(it).map(|record| record.comment);
        comment.is_some_and(|comment| usize::from(comment) <= tail.len())
    });
    let place = place.ok_or(Fault::NoEnd)?;
    let record = tail.get(place..).and_then(end_record).ok_or(Fault::NoEnd)?;
    let at = start + place as u64;
    let EndRecord { disk, entries, .. } = record;
    if disk != 0 && disk != u16::MAX {
        return Err(Fault::Damaged("it is one part of several".to_owned()));
    }
    let end = End {
        entries: entries.into(),
        bytes: record.bytes.into(),
        offset: record.offset.into(),
        at,
    };
    if entries != u16::MAX && end.bytes != IN_EXTRA && end.offset != IN_EXTRA {
        return Ok(end);
    }
    large_end(file, at).map(|found| found.unwrap_or(end))
}

/// The end record of a directory beyond 32 bits, which lies before the usual one.
fn large_end<R: Read + Seek>(file: &mut R, at: u64) -> Result<Option<End>, Fault> {
    const LOCATOR: u64 = 20;
    let Some(locator) = at.checked_sub(LOCATOR) else {
        return Ok(None);
    };
    file.seek(SeekFrom::Start(locator))?;
    let mut bytes = [0; LOCATOR as usize];
    file.read_exact(&mut bytes)?;
    let mut fields = ByteReader::new(&bytes);
    // The signature and the number of a disk come first.
    let found = fields.tag(b"PK\x06\x07").and_then(|()| fields.skip(4));
    let Some(at) = found.and_then(|()| fields.u64()) else {
        return Ok(None);
    };
    file.seek(SeekFrom::Start(at))?;
    let mut record = [0; 56];
    let read = file.read_exact(&mut record).ok();
    let end = read.and_then(|()| {
        let mut fields = ByteReader::new(&record);
        fields.tag(b"PK\x06\x06")?;
        // Its size, two versions, two numbers of disks, and the entries on this disk.
        fields.skip(28)?;
        Some(End { entries: fields.u64()?, bytes: fields.u64()?, offset: fields.u64()?, at })
    });
    match end {
        Some(end) => Ok(Some(end)),
        None => Err(Fault::Damaged("the end of its directory is not where it should be".into())),
    }
}

/// The fields of the record at the end of an archive.
struct EndRecord {
    disk: u16,
    entries: u16,
    bytes: u32,
    offset: u32,
    /// Bytes of the comment that follows.
    comment: u16,
}

/// Reads the record at the beginning of `bytes`; `None` if it is not one.
fn end_record(bytes: &[u8]) -> Option<EndRecord> {
    let mut fields = ByteReader::new(bytes);
    fields.tag(b"PK\x05\x06")?;
    let disk = fields.u16()?;
    // The disk of the directory, and the entries on this disk.
    fields.skip(4)?;
    let (entries, bytes, offset) = (fields.u16()?, fields.u32()?, fields.u32()?);
    Some(EndRecord { disk, entries, bytes, offset, comment: fields.u16()? })
}

/// The fields of an entry that all entries have.
struct EntryRecord {
    /// The system of the program that packed the file.
    system: u8,
    flags: u16,
    method: u16,
    crc: u32,
    packed: u32,
    unpacked: u32,
    /// Bytes of the name, the extra fields and the comment that follow.
    name: u16,
    extra: u16,
    comment: u16,
    attributes: u32,
    offset: u32,
}

fn entry_record(bytes: &[u8]) -> Option<EntryRecord> {
    let mut fields = ByteReader::new(bytes);
    fields.tag(b"PK\x01\x02")?;
    let [_version, system] = fields.array()?;
    // The version that is needed to unpack it.
    fields.skip(2)?;
    let (flags, method) = (fields.u16()?, fields.u16()?);
    // Time and date.
    fields.skip(4)?;
    let (crc, packed, unpacked) = (fields.u32()?, fields.u32()?, fields.u32()?);
    let (name, extra, comment) = (fields.u16()?, fields.u16()?, fields.u16()?);
    // The disk, and attributes that no program uses.
    fields.skip(4)?;
    let (attributes, offset) = (fields.u32()?, fields.u32()?);
    Some(EntryRecord {
        system,
        flags,
        method,
        crc,
        packed,
        unpacked,
        name,
        extra,
        comment,
        attributes,
        offset,
    })
}

/// Reads one entry of the directory.
fn entry(read: &mut impl Read) -> io::Result<ZipEntry> {
    let mut fixed = [0; 46];
    read.read_exact(&mut fixed)?;
    let record = entry_record(&fixed).ok_or(io::ErrorKind::InvalidData)?;
    let mut variable = |length: u16| {
        let mut bytes = vec![0; length.into()];
        read.read_exact(&mut bytes).map(|()| bytes)
    };
    let name = variable(record.name)?;
    let extra = variable(record.extra)?;
    variable(record.comment)?;
    let [mut packed, mut unpacked, mut offset] =
        [record.packed, record.unpacked, record.offset].map(u64::from);
    if let Some(field) = extra_field(&extra, 1) {
        // Those that the record does not hold, in this order.
        let mut large = ByteReader::new(field);
        for value in [&mut unpacked, &mut packed, &mut offset] {
            if *value == IN_EXTRA
                && let Some(found) = large.u64()
            {
                *value = found;
            }
        }
    }
    // Unix and macOS state the kind of the file.
    let unix = matches!(record.system, 3 | 19);
    let kind = if unix { (record.attributes >> 16) & 0o170_000 } else { 0 };
    Ok(ZipEntry {
        // The name as UTF-8, if the archive has it in addition.
        name: extra_field(&extra, 0x7075).and_then(|it| it.get(5..)).map_or(name, <[u8]>::to_vec),
        flags: record.flags,
        method: record.method,
        kind,
        crc: record.crc,
        packed,
        unpacked,
        offset,
    })
}

/// The content of the extra field of kind `wanted`.
fn extra_field(extra: &[u8], wanted: u16) -> Option<&[u8]> {
    let mut fields = ByteReader::new(extra);
    loop {
        let (kind, length) = (fields.u16()?, fields.u16()?);
        let content = fields.bytes(length.into())?;
        if kind == wanted {
            return Some(content);
        }
    }
}
