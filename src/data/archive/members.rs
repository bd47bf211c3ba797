//! gzip files as they occur: one stream or several in a row, and padding after the last one.

use flate2::bufread::GzDecoder;
use std::io::{self, BufRead, Chain, Cursor, Read};

/// How a stream of gzip begins.
pub(super) const MAGIC: [u8; 2] = [0x1F, 0x8B];

/// The bytes of all streams. After the last one anything may follow, as for the gzip
/// program: tapes and downloads are padded with zeros, editors add a newline.
pub(super) struct Members<R: BufRead> {
    member: Option<GzDecoder<Chain<Cursor<Vec<u8>>, R>>>,
}

impl<R: BufRead> Members<R> {
    pub(super) fn new(read: R) -> Self {
        Self { member: Some(member(Vec::new(), read)) }
    }
}

fn member<R: BufRead>(seen: Vec<u8>, read: R) -> GzDecoder<Chain<Cursor<Vec<u8>>, R>> {
    GzDecoder::new(Cursor::new(seen).chain(read))
}

impl<R: BufRead> Read for Members<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while let Some(reading) = &mut self.member {
            let n = reading.read(buffer)?;
            if n > 0 || buffer.is_empty() {
                return Ok(n);
            }
            let rest = self.member.take().map(|it| it.into_inner().into_inner().1);
            if let Some(mut rest) = rest
                && let Some(seen) = next(&mut rest)?
            {
                self.member = Some(member(seen, rest));
            }
        }
        Ok(0)
    }
}

/// Looks for another stream behind zeros. The bytes of it that were taken, if there is one.
fn next(read: &mut impl BufRead) -> io::Result<Option<Vec<u8>>> {
    let mut seen = Vec::new();
    loop {
        let buffer = read.fill_buf()?;
        let zeros = buffer.iter().take_while(|byte| **byte == 0).count();
        if buffer.is_empty() {
            return Ok(None);
        }
        let all = zeros == buffer.len();
        read.consume(zeros);
        if !all {
            break;
        }
    }
    read.take(MAGIC.len() as u64).read_to_end(&mut seen)?;
    Ok(Some(seen).filter(|seen| *seen == MAGIC))
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use std::io::{BufReader, Write as _};

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn read(bytes: &[u8], buffer: usize) -> io::Result<Vec<u8>> {
        let mut out = Vec::new();
        Members::new(BufReader::with_capacity(buffer, bytes)).read_to_end(&mut out)?;
        Ok(out)
    }

    #[test]
    fn streams_follow_each_other_and_padding_is_passed_over() {
        let [one, two] = [gzip(b"one"), gzip(b" two")];
        for (bytes, expected) in [
            (one.clone(), "one"),
            ([&one[..], &two].concat(), "one two"),
            ([&one[..], &[0; 700], &two].concat(), "one two"),
            ([&one[..], &two, &[0; 700]].concat(), "one two"),
            ([&one[..], b"\r\n"].concat(), "one"),
            ([&one[..], b"\n\x1F"].concat(), "one"),
            ([&one[..], b"\x1F"].concat(), "one"),
            ([gzip(b""), one.clone(), gzip(b"")].concat(), "one"),
        ] {
            for buffer in [1, 2, 3, 64] {
                assert_eq!(read(&bytes, buffer).unwrap(), expected.as_bytes(), "{bytes:?}");
            }
        }
    }

    #[test]
    fn a_stream_that_is_cut_or_damaged_is_an_error() {
        let bytes = [gzip(b"one"), gzip(b" two")].concat();
        let first = gzip(b"one").len();
        for end in (1..first).chain(first + 2..bytes.len()) {
            assert!(read(&bytes[..end], 64).is_err(), "cut at {end}");
        }
        let mut wrong_sum = bytes.clone();
        wrong_sum[bytes.len() - 6] ^= 1;
        assert!(read(&wrong_sum, 64).is_err());
    }
}
