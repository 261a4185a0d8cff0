//! One thread's share of the work: the tasks that it was given, and their courses as they come back.
//!
//! Patients in lanes end in any order, and a free lane wants the next patient at once. A desk therefore may have several
//! pieces of the queue open: it hands out task after task, takes a further piece when one is used up, and brings each
//! piece back when its last course has come.

use std::io;

use super::progress::Progress;
use super::queue::{Piece, Queue};
use super::reduce::{Part, Reducer};
use crate::population::Patient;
use crate::scenario::{Record, Scenario};
use crate::simulation::{Task, Trajectory};

/// Most tasks in a piece.
const PIECE: usize = 64;
/// Most recorded values of the courses of a piece, where it has several: 4 MiB.
const RECORDED: usize = 1 << 19;
/// There are fewer tasks in a piece where each thread would else get fewer pieces than this.
const PIECES_PER_THREAD: usize = 8;

/// How (patient, arm) pairs are cut into pieces: arm after arm, neighbouring patients of one arm together.
#[derive(Debug, Clone, Copy)]
pub struct Cut<'p> {
    /// All patients, by number.
    pub patients: &'p [Patient],
    /// Number of arms.
    pub arms: usize,
    /// Patients in a piece, but for the last of an arm.
    pub size: usize,
}

impl<'p> Cut<'p> {
    /// Cuts the work for so many threads: pieces small enough that each thread gets several, and that the records of the
    /// courses of one do not take much room.
    pub fn new(scenario: &Scenario, patients: &'p [Patient], threads: usize) -> Self {
        let arms = scenario.arms.len();
        let values = |record: &Record| record.times.len() * record.outputs.len();
        let recorded: usize = scenario.records.iter().map(values).sum();
        let small = PIECE.min(RECORDED / recorded.max(1)).max(1);
        let size = (arms * patients.len() / (PIECES_PER_THREAD * threads)).clamp(1, small);
        Self { patients, arms, size }
    }

    /// Number of pieces.
    pub fn pieces(&self) -> usize {
        self.arms * self.in_arm()
    }

    fn in_arm(&self) -> usize {
        self.patients.len().div_ceil(self.size)
    }

    /// Arm, first patient and number of patients of a piece.
    fn piece(&self, number: usize) -> (usize, usize, usize) {
        let (arm, first) = (number / self.in_arm(), number % self.in_arm() * self.size);
        (arm, first, self.size.min(self.patients.len() - first))
    }
}

/// A thread's desk.
pub struct Desk<'q, 'a, 'p> {
    queue: &'q Queue<'a, Part, io::Error>,
    cut: Cut<'p>,
    /// Patients whose courses are written down as records, ascending.
    written_down: &'q [usize],
    reducer: &'q Reducer<'a>,
    progress: &'q dyn Progress,
    /// The last one is the one whose tasks are being handed out.
    open: Vec<Open<'q, 'a>>,
}

/// A piece whose courses have not all come back.
struct Open<'q, 'a> {
    piece: Piece<'q, 'a, Part, io::Error>,
    part: Part,
    arm: usize,
    /// Next patient to be handed out, and the one after the last.
    next: usize,
    end: usize,
}

impl<'q, 'a, 'p> Desk<'q, 'a, 'p> {
    /// An empty desk.
    pub fn new(
        queue: &'q Queue<'a, Part, io::Error>,
        cut: Cut<'p>,
        written_down: &'q [usize],
        reducer: &'q Reducer<'a>,
        progress: &'q dyn Progress,
    ) -> Self {
        Self { queue, cut, written_down, reducer, progress, open: Vec::new() }
    }

    /// Gets work for an empty desk, if need be by waiting. False if there is none, or not all courses came back: then the
    /// work was given up.
    pub fn begin(&mut self) -> bool {
        if !self.open.is_empty() {
            return false;
        }
        let piece = self.queue.take();
        piece.map(|piece| self.open(piece)).is_some()
    }

    /// The next task; `None` if there is none at present, or the user wants to stop.
    pub fn next(&mut self) -> Option<Task<'p>> {
        if self.progress.cancelled() {
            return None;
        }
        if self.open.last().is_none_or(|open| open.next == open.end) {
            let piece = self.queue.try_take()?;
            self.open(piece);
        }
        let open = self.open.last_mut()?;
        let patient = self.cut.patients.get(open.next)?;
        open.next += 1;
        let number = open.arm * self.cut.patients.len() + patient.number;
        let written_down = self.written_down.binary_search(&patient.number).is_ok();
        Some(Task { number, patient, arm: open.arm, written_down })
    }

    /// Takes a course back.
    pub fn enter(&mut self, course: Trajectory) {
        let Some(place) = self.open.iter().position(|open| open.part.awaits(&course)) else { return };
        let open = &mut self.open[place];
        self.reducer.enter(&mut open.part, course);
        self.progress.finished();
        if open.part.is_complete() {
            let mut open = self.open.remove(place);
            self.reducer.seal(&mut open.part);
            open.piece.deliver(open.part);
        }
    }

    fn open(&mut self, piece: Piece<'q, 'a, Part, io::Error>) {
        let (arm, first, count) = self.cut.piece(piece.number());
        let part = self.reducer.part(arm, first, count);
        self.open.push(Open { piece, part, arm, next: first, end: first + count });
    }
}
