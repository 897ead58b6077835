//! (tasklist: work in progress)
