//! What is shown while files are converted, and how the work is stopped.

use std::{
    io::IsTerminal as _,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use ret::services::conversions::local::Stage;

/// A bar that shows only on a terminal.
pub(super) fn progress_bar() -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(10));
    bar.set_style(ProgressStyle::default_spinner());
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

/// Shows what is being done.
pub(super) fn show(bar: &ProgressBar, stage: Stage) {
    match stage {
        Stage::Scanning(bytes) => {
            if bar.position() == 0 {
                bar.set_message("scanning");
                set_style(bar, "{spinner} {msg} {bytes} at {bytes_per_sec}");
            }
            bar.set_position(bytes);
        }
        Stage::Converting(progress) => {
            if bar.length() != Some(progress.bytes_total) {
                bar.reset();
                bar.set_length(progress.bytes_total);
                set_style(bar, "{bar:30} {bytes}/{total_bytes} at {bytes_per_sec}, {eta} left, {msg}");
            }
            bar.set_position(progress.bytes_done);
            bar.set_message(format!("{} rows", progress.rows));
        }
    }
}

fn set_style(bar: &ProgressBar, template: &str) {
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
}

/// Set by Ctrl-C and by a request to end: the work stops and leaves nothing half done. A second signal ends the program at once.
pub(super) fn stop_on_signal() -> Arc<AtomicBool> {
    let stopped = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&stopped);
    let installed = ctrlc::set_handler(move || {
        if seen.swap(true, Ordering::Relaxed) {
            std::process::exit(130);
        }
    });
    if let Err(error) = installed {
        eprintln!("warning: Ctrl-C may leave a temporary folder behind: {error}");
    }
    stopped
}
