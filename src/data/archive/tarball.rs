//! The files of a tar stream.

use super::gauge::{Gauge, Unpacked};
use super::{BLOCK, Session, is_tar};
use crate::data::error::DataError;
use crate::data::prepare::Prepare;
use crate::dataset::LoadProgress;
use crate::text;
use std::io::{self, Read};
use std::ops::ControlFlow;
use std::rc::Rc;
use tar::{Entry, EntryType};

/// Bytes passed over between two ticks.
const SKIP_CHUNK: u64 = 1 << 20;

/// Bytes read after an end mark, to reach another archive or the checksum of gzip.
const TRAILER_ALLOWANCE: u64 = 64 << 20;

/// Reads all the files. The tar crate's entries borrow their archive, so the stepping
/// that a host needs is an `async fn`: it reads synchronously and awaits `tick`.
pub(super) async fn read<R: Read>(
    mut stream: Unpacked<R>,
    gauge: &Rc<Gauge>,
    session: &mut Session,
    prepare: &mut impl Prepare,
    tick: &mut impl AsyncFnMut(LoadProgress) -> ControlFlow<()>,
) -> Result<(), DataError> {
    loop {
        let mut archive = tar::Archive::new(stream);
        files(&mut archive, gauge, session, prepare, tick).await?;
        stream = archive.into_inner();
        if !another(&mut stream, gauge).map_err(|error| session.fail(gauge, &error))? {
            break;
        }
    }
    gauge.allow(TRAILER_ALLOWANCE);
    let rest = io::copy(&mut stream.take(TRAILER_ALLOWANCE), &mut io::sink());
    rest.map_err(|error| session.fail(gauge, &error))?;
    Ok(())
}

/// The files up to an end mark, or to the end of the stream: some programs write no mark.
async fn files<R: Read>(
    archive: &mut tar::Archive<Unpacked<R>>,
    gauge: &Rc<Gauge>,
    session: &mut Session,
    prepare: &mut impl Prepare,
    tick: &mut impl AsyncFnMut(LoadProgress) -> ControlFlow<()>,
) -> Result<(), DataError> {
    let mut entries = archive.entries().map_err(|error| session.fail(gauge, &error))?;
    // Where the last file ends, if all of it was read.
    let mut end = None;
    loop {
        gauge.allow(0);
        let mut entry = match entries.next() {
            None => {
                session.unmarked = gauge.ended.get();
                return Ok(());
            }
            Some(Ok(entry)) => entry,
            // Only the padding of the last file is missing.
            Some(Err(_))
                if gauge.ended.get() && end.is_some_and(|it| gauge.unpacked.get() < it) =>
            {
                return Ok(());
            }
            Some(Err(error)) => return Err(session.fail(gauge, &error)),
        };
        end = take(&mut entry, gauge, session, prepare)?;
        if end.is_none() && entry.header().entry_type().is_file() {
            while io::copy(&mut entry.by_ref().take(SKIP_CHUNK), &mut io::sink())
                .map_err(|error| session.fail(gauge, &error))?
                > 0
            {
                session.tick(gauge, tick).await?;
            }
        }
        session.tick(gauge, tick).await?;
    }
}

/// Takes in an entry. Where its padding ends in the stream, if its content was read.
fn take<R: Read>(
    entry: &mut Entry<'_, R>,
    gauge: &Rc<Gauge>,
    session: &mut Session,
    prepare: &mut impl Prepare,
) -> Result<Option<u64>, DataError> {
    let path = crate::data::names::readable(&entry.path_bytes());
    let kind = entry.header().entry_type();
    let size = entry.size();
    // A sparse file may declare less on disk than it unpacks to.
    gauge.allow(size.max(entry.header().entry_size().unwrap_or(0)));
    if let Some(why) = no_file(kind) {
        session.builder.leave_out(&path, why)?;
        return Ok(None);
    }
    let plain = kind.is_file() || kind.is_contiguous() || kind.is_gnu_sparse();
    // Old programs mark a folder by the end of its name alone.
    if !plain || path.ends_with('/') {
        return Ok(None);
    }
    if let Some(path) = sparse(entry) {
        session.builder.leave_out(&path, text::skipped_sparse())?;
        return Ok(None);
    }
    let Some(wanted) = session.builder.offer(&path, size)? else {
        return Ok(None);
    };
    session.buffer.clear();
    entry.read_to_end(&mut session.buffer).map_err(|error| session.fail(gauge, &error))?;
    if (session.buffer.len() as u64) < size {
        return Err(session.truncated());
    }
    let end = gauge.unpacked.get().next_multiple_of(BLOCK as u64);
    let share = session.bytes.map(|bytes| gauge.packed.get() as f64 / bytes as f64);
    session.builder.add(wanted, &session.buffer, prepare, share)?;
    Ok(Some(end))
}

/// Why an entry is not a file, if a user may miss it.
fn no_file(kind: EntryType) -> Option<&'static str> {
    if kind.is_symlink() || kind.is_hard_link() {
        Some(text::skipped_link())
    } else if kind.is_character_special() || kind.is_block_special() || kind.is_fifo() {
        Some(text::skipped_device())
    } else {
        None
    }
}

/// The name of a sparse file as POSIX archives have it: what follows is not its content.
fn sparse<R: Read>(entry: &mut Entry<'_, R>) -> Option<String> {
    let extensions: Vec<(Vec<u8>, Vec<u8>)> = entry
        .pax_extensions()
        .ok()??
        .filter_map(|it| it.ok().map(|it| (it.key_bytes().into(), it.value_bytes().into())))
        .filter(|(key, _): &(Vec<u8>, Vec<u8>)| key.starts_with(b"GNU.sparse."))
        .collect();
    extensions.first()?;
    let name = extensions.iter().find(|(key, _)| key == b"GNU.sparse.name");
    let name = name.map_or_else(|| entry.path_bytes().into_owned(), |(_, name)| name.clone());
    Some(crate::data::names::readable(&name))
}

/// Looks for another archive behind the end mark: two that were joined are read as one.
/// Anything else that follows is passed over.
fn another<R: Read>(stream: &mut Unpacked<R>, gauge: &Gauge) -> io::Result<bool> {
    gauge.allow(TRAILER_ALLOWANCE);
    loop {
        let mut block = Vec::with_capacity(BLOCK);
        stream.take(BLOCK as u64).read_to_end(&mut block)?;
        if block.len() < BLOCK {
            return Ok(false);
        }
        if block.iter().any(|byte| *byte != 0) {
            let found = is_tar(&block);
            stream.put_back(block);
            return Ok(found);
        }
    }
}
