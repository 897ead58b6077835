//! (oasgate-tools: work in progress)
