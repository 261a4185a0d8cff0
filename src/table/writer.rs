//! One table file being written, block after block.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tempfile::TempDir;

use super::PARQUET;
use super::column::Column;
use super::error::TableError;
use super::format::Format;
use super::parquet::ParquetFile;
use super::rows::{Rows, Written};
use super::seal;
use super::sheet::Sheet;

/// Rows that [`TableWriter::row`] gathers before they are appended.
const BLOCK: usize = 1024;

/// A file under way.
type Target = BufWriter<File>;

enum Sink {
    Csv(Target),
    Parquet(Box<ParquetFile<Target>>),
}

/// A table being written to a file. It gets its name when it is complete ([`TableWriter::finish`]); until then, and for ever
/// if the program is killed, it is called `.NAME.partial`. Dropped before it is finished, it removes what it wrote.
///
/// The bytes depend on the rows alone: neither on the time, nor on who filled them, nor on threads.
///
/// ```
/// use regimen::table::{Column, TableWriter};
///
/// let folder = tempfile::tempdir()?;
/// let columns = vec![
///     Column::count("ID"),
///     Column::number("TIME").unit("h").about("time after the first dose"),
///     Column::number("IPRED").unit("ng/mL").about("plasma concentration"),
/// ];
/// let mut table = TableWriter::create(&folder.path().join("out.csv"), columns)?; // or out.parquet
/// table.row(|row| {
///     row.count(1)?;
///     row.number(0.5)?;
///     row.optional(None)
/// })?;
/// table.finish()?;
/// assert_eq!(std::fs::read_to_string(folder.path().join("out.csv"))?, "ID,TIME,IPRED\n1,0.5,\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct TableWriter {
    columns: Arc<[Column]>,
    format: Format,
    /// Gathered by [`TableWriter::row`].
    rows: Rows,
    /// `None` once it is finished.
    sink: Option<Sink>,
    building: PathBuf,
    place: PathBuf,
    /// Folder of a table that is for something else than a regular file.
    passing: Option<TempDir>,
}

impl TableWriter {
    /// Begins a table in the folder of `path`, which must exist; the end of the name (`.csv`, `.parquet`) decides the form. A file that has
    /// the name already is replaced when this one is finished. What is no regular file (a device, a pipe) stays what it is, and
    /// is written to when the table is complete.
    ///
    /// # Errors
    /// When the name says nothing known, this program has no Parquet, or the file system refuses.
    pub fn create(path: &Path, columns: Vec<Column>) -> Result<Self, TableError> {
        let format = Format::of(path).ok_or_else(|| TableError::UnknownFormat(path.to_owned()))?;
        Self::create_as(format, path, columns)
    }

    /// As [`TableWriter::create`], in this form whatever the name says.
    ///
    /// # Errors
    /// When this program has no Parquet, or the file system refuses.
    pub fn create_as(format: Format, path: &Path, columns: Vec<Column>) -> Result<Self, TableError> {
        if format == Format::Parquet && !PARQUET {
            return Err(TableError::NoParquet(path.to_owned()));
        }
        let refused = |source| TableError::Refused { path: path.to_owned(), source };
        let (place, passing) = settle(path).map_err(refused)?;
        let name = place.file_name().ok_or_else(|| TableError::NoName(path.to_owned()))?;
        let building = format!(".{}.partial", name.to_string_lossy());
        let building = match &passing {
            Some(folder) => folder.path().join(building),
            None => place.with_file_name(building),
        };
        let columns: Arc<[Column]> = columns.into();
        let begun = File::create(&building)
            .and_then(|file| begin(BufWriter::new(file), format, &columns))
            .map_err(refused)?;
        let rows = Rows::new(Arc::clone(&columns), format);
        Ok(Self { columns, format, rows, sink: Some(begun), building, place, passing })
    }

    /// The columns.
    pub fn columns(&self) -> &Arc<[Column]> {
        &self.columns
    }
    /// The form.
    pub fn format(&self) -> Format {
        self.format
    }

    /// Adds one row; `fill` gives its cells in the order of the columns.
    ///
    /// # Errors
    /// When a cell does not fit its column, or the file system refuses.
    pub fn row(&mut self, fill: impl FnOnce(&mut Rows) -> io::Result<()>) -> io::Result<()> {
        fill(&mut self.rows)?;
        self.rows.end()?;
        if self.rows.len() >= BLOCK { self.flush() } else { Ok(()) }
    }

    /// Adds rows that were filled elsewhere, begun with these columns and this form.
    ///
    /// # Errors
    /// When the last row is not whole, the rows are of another form, or the file system refuses.
    pub fn append(&mut self, rows: Rows) -> io::Result<()> {
        self.flush()?;
        self.write(rows)
    }

    /// Writes out everything and gives the file its name.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn finish(self) -> io::Result<()> {
        self.close(None)
    }

    /// As [`TableWriter::finish`], with a note of one line and a checksum of the whole file, by which [`super::sealed`] and those who
    /// read the table back know it as what was written. A table in CSV has no place for them.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn finish_sealed(self, note: &str) -> io::Result<()> {
        self.close(Some(note))
    }

    fn close(mut self, note: Option<&str>) -> io::Result<()> {
        self.flush()?;
        let Some(sink) = self.sink.take() else { return Ok(()) };
        let done = match (sink, note) {
            (Sink::Csv(mut file), _) => file.flush(),
            (Sink::Parquet(file), None) => file.finish(),
            (Sink::Parquet(mut file), Some(note)) => {
                file.note(seal::KEY, seal::open(note));
                file.finish().and_then(|()| seal::close(&self.building))
            }
        };
        let named = done.and_then(|()| match self.passing {
            Some(_) => write_through(&self.building, &self.place),
            None => fs::rename(&self.building, &self.place),
        });
        if named.is_err() {
            // The first error is the one to be told.
            let _ = fs::remove_file(&self.building);
        }
        named
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.rows.is_empty() {
            return Ok(());
        }
        let rows = std::mem::replace(&mut self.rows, Rows::new(Arc::clone(&self.columns), self.format));
        self.write(rows)
    }

    fn write(&mut self, rows: Rows) -> io::Result<()> {
        match (&mut self.sink, rows.close()?) {
            (Some(Sink::Csv(file)), Written::Text(text)) => file.write_all(&text),
            (Some(Sink::Parquet(file)), Written::Block(block)) => file.append(block),
            _ => Err(io::Error::new(io::ErrorKind::InvalidInput, "rows of another form")),
        }
    }
}

impl Drop for TableWriter {
    fn drop(&mut self) {
        if self.sink.take().is_some() {
            // Nobody is left to be told; the name says that the file is not finished.
            let _ = fs::remove_file(&self.building);
        }
    }
}

/// Where a table of this name is to be: a link is followed, so that it stays one; with a folder to pass through where something
/// else than a regular file has the name.
fn settle(path: &Path) -> io::Result<(PathBuf, Option<TempDir>)> {
    match fs::metadata(path) {
        Ok(found) if found.is_dir() => Err(io::Error::from(io::ErrorKind::IsADirectory)),
        Ok(found) if !found.is_file() => {
            // That it may be written to should be known before anything is computed; a pipe would wait for its reader.
            if found.permissions().readonly() {
                return Err(io::Error::from(io::ErrorKind::PermissionDenied));
            }
            Ok((path.to_owned(), Some(tempfile::tempdir()?)))
        }
        Ok(_) if fs::symlink_metadata(path)?.is_symlink() => Ok((fs::canonicalize(path)?, None)),
        _ => Ok((path.to_owned(), None)),
    }
}

/// Writes a finished table into what has the name.
fn write_through(building: &Path, place: &Path) -> io::Result<()> {
    let mut finished = File::open(building)?;
    let mut target = OpenOptions::new().write(true).open(place)?;
    io::copy(&mut finished, &mut target)?;
    target.flush()
}

fn begin(mut file: Target, format: Format, columns: &Arc<[Column]>) -> io::Result<Sink> {
    match format {
        Format::Csv => {
            let mut sheet = Sheet::new(Vec::new());
            sheet.header(columns.iter().map(|column| &column.name))?;
            file.write_all(&sheet.into_text()?)?;
            Ok(Sink::Csv(file))
        }
        Format::Parquet => ParquetFile::begin(file, columns).map(Box::new).map(Sink::Parquet),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns() -> Vec<Column> {
        vec![Column::count("ID"), Column::text("ARM"), Column::number("DV")]
    }

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    #[test]
    fn the_name_decides_the_form_and_a_wrong_one_says_what_to_write() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["table.xlsx", "table", "csv"] {
            let error = TableWriter::create(&folder.path().join(name), columns()).err().unwrap();
            assert!(error.to_string().contains("end it in .csv or .parquet"), "{error}");
        }
        assert_eq!(Format::of(Path::new("a/B.CSV")), Some(Format::Csv));
        assert_eq!(Format::of(Path::new("a/b.csv.parquet")), Some(Format::Parquet));
        let parquet = TableWriter::create(&folder.path().join("table.parquet"), columns());
        assert_eq!(parquet.is_ok(), PARQUET);
        let nowhere = TableWriter::create(&folder.path().join("no/table.csv"), columns()).err().unwrap();
        assert!(matches!(nowhere, TableError::Refused { .. }), "{nowhere}");
    }

    #[test]
    fn a_table_appears_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("table.csv");
        fs::write(&path, "of yesterday").unwrap();
        let mut table = TableWriter::create(&path, columns()).unwrap();
        table.row(|row| row.count(1).and_then(|()| row.text("a, b")).and_then(|()| row.absent())).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "of yesterday");
        drop(table);
        assert_eq!(names(folder.path()), ["table.csv"]);
        let table = TableWriter::create(&path, columns()).unwrap();
        table.finish().unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "ID,ARM,DV\n");
        assert_eq!(names(folder.path()), ["table.csv"]);
    }

    #[test]
    fn a_folder_is_refused_and_a_link_stays_one() {
        let folder = tempfile::tempdir().unwrap();
        for path in [folder.path().to_owned(), PathBuf::from(".")] {
            let error = TableWriter::create_as(Format::Csv, &path, columns()).err().unwrap();
            assert!(matches!(error, TableError::Refused { .. }), "{error}");
        }
        #[cfg(unix)]
        {
            let (path, link) = (folder.path().join("table.csv"), folder.path().join("link.csv"));
            fs::write(&path, "of yesterday").unwrap();
            std::os::unix::fs::symlink(&path, &link).unwrap();
            TableWriter::create(&link, columns()).unwrap().finish().unwrap();
            assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
            assert_eq!(fs::read_to_string(&path).unwrap(), "ID,ARM,DV\n");
        }
    }

    /// Through a link, so that a fault of this program cannot harm the machine's own `/dev`.
    #[cfg(target_os = "linux")]
    #[test]
    fn a_device_stays_a_device_and_its_errors_are_told() {
        let folder = tempfile::tempdir().unwrap();
        let link = folder.path().join("full.csv");
        std::os::unix::fs::symlink("/dev/full", &link).unwrap();
        let table = TableWriter::create(&link, columns()).unwrap();
        assert_eq!(names(folder.path()), ["full.csv"]);
        assert_eq!(table.finish().unwrap_err().kind(), io::ErrorKind::StorageFull);
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    }

    #[test]
    fn a_cell_that_does_not_fit_its_column_is_refused() {
        let mut forms = vec![Format::Csv];
        forms.extend(PARQUET.then_some(Format::Parquet));
        for format in forms {
            let rows = || Rows::new(columns().into(), format);
            assert!(rows().text("1").is_err());
            assert!(rows().end().is_err());
            let mut full = rows();
            full.count(1).and_then(|()| full.text("")).and_then(|()| full.number(2.0)).unwrap();
            assert!(full.absent().is_err() && full.number(3.0).is_err());
            full.end().unwrap();
            assert_eq!(full.len(), 1);
        }
    }
}
