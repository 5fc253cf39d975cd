//! What a timer function is told about its tick.

use std::time::SystemTime;

use chrono::{DateTime, Datelike};
use serde::{Deserialize, Deserializer};

/// One tick of a timer.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct TimerTick {
    /// The tick comes late: the time it was due had passed already, because the process was down, asleep or busy.
    #[serde(default)]
    pub is_past_due: bool,
    /// The course of the schedule. `None` where it is not monitored: `useMonitor` is off, or the timer can fire more than
    /// once a minute.
    #[serde(default)]
    pub schedule_status: Option<ScheduleStatus>,
}

/// The course of a schedule.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ScheduleStatus {
    /// When the function ran last. `None` if it never did; alone, if it did not since the process started.
    #[serde(default, deserialize_with = "time_or_never")]
    pub last: Option<SystemTime>,
    /// When this tick was due.
    #[serde(default, deserialize_with = "time_or_never")]
    pub next: Option<SystemTime>,
}

impl TimerTick {
    /// Reads the platform's form of a tick.
    pub(super) fn from_wire(value: &serde_json::Value) -> Result<Self, serde_json::Error> {
        match value {
            serde_json::Value::String(text) => serde_json::from_str(text),
            _ => Self::deserialize(value),
        }
    }
}

/// RFC 3339; the platform writes "never" as the first moment of the year 1.
fn time_or_never<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<SystemTime>, D::Error> {
    let Some(text) = Option::<String>::deserialize(deserializer)? else { return Ok(None) };
    let time = DateTime::parse_from_rfc3339(&text).map_err(serde::de::Error::custom)?;
    Ok((time.year() > 1).then(|| SystemTime::from(time)))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn at(seconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
    }

    fn tick(fixture: &str) -> TimerTick {
        let body: serde_json::Value = serde_json::from_str(fixture).unwrap();
        TimerTick::from_wire(&body["Data"]["timer"]).unwrap()
    }

    #[test]
    fn a_monitored_tick_has_its_status() {
        let tick = tick(include_str!("../../tests/data/host/timer-request.json"));
        assert!(!tick.is_past_due);
        let status = tick.schedule_status.unwrap();
        assert_eq!(status.next, Some(at(1_772_359_500)));
        assert_eq!(status.last, Some(at(1_772_359_200) + Duration::from_nanos(9_832_100)));
    }

    #[test]
    fn the_first_run_has_no_last_time() {
        let tick = tick(include_str!("../../tests/data/host/timer-request-pastdue-firstrun.json"));
        assert!(tick.is_past_due);
        assert_eq!(tick.schedule_status.unwrap().last, None);
    }

    #[test]
    fn an_unmonitored_tick_has_no_status() {
        for fixture in [
            include_str!("../../tests/data/host/timer-request-nomonitor.json"),
            include_str!("../../tests/data/host/timer-request-constant-schedule.json"),
        ] {
            assert_eq!(tick(fixture), TimerTick { is_past_due: false, schedule_status: None });
        }
    }

    #[test]
    fn a_tick_of_another_shape_is_an_error() {
        for text in [r#"{"IsPastDue": "yes"}"#, "4", r#"{"ScheduleStatus": {"Last": "yesterday"}}"#] {
            assert!(TimerTick::from_wire(&serde_json::from_str(text).unwrap()).is_err(), "{text}");
        }
    }
}
