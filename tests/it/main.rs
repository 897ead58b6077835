//! The integration tests of oasgate: one binary, one module per concern.
