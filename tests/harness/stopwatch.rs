//! Time as a promise counts it: without what other work on the machine made everybody wait.

use std::{
    collections::HashMap,
    ffi::OsString,
    time::{Duration, Instant},
};

/// Measures how long something takes while the machine does other things as well, such as the tests beside it. Promises of seconds are about
/// a service that gets the processor when it wants it; on an idle machine this is a clock.
pub struct Stopwatch {
    started: Instant,
    threads: HashMap<OsString, Got>,
}

impl Stopwatch {
    pub fn start() -> Self {
        Self { started: Instant::now(), threads: threads() }
    }

    /// The time since the start, less the part that threads of this process waited of the time in which they wanted a processor. A quarter
    /// counts in any case: what takes for ever is noticed on every machine.
    pub fn elapsed(&self) -> Duration {
        let (mut ran, mut waited) = (Duration::ZERO, Duration::ZERO);
        for (thread, now) in threads() {
            let before = self.threads.get(&thread).copied().unwrap_or_default();
            ran += now.ran.saturating_sub(before.ran);
            waited += now.waited.saturating_sub(before.waited);
        }
        let share = ran.as_secs_f64() / (ran + waited).as_secs_f64();
        // No thread wanted one, or the system does not say.
        let share = if share.is_finite() { share } else { 1.0 };
        self.started.elapsed().mul_f64(share.clamp(0.25, 1.0))
    }
}

/// What a thread has got of the processors so far.
#[derive(Clone, Copy, Default)]
struct Got {
    ran: Duration,
    /// So long it wanted one and had none.
    waited: Duration,
}

/// All threads of this process, by their ids.
fn threads() -> HashMap<OsString, Got> {
    let entries = std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let got = entries.filter_map(|thread| {
        let text = std::fs::read_to_string(thread.path().join("schedstat")).ok()?;
        let mut spans = text.split_whitespace().map_while(|span| span.parse().ok()).map(Duration::from_nanos);
        Some((thread.file_name(), Got { ran: spans.next()?, waited: spans.next()? }))
    });
    got.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_takes_less_than_a_quarter_of_its_time_nor_more_than_all_of_it() {
        let (wall, watch) = (Instant::now(), Stopwatch::start());
        std::thread::sleep(Duration::from_millis(20));
        let measured = watch.elapsed();
        assert!(measured >= Duration::from_millis(5) && measured <= wall.elapsed(), "{measured:?}");
    }

    #[test]
    fn what_waits_for_a_processor_is_not_counted() {
        let watch = Stopwatch::start();
        let wall = Instant::now();
        // Eight times as much work as there are processors.
        let workers = 8 * std::thread::available_parallelism().unwrap().get();
        std::thread::scope(|scope| {
            for _ in 0..workers {
                scope.spawn(|| while wall.elapsed() < Duration::from_millis(400) {});
            }
            std::thread::sleep(Duration::from_millis(350));
            if std::path::Path::new("/proc/self/schedstat").exists() {
                assert!(watch.elapsed() < wall.elapsed() / 2, "{:?} of {:?}", watch.elapsed(), wall.elapsed());
            }
        });
    }
}
