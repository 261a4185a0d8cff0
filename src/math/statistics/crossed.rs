//! Two crossed sources of spread: what differs between rows, freed from the noise of having few columns.
//!
//! Of a table whose rows are draws of parameters and whose columns are (groups of) patients, the same in every row. A row's
//! mean moves with its parameters, and with the patients that happen to be in the sample; because every row has the same
//! patients, only what a patient adds *differently* from row to row is noise between rows.

/// The two-way layout with one value per cell (Searle, Casella and McCulloch 1992, section 4.5).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Crossed {
    /// Mean square between rows over the number of columns: the variance of the row means.
    pub of_row_means: f64,
    /// Mean square of the interaction over the number of columns: how much of that is noise.
    pub noise: f64,
}

/// Analyses a table of rows of the same length; `None` with fewer than two rows or columns, or a value that is not finite.
pub fn crossed(rows: &[Vec<f64>]) -> Option<Crossed> {
    let (n, m) = (rows.len(), rows.first()?.len());
    if n < 2 || m < 2 || rows.iter().any(|row| row.len() != m || row.iter().any(|value| !value.is_finite())) {
        return None;
    }
    let mean = |values: &mut dyn Iterator<Item = f64>, count: usize| values.sum::<f64>() / count as f64;
    let row_means: Vec<f64> = rows.iter().map(|row| mean(&mut row.iter().copied(), m)).collect();
    let column_means: Vec<f64> =
        (0..m).map(|column| mean(&mut rows.iter().map(|row| row[column]), n)).collect();
    let grand = mean(&mut row_means.iter().copied(), n);
    let between: f64 = row_means.iter().map(|row| (row - grand).powi(2)).sum();
    let mut interaction = 0.0;
    for (row, row_mean) in rows.iter().zip(&row_means) {
        for (value, column_mean) in row.iter().zip(&column_means) {
            interaction += (value - row_mean - column_mean + grand).powi(2);
        }
    }
    let degrees = ((n - 1) * (m - 1)) as f64;
    Some(Crossed { of_row_means: between / (n - 1) as f64, noise: interaction / degrees / m as f64 })
}

impl Crossed {
    /// Variance between rows without the noise; not below 0.
    pub fn between_rows(&self) -> f64 {
        (self.of_row_means - self.noise).max(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::random::{Identity, Stream};

    #[test]
    fn a_table_by_hand() {
        // Rows 1 3, 2 6: row means 2 and 4, column means 1.5 and 4.5, grand mean 3. Interaction: each cell ±0.5.
        let found = crossed(&[vec![1.0, 3.0], vec![2.0, 6.0]]).expect("a table");
        assert_eq!(found, Crossed { of_row_means: 2.0, noise: 0.5 });
        assert_eq!(found.between_rows(), 1.5);
        // Columns that differ alike in every row are no noise between rows.
        let additive = crossed(&[vec![1.0, 5.0, 9.0], vec![2.0, 6.0, 10.0]]).expect("a table");
        assert_eq!(additive, Crossed { of_row_means: 0.5, noise: 0.0 });
        assert_eq!(crossed(&[vec![1.0, 2.0]]), None);
        assert_eq!(crossed(&[vec![1.0], vec![2.0]]), None);
        assert_eq!(crossed(&[vec![1.0, f64::INFINITY], vec![2.0, 1.0]]), None);
    }

    /// Rows of SD 1, columns of SD 5, interaction of SD 3, 400 × 50: the row variance is found without bias. Its standard
    /// error is √(2/399) (1 + 9/50), and that of the noise small beside it.
    #[test]
    fn the_spread_between_rows_is_recovered_from_noise_and_common_columns() {
        let normal = |patient: usize, purpose: &str, occasion: usize| {
            let (patient, occasion) = (patient as u64, occasion as u64);
            Stream::new(Identity { seed: 4, patient, purpose, occasion }).normal()
        };
        let cell = |row: usize, column: usize| {
            normal(row, "row", 0) + 5.0 * normal(0, "column", column) + 3.0 * normal(row, "cell", column)
        };
        let rows: Vec<Vec<f64>> =
            (0..400).map(|row| (0..50).map(|column| cell(row, column)).collect()).collect();
        let found = crossed(&rows).expect("a table");
        assert!((found.noise - 9.0 / 50.0).abs() < 0.01, "{found:?}");
        let error = (2.0_f64 / 399.0).sqrt() * 1.18;
        assert!((found.between_rows() - 1.0).abs() < 4.0 * error, "{found:?}");
    }
}
