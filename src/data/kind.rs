//! What a file is that is neither an archive nor an image that is read here.

use crate::text;
use serde::{Deserialize, Serialize};

/// What a file looks like, by its first bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "each is said by its text")]
pub enum FileKind {
    Archive7z,
    Avif,
    Bmp,
    Bzip2,
    Film,
    Gif,
    GitLfs,
    Gzipped,
    Heic,
    Icon,
    Jpeg2000,
    JpegXl,
    OneGzipped,
    Pdf,
    Photoshop,
    Picture,
    Rar,
    Riff,
    Svg,
    Text,
    Tiff,
    Unknown,
    UnknownPicture,
    WebPage,
    Xml,
    Xz,
    Zip,
    Zstd,
}

impl FileKind {
    /// What people call it, with its article.
    pub fn name(self) -> &'static str {
        match self {
            Self::Archive7z => text::kind_seven_zip(),
            Self::Avif => text::kind_avif(),
            Self::Bmp => text::kind_bmp(),
            Self::Bzip2 => text::kind_bzip2(),
            Self::Film => text::kind_film(),
            Self::Gif => text::kind_gif(),
            Self::GitLfs => text::kind_git_lfs(),
            Self::Gzipped => text::kind_gzipped(),
            Self::Heic => text::kind_heic(),
            Self::Icon => text::kind_icon(),
            Self::Jpeg2000 => text::kind_jpeg2000(),
            Self::JpegXl => text::kind_jpeg_xl(),
            Self::OneGzipped => text::kind_one_gzipped(),
            Self::Pdf => text::kind_pdf(),
            Self::Photoshop => text::kind_photoshop(),
            Self::Picture => text::kind_picture(),
            Self::Rar => text::kind_rar(),
            Self::Riff => text::kind_riff(),
            Self::Svg => text::kind_svg(),
            Self::Text => text::kind_text(),
            Self::Tiff => text::kind_tiff(),
            Self::Unknown => text::kind_unknown(),
            Self::UnknownPicture => text::kind_unknown_picture(),
            Self::WebPage => text::kind_web_page(),
            Self::Xml => text::kind_xml(),
            Self::Xz => text::kind_xz(),
            Self::Zip => text::kind_zip(),
            Self::Zstd => text::kind_zstd(),
        }
    }
}
