//! What a column of a table holds.

/// What stands in the cells of a column. Every cell may be empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A number; one that is not finite is an empty cell. CSV: the shortest text that reads back to the same bits;
    /// Parquet: DOUBLE.
    Number,
    /// A whole number. Parquet: INT64.
    Count,
    /// A text; an empty one is an empty cell. Parquet: a UTF-8 string, each different one stored once.
    Text,
    /// True or false. CSV: 1 or 0; Parquet: BOOLEAN.
    Flag,
}

/// One column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Name, as in the header row.
    pub name: String,
    /// What it holds.
    pub kind: Kind,
    /// Unit of its numbers; empty where there is none.
    pub unit: String,
    /// Meaning; may be empty.
    pub about: String,
}

impl Column {
    /// A column of numbers without unit or meaning, to be given by [`Column::unit`] and [`Column::about`].
    pub fn number(name: impl Into<String>) -> Self {
        Self::new(name, Kind::Number)
    }
    /// A column of whole numbers.
    pub fn count(name: impl Into<String>) -> Self {
        Self::new(name, Kind::Count)
    }
    /// A column of texts.
    pub fn text(name: impl Into<String>) -> Self {
        Self::new(name, Kind::Text)
    }
    /// A column of truths.
    pub fn flag(name: impl Into<String>) -> Self {
        Self::new(name, Kind::Flag)
    }
    /// With this unit.
    pub fn unit(self, unit: impl Into<String>) -> Self {
        Self { unit: unit.into(), ..self }
    }
    /// With this meaning.
    pub fn about(self, about: impl Into<String>) -> Self {
        Self { about: about.into(), ..self }
    }

    fn new(name: impl Into<String>, kind: Kind) -> Self {
        Self { name: name.into(), kind, unit: String::new(), about: String::new() }
    }
}
