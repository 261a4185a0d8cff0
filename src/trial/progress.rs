//! Who is told how far a trial has come, and may stop it.

/// Told about progress; called from worker threads.
pub trait Progress: Sync {
    /// One patient finished one arm.
    fn finished(&self);
    /// Whether to stop early (Ctrl-C).
    fn cancelled(&self) -> bool;
}
