//! The hash-consed graph of operations.
