//! Records in, records out: a table of any length followed subject by subject, many at once, and handed on in its order.
//!
//! The table is read in portions while the portion before is being simulated; only two portions are ever held. What is
//! written for a subject is made by the caller and does not depend on how many threads there are, nor on who was
//! followed before.

use std::io::{self, Write};

use rayon::prelude::*;

use crate::dataset::{Parameters, Reader, Subject};
use crate::model::Model;
use crate::simulation::{Failure, Followed, RecordModel};

/// Records of one portion.
const PORTION: usize = 16_384;
/// Failed subjects of which more is known than their number.
const FAILURES_KEPT: usize = 1000;

/// Makes the text of a subject.
pub type Format<'f> = dyn Fn(&Subject, &Followed, &mut Vec<u8>) + Sync + 'f;

/// What was done.
#[derive(Debug, Default)]
pub struct Summary {
    /// Subjects of the table.
    pub subjects: usize,
    /// Its records.
    pub records: u64,
    /// Subjects that could not be followed to their last record, with why; the first thousand.
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
    /// Makes what is written of a subject.
    pub format: &'p Format<'p>,
    /// Asked between portions whether to go on.
    pub go_on: &'p (dyn Fn() -> bool + Sync),
}

/// The result of one subject.
struct Piece {
    text: Vec<u8>,
    failure: Option<(String, Failure)>,
    /// Output and row of values that are not finite.
    not_finite: Vec<(usize, u64)>,
}

impl Prediction<'_> {
    /// Carries a table through.
    ///
    /// # Errors
    /// [`PredictionError`]; what was written until then is of no use.
    pub fn run(&self, reader: &mut Reader<'_>, sink: &mut dyn Write) -> Result<Summary, PredictionError> {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(self.threads).build();
        let pool = pool.map_err(|error| PredictionError::Threads(error.to_string()))?;
        let mut summary =
            Summary { not_finite: vec![(0, 0); self.model.outputs.len()], ..Summary::default() };
        let mut portion = reader.subjects(PORTION);
        while !portion.is_empty() && !reader.is_faulty() {
            if !(self.go_on)() {
                return Err(PredictionError::Cancelled);
            }
            let (pieces, next) =
                pool.install(|| rayon::join(|| self.simulate(&portion), || reader.subjects(PORTION)));
            for piece in pieces? {
                sink.write_all(&piece.text).map_err(PredictionError::Write)?;
                summary.add(piece);
            }
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

    fn simulate(&self, portion: &[Subject]) -> Result<Vec<Piece>, PredictionError> {
        portion
            .par_iter()
            .map_init(
                || self.by.follower(),
                |follower, subject| {
                    let given = match self.parameters {
                        None => &[],
                        Some(table) => table
                            .of(&subject.id)
                            .ok_or_else(|| PredictionError::NoParameters { subject: subject.id.clone() })?,
                    };
                    let followed = follower.follow(subject, given);
                    let mut text = Vec::new();
                    (self.format)(subject, &followed, &mut text);
                    Ok(self.piece(subject, followed, text))
                },
            )
            .collect()
    }

    fn piece(&self, subject: &Subject, followed: Followed, text: Vec<u8>) -> Piece {
        let mut not_finite = Vec::new();
        let rows = followed.outputs.chunks_exact(self.model.outputs.len().max(1)).zip(&subject.records);
        for (outputs, record) in rows {
            let wrong = outputs.iter().enumerate().filter(|(_, value)| !value.is_finite());
            not_finite.extend(wrong.map(|(output, _)| (output, record.row)));
        }
        let failure = followed.failure.map(|failure| (subject.id.clone(), failure));
        Piece { text, failure, not_finite }
    }
}

impl Summary {
    fn add(&mut self, piece: Piece) {
        self.subjects += 1;
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
    }
}
