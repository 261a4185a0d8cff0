//! Files that are whole or absent: written aside in the same folder and renamed.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// What the names of files begin with while they are being written; one that a killed process left may be deleted.
pub const ASIDE: &str = ".aside-";

/// Writes a file into a folder, whole or not at all, in place of one of that name. Returns its path.
///
/// # Errors
/// When the file system refuses.
pub fn write_whole(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<PathBuf> {
    let mut file = tempfile::Builder::new().prefix(ASIDE).tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    // Temporary files are their owner's alone; this one is to be read like its neighbours.
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        file.as_file().set_permissions(std::fs::Permissions::from_mode(0o644))?;
    }
    let path = folder.join(name);
    file.persist(&path).map_err(|error| error.error)?;
    Ok(path)
}
