//! A queue of numbered pieces of work: handed out in order, worked on in parallel, and their results passed on in order.

use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Takes results in order, one thread at a time.
pub type Consumer<'c, T, E> = Box<dyn FnMut(T) -> Result<(), E> + Send + 'c>;

/// Pieces of work 0 … `count` − 1 whose results of type `T` are passed on to a consumer, one after the other.
pub struct Queue<'c, T, E> {
    count: usize,
    /// How far the work may run ahead of the piece whose result is due: bounds what waits to be passed on.
    ahead: usize,
    state: Mutex<State<'c, T, E>>,
    moved: Condvar,
}

struct State<'c, T, E> {
    /// Next piece to be handed out.
    next: usize,
    /// Next result to be passed on.
    due: usize,
    waiting: BTreeMap<usize, T>,
    consumer: Consumer<'c, T, E>,
    /// A piece came back without a result, or the consumer refused one: no more work is handed out.
    broken: bool,
    error: Option<E>,
}

/// A piece of work taken from a queue. Dropped without a result, it ends the work of all.
pub struct Piece<'q, 'c, T, E> {
    queue: &'q Queue<'c, T, E>,
    number: usize,
    delivered: bool,
}

/// How a queue ended.
#[derive(Debug, PartialEq, Eq)]
pub enum Outcome<E> {
    /// Every result was passed on.
    Done,
    /// Some piece came back without a result.
    GivenUp,
    /// The consumer refused a result.
    Refused(E),
}

impl<'c, T, E> Queue<'c, T, E> {
    /// A queue of so many pieces, whose work runs at most `ahead` pieces ahead of the result that is due.
    pub fn new(count: usize, ahead: usize, consumer: Consumer<'c, T, E>) -> Self {
        let state = State { next: 0, due: 0, waiting: BTreeMap::new(), consumer, broken: false, error: None };
        Self { count, ahead: ahead.max(1), state: Mutex::new(state), moved: Condvar::new() }
    }

    /// The next piece of work; `None` when there is no more. Waits while the work is too far ahead: only for a thread that
    /// has no piece, or it might wait for itself.
    pub fn take(&self) -> Option<Piece<'_, 'c, T, E>> {
        let mut state = self.lock();
        while !state.broken && state.next < self.count && self.too_far(&state) {
            state = self.moved.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        self.hand_out(&mut state)
    }

    /// The next piece of work; `None` when there is no more, or not yet.
    pub fn try_take(&self) -> Option<Piece<'_, 'c, T, E>> {
        let mut state = self.lock();
        if self.too_far(&state) { None } else { self.hand_out(&mut state) }
    }

    /// What became of the work, once nobody works any more.
    pub fn finish(self) -> Outcome<E> {
        let state = self.state.into_inner().unwrap_or_else(PoisonError::into_inner);
        match state.error {
            Some(error) => Outcome::Refused(error),
            None if state.due == self.count => Outcome::Done,
            None => Outcome::GivenUp,
        }
    }

    fn lock(&self) -> MutexGuard<'_, State<'c, T, E>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn too_far(&self, state: &State<'c, T, E>) -> bool {
        state.next >= state.due + self.ahead
    }

    fn hand_out(&self, state: &mut State<'c, T, E>) -> Option<Piece<'_, 'c, T, E>> {
        if state.broken || state.next >= self.count {
            return None;
        }
        let number = state.next;
        state.next += 1;
        Some(Piece { queue: self, number, delivered: false })
    }

    fn enter(&self, number: usize, result: T) {
        let mut state = self.lock();
        state.waiting.insert(number, result);
        while !state.broken
            && let due = state.due
            && let Some(result) = state.waiting.remove(&due)
        {
            state.due += 1;
            if let Err(error) = (state.consumer)(result) {
                state.error = Some(error);
                state.broken = true;
            }
        }
        self.moved.notify_all();
    }
}

impl<T, E> Piece<'_, '_, T, E> {
    /// Which piece, from 0.
    pub fn number(&self) -> usize {
        self.number
    }

    /// Brings the result back.
    pub fn deliver(mut self, result: T) {
        self.delivered = true;
        self.queue.enter(self.number, result);
    }
}

impl<T, E> Drop for Piece<'_, '_, T, E> {
    fn drop(&mut self) {
        if !self.delivered {
            self.queue.lock().broken = true;
            self.queue.moved.notify_all();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Works on all pieces with so many threads; a piece sleeps the longer the lower its number is in its block of 5.
    fn work(
        threads: usize,
        count: usize,
        fails: Option<usize>,
        consumer: impl FnMut(usize) -> Result<(), String> + Send,
    ) -> Outcome<String> {
        let queue = Queue::new(count, 4, Box::new(consumer));
        std::thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| {
                    while let Some(piece) = queue.take() {
                        let number = piece.number();
                        std::thread::sleep(std::time::Duration::from_millis(5 - number as u64 % 5));
                        if fails == Some(number) {
                            continue;
                        }
                        piece.deliver(number);
                    }
                });
            }
        });
        queue.finish()
    }

    #[test]
    fn results_come_in_order_from_any_number_of_threads() {
        for threads in [1, 2, 7] {
            let mut seen = Vec::new();
            let outcome = work(threads, 40, None, |number| {
                seen.push(number);
                Ok(())
            });
            assert_eq!(outcome, Outcome::Done);
            assert_eq!(seen, (0..40).collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_piece_without_a_result_or_a_refused_one_ends_the_work() {
        assert_eq!(work(3, 40, Some(7), |_| Ok(())), Outcome::GivenUp);
        let mut passed = 0;
        let outcome = work(3, 40, None, |number| {
            passed += 1;
            if number < 9 { Ok(()) } else { Err("full".to_owned()) }
        });
        assert_eq!(outcome, Outcome::Refused("full".to_owned()));
        assert_eq!(passed, 10);
        assert_eq!(work(2, 0, None, |_| Ok(())), Outcome::Done);
    }

    #[test]
    fn nobody_runs_too_far_ahead() {
        let queue: Queue<'_, usize, ()> = Queue::new(9, 2, Box::new(|_| Ok(())));
        let (first, second) = (queue.take().expect("a piece"), queue.try_take().expect("a piece"));
        assert!(queue.try_take().is_none());
        second.deliver(1);
        assert!(queue.try_take().is_none());
        first.deliver(0);
        assert_eq!(queue.try_take().map(|piece| piece.number()), Some(2));
    }
}
