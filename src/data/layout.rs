//! Where files lie in a data set: `<folder>/split/class/file`, and the names of
//! Imagenette's classes. Pure functions of paths; independent of burn and browsers.

use super::Split;
use super::error::DataError;

/// The official table of noisy labels, beside `train/` and `val/`.
pub(super) const NOISE_TABLE: &str = "noisy_imagenette.csv";

/// Folders that may lead to `train/` and `val/`.
const MAX_ROOT_DEPTH: usize = 2;

/// Formats that are read.
const READ: [&str; 5] = ["jpg", "jpeg", "jpe", "jfif", "png"];

/// Formats that are pictures but are not read: they count as skipped, so that a
/// folder full of them ends in a message rather than in silence.
const NOT_READ: [&str; 10] =
    ["gif", "bmp", "webp", "tif", "tiff", "avif", "heic", "heif", "jxl", "jp2"];

/// What a file is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// An image of the data set.
    Image(Place),
    /// The table of noisy labels of the data set in this folder.
    NoiseTable {
        /// The leading folders, joined by `/`; empty for none.
        root: String,
    },
    /// A picture outside `train/<class>/` and `val/<class>/`.
    Stray,
    /// Anything else.
    Ignored,
}

/// The place of an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// The leading folders, joined by `/`; empty for none.
    pub root: String,
    /// The official split.
    pub split: Split,
    /// Name of the folder under the split.
    pub class: String,
    /// `split/class/file`, with `val` also where the folder is called `valid`.
    pub path: String,
}

/// What the file at `path` is for.
///
/// # Errors
/// [`DataError::UnsafePath`] for absolute paths and for `..`.
pub(super) fn role(path: &str) -> Result<Role, DataError> {
    let parts = components(path)?;
    if parts.iter().any(|part| part.starts_with('.') || *part == "__MACOSX") {
        return Ok(Role::Ignored);
    }
    let Some((&file, folders)) = parts.split_last() else {
        return Ok(Role::Ignored);
    };
    if file == NOISE_TABLE && folders.len() <= MAX_ROOT_DEPTH {
        return Ok(Role::NoiseTable { root: folders.join("/") });
    }
    if !is_picture(file) {
        return Ok(Role::Ignored);
    }
    let found = folders
        .iter()
        .take(MAX_ROOT_DEPTH + 1)
        .enumerate()
        .find_map(|(depth, folder)| split_named(folder).map(|split| (depth, split)));
    let Some((depth, split)) = found else {
        return Ok(Role::Stray);
    };
    let (root, inside) = folders.split_at(depth);
    match inside {
        [_, class, deeper @ ..] => {
            let folder = if split == Split::Train { "train" } else { "val" };
            let mut place = vec![folder, class];
            place.extend(deeper);
            place.push(file);
            Ok(Role::Image(Place {
                root: root.join("/"),
                split,
                class: (*class).to_owned(),
                path: place.join("/"),
            }))
        }
        _ => Ok(Role::Stray),
    }
}

/// The name for people of a class folder: Imagenette's ten by their WordNet
/// ids, any other by its own name.
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
        other => other,
    }
}

/// The parts of a path that stays inside its folder, whatever system wrote it.
fn components(path: &str) -> Result<Vec<&str>, DataError> {
    let unsafe_path = |reason| DataError::UnsafePath { path: path.to_owned(), reason };
    let drive = path.as_bytes().get(1) == Some(&b':');
    if drive || path.starts_with(['/', '\\']) {
        return Err(unsafe_path("has an absolute path"));
    }
    let parts: Vec<&str> =
        path.split(['/', '\\']).filter(|part| !part.is_empty() && *part != ".").collect();
    if parts.contains(&"..") {
        return Err(unsafe_path("leaves its folder through `..`"));
    }
    Ok(parts)
}

fn split_named(folder: &str) -> Option<Split> {
    match folder {
        "train" => Some(Split::Train),
        "val" | "valid" => Some(Split::Valid),
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
        match role(path).unwrap() {
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
        ] {
            assert_eq!(
                place(path),
                Some((root.to_owned(), split, "n1".to_owned(), inside.to_owned())),
                "{path}"
            );
        }
    }

    #[test]
    fn other_files_are_ignored_and_pictures_elsewhere_are_told_apart() {
        for path in
            ["__MACOSX/train/n1/._a.jpg", "train/n1/._a.jpg", "train/n1/.b.jpg", "train/n1/a.txt"]
        {
            assert_eq!(role(path).unwrap(), Role::Ignored, "{path}");
        }
        for path in ["a.jpg", "train/a.jpg", "test/n1/a.jpg", "a/b/c/train/n1/a.jpg"] {
            assert_eq!(role(path).unwrap(), Role::Stray, "{path}");
        }
        assert_eq!(
            role("x/noisy_imagenette.csv").unwrap(),
            Role::NoiseTable { root: "x".to_owned() }
        );
    }

    #[test]
    fn paths_that_escape_are_errors() {
        for path in ["../train/n1/a.jpg", "train/../../a", "/train/a", "C:\\a.jpg", "x\\..\\y"] {
            assert!(matches!(role(path), Err(DataError::UnsafePath { .. })), "{path}");
        }
    }
}
