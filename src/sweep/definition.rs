//! What a sweep file says, checked: axes, and the points that are left of their product.

/// A whole sweep.
#[derive(Debug, Clone)]
pub struct Sweep {
    /// File stem, used for the output folder.
    pub name: String,
    /// Title.
    pub title: String,
    /// What is asked.
    pub about: String,
    /// The scenario, a name for the loader.
    pub scenario: String,
    /// Settings of every point: path and value, as TOML.
    pub fixed: Vec<(String, String)>,
    /// Arms of the scenario that are kept, by their places and in this order; `None`: all.
    pub arms: Option<Vec<usize>>,
    /// Axes, one column of the results each.
    pub axes: Vec<AxisColumn>,
    /// Points in order, the first axis varying slowest.
    pub points: Vec<Point>,
    /// Points of the product that a condition of `where` left out.
    pub left_out: usize,
    /// Virtual patients per arm of the scenario as it stands.
    pub patients: usize,
    /// Arms of each point.
    pub arm_count: usize,
    /// What is asked beside the results at the points.
    pub question: super::question::Question,
    /// What its page looks at; of a sweep that asks more, nothing.
    pub view: super::view::View,
    /// What its points are compared by, of a front or a search.
    pub objectives: Option<super::objective::Objectives>,
    /// How further points are found, of a search; [`Sweep::points`] are then its first.
    pub search: Option<super::search::Search>,
    /// The file that says all this, for what is wrong with a value of an axis.
    pub(super) source: super::source::Source,
}

/// An axis as a column of the results.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AxisColumn {
    /// Name.
    pub name: String,
    /// Unit of its numbers; empty for texts.
    pub unit: String,
    /// Whether its cells are numbers.
    pub numeric: bool,
    /// Meaning.
    pub about: String,
}

/// One point: what it sets, and what stands in the columns of the axes.
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    /// Paths and values (TOML), after [`Sweep::fixed`].
    pub settings: Vec<(String, String)>,
    /// By axis.
    pub cells: Vec<Cell>,
}

/// A cell of an axis.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// In the axis' unit.
    Number(f64),
    /// A label or the value as written.
    Text(String),
}

impl Cell {
    /// As shown to the user.
    pub fn shown(&self) -> String {
        match self {
            Self::Number(number) => number.to_string(),
            Self::Text(text) => text.clone(),
        }
    }
}

/// An axis with its values, or several that move together: entries are crossed with those of other blocks.
#[derive(Debug, Clone, Default)]
pub(super) struct Block {
    pub columns: Vec<AxisColumn>,
    /// Factor of each column's unit to the coherent one; 1 for texts.
    pub factors: Vec<f64>,
    /// Dimension of each column.
    pub dimensions: Vec<crate::units::Dimension>,
    pub entries: Vec<Entry>,
}

/// One value of each column of a block, and what it sets.
#[derive(Debug, Clone, Default)]
pub(super) struct Entry {
    pub cells: Vec<Cell>,
    pub settings: Vec<(String, String)>,
}
