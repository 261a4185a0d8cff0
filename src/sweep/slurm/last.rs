//! The last job of a campaign: one that waits for all shards and puts them together.

use std::collections::BTreeMap;

use super::campaign::{Campaign, MERGE};
use super::status::{Event, SlurmError, Status};
use super::task::{State, Task};

impl Campaign<'_> {
    /// One job waits for all shards under way and puts them together; a new one takes its place where shards were submitted
    /// again, since the old one waits for what failed.
    pub(super) fn look_after_merge(
        &mut self,
        said: &BTreeMap<String, Vec<Task>>,
        again: &[usize],
        alive: &BTreeMap<String, Vec<usize>>,
        status: &mut Status,
    ) -> Result<(), SlurmError> {
        if !self.lost.is_empty() {
            return Ok(());
        }
        let last = self.ledger.last_merge().and_then(|job| job.id.clone());
        let task = last.as_ref().and_then(|id| said.get(id)?.first()).cloned();
        let shards_complete = self.complete.len() == self.ledger.shards;
        if let Some(task) = task.as_ref().filter(|task| task.state.is_alive()) {
            if again.is_empty() {
                if shards_complete && task.state == State::HeldBySlurm {
                    self.release_merge(last.as_deref().unwrap_or_default(), task, status);
                }
                return Ok(());
            }
            let _ = self.scheduler.cancel(last.as_deref().unwrap_or_default());
        } else if shards_complete && last.is_some() && !self.merge_is_due(task, status) {
            return Ok(());
        }
        let fresh = again.first().and_then(|shard| self.ledger.last_of(*shard)?.id.clone());
        let old =
            alive.iter().flat_map(|(id, shards)| shards.iter().map(move |shard| format!(":{id}_{shard}")));
        let after: String = fresh.map(|id| format!(":{id}")).into_iter().chain(old).collect();
        let mut options = Vec::new();
        if !after.is_empty() {
            options.push(format!("--dependency=afterok{after}"));
            options.push("--kill-on-invalid-dep=yes".to_owned());
        } else if !shards_complete {
            // All that is left has ended and is not yet believed to have failed.
            return Ok(());
        }
        self.submit_one("merge.sh", Vec::new(), options).map(|_| ())
    }

    /// Whether a merge that ended, all shards being complete, is to be tried again.
    fn merge_is_due(&mut self, task: Option<Task>, status: &mut Status) -> bool {
        let Task { state, said: words, .. } = task.unwrap_or_else(Task::forgotten);
        // Cancelled by Slurm itself, when a shard that it waited for failed.
        if words.contains("DependencyNeverSatisfied") {
            return true;
        }
        if state != State::Cancelled && !self.is_over(MERGE, state) {
            return false;
        }
        if state != State::Cancelled && self.may_try_again(MERGE) {
            status.events.push(Event::MergeAgain(words, self.log(MERGE)));
            return true;
        }
        self.lost.insert(MERGE);
        status.events.push(Event::MergeGivenUp(words, self.log(MERGE)));
        false
    }

    fn release_merge(&mut self, id: &str, task: &Task, status: &mut Status) {
        if !self.may_try_again(MERGE) {
            let _ = self.scheduler.cancel(id);
        } else if let Err(why) = self.scheduler.release(id) {
            status.events.push(Event::Silent(why));
        } else {
            status.events.push(Event::Released(MERGE, task.said.clone()));
        }
    }
}
