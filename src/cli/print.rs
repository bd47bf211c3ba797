//! The program's output, on streams that may be closed: a reader that ends early, as `head`
//! does, is no reason to lose a run.

use anyhow::bail;
use std::io::{self, ErrorKind, Write};
use std::sync::OnceLock;

/// Why standard output could not be written, if it was not simply closed.
static LOST: OnceLock<String> = OnceLock::new();

/// Prints text on standard output as it is.
pub(super) fn text(text: &str) {
    if let Err(error) = write(&mut io::stdout().lock(), text) {
        LOST.get_or_init(|| error.to_string());
    }
}

/// Prints a line on standard output.
pub(super) fn line(line: &str) {
    text(&format!("{line}\n"));
}

/// Prints on standard error what should be known even to those who want silence.
pub(super) fn note(note: &str) {
    // There is nowhere left to complain to.
    let _ = write(&mut io::stderr().lock(), &format!("note: {note}\n"));
}

/// Fails if something that was printed is lost, as on a full disk.
pub(super) fn check() -> anyhow::Result<()> {
    match LOST.get() {
        Some(why) => bail!("standard output could not be written ({why}); free the disk it is on"),
        None => Ok(()),
    }
}

/// Writes all of the text; to a stream that was closed, nothing.
fn write(to: &mut impl Write, text: &str) -> io::Result<()> {
    match to.write_all(text.as_bytes()).and_then(|()| to.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A stream that fails in one way.
    struct Broken(ErrorKind);

    impl Write for Broken {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_closed_stream_is_passed_over_and_a_full_one_is_not() {
        assert!(write(&mut Broken(ErrorKind::BrokenPipe), "text").is_ok());
        let full = write(&mut Broken(ErrorKind::StorageFull), "text");
        assert_eq!(full.map_err(|error| error.kind()), Err(ErrorKind::StorageFull));
        let mut kept = Vec::new();
        write(&mut kept, "text").unwrap();
        assert_eq!(kept, b"text");
    }

    /// The macros of the standard library panic where the stream is closed.
    #[test]
    fn nothing_else_prints() {
        let cli = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/cli");
        let mut folders = vec![cli.clone()];
        let mut files = vec![cli.with_extension("rs")];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() { folders.push(path) } else { files.push(path) }
            }
        }
        assert!(files.len() > 5, "{files:?}");
        for file in files {
            let source = std::fs::read_to_string(&file).unwrap();
            // In two parts, so that this file passes.
            for name in ["print", "println", "eprint", "eprintln"] {
                let called = [name, "!("].concat();
                let found = source.match_indices(&called).any(|(at, _)| {
                    !source[..at].ends_with(|before: char| before.is_alphanumeric())
                });
                assert!(!found, "{} calls {name}!: use `print`", file.display());
            }
        }
    }
}
