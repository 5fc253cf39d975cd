//! What the service tells of itself to those who run it: by logs, and by traces and figures to a collector.

mod canary;
mod export;
mod visit;
