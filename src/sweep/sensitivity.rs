//! `[sensitivity]`: which inputs move which results, by which method; and the points that this takes.

use super::definition::{AxisColumn, Cell, Point};
use super::headers::Names;
use super::input;
use super::keys::Keys;
use super::question::{Input, Method, Sensitivity};
use super::targets::{self, whole};
use crate::diagnostic::{Diagnostic, Span, Text, closest};
use crate::document::Table;
use crate::math::design::{MOST_SOBOL_DIMENSIONS, MOST_SOBOL_POINTS};
use crate::math::sensitivity::{MOST_CANDIDATES, sobol_design, trajectories};
use crate::scenario::Scenario;

const BLOCK: &str = "sensitivity";
/// Resamples of the bootstrap: percentile limits settle at about a thousand (Efron and Tibshirani 1993, section 13.3).
const REPLICATES: usize = 1000;
/// Rows of a Sobol' design; Saltelli 2010 calls for hundreds to thousands.
const ROWS: usize = 256;
/// Walks and levels; Saltelli et al. 2004 recommend about ten walks on four levels.
const WALKS: usize = 10;
const LEVELS: usize = 4;
/// Candidates for each walk that is chosen.
const CANDIDATES: usize = 20;

/// The two matrices of a Sobol' design, as its column `matrix` calls them; the others are called by their input.
const MATRICES: [&str; 2] = ["A", "B"];

/// Which method, before anything else is known.
enum Named {
    OneAtATime,
    Morris,
    Sobol,
}

/// Reads the block: the analysis, and which names of inputs are columns.
pub(super) fn read(
    mut table: Table,
    scenario: &Scenario,
    keys: &mut Keys,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<(Sensitivity, Names)> {
    let errors = diagnostics.len();
    let span = table.span();
    let named = table.required_text("method", diagnostics).and_then(|it| named(&it, diagnostics));
    let targets = targets::read(&mut table, (BLOCK, span), scenario, diagnostics);
    let inputs = input::read(table.tables("input", diagnostics), (BLOCK, span), keys, diagnostics);
    let replicates = whole(&mut table, "replicates", REPLICATES, (100, 100_000), diagnostics);
    let seed = table.integer("seed", diagnostics).map_or(1, |(seed, _)| seed);
    let count = inputs.as_ref().map_or(0, Vec::len);
    let method = named.and_then(|named| method(named, &mut table, count, seed, diagnostics));
    table.finish(diagnostics);
    let (method, targets, inputs, replicates) = (method?, targets?, inputs?, replicates?);
    if matches!(method, Method::Sobol { .. }) && 2 * inputs.len() > MOST_SOBOL_DIMENSIONS {
        diagnostics.push(
            Diagnostic::error(
                format!("more than {} inputs", MOST_SOBOL_DIMENSIONS / 2),
                span,
                "too many for a Sobol' design",
            )
            .help("screen them first: `method = \"morris\"`"),
        );
    }
    let mut names = Names::default();
    if !matches!(method, Method::OneAtATime) {
        let name =
            |(input, span): &(Input, Span)| Text { value: input.name.clone(), span: *span, verbatim: false };
        names.axes = inputs.iter().map(name).collect();
    }
    let sobol = matches!(method, Method::Sobol { .. });
    if let Some((input, span)) =
        inputs.iter().find(|(input, _)| sobol && MATRICES.contains(&input.name.as_str()))
    {
        diagnostics.push(
            Diagnostic::error(
                format!("the matrix `{}` of the design has this name", input.name),
                *span,
                "this input",
            )
            .help("give the input another `name`"),
        );
    }
    let inputs = inputs.into_iter().map(|(input, _)| input).collect();
    let found = Sensitivity { method, targets, inputs, replicates, seed };
    (diagnostics.len() == errors).then_some((found, names))
}

fn named(method: &Text, diagnostics: &mut Vec<Diagnostic>) -> Option<Named> {
    const METHODS: [&str; 3] = ["one at a time", "morris", "sobol"];
    match method.value.as_str() {
        "one at a time" => Some(Named::OneAtATime),
        "morris" => Some(Named::Morris),
        "sobol" => Some(Named::Sobol),
        other => {
            let finding = Diagnostic::error(format!("unknown method `{other}`"), method.span, "not known");
            diagnostics.push(finding.help(match closest(other, METHODS) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("there are `{}`", METHODS.join("`, `")),
            }));
            None
        }
    }
}

/// The keys of the method.
fn method(
    named: Named,
    table: &mut Table,
    inputs: usize,
    seed: u64,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Method> {
    match named {
        Named::OneAtATime => Some(Method::OneAtATime),
        Named::Morris => {
            let count = whole(table, "trajectories", WALKS, (2, 10_000), diagnostics);
            let has_levels = table.has("levels");
            let levels = whole(table, "levels", LEVELS, (2, 100), diagnostics);
            let most = MOST_CANDIDATES;
            let default = (CANDIDATES * count.unwrap_or(WALKS)).min(most);
            let candidates = whole(table, "candidates", default, (1, most), diagnostics);
            let levels = levels?;
            if has_levels && levels % 2 == 1 {
                diagnostics.push(
                    Diagnostic::error("`levels` must be even", table.span(), "an odd grid").help(
                        "write for example `levels = 4`: steps of half the grid then meet every level alike",
                    ),
                );
                return None;
            }
            Some(Method::Morris { walks: trajectories(inputs, count?, levels, candidates?, seed) })
        }
        Named::Sobol => {
            let rows = whole(table, "rows", ROWS, (8, MOST_SOBOL_POINTS), diagnostics)?;
            Some(Method::Sobol { rows })
        }
    }
}

impl Sensitivity {
    /// Columns and points in the order that [`Method`] tells.
    pub(super) fn points(&self) -> (Vec<AxisColumn>, Vec<Point>) {
        match &self.method {
            Method::OneAtATime => (moved_columns(), self.one_at_a_time()),
            Method::Morris { walks } => {
                let columns = [label("walk", "walk over the grid, from 1")];
                (self.columns(columns), self.walked(walks))
            }
            Method::Sobol { rows } => {
                let columns = [
                    label("row", "row of the design, from 1"),
                    label("matrix", "A, B, or the input of B in A"),
                ];
                (self.columns(columns), self.saltelli(*rows))
            }
        }
    }

    /// The base; then of every input in turn its low and its high end, the others at their base.
    fn one_at_a_time(&self) -> Vec<Point> {
        let mut points = vec![moved(&self.inputs, None)];
        for input in 0..self.inputs.len() {
            for (level, share) in [("low", 0.0), ("high", 1.0)] {
                points.push(moved(&self.inputs, Some((input, level, self.inputs[input].end(share)))));
            }
        }
        points
    }

    fn walked(&self, walks: &[Vec<Vec<f64>>]) -> Vec<Point> {
        let mut points = Vec::new();
        for (number, walk) in (1..).zip(walks) {
            for step in walk {
                let values = self.inputs.iter().zip(step).map(|(input, share)| input.within(*share));
                points.push(self.point(vec![Cell::Text(format!("{number}"))], values));
            }
        }
        points
    }

    fn saltelli(&self, rows: usize) -> Vec<Point> {
        let Some(design) = sobol_design(rows, self.inputs.len(), self.seed) else { return Vec::new() };
        let mut points = Vec::with_capacity(rows * (self.inputs.len() + 2));
        for row in 0..rows {
            let mut add = |matrix: &str, shares: &[f64]| {
                let values = self.inputs.iter().zip(shares).map(|(input, share)| input.at(*share));
                let cells = vec![Cell::Text((row + 1).to_string()), Cell::Text(matrix.to_owned())];
                points.push(self.point(cells, values));
            };
            add(MATRICES[0], &design.a[row]);
            add(MATRICES[1], &design.b[row]);
            for (place, input) in self.inputs.iter().enumerate() {
                add(&input.name, &design.mixed(row, place));
            }
        }
        points
    }

    fn point(&self, mut cells: Vec<Cell>, values: impl Iterator<Item = f64>) -> Point {
        let mut settings = Vec::new();
        for (input, value) in self.inputs.iter().zip(values) {
            cells.push(Cell::Number(value));
            settings.extend(input.settings(value));
        }
        Point { settings, cells }
    }

    fn columns<const N: usize>(&self, first: [AxisColumn; N]) -> Vec<AxisColumn> {
        let of_input = |input: &Input| AxisColumn {
            name: input.name.clone(),
            unit: input.unit().to_owned(),
            numeric: true,
            about: input.about.clone(),
        };
        first.into_iter().chain(self.inputs.iter().map(of_input)).collect()
    }
}

fn label(name: &str, about: &str) -> AxisColumn {
    AxisColumn { name: name.to_owned(), unit: String::new(), numeric: false, about: about.to_owned() }
}

/// Columns of points at which one input at most is moved: inputs differ in their units, so values are texts.
pub(super) fn moved_columns() -> Vec<AxisColumn> {
    vec![
        label("input", "the input that is moved"),
        label("level", "base, low, high, or where in its range"),
        label("value", "its value"),
    ]
}

/// All inputs at their base, but one: its place, what the value is called, the value.
pub(super) fn moved(inputs: &[Input], one: Option<(usize, &str, f64)>) -> Point {
    let mut settings = Vec::new();
    for (place, input) in inputs.iter().enumerate() {
        match one {
            Some((moved, _, value)) if moved == place => settings.extend(input.settings(value)),
            _ => settings.extend(input.base.into_iter().flat_map(|base| input.settings(base))),
        }
    }
    let cells = match one {
        Some((place, level, value)) => {
            [inputs[place].name.clone(), level.to_owned(), inputs[place].shown(value)]
        }
        None => [String::new(), "base".to_owned(), String::new()],
    };
    Point { settings, cells: cells.map(Cell::Text).into() }
}

/// The finding that a sweep asks two things at once.
pub(super) fn two_questions(first: &str, second: &str, span: Span) -> Diagnostic {
    Diagnostic::error(format!("a sweep has either {first} or {second}"), span, "a second question")
        .help("put the two into files of their own: each has its folder of results")
}
