//! (oasgate-mcp: work in progress)
