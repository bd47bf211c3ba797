//! Bytes as the fields of a binary format, little-endian, and as hexadecimal digits. Independent
//! of the formats. Nothing here panics: what the bytes are too short for is `None`.

use std::fmt::Write as _;

/// The bytes that have not been read yet.
#[derive(Clone, Copy, Debug)]
pub struct ByteReader<'a>(&'a [u8]);

impl<'a> ByteReader<'a> {
    /// Reads from the first byte on.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// All bytes that are left.
    pub fn rest(self) -> &'a [u8] {
        self.0
    }

    /// True if all bytes have been read.
    pub fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    /// Reads `expected` and nothing else; `None` if other bytes follow, which stay unread.
    pub fn tag(&mut self, expected: &[u8]) -> Option<()> {
        self.0 = self.0.strip_prefix(expected)?;
        Some(())
    }

    /// The next `length` bytes.
    pub fn bytes(&mut self, length: usize) -> Option<&'a [u8]> {
        let (bytes, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(bytes)
    }

    /// Passes over `length` bytes.
    pub fn skip(&mut self, length: usize) -> Option<()> {
        self.bytes(length).map(drop)
    }

    /// The next `N` bytes.
    pub fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (bytes, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*bytes)
    }

    /// The next 2 bytes as a number.
    pub fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_le_bytes)
    }

    /// The next 4 bytes as a number.
    pub fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    /// The next 8 bytes as a number.
    pub fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }

    /// The next `count` values of `SIZE` bytes each, which `read` converts.
    pub fn values<T, const SIZE: usize>(
        &mut self,
        count: usize,
        read: impl Fn([u8; SIZE]) -> T,
    ) -> Option<Vec<T>> {
        let bytes = self.bytes(count.checked_mul(SIZE)?)?;
        let (values, _) = bytes.as_chunks();
        Some(values.iter().map(|value| read(*value)).collect())
    }

    /// The next `count` values of type `f32`.
    pub fn floats(&mut self, count: usize) -> Option<Vec<f32>> {
        self.values(count, f32::from_le_bytes)
    }
}

/// Two hexadecimal digits for each byte, in lower case.
pub fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        // Writing to a string does not fail.
        write!(text, "{byte:02x}").ok();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_read_in_order() {
        let bytes = [b'A', b'B', 1, 0, 2, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x80, 0x3f, 9, 8];
        let mut reader = ByteReader::new(&bytes);
        assert_eq!(reader.tag(b"AC"), None);
        assert_eq!(reader.tag(b"AB"), Some(()));
        assert_eq!((reader.u16(), reader.u32(), reader.u64()), (Some(1), Some(2), Some(3)));
        assert_eq!(reader.floats(1), Some(vec![1.0]));
        assert_eq!(reader.rest(), [9, 8]);
        assert_eq!(reader.array(), Some([9]));
        assert_eq!(reader.bytes(1), Some(&[8][..]));
        assert!(reader.is_empty());
    }

    #[test]
    fn bytes_become_two_digits_each() {
        assert_eq!(hex(&[0, 10, 255]), "000aff");
        assert_eq!(hex(&[]), "");
    }

    #[test]
    fn what_is_too_short_is_none_and_stays_unread() {
        let mut reader = ByteReader::new(&[1, 2, 3]);
        assert_eq!((reader.u32(), reader.bytes(4), reader.array::<4>()), (None, None, None));
        assert_eq!(reader.floats(usize::MAX), None);
        assert_eq!(reader.rest(), [1, 2, 3]);
    }
}
