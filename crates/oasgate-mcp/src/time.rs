//! Moments as the protocol writes them. Knows only UTC.

use std::time::{SystemTime, UNIX_EPOCH};

#[cfg(test)]
mod tests;

/// A moment in the format of RFC 3339, in UTC, to the millisecond.
pub(crate) fn rfc3339(moment: SystemTime) -> String {
    let since = moment.duration_since(UNIX_EPOCH).unwrap_or_default();
    let (seconds, millis) = (since.as_secs(), since.subsec_millis());
    let (year, month, day) = date(seconds / 86_400);
    let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millis:03}Z")
}

/// The date of a day, counted from 1970-01-01, in the Gregorian calendar. Years are counted from March, so that the
/// day that is sometimes missing comes last; 400 of them, an era, have 146,097 days.
fn date(day: u64) -> (u64, u64, u64) {
    let day = day + 719_468; // since 0000-03-01
    let (era, day) = (day / 146_097, day % 146_097);
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153; // from March; the lengths of five months repeat
    let day = day - (153 * month + 2) / 5 + 1;
    let (month, next) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    (era * 400 + year + next, month, day)
}
