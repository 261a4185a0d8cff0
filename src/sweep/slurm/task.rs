//! What Slurm says of jobs, as far as a campaign asks: `scontrol --oneliner show job`, parsed.

use std::path::Path;

/// What a campaign needs of Slurm.
pub trait Scheduler {
    /// Submits a script with further options; the number of the job.
    ///
    /// # Errors
    /// What Slurm answered.
    fn submit(&self, script: &Path, options: &[String]) -> Result<String, String>;
    /// What is known of the tasks of a job; nothing where it is forgotten.
    ///
    /// # Errors
    /// Where Slurm does not answer.
    fn tasks(&self, job: &str) -> Result<Vec<Task>, String>;
    /// The number of the job of this name, where Slurm knows of one.
    ///
    /// # Errors
    /// Where Slurm does not answer.
    fn named(&self, name: &str) -> Result<Option<String>, String>;
    /// Lets a held task go: `12_3`.
    ///
    /// # Errors
    /// What Slurm answered.
    fn release(&self, task: &str) -> Result<(), String>;
    /// Ends a job or a task; one that has ended is none the worse.
    ///
    /// # Errors
    /// What Slurm answered.
    fn cancel(&self, job: &str) -> Result<(), String>;
}

/// What will become of a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// It will start by itself.
    Waiting,
    /// Slurm requeued it and will not start it: after a launch that failed, or too many.
    HeldBySlurm,
    /// Somebody holds it.
    HeldBySomebody,
    /// At work.
    Running,
    /// Ended with exit code 0.
    Completed,
    /// Ended by somebody.
    Cancelled,
    /// Ended otherwise.
    Failed,
}

impl State {
    /// Whether it is not over.
    pub fn is_alive(self) -> bool {
        matches!(self, Self::Waiting | Self::HeldBySlurm | Self::HeldBySomebody | Self::Running)
    }
}

/// One line about a job: a task of an array, or several that wait together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// Numbers in the array; of a job without one, none.
    pub numbers: Vec<usize>,
    /// What will become of it.
    pub state: State,
    /// In Slurm's words: `NODE_FAIL`, `PENDING (Resources)`, `FAILED (exit code 2)`.
    pub said: String,
    /// Exit code, 0 before the end.
    pub code: u8,
}

impl Task {
    /// One of which Slurm knows nothing any more: it keeps what has ended for minutes.
    pub fn forgotten() -> Self {
        Self { numbers: Vec::new(), state: State::Completed, said: "forgotten by Slurm".to_owned(), code: 0 }
    }
}

/// Parses what `scontrol --oneliner show job JOB` prints; a line that is of no job is left out.
pub fn tasks(answer: &str) -> Vec<Task> {
    answer.lines().filter_map(task).collect()
}

fn task(line: &str) -> Option<Task> {
    let state = field(line, "JobState")?;
    let reason = field(line, "Reason").unwrap_or("None");
    let numbers = field(line, "ArrayTaskId").map_or_else(Vec::new, numbers);
    let found = match state {
        "REQUEUE_HOLD" | "SPECIAL_EXIT" => State::HeldBySlurm,
        "PENDING" | "REQUEUED" | "REQUEUE_FED" => waiting(reason),
        "RUNNING" | "CONFIGURING" | "COMPLETING" | "SUSPENDED" | "STOPPED" | "SIGNALING" | "RESIZING"
        | "STAGE_OUT" => State::Running,
        "COMPLETED" => State::Completed,
        "CANCELLED" | "REVOKED" => State::Cancelled,
        _ => State::Failed,
    };
    // `2:0`: exit code and signal.
    let code = field(line, "ExitCode").and_then(|code| code.split(':').next()?.parse().ok()).unwrap_or(0);
    let said = match reason {
        _ if state == "FAILED" && code != 0 => format!("{state} (exit code {code})"),
        "None" => state.to_owned(),
        reason => format!("{state} ({reason})"),
    };
    Some(Task { numbers, state: found, said, code })
}

/// `JobHeldUser` and `JobHeldAdmin` are somebody's wish; that a requeued job is held is Slurm's own doing, under several names
/// in its versions: `launch_failed_requeued_held`, `job_requeued_in_held_state`, `JobHoldMaxRequeue`.
fn waiting(reason: &str) -> State {
    let reason = reason.to_lowercase();
    match reason.as_str() {
        "jobhelduser" | "jobheldadmin" => State::HeldBySomebody,
        "jobholdmaxrequeue" => State::HeldBySlurm,
        _ if reason.contains("requeue") && reason.contains("held") => State::HeldBySlurm,
        _ => State::Waiting,
    }
}

/// The value of a field of a line, up to the next space: the fields asked for hold none.
fn field<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    let mut words = line.split(' ');
    words.find_map(|word| word.strip_prefix(name)?.strip_prefix('='))
}

/// `3`, `1-4`, `2,5-7`, `1-9:2`, each maybe with `%8` after it, which says how many may run at once.
fn numbers(expression: &str) -> Vec<usize> {
    let expression = expression.split('%').next().unwrap_or_default();
    let mut found = Vec::new();
    for part in expression.split(',') {
        let (range, step) = part.split_once(':').unwrap_or((part, "1"));
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        if let (Ok(first), Ok(last), Ok(step @ 1..)) =
            (first.parse::<usize>(), last.parse::<usize>(), step.parse::<usize>())
        {
            found.extend((first..=last).step_by(step));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As Slurm 22.05 answers, shortened in places that are not read.
    const ANSWER: &str = "\
JobId=1 ArrayJobId=1 ArrayTaskId=3-4,7%2 JobName=regimen-s-1 UserId=root(0) JobState=PENDING Reason=Resources Dependency=(null) Requeue=1 Restarts=0 ExitCode=0:0 StdOut=/tmp/a b/JobState=x
JobId=4 ArrayJobId=1 ArrayTaskId=2 JobName=regimen-s-1 JobState=PENDING Reason=BeginTime Restarts=1 ExitCode=0:0
JobId=3 ArrayJobId=1 ArrayTaskId=1 JobName=regimen-s-1 JobState=RUNNING Reason=None ExitCode=0:0
JobId=5 ArrayJobId=1 ArrayTaskId=5 JobName=regimen-s-1 JobState=FAILED Reason=NonZeroExitCode ExitCode=2:0
JobId=6 ArrayJobId=1 ArrayTaskId=6 JobName=regimen-s-1 JobState=NODE_FAIL Reason=NodeDown ExitCode=0:0
JobId=7 ArrayJobId=1 ArrayTaskId=8 JobName=regimen-s-1 JobState=PENDING Reason=launch_failed_requeued_held ExitCode=0:0
JobId=8 JobName=regimen-s-2 JobState=CANCELLED Reason=DependencyNeverSatisfied ExitCode=0:0
JobId=9 JobName=regimen-s-3 JobState=PENDING Reason=JobHeldUser ExitCode=0:0

";

    #[test]
    fn answers_of_slurm_are_understood() {
        let found: Vec<(Vec<usize>, State, String)> =
            tasks(ANSWER).into_iter().map(|task| (task.numbers, task.state, task.said)).collect();
        let wanted = [
            (vec![3, 4, 7], State::Waiting, "PENDING (Resources)"),
            (vec![2], State::Waiting, "PENDING (BeginTime)"),
            (vec![1], State::Running, "RUNNING"),
            (vec![5], State::Failed, "FAILED (exit code 2)"),
            (vec![6], State::Failed, "NODE_FAIL (NodeDown)"),
            (vec![8], State::HeldBySlurm, "PENDING (launch_failed_requeued_held)"),
            (vec![], State::Cancelled, "CANCELLED (DependencyNeverSatisfied)"),
            (vec![], State::HeldBySomebody, "PENDING (JobHeldUser)"),
        ];
        assert_eq!(found, wanted.map(|(numbers, state, said)| (numbers, state, said.to_owned())));
    }

    #[test]
    fn numbers_of_tasks_are_read_in_all_their_forms() {
        assert_eq!(numbers("3"), [3]);
        assert_eq!(numbers("1-4%2"), [1, 2, 3, 4]);
        assert_eq!(numbers("2,5-7"), [2, 5, 6, 7]);
        assert_eq!(numbers("1-9:4"), [1, 5, 9]);
        assert_eq!(numbers("1-9:0"), Vec::<usize>::new());
        assert_eq!(numbers("N/A"), Vec::<usize>::new());
    }

    #[test]
    fn what_is_no_job_is_left_out() {
        assert_eq!(tasks("No jobs in the system\n\nslurm_load_jobs error: Invalid job id specified\n"), []);
    }
}
