//! The space of a search: the values of listed axes and templates, and ranges without step or count in thousandths.

use super::axis::Free;
use super::definition::{AxisColumn, Block, Cell};
use super::filter::Filter;
use super::level::rounded;
use crate::math::pareto::{Gene, Genome};

/// Steps over a range: fine enough beside the noise of patients, and values that can be read.
const STEPS: usize = 1000;
/// Digits of a value of a range behind its first.
const DIGITS: usize = 9;

/// A point of a space: its cells, and the settings that they stand for.
pub(super) type Place = (Vec<Cell>, Vec<(String, String)>);

/// What a search may set.
#[derive(Debug, Clone)]
pub(super) struct Space {
    listed: Vec<Listed>,
    free: Vec<Free>,
    filter: Filter,
}

/// A block whose values are told, by column.
#[derive(Debug, Clone)]
struct Listed {
    block: Block,
    /// By column: the different cells; numbers in ascending order.
    values: Vec<Vec<Cell>>,
}

impl Space {
    /// Of the axes of a sweep file; `filter` reads their cells in this order.
    pub fn new(blocks: &[Block], free: &[Free], filter: Filter) -> Self {
        Self { listed: blocks.iter().map(Listed::new).collect(), free: free.to_vec(), filter }
    }

    /// One variable for each column.
    pub fn genes(&self) -> Vec<Gene> {
        let listed = self.listed.iter().flat_map(|it| {
            it.block.columns.iter().zip(&it.values).map(|(column, values)| {
                if column.numeric { Gene::Grid(values.len()) } else { Gene::Choice(values.len()) }
            })
        });
        listed.chain(self.free.iter().map(|_| Gene::Grid(STEPS + 1))).collect()
    }

    /// Columns in the order of the variables.
    pub fn columns(&self) -> impl Iterator<Item = &AxisColumn> {
        let listed = self.listed.iter().flat_map(|it| &it.block.columns);
        listed.chain(self.free.iter().map(|axis| &axis.column))
    }

    /// Cells and settings of a genome; `None` where a condition of `where` leaves it out.
    pub fn at(&self, genome: &Genome) -> Option<Place> {
        let mut genes = genome.iter();
        let (mut cells, mut settings) = (Vec::new(), Vec::new());
        for listed in &self.listed {
            let wanted: Vec<&Cell> =
                listed.values.iter().map(|values| values.get(*genes.next()?)).collect::<Option<_>>()?;
            let entry =
                listed.block.entries.iter().find(|entry| entry.cells.iter().eq(wanted.iter().copied()))?;
            cells.extend(entry.cells.iter().cloned());
            settings.extend(entry.settings.iter().cloned());
        }
        for axis in &self.free {
            let share = *genes.next()? as f64 / STEPS as f64;
            let value = rounded(axis.range.at(share), DIGITS);
            cells.push(Cell::Number(value));
            settings.extend(axis.settings(value));
        }
        self.filter.keeps(&cells).then_some((cells, settings))
    }

    /// The genome at a place of the unit cube.
    pub fn nearest(&self, place: &[f64]) -> Genome {
        let genes = self.genes();
        let index = |(gene, share): (&Gene, &f64)| {
            ((share * gene.count() as f64) as usize).min(gene.count().saturating_sub(1))
        };
        genes.iter().zip(place).map(index).collect()
    }

    /// Every genome, if there are at most so many before conditions.
    pub fn all(&self, most: usize) -> Option<Vec<Genome>> {
        let genes = self.genes();
        let size = genes.iter().try_fold(1_usize, |size, gene| size.checked_mul(gene.count()))?;
        if size > most {
            return None;
        }
        let one = |mut at: usize| {
            let mut genome: Genome = vec![0; genes.len()];
            for (value, gene) in genome.iter_mut().zip(&genes).rev() {
                *value = at % gene.count();
                at /= gene.count();
            }
            genome
        };
        Some((0..size).map(one).collect())
    }
}

impl Listed {
    fn new(block: &Block) -> Self {
        let of_column = |column: usize| {
            let mut values: Vec<Cell> = Vec::new();
            for entry in &block.entries {
                if !values.contains(&entry.cells[column]) {
                    values.push(entry.cells[column].clone());
                }
            }
            // In the order of the file where they are texts.
            values.sort_by(|a, b| match (a, b) {
                (Cell::Number(a), Cell::Number(b)) => a.total_cmp(b),
                _ => std::cmp::Ordering::Equal,
            });
            values
        };
        Self { values: (0..block.columns.len()).map(of_column).collect(), block: block.clone() }
    }
}
