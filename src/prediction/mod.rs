//! Records in, records out: a table of any length followed subject by subject, many at once, and handed on in its order.
//!
//! The table is read in portions while the portion before is being simulated; only two portions are ever held. What is
//! written for a subject is made by the caller and does not depend on how many threads there are, nor on who was
//! followed before.

use std::io;
use std::sync::Arc;

use rayon::prelude::*;

use crate::dataset::{Parameters, Reader, Subject};
use crate::model::Model;
use crate::population::PopulationError;
use crate::simulation::{Failure, Followed, RecordModel};
use crate::table::{Rows, TableWriter};

/// Records of one portion, and, with their replicates, of what is held of the result at once.
const PORTION: usize = 16_384;
/// Failed subjects of which more is known than their number.
const FAILURES_KEPT: usize = 1000;

/// Adds the rows of a subject's replicate (from 0).
pub type Fill<'f> = dyn Fn(&Subject, u32, &Followed, &mut Rows) -> io::Result<()> + Sync + 'f;

/// What was done.
#[derive(Debug, Default)]
pub struct Summary {
    /// Subjects of the table.
    pub subjects: usize,
    /// Its records.
    pub records: u64,
    /// Subjects, or replicates of them, that could not be followed to their last record, with why; the first thousand.
    pub failures: Vec<(String, Failure)>,
    /// Number of all of them.
    pub failed: usize,
    /// Per output: number of values that are not finite, with the row of the first.
    pub not_finite: Vec<(u64, u64)>,
}

/// Why a table was not carried through.
#[derive(Debug)]
pub enum PredictionError {
    /// The reader has found something wrong; ask it.
    Table,
    /// A subject of the table is not in the table of individual values.
    NoParameters {
        /// Its ID.
        subject: String,
    },
    /// The random effects of the model cannot be drawn for anybody.
    Population(PopulationError),
    /// The worker threads cannot be started.
    Threads(String),
    /// The result cannot be written.
    Write(io::Error),
    /// Stopped by the user.
    Cancelled,
}

/// How a table is carried through.
pub struct Prediction<'p> {
    /// The model.
    pub model: &'p Model,
    /// The same, made ready.
    pub by: &'p RecordModel<'p>,
    /// Individual values by ID.
    pub parameters: Option<&'p Parameters>,
    /// Worker threads; 0 for all cores.
    pub threads: usize,
    /// How often each subject is simulated.
    pub replicates: u32,
    /// Makes what is written of a subject.
    pub fill: &'p Fill<'p>,
    /// Asked now and then whether to go on.
    pub go_on: &'p (dyn Fn() -> bool + Sync),
}

/// The result of one subject.
struct Piece {
    rows: Rows,
    failure: Option<(String, Failure)>,
    /// Output and row of values that are not finite.
    not_finite: Vec<(usize, u64)>,
}

impl Prediction<'_> {
    /// Carries a table through: subject after subject, of each one replicate after the other.
    ///
    /// # Errors
    /// [`PredictionError`]; what was written until then is of no use.
    pub fn run(&self, reader: &mut Reader<'_>, table: &mut TableWriter) -> Result<Summary, PredictionError> {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(self.threads).build();
        let pool = pool.map_err(|error| PredictionError::Threads(error.to_string()))?;
        let mut summary =
            Summary { not_finite: vec![(0, 0); self.model.outputs.len()], ..Summary::default() };
        let mut portion = reader.subjects(PORTION);
        while !portion.is_empty() && !reader.is_faulty() {
            summary.subjects += portion.len();
            let write = || self.write(&portion, table, &mut summary);
            let (written, next) = pool.install(|| rayon::join(write, || reader.subjects(PORTION)));
            written?;
            portion = next;
        }
        if reader.is_faulty() {
            // The rest is read for what else is wrong in it.
            while !reader.subjects(PORTION).is_empty() {}
        }
        if reader.is_unusable() {
            return Err(PredictionError::Table);
        }
        summary.records = reader.rows();
        Ok(summary)
    }

    /// Simulates subjects and writes them, so many at a time that no more rows are held than a portion has.
    fn write(
        &self,
        portion: &[Subject],
        table: &mut TableWriter,
        summary: &mut Summary,
    ) -> Result<(), PredictionError> {
        let replicates = |subject| (0..self.replicates).map(move |replicate| (subject, replicate));
        let mut tasks = portion.iter().flat_map(replicates).peekable();
        while tasks.peek().is_some() {
            if !(self.go_on)() {
                return Err(PredictionError::Cancelled);
            }
            let mut records = 0;
            let mut batch: Vec<(&Subject, u32)> = Vec::new();
            while let Some(task) = tasks.next_if(|_| records < PORTION) {
                records += task.0.records.len();
                batch.push(task);
            }
            for piece in self.simulate(&batch, table)? {
                let rows = summary.add(piece);
                table.append(rows).map_err(PredictionError::Write)?;
            }
        }
        Ok(())
    }

    fn simulate(
        &self,
        batch: &[(&Subject, u32)],
        table: &TableWriter,
    ) -> Result<Vec<Piece>, PredictionError> {
        let (columns, format) = (table.columns(), table.format());
        batch
            .par_iter()
            .map_init(
                || self.by.follower(),
                |follower, &(subject, replicate)| {
                    let given = match self.parameters {
                        None => &[],
                        Some(table) => table
                            .of(&subject.id)
                            .ok_or_else(|| PredictionError::NoParameters { subject: subject.id.clone() })?,
                    };
                    let followed = follower.follow(subject, given, replicate);
                    let mut rows = Rows::new(Arc::clone(columns), format);
                    (self.fill)(subject, replicate, &followed, &mut rows).map_err(PredictionError::Write)?;
                    Ok(self.piece(subject, followed, rows))
                },
            )
            .collect()
    }

    fn piece(&self, subject: &Subject, followed: Followed, rows: Rows) -> Piece {
        let mut not_finite = Vec::new();
        let values = followed.outputs.chunks_exact(self.model.outputs.len().max(1)).zip(&subject.records);
        for (outputs, record) in values {
            let wrong = outputs.iter().enumerate().filter(|(_, value)| !value.is_finite());
            not_finite.extend(wrong.map(|(output, _)| (output, record.row)));
        }
        let failure = followed.failure.map(|failure| (subject.id.clone(), failure));
        Piece { rows, failure, not_finite }
    }
}

impl Summary {
    /// Takes account of a piece, and hands out its rows.
    fn add(&mut self, piece: Piece) -> Rows {
        self.failed += usize::from(piece.failure.is_some());
        if self.failures.len() < FAILURES_KEPT {
            self.failures.extend(piece.failure);
        }
        for (output, row) in piece.not_finite {
            let (count, first) = &mut self.not_finite[output];
            if *count == 0 {
                *first = row;
            }
            *count += 1;
        }
        piece.rows
    }
}
