//! One model file: TOML keys to raw declarations, nothing resolved yet.
