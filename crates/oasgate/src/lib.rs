//! (oasgate: work in progress)
