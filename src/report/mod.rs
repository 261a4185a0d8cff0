//! Figures as data → SVG and PNG, tables → CSV and HTML, the report page. Knows no program, solver or simulation method.
//!
//! Writes into a folder that the caller hands down.
