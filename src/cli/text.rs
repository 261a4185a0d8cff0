//! Reading one text file of the user's, with a sentence for each way in which that can go wrong.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};

/// Why a file gives no text.
#[derive(Debug)]
pub enum TextError {
    /// Not there.
    Missing,
    /// A folder.
    Folder,
    /// The system refused.
    Unreadable(io::Error),
    /// Longer than this, bytes.
    TooLong(u64),
    /// Saved as UTF-16.
    Utf16,
    /// Not UTF-8 from this byte on: value, line and column, both from 1.
    NotUtf8 {
        /// The byte.
        byte: u8,
        /// Its line.
        line: usize,
        /// Its place in the line, in bytes.
        column: usize,
    },
    /// Nothing in it but white space.
    Empty,
}

impl TextError {
    /// The sentence for the user.
    pub fn sentence(&self, path: &Path) -> String {
        let path = path.display();
        match self {
            Self::Missing => format!("there is no file `{path}`"),
            Self::Folder => format!("`{path}` is a folder; name a file in it"),
            Self::Unreadable(error) => format!("`{path}` cannot be read: {error}"),
            Self::TooLong(limit) => {
                format!("`{path}` is longer than {} MB; that is no file of this kind", limit >> 20)
            }
            Self::Utf16 => format!("`{path}` is saved as UTF-16; save it as UTF-8"),
            Self::NotUtf8 { byte, line, column } => format!(
                "`{path}` is not UTF-8 text: byte 0x{byte:02X} on line {line}, column {column}; save it as UTF-8"
            ),
            Self::Empty => format!("`{path}` is empty"),
        }
    }
}

/// The shown name and the text of a file that is called by its path or by its name, with or without its ending, here or in a folder
/// of its own kind.
///
/// # Errors
/// A sentence for the user.
pub fn find(name: &str, folder: &str, noun: &str, limit: u64) -> Result<(String, String), String> {
    let toml = format!("{name}.toml");
    let below = |name: &str| Path::new(folder).join(name);
    for path in [PathBuf::from(name), PathBuf::from(&toml), below(name), below(&toml)] {
        match read(&path, limit) {
            Ok(text) => return Ok((path.display().to_string(), text)),
            Err(TextError::Missing | TextError::Folder) => {}
            Err(error) => return Err(error.sentence(&path)),
        }
    }
    Err(format!("there is no {noun} `{name}`, neither here nor in the folder `{folder}`"))
}

/// Whether two paths lead to one regular file: by their names in full, or by hard links of it.
pub fn same_file(one: &Path, other: &Path) -> bool {
    let regular = |path: &Path| path.metadata().ok().filter(std::fs::Metadata::is_file);
    let (Some(left), Some(right)) = (regular(one), regular(other)) else { return false };
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        (left.dev(), left.ino()) == (right.dev(), right.ino())
    }
    #[cfg(not(unix))]
    {
        let _ = (left, right);
        one.canonicalize().ok().zip(other.canonicalize().ok()).is_some_and(|(one, other)| one == other)
    }
}

/// Reads a text of at most `limit` bytes. A byte-order mark is left out.
pub fn read(path: &Path, limit: u64) -> Result<String, TextError> {
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(refused)?;
    if file.metadata().is_ok_and(|metadata| metadata.is_dir()) {
        return Err(TextError::Folder);
    }
    file.take(limit + 1).read_to_end(&mut bytes).map_err(refused)?;
    if bytes.len() as u64 > limit {
        return Err(TextError::TooLong(limit));
    }
    decode(&bytes)
}

fn refused(error: io::Error) -> TextError {
    match error.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => TextError::Missing,
        ErrorKind::IsADirectory => TextError::Folder,
        _ => TextError::Unreadable(error),
    }
}

fn decode(bytes: &[u8]) -> Result<String, TextError> {
    if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) {
        return Err(TextError::Utf16);
    }
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let before = &bytes[..error.valid_up_to()];
        let line_start = before.iter().rposition(|&byte| byte == b'\n').map_or(0, |newline| newline + 1);
        TextError::NotUtf8 {
            byte: bytes[before.len()],
            line: before.iter().filter(|&&byte| byte == b'\n').count() + 1,
            column: before.len() - line_start + 1,
        }
    })?;
    if text.trim().is_empty() { Err(TextError::Empty) } else { Ok(text.to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_way_to_be_no_text_is_told_apart() {
        assert!(matches!(decode(b""), Err(TextError::Empty)));
        assert!(matches!(decode(b"\xEF\xBB\xBF \n"), Err(TextError::Empty)));
        assert!(matches!(decode(b"\xFF\xFEa\0"), Err(TextError::Utf16)));
        assert!(matches!(
            decode(b"title = 1\nabout = \"caf\xE9\""),
            Err(TextError::NotUtf8 { byte: 0xE9, line: 2, column: 13 })
        ));
    }

    #[test]
    fn a_byte_order_mark_is_no_part_of_the_text() {
        assert_eq!(decode(b"\xEF\xBB\xBFtitle = 1").ok().as_deref(), Some("title = 1"));
    }
}
