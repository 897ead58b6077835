//! (oasgate-spec: work in progress)
