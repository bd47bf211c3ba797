//! Where files lie in a data set: `<folders>/split/class/file`, and the names of the
//! classes of Imagenette and Imagewoof. Pure functions of paths; independent of burn
//! and browsers.

use super::Split;
use super::error::{DataError, Escape};
use super::names::composed;

/// The official tables of noisy labels, which lie next to the folders of the splits.
const NOISE_TABLES: [&str; 2] = ["noisy_imagenette.csv", "noisy_imagewoof.csv"];

/// Formats that are read.
const READ: [&str; 6] = ["jpg", "jpeg", "jpe", "jfif", "png", "webp"];

/// Formats that are pictures but are not read: they count as left out, so that a
/// folder full of them ends in a message rather than in silence.
const NOT_READ: [&str; 9] = ["gif", "bmp", "tif", "tiff", "avif", "heic", "heif", "jxl", "jp2"];

/// Folder of the images of a test split, which stands in where there is no other.
pub(super) const TEST: &str = "test";

/// What a file is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// An image of the data set.
    Image(ImagePlace),
    /// A table of noisy labels of the data set in this folder.
    NoiseTable {
        /// The leading folders, joined by `/`; empty for none.
        root: String,
        /// Name of the file.
        file: String,
    },
    /// A picture outside the splits' class folders.
    Stray,
    /// Anything else.
    Ignored,
}

/// The place of an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ImagePlace {
    /// The leading folders, joined by `/`; empty for none.
    pub root: String,
    /// The official split.
    pub split: Split,
    /// Whether the folder is that of a test split.
    pub test: bool,
    /// The folder of the split, as it is spelled.
    pub folder: String,
    /// Name of the folder under the split.
    pub class: String,
    /// `split/class/file`: with `train`, `val` or `test`, however the folder is spelled.
    pub path: String,
}

/// The parts of a path.
struct PathParts {
    /// What makes it absolute: `/`, `C:/` or nothing.
    start: String,
    parts: Vec<String>,
}

/// What the file at `path` is for. Of several folders named like a split, the one
/// counts that lies in `root`, where it is known, and else the innermost.
///
/// # Errors
/// [`DataError::UnsafePath`] for `..`.
pub(super) fn role(path: &str, root: Option<&str>) -> Result<Role, DataError> {
    let PathParts { start, parts } = split_path(path)?;
    let hidden = |parts: &[String]| parts.iter().any(|part| part.starts_with('.'));
    if parts.iter().any(|part| part == "__MACOSX") {
        return Ok(Role::Ignored);
    }
    let Some((file, folders)) = parts.split_last() else {
        return Ok(Role::Ignored);
    };
    let join = |folders: &[String]| format!("{start}{}", folders.join("/"));
    if NOISE_TABLES.iter().any(|table| file.eq_ignore_ascii_case(table)) {
        return Ok(Role::NoiseTable { root: join(folders), file: file.clone() });
    }
    if !is_picture(file) {
        return Ok(Role::Ignored);
    }
    // The folder of a class lies below that of a split.
    let splits = folders.split_last().map_or(&[][..], |(_, above)| above);
    let found = splits.iter().enumerate().rev().filter_map(|(depth, folder)| {
        let (split, test) = split_named(folder)?;
        Some((depth, split, test))
    });
    let mut found: Vec<_> = found.collect();
    // Stable: innermost first, after those of the known root.
    found.sort_by_key(|(depth, ..)| Some(join(&folders[..*depth]).as_str()) != root);
    let Some(&(depth, split, test)) = found.first() else {
        return Ok(if hidden(&parts) { Role::Ignored } else { Role::Stray });
    };
    let (above, inside) = folders.split_at(depth);
    let [folder, class, deeper @ ..] = inside else {
        return Ok(Role::Stray);
    };
    // Hidden folders above the data are as good as any.
    if hidden(&parts[depth..]) {
        return Ok(Role::Ignored);
    }
    let split_folder = match (split, test) {
        (Split::Train, _) => "train",
        (Split::Valid, false) => "val",
        (Split::Valid, true) => TEST,
    };
    let mut place = vec![split_folder, class];
    place.extend(deeper.iter().map(String::as_str));
    place.push(file);
    Ok(Role::Image(ImagePlace {
        root: join(above),
        split,
        test,
        folder: folder.clone(),
        class: class.clone(),
        path: place.join("/"),
    }))
}

/// Whether the file at `path` is an image of a data set, judging by its path.
pub(super) fn is_image(path: &str) -> bool {
    matches!(role(path, None), Ok(Role::Image(_)))
}

/// Whether a path begins at the root of a disk.
pub(super) fn is_absolute(path: &str) -> bool {
    path.starts_with(['/', '\\']) || drive(path).is_some()
}

/// Whether any folder is hidden.
pub(super) fn is_hidden(folders: &str) -> bool {
    folders.split('/').any(|folder| folder.starts_with('.'))
}

/// A path with composed letters and `/` between its parts: how paths are compared.
pub(super) fn normal(path: &str) -> String {
    let parts = composed(path).replace('\\', "/");
    let parts: Vec<&str> = parts.split('/').filter(|it| !it.is_empty() && *it != ".").collect();
    parts.join("/")
}

/// The shown name of a class folder: for the WordNet ids of Imagenette and Imagewoof the
/// class's name, for any other the folder's.
pub(super) fn class_name(id: &str) -> &str {
    match id {
        "n01440764" => "tench",
        "n02102040" => "English springer",
        "n02979186" => "cassette player",
        "n03000684" => "chain saw",
        "n03028079" => "church",
        "n03394916" => "French horn",
        "n03417042" => "garbage truck",
        "n03425413" => "gas pump",
        "n03445777" => "golf ball",
        "n03888257" => "parachute",
        "n02086240" => "Shih-Tzu",
        "n02087394" => "Rhodesian ridgeback",
        "n02088364" => "beagle",
        "n02089973" => "English foxhound",
        "n02093754" => "Border terrier",
        "n02096294" => "Australian terrier",
        "n02099601" => "golden retriever",
        "n02105641" => "Old English sheepdog",
        "n02111889" => "Samoyed",
        "n02115641" => "dingo",
        other => other,
    }
}

/// `C:` of a path that begins with a drive.
fn drive(path: &str) -> Option<&str> {
    let drive = path.get(..2)?;
    let mut chars = drive.chars();
    let letter = chars.next().is_some_and(|it| it.is_ascii_alphabetic());
    Some(drive).filter(|_| letter && chars.next() == Some(':'))
}

/// Splits a path into its parts, whatever system wrote it.
///
/// # Errors
/// [`DataError::UnsafePath`] if it leaves its folder.
fn split_path(path: &str) -> Result<PathParts, DataError> {
    let (start, inside) = match drive(path) {
        Some(drive) => (format!("{drive}/"), path.get(2..).unwrap_or_default()),
        None if is_absolute(path) => ("/".to_owned(), path),
        None => (String::new(), path),
    };
    let parts: Vec<String> = normal(inside).split('/').map(str::to_owned).collect();
    if parts.iter().any(|part| part == "..") {
        return Err(DataError::UnsafePath { path: path.to_owned(), escape: Escape::Parent });
    }
    Ok(PathParts { start, parts })
}

/// The split of a folder, and whether it is a test split.
fn split_named(folder: &str) -> Option<(Split, bool)> {
    match folder.to_ascii_lowercase().as_str() {
        "train" | "training" => Some((Split::Train, false)),
        "val" | "valid" | "validation" => Some((Split::Valid, false)),
        "test" | "testing" => Some((Split::Valid, true)),
        _ => None,
    }
}

fn is_picture(file: &str) -> bool {
    let Some((_, extension)) = file.rsplit_once('.') else {
        return false;
    };
    READ.iter().chain(&NOT_READ).any(|known| extension.eq_ignore_ascii_case(known))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(path: &str) -> Option<(String, Split, String, String)> {
        match role(path, None).unwrap() {
            Role::Image(it) => Some((it.root, it.split, it.class, it.path)),
            _ => None,
        }
    }

    #[test]
    fn images_are_placed_by_split_and_class_under_any_leading_folder() {
        for (path, root, split, inside) in [
            ("imagenette2-160/train/n1/a.JPEG", "imagenette2-160", Split::Train, "train/n1/a.JPEG"),
            ("./x/y/val/n1/b.png", "x/y", Split::Valid, "val/n1/b.png"),
            ("valid/n1/c.jpg", "", Split::Valid, "val/n1/c.jpg"),
            ("w\\train\\n1\\d.jpg", "w", Split::Train, "train/n1/d.jpg"),
            ("train/n1/deeper/e.jpg", "", Split::Train, "train/n1/deeper/e.jpg"),
            ("a/b/c/d/e/f/Training/n1/a.webp", "a/b/c/d/e/f", Split::Train, "train/n1/a.webp"),
            (".fastai/data/x/VALIDATION/n1/a.jpg", ".fastai/data/x", Split::Valid, "val/n1/a.jpg"),
            ("/mnt/me/x/train/n1/a.jpg", "/mnt/me/x", Split::Train, "train/n1/a.jpg"),
            ("C:\\Users\\me\\train\\n1\\a.jpg", "C:/Users/me", Split::Train, "train/n1/a.jpg"),
            ("test/x/train/n1/a.jpg", "test/x", Split::Train, "train/n1/a.jpg"),
            ("x/Testing/n1/a.jpg", "x", Split::Valid, "test/n1/a.jpg"),
            ("train/n1/test/a.jpg", "", Split::Train, "train/n1/test/a.jpg"),
        ] {
            let expected = (root.to_owned(), split, "n1".to_owned(), inside.to_owned());
            assert_eq!(place(path), Some(expected), "{path}");
        }
    }

    #[test]
    fn a_class_may_be_named_like_a_split() {
        for (path, class) in [("x/train/train/1.jpg", "train"), ("x/val/test/1.jpg", "test")] {
            let (root, _, found, _) = place(path).unwrap();
            assert_eq!((root.as_str(), found.as_str()), ("x", class), "{path}");
        }
        let Role::Image(known) = role("x/train/val/deeper/1.jpg", Some("x")).unwrap() else {
            panic!("it is an image");
        };
        assert_eq!((known.class.as_str(), known.split), ("val", Split::Train));
    }

    #[test]
    fn composed_and_decomposed_names_are_one() {
        assert_eq!(place("train/cafe\u{301}/e\u{301}.jpg"), place("train/caf\u{e9}/\u{e9}.jpg"));
    }

    #[test]
    fn other_files_are_ignored_and_pictures_elsewhere_are_told_apart() {
        for path in [
            "__MACOSX/train/n1/._a.jpg",
            "train/n1/._a.jpg",
            "train/n1/.b.jpg",
            "train/.ipynb_checkpoints/a.jpg",
            "train/n1/a.txt",
            "train/n1/Thumbs.db",
            "x/.DS_Store",
        ] {
            assert_eq!(role(path, None).unwrap(), Role::Ignored, "{path}");
        }
        for path in ["a.jpg", "train/a.jpg", "trained/n1/a.jpg", "x/test/a.jpg"] {
            assert_eq!(role(path, None).unwrap(), Role::Stray, "{path}");
        }
        for file in ["noisy_imagenette.csv", "noisy_imagewoof.csv"] {
            let table = Role::NoiseTable { root: "w/x/y/z".to_owned(), file: file.to_owned() };
            assert_eq!(role(&format!("w/x/y/z/{file}"), None).unwrap(), table);
        }
    }

    #[test]
    fn paths_that_escape_are_errors_and_absolute_ones_are_known() {
        for path in ["../train/n1/a.jpg", "train/../../a", "x\\..\\y", "/train/n1/../../a.jpg"] {
            assert!(matches!(role(path, None), Err(DataError::UnsafePath { .. })), "{path}");
        }
        for path in ["/train/a", "C:\\a.jpg", "c:/a.jpg", "\\\\server\\share\\a.jpg"] {
            assert!(is_absolute(path), "{path}");
        }
        for path in ["train/a", "./a", "1:/a.jpg", "ä:/a.jpg"] {
            assert!(!is_absolute(path), "{path}");
        }
    }
}
