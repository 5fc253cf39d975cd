//! How a queue or timer function ends.

/// The end of one invocation, in the function's own words.
///
/// The platform knows only success and failure, so each outcome is mapped to what makes it do the right thing:
///
/// | outcome | queue message | timer tick |
/// |---|---|---|
/// | `Done` | success: the message is deleted | success |
/// | `Retry` | failure: delivered again after the visibility timeout; after the last delivery (`maxDequeueCount`) moved to the poison queue | failure is recorded; the schedule goes on |
/// | `Fail` | success with a log line at error level: the message is deleted | failure is recorded; the schedule goes on |
///
/// `Fail` means that the work has failed for good **and the function has recorded that itself**: another delivery could
/// change nothing, so the message goes. A function that wants the message kept for a person to look at answers `Retry`
/// until the deliveries are used up. A panic and a payload that cannot be read count as `Retry`, so they end in the
/// poison queue with their message unharmed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The work is done, or there was nothing to do.
    Done,
    /// It did not work now and may work later.
    Retry(String),
    /// It failed for good and that is recorded.
    Fail(String),
}

impl Outcome {
    /// A `Retry` for this reason.
    pub fn retry(reason: impl Into<String>) -> Self {
        Self::Retry(reason.into())
    }

    /// A `Fail` for this reason.
    pub fn fail(reason: impl Into<String>) -> Self {
        Self::Fail(reason.into())
    }
}
