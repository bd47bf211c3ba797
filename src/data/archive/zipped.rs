//! The files of a ZIP archive, by its directory.

mod directory;

use super::gauge::{Gauge, Packed};
use super::{BUFFER, Session};
use crate::bytes::ByteReader;
use crate::data::error::DataError;
use crate::data::layout;
use crate::data::prepare::Prepare;
use crate::dataset::LoadProgress;
use crate::text;
use directory::{Fault, ZipEntry};
use flate2::Crc;
use flate2::bufread::DeflateDecoder;
use std::collections::HashMap;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::ops::ControlFlow;

/// Whether the bytes begin as a ZIP archive: with a file, or as an empty one.
pub(super) fn is_zip(head: &[u8]) -> bool {
    [b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08"].iter().any(|magic| head.starts_with(*magic))
}

/// Reads all the files.
pub(super) async fn read<R: Read + Seek>(
    mut packed: Packed<R>,
    gauge: &Gauge,
    session: &mut Session,
    prepare: &mut impl Prepare,
    tick: &mut impl AsyncFnMut(LoadProgress) -> ControlFlow<()>,
) -> Result<(), DataError> {
    let entries = directory::read(&mut packed).map_err(|fault| match fault {
        Fault::NoEnd => session.truncated(),
        Fault::Damaged(detail) => session.corrupt(detail),
        Fault::Host(error) => session.fail(gauge, &error),
    })?;
    let packed_bytes: u64 = entries.iter().map(|entry| entry.packed).sum();
    if session.bytes.is_some_and(|bytes| packed_bytes > bytes) {
        return Err(session.corrupt(text::damage_overlap().to_owned()));
    }
    let names: Vec<String> = entries.iter().map(ZipEntry::name).collect();
    // The last entry of a name counts.
    let last: HashMap<&str, usize> =
        names.iter().enumerate().map(|(number, name)| (name.as_str(), number)).collect();
    let counts = |number: usize, name: &str| last.get(name) == Some(&number);
    let images = names
        .iter()
        .enumerate()
        .filter(|(number, name)| counts(*number, name) && layout::is_image(name));
    let images = images.count();
    let mut handed_in = 0;
    for (number, (entry, name)) in entries.iter().zip(&names).enumerate() {
        if !counts(number, name) || entry.is_folder() {
            continue;
        }
        if let Some(why) = entry.no_file() {
            session.builder.leave_out(name, why)?;
        } else if let Some(wanted) = session.builder.offer(name, entry.unpacked)? {
            if let Some(why) = entry.unreadable() {
                session.builder.add_unread(wanted, why)?;
            } else {
                unpack(&mut packed, gauge, entry, name, session)?;
                let share = (handed_in + 1) as f64 / images.max(1) as f64;
                session.builder.add(wanted, &session.buffer, prepare, Some(share))?;
            }
        }
        handed_in += usize::from(layout::is_image(name));
        session.tick(gauge, tick).await?;
    }
    Ok(())
}

/// Unpacks a file into the session's buffer.
fn unpack<R: Read + Seek>(
    packed: &mut Packed<R>,
    gauge: &Gauge,
    entry: &ZipEntry,
    name: &str,
    session: &mut Session,
) -> Result<(), DataError> {
    session.buffer.clear();
    let unpacked = gauge.unpacked.get().saturating_add(entry.unpacked);
    if unpacked > gauge.limit {
        let name = session.name.clone();
        return Err(DataError::ArchiveTooLarge { name, bytes: unpacked });
    }
    gauge.unpacked.set(unpacked);
    let damaged = |what: &str| session.corrupt(format!("{name}: {what}"));
    // Reads what the directory declares, and one byte more to notice if there is more.
    let most = entry.unpacked.saturating_add(1);
    let content = content(packed, entry, most);
    let content = match content {
        Ok(Some(content)) => content,
        Ok(None) => return Err(damaged(text::damage_begin())),
        Err(error) if gauge.failed() => return Err(session.fail(gauge, &error)),
        Err(error) => return Err(damaged(&error.to_string())),
    };
    let mut crc = Crc::new();
    crc.update(&content);
    if content.len() as u64 != entry.unpacked {
        return Err(damaged(text::damage_size()));
    }
    if crc.sum() != entry.crc {
        return Err(damaged(text::damage_checksum()));
    }
    session.buffer = content;
    Ok(())
}

/// The content of a file; `None` if no file begins at its offset.
fn content<R: Read + Seek>(
    packed: &mut Packed<R>,
    entry: &ZipEntry,
    most: u64,
) -> io::Result<Option<Vec<u8>>> {
    const LOCAL_HEADER: usize = 30;
    packed.seek(SeekFrom::Start(entry.offset))?;
    let mut header = [0; LOCAL_HEADER];
    packed.read_exact(&mut header)?;
    let mut fields = ByteReader::new(&header);
    // What comes before the lengths of its name and its extra fields is in the directory, too.
    let found = fields.tag(b"PK\x03\x04").and_then(|()| fields.skip(22));
    let Some((name, extra)) = found.and_then(|()| fields.u16().zip(fields.u16())) else {
        return Ok(None);
    };
    packed.seek(SeekFrom::Current(i64::from(name) + i64::from(extra)))?;
    let mut content = Vec::new();
    let bytes = packed.take(entry.packed);
    if entry.is_stored() {
        bytes.take(most).read_to_end(&mut content)?;
    } else {
        let bytes = BufReader::with_capacity(BUFFER, bytes);
        DeflateDecoder::new(bytes).take(most).read_to_end(&mut content)?;
    }
    Ok(Some(content))
}
