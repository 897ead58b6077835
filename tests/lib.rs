//! Holds nothing: the integration tests of oasgate are the test binary `it`.
