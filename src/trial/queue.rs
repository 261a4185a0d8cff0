//! A queue of numbered pieces of work: handed out in order, worked on in parallel, and their results passed on in order.

use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Pieces of work 0 … `count` − 1 whose results of type `T` are passed on to a consumer, one after the other.
pub struct Queue<T, C, E> {
    count: usize,
    /// How far the work may run ahead of the piece whose result is due: bounds what waits to be passed on.
    ahead: usize,
    state: Mutex<State<T, C, E>>,
    moved: Condvar,
}

struct State<T, C, E> {
    /// Next piece to be handed out.
    next: usize,
    /// Next result to be passed on.
    due: usize,
    waiting: BTreeMap<usize, T>,
    consumer: C,
    /// A piece came back without a result, or the consumer refused one: no more work is handed out.
    broken: bool,
    error: Option<E>,
}

/// A piece of work taken from a queue. Dropped without a result, it ends the work of all.
pub struct Piece<'q, T, C, E>
where
    C: FnMut(T) -> Result<(), E>,
{
    queue: &'q Queue<T, C, E>,
    number: usize,
    delivered: bool,
}

/// How a queue ended.
pub enum Outcome<C, E> {
    /// Every result was passed on.
    Done(C),
    /// Some piece came back without a result.
    GivenUp,
    /// The consumer refused a result.
    Refused(E),
}

impl<T, C, E> Queue<T, C, E>
where
    C: FnMut(T) -> Result<(), E>,
{
    /// A queue of so many pieces, whose work runs at most `ahead` pieces ahead of the result that is due.
    pub fn new(count: usize, ahead: usize, consumer: C) -> Self {
        let state = State { next: 0, due: 0, waiting: BTreeMap::new(), consumer, broken: false, error: None };
        Self { count, ahead: ahead.max(1), state: Mutex::new(state), moved: Condvar::new() }
    }

    /// The next piece of work; `None` when there is no more. Waits while the work is too far ahead: whoever has the piece
    /// that is due never waits.
    pub fn take(&self) -> Option<Piece<'_, T, C, E>> {
        let mut state = self.lock();
        while !state.broken && state.next < self.count && state.next >= state.due + self.ahead {
            state = self.moved.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        if state.broken || state.next >= self.count {
            return None;
        }
        let number = state.next;
        state.next += 1;
        Some(Piece { queue: self, number, delivered: false })
    }

    /// What became of the work, once nobody works any more.
    pub fn finish(self) -> Outcome<C, E> {
        let state = self.state.into_inner().unwrap_or_else(PoisonError::into_inner);
        match state.error {
            Some(error) => Outcome::Refused(error),
            None if state.due == self.count => Outcome::Done(state.consumer),
            None => Outcome::GivenUp,
        }
    }

    fn lock(&self) -> MutexGuard<'_, State<T, C, E>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
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

impl<T, C, E> Piece<'_, T, C, E>
where
    C: FnMut(T) -> Result<(), E>,
{
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

impl<T, C, E> Drop for Piece<'_, T, C, E>
where
    C: FnMut(T) -> Result<(), E>,
{
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
    fn work<C: FnMut(usize) -> Result<(), String> + Send>(
        threads: usize,
        count: usize,
        fails: Option<usize>,
        consumer: C,
    ) -> Outcome<C, String> {
        let queue = Queue::new(count, 4, consumer);
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
            assert!(matches!(outcome, Outcome::Done(_)));
            drop(outcome);
            assert_eq!(seen, (0..40).collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_piece_without_a_result_or_a_refused_one_ends_the_work() {
        assert!(matches!(work(3, 40, Some(7), |_| Ok(())), Outcome::GivenUp));
        let mut passed = 0;
        let outcome = work(3, 40, None, |number| {
            passed += 1;
            if number < 9 { Ok(()) } else { Err("full".to_owned()) }
        });
        assert!(matches!(outcome, Outcome::Refused(why) if why == "full"));
        assert_eq!(passed, 10);
        assert!(matches!(work(2, 0, None, |_| Ok(())), Outcome::Done(_)));
    }
}
